"""What a regular expression likes least: texts that are made from the expression itself."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as constants
from re import _parser as parser
from typing import Any

METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
WALKS = frozenset({"sub", "subn", "split", "findall", "finditer"})
"""These search on behind each find."""
CATEGORIES = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_WORD": "-", "CATEGORY_NOT_DIGIT": "a"}  # fmt: skip
ANYTHING = " a-1\n.,;:<>\"'\t()=@!*"
VARIANTS = 4


@dataclass(frozen=True)
class Used:
    """An expression of ours, where it stands, and what is asked of it."""

    pattern: re.Pattern
    where: str
    methods: frozenset[str]


def used_in(package: Path, modules: dict[str, object]) -> Iterator[Used]:
    """Every compiled expression that a module of ours names or holds, and every one that is used on the spot."""
    trees = {
        path: ast.parse(path.read_text()) for path in sorted(package.rglob("*.py")) if "migrations" not in str(path)
    }
    named: dict[int, set[str]] = defaultdict(set)
    held: list[tuple[str, re.Pattern]] = []
    for path, tree in trees.items():
        where = str(path.relative_to(package))
        module = modules[
            ".".join(["mailflow", *path.relative_to(package).with_suffix("").parts]).removesuffix(".__init__")
        ]
        asked: dict[str, set[str]] = defaultdict(set)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                asked[_name(node.value)].add(node.attr)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                named[id(value)] |= asked.get(name, set())
            held += [(f"{where}: {name}", one) for one in _patterns(value)]
    for where, one in held:
        yield Used(one, where, frozenset(named.get(id(one)) or METHODS[:1]))
    for path, tree in trees.items():
        where = str(path.relative_to(package))
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _name(node.func.value) == "re"
            ):
                continue
            if node.func.attr in METHODS and node.args and isinstance(node.args[0], ast.Constant):
                flags = re.IGNORECASE if "re.I" in ast.unparse(node) else 0
                yield Used(re.compile(node.args[0].value, flags), f"{where}:{node.lineno}", frozenset({node.func.attr}))


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _patterns(value: object, depth: int = 3) -> Iterator[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _patterns(one, depth - 1)
    elif depth and isinstance(value, dict):
        for key, one in value.items():
            yield from _patterns(key, depth - 1)
            yield from _patterns(one, depth - 1)


def attacks(pattern: re.Pattern) -> set[tuple[str, str]]:
    """(beginning, what is repeated): each part that may repeat, alone, with what follows it, and with what precedes it."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    found = {pair for variant in range(VARIANTS) for pair in _pumps(tree, "", variant)}
    return found | {("", pump) for _, pump in found} | {("", one) for one in ("a", " ", "\n", "1", "<")}


def text_of(attack: tuple[str, str], size: int) -> str:
    """The text, with an end that fits nothing."""
    beginning, pump = attack
    return beginning + (pump * (size // len(pump) + 1))[:size] + "\n\0!"


def asks(used: Used, text: str) -> None:
    """Every question that is asked of it in the package, of that text."""
    pattern: Any = used.pattern
    told: Any = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    for method in used.methods:
        if method in WALKS:
            for _ in pattern.finditer(told):
                pass
        else:
            getattr(pattern, method)(told)


def _pumps(items: Any, before: str, variant: int) -> Iterator[tuple[str, str]]:
    items = [*items]
    for number, (kind, value) in enumerate(items):
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                _, most, inner = value
                body = _sample(inner, variant)
                if body and (most is constants.MAXREPEAT or most >= 30):
                    yield before, body
                    yield before, body + _sample(items[number + 1 : number + 2], variant)
                    yield "", before + body
                yield from _pumps(inner, before, variant)
            case "SUBPATTERN":
                yield from _pumps(value[-1], before, variant)
            case "ATOMIC_GROUP":
                yield from _pumps(value, before, variant)
            case "ASSERT" | "ASSERT_NOT":
                yield from _pumps(value[1], before, variant)
            case "BRANCH":
                for branch in value[1]:
                    yield from _pumps(branch, before, variant)
        before += _sample([(kind, value)], variant)


def _sample(items: Any, variant: int) -> str:
    """A text that the items fit."""
    return "".join(_piece(str(kind), value, variant) for kind, value in items)


def _piece(kind: str, value: Any, variant: int) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "x" if value != ord("x") else "y"
        case "ANY":
            return "x"
        case "IN":
            return _of_set(value, variant)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _sample(value[2], variant) * max(value[0], min(1, int(value[1])))
        case "SUBPATTERN":
            return _sample(value[-1], variant)
        case "BRANCH":
            return _sample(value[1][variant % len(value[1])], variant)
        case "ATOMIC_GROUP":
            return _sample(value, variant)
    return ""


def _of_set(value: Any, variant: int) -> str:
    chosen: list[str] = []
    for kind, one in value:
        if str(kind) == "LITERAL":
            chosen.append(chr(one))
        elif str(kind) == "RANGE":
            chosen += [chr(one[0]), chr(one[1])]
        elif str(kind) == "CATEGORY":
            chosen.append(CATEGORIES[str(one)])
    if str(value[0][0]) != "NEGATE":
        return chosen[variant % len(chosen)]
    free = [sign for sign in ANYTHING if sign not in chosen and not (sign == "a" and "a" in chosen)]
    return free[variant % len(free)] if free else "x"

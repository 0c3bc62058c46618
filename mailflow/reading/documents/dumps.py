"""What a program wrote down of a form: name=value lines, a query string, JSON, PHP's print_r."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

from mailflow.core.mail import Pair
from mailflow.reading.documents import text

Known = Callable[[str], bool]

MOST = 200_000
"""Characters of a dump that are read."""
MOST_NAMES = 1_000
LEAST = 3
ASSIGNED = re.compile(r"[ \t]{0,8}\"?([A-Za-z_][\w.\-\[\]]{0,120})\"?[ \t]{0,20}=[ \t]{0,4}(.*)$")
PRINTED = re.compile(r"[ \t]{0,80}\[([^\[\]\n]{1,120})\] => ?(.*)$")
QUERY = re.compile(r"[^\s=&]{1,200}=[^\s&]{0,20000}(?:&[^\s=&]{1,200}=[^\s&]{0,20000}){2,}")
SEGMENT = re.compile(r"\[([A-Za-z_][\w\-]{0,80})\]")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What programs put before the name that somebody gave a field.
PREFIXES = frozenset(
    {
        "field",
        "fld",
        "edit",
        "submitted",
        "your",
        "input",
        "txt",
        "frm",
        "form",
        "webform",
        "data",
        "values",
        "cf7",
        "wpcf7",
    }
)
QUESTION_KEYS = ("label", "question", "vraag", "title", "name", "naam", "key")
ANSWER_KEYS = ("value", "answer", "antwoord", "waarde", "response")


def pairs(words: str, *, known: Known | None = None) -> tuple[Pair, ...]:
    """The pairs of a dump, names in words; () when *words* are none. Never raises."""
    words = words[:MOST]
    read = next((found for reader in (_json, _query, _printed, _assigned) if (found := reader(words))), [])
    named = [Pair(name_in_words(name, known), value[: text.MAX_VALUE], line) for name, value, line in read[:MOST_NAMES]]
    sure = sum(1 for one in named if known is None or known(one.label))
    return tuple(named) if len(named) >= LEAST and sure >= LEAST - 1 else ()


def name_in_words(name: str, known: Known | None) -> str:
    """ "submitted[leerling][voornaam]", "edit-birth-date" and "geboorteDatum" as somebody would write the question."""
    inner = SEGMENT.findall(name)
    bare = HUMP.sub(" ", inner[-1] if inner else name.replace("[]", ""))
    parts = re.sub(r"[_\-.]+", " ", bare).split()
    for start in range(min(3, len(parts))):
        label = " ".join(parts[start:])
        if known is None or known(label):
            return label
        if parts[start].casefold() not in PREFIXES:
            break
    return " ".join(parts) or name


def words_of(value: str) -> str:
    """'["leerling","klas"]' as "leerling, klas"; what is no list of words stays as it is."""
    try:
        listed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return _said(listed) if isinstance(listed, list) else value


def _json(words: str) -> list[tuple[str, str, int]]:
    start, end = words.find("{"), words.rfind("}")
    listed = words.find("[{")
    start, end = (listed, words.rfind("}]") + 1) if 0 <= listed < start else (start, end)
    if start < 0 or end <= start:
        return []
    try:
        whole = json.loads(words[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return []
    line = words.count("\n", 0, start) + 1
    return [(name, value, line) for name, value in _leaves(whole)]


def _leaves(whole: object) -> Iterator[tuple[str, str]]:
    """The names and values at the ends of a JSON value, in order; not recursive, it may be deep."""
    waiting: list[object] = [whole]
    count = 0
    while waiting and count < MOST_NAMES:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one[:MOST_NAMES])
            continue
        if not isinstance(one, dict):
            continue
        lowered = {str(key).casefold(): value for key, value in one.items()}
        question = next((lowered[key] for key in QUESTION_KEYS if isinstance(lowered.get(key), str)), None)
        answer = next((key for key in ANSWER_KEYS if key in lowered), None)
        if question is not None and answer is not None:
            count += 1
            yield question, _said(lowered[answer])
            continue
        inner: list[object] = []
        for key, value in list(one.items())[:MOST_NAMES]:
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
                inner.append(value)
                continue
            count += 1
            yield str(key), _said(value)
        waiting += reversed(inner)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case list():
            return ", ".join(_said(one) for one in value[:100] if not isinstance(one, list | dict))
        case dict():
            return ""
    return str(value)


def _query(words: str) -> list[tuple[str, str, int]]:
    for line, row in enumerate(words.split("\n", 200)[:200], 1):
        bare = row.strip()
        if "&" in bare and "http" not in bare[:8] and QUERY.fullmatch(bare):
            try:
                return [(name, value, line) for name, value in parse_qsl(bare, max_num_fields=MOST_NAMES)]
            except ValueError:
                return []
    return []


def _printed(words: str) -> list[tuple[str, str, int]]:
    return _by_lines(words, PRINTED, ends=(")", "("))


def _assigned(words: str) -> list[tuple[str, str, int]]:
    return _by_lines(words, ASSIGNED, ends=())


def _by_lines(words: str, begins: re.Pattern[str], ends: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """Lines that begin with a name; lines between them go on with the value."""
    found: list[tuple[str, list[str], int]] = []
    for number, line in enumerate(words.split("\n", text.MAX_LINES)[: text.MAX_LINES], 1):
        if begun := begins.match(line):
            value = "" if begun[2].strip() == "Array" else begun[2].strip().strip('"')
            found.append((begun[1], [value], number))
        elif found and line.strip() and line.strip() not in ends:
            found[-1][1].append(line.strip())
        elif found and not line.strip():
            found[-1][1].append("")
    if len(found) < LEAST:
        return []
    return [(name, "\n".join(value).strip(), line) for name, value, line in _joined(found)]


def _joined(found: list[tuple[str, list[str], int]]) -> Iterator[tuple[str, list[str], int]]:
    """[0] => leerling under [voor] => Array belongs to it."""
    last: tuple[str, list[str], int] | None = None
    for name, value, line in found:
        if name.isdigit() and last is not None:
            said = " ".join(value).strip()
            last[1][0] = f"{last[1][0]}, {said}" if last[1][0] else said
            continue
        if last is not None:
            yield last
        last = (name, value, line)
    if last is not None:
        yield last

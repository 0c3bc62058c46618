"""Is answers.toml in order? Its tables as values, or every problem with its place."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from mailflow.core.certainty import thresholds_in
from mailflow.core.frames import SUBJECT, Frame
from mailflow.core.lexicon import GAP
from mailflow.core.spelling import Language, Spelling, Variants, words_of
from mailflow.core.weighing import HALVES
from mailflow.core.words import ROLES, Example, Framed, Phrase, Words

# fmt: off
ACTIONS = frozenset({
    "accept", "waitlist", "waitlist_agreed", "full", "full_for_school_year", "no_match", "contacted", "callback",
    "round_table", "started", "completed", "paused", "no_show", "keep", "withdraw", "stop_release", "elsewhere",
    "status", "supply", "confirm", "deny", "hand_over", "question", "acknowledge", "outcome", "feedback", "reopen",
    "think", "ongoing", "places_again", "copy",
})
LISTS = (
    "joints", "orders", "contrasts", "fillers", "plain", "leads", "known", "idioms", "doubts", "near_doubts", "modest",
    "consents", "asides", "pasts", "others", "selves", "firsts", "reports", "agreements", "questions", "yes", "no",
    "setbacks", "corrections", "preferences", "retractions", "otherwise", "horizons", "generals", "whethers", "refers",
    "loaded", "formerly", "reasons", "unsettling", "adverse", "wishes", "requests", "referrers", "assents", "labels",
    "strangers", "compounds", "attempts", "delays", "unasked",
)
"""The word lists that [lists] of answers.toml must hold beside negations and conditions."""
# fmt: on


def words_from(table: Mapping[str, object]) -> Words:
    """The words of a parsed answers.toml; ValueError lists every problem, a line each."""
    problems = [f"{key}: unknown key" for key in table if key not in _TABLES]
    classes = _classes(table.get("classes", {}), problems)
    lists = _lists(table.get("lists"), classes, problems)
    phrases = [p for at, entry in _tables(table, "phrase", problems) if (p := _phrase(at, entry, classes, problems))]
    slots = _slots(table.get("slots", {}), classes, problems)
    frames = [f for at, entry in _tables(table, "frame", problems) if (f := _frame(at, entry, slots, problems))]
    spelling = _spelling(table, problems)
    certain, doubtful = thresholds_in(table.get("second_reader", {}), problems)
    examples = [e for at, entry in _tables(table, "example", problems) if (e := _example(at, entry, problems))]
    if not phrases and not problems:
        problems.append("phrase: there is none")
    problems += _two_meanings(phrases)
    if problems:
        raise ValueError("\n".join(problems))
    extra = {name: words for name, words in lists.items() if name not in ("negations", "conditions")}
    return Words(
        phrases=tuple(phrases),
        negations=lists["negations"],
        conditions=lists["conditions"],
        extra=extra,
        examples=tuple(examples),
        slots=slots,
        frames=tuple(frames),
        spelling=spelling,
        certain=certain,
        doubtful=doubtful,
    )


def _lists(table: object, classes: Mapping[str, tuple[str, ...]], problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, Mapping):
        problems.append("lists: must be a table of word lists")
        return {}
    names = ("negations", "conditions", *LISTS)
    problems += [f"lists.{name}: unknown list" for name in table if name not in names]
    problems += [f"lists.{name}: missing" for name in names if name not in table]
    named = {name: (f"lists.{name}", table.get(name, [])) for name in names}
    return {name: _spelled_out(at, _wordings(at, w, problems), classes, problems) for name, (at, w) in named.items()}


def _classes(table: object, problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, Mapping):
        problems.append("classes: must be a table of word lists")
        return {}
    return {name: _wordings(f"classes.{name}", words, problems) for name, words in table.items()}


def _slots(table: object, classes: Mapping[str, tuple[str, ...]], problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, Mapping):
        problems.append("slots: must be a table of word lists")
        return {}
    named = {name: (f"slots.{name}", words) for name, words in table.items()}
    return {name: _spelled_out(at, _wordings(at, w, problems), classes, problems) for name, (at, w) in named.items()}


def _spelling(table: Mapping[str, object], problems: list[str]) -> Spelling:
    languages = []
    for at, entry in _tables(table, "language", problems):
        problems += [f"{at}.{key}: unknown key" for key in entry if key not in _LANGUAGE_KEYS]
        marks = _wordings(f"{at}.marks", entry.get("marks", []), problems)
        variants = _variants(f"{at}.words", entry.get("words", {}), problems)
        languages.append(Language(frozenset(word for one in marks for word in words_of(one)), variants))
    return Spelling(_variants("spelling", table.get("spelling", {}), problems), tuple(languages))


def _variants(at: str, table: object, problems: list[str]) -> Variants:
    """From Dutch words to what else is written for them: the other way round, and each variant means one thing."""
    if not isinstance(table, Mapping):
        problems.append(f"{at}: must be a table of word lists")
        return Variants()
    into: dict[tuple[str, ...], tuple[str, ...]] = {}
    for dutch, variants in table.items():
        for variant in _strings(f"{at}.{dutch}", variants, problems):
            ours = words_of(dutch)
            if into.setdefault(words_of(variant), ours) != ours:
                problems.append(f"{at}.{dutch}: “{variant}” stands for two things")
    return Variants(into)


def _frame(
    at: str, entry: Mapping[str, object], slots: Mapping[str, tuple[str, ...]], problems: list[str]
) -> Framed | None:
    own: list[str] = []
    needs = _strings(f"{at}.needs", entry.get("needs", []), own)
    without = _strings(f"{at}.without", entry.get("without", []), own)
    if not needs:
        own.append(f"{at}.needs: must name at least one slot")
    if unknown := sorted({*needs, *without} - {*slots, SUBJECT}):
        own.append(f"{at}.needs: [slots] does not hold {', '.join(unknown)}")
    common = _common(at, entry, own, problems, keys=_FRAME_KEYS, actions=ACTIONS | HALVES | COLOURS)
    if common is None:
        return None
    meaning = f"?{common.action}" if common.action in COLOURS else common.action
    return Framed(frame=Frame(meaning, common.code, needs, without), roles=common.roles, examples=common.examples)


def _spelled_out(
    at: str, words: Iterable[str], classes: Mapping[str, tuple[str, ...]], problems: list[str]
) -> tuple[str, ...]:
    """Each wording once per word of the classes it names: "nog {plaats}" -> "nog plaats", "nog plek"."""
    found: dict[str, None] = {}
    for wording in words:
        parts = _CLASS.split(wording)
        if unknown := [name for name in parts[1::2] if name not in classes]:
            problems.append(f"{at}: “{wording}” names a class that [classes] does not hold: {', '.join(unknown)}")
            continue
        choices = [classes[part] if place % 2 else (part,) for place, part in enumerate(parts)]
        found |= dict.fromkeys("".join(chosen) for chosen in product(*choices))
    return tuple(found)


def _tables(table: Mapping[str, object], name: str, problems: list[str]) -> Iterable[tuple[str, Mapping[str, object]]]:
    entries = table.get(name, [])
    if not isinstance(entries, list):
        problems.append(f"{name}: must be an array of tables, [[{name}]]")
        return
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, Mapping):
            yield f"{name}[{number}]", entry
        else:
            problems.append(f"{name}[{number}]: must be a table")


def _phrase(
    at: str, entry: Mapping[str, object], classes: Mapping[str, tuple[str, ...]], problems: list[str]
) -> Phrase | None:
    own: list[str] = []
    words = _spelled_out(f"{at}.words", _wordings(f"{at}.words", entry.get("words", []), own), classes, own)
    if not words:
        own.append(f"{at}.words: must hold at least one phrase")
    common = _common(at, entry, own, problems, keys=_PHRASE_KEYS, actions=ACTIONS | HALVES)
    if common is None:
        return None
    return Phrase(action=common.action, roles=common.roles, words=words, examples=common.examples, code=common.code)


@dataclass(frozen=True, kw_only=True)
class _Common:
    """What a phrase and a frame both hold."""

    action: str
    roles: frozenset[str]
    examples: tuple[str, ...]
    code: str


def _common(
    at: str,
    entry: Mapping[str, object],
    own: Iterable[str],
    problems: list[str],
    *,
    keys: Collection[str],
    actions: Collection[str],
) -> _Common | None:
    """What such a table holds beside its words or slots, *own* being what is wrong with those; None if anything is."""
    before = len(problems)
    problems += [f"{at}.{key}: unknown key" for key in entry if key not in keys]
    action, code = entry.get("action"), entry.get("code", "")
    if not isinstance(action, str) or action not in actions:
        problems.append(f"{at}.action: must be one of {', '.join(sorted(actions))}")
    roles = _strings(f"{at}.roles", entry.get("roles", []), problems)
    if not roles or set(roles) - set(ROLES):
        problems.append(f"{at}.roles: must hold provider, referrer or desk")
    problems += own
    examples = _strings(f"{at}.examples", entry.get("examples", []), problems)
    if not isinstance(code, str):
        problems.append(f"{at}.code: must be text")
    if len(problems) > before:
        return None
    return _Common(action=str(action), roles=frozenset(roles), examples=examples, code=str(code))


def _example(at: str, entry: Mapping[str, object], problems: list[str]) -> Example | None:
    before = len(problems)
    problems += [f"{at}.{key}: unknown key" for key in entry if key not in _EXAMPLE_KEYS]
    text, action, role, asked = (entry.get(key) for key in _EXAMPLE_KEYS)
    if not isinstance(text, str) or not text.strip():
        problems.append(f"{at}.text: must hold what somebody writes")
    if action not in ACTIONS | {"unclear"}:
        problems.append(f"{at}.action: must be an action or “unclear”")
    if role is not None and role not in ROLES:
        problems.append(f"{at}.role: must be provider, referrer or desk")
    if asked is not None and asked not in ACTIONS:
        problems.append(f"{at}.asked: must be an action")
    if len(problems) > before:
        return None
    return Example(
        text=str(text), action=str(action), role=str(role or "provider"), asked=str(asked) if asked else None
    )


def _two_meanings(phrases: Iterable[Phrase]) -> list[str]:
    """The same words of the same role under two actions: no reading could choose."""
    meant: dict[tuple[str, str], str] = {}
    problems = []
    for phrase in phrases:
        for role in sorted(phrase.roles):
            for words in phrase.words:
                other = meant.setdefault((role, words), phrase.action)
                if other != phrase.action:
                    problems.append(f"phrase: “{words}” of the {role} means both {other} and {phrase.action}")
    return problems


def _wordings(at: str, value: object, problems: list[str]) -> tuple[str, ...]:
    """Texts that are looked for in a mail: each needs a word, and a gap needs one on both sides."""
    found = _strings(at, value, problems)
    for one in found:
        parts = [words_of(part) for part in one.removeprefix("=").split(GAP)]
        if not any(parts):
            problems.append(f"{at}: “{one}” holds no word")
        elif not all(parts):
            problems.append(f"{at}: “{one}” begins or ends with dots")
    return found


def _strings(at: str, value: object, problems: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or any(not isinstance(one, str) or not one.strip() for one in value):
        problems.append(f"{at}: must be a list of texts")
        return ()
    return tuple(value)


_CLASS = re.compile(r"\{(\w+)\}")
_PHRASE_KEYS = ("action", "roles", "words", "examples", "code")
COLOURS = frozenset({"agreements", "consents"})
"""Word lists that a frame may add to."""
_FRAME_KEYS = ("action", "roles", "needs", "without", "examples", "code")
_LANGUAGE_KEYS = ("name", "marks", "words")
_TABLES = ("lists", "classes", "phrase", "slots", "frame", "spelling", "language", "example", "second_reader")
_EXAMPLE_KEYS = ("text", "action", "role", "asked")

"""The yearly questions to the CLBs about the needs of the under-12s (bevraging -12): asked, read, summed up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailflow.core.figure_tables import Table, TableRow
from mailflow.core.places import plain
from mailflow.core.small_cells import Shown, shown
from mailflow.core.spans import HIDDEN


@dataclass(frozen=True)
class Question:
    """One line of the form: *label* stands before the colon, *asks* above it."""

    key: str
    label: str
    asks: str
    counts: bool


QUESTIONS: tuple[Question, ...] = (
    Question(
        "asked",
        "Aantal vragen",
        "Voor hoeveel kinderen jonger dan 12 zocht jullie CLB dit schooljaar hulp buiten de school?",
        counts=True,
    ),
    Question("unmet", "Zonder aanbod", "Voor hoeveel van hen was er geen passend aanbod?", counts=True),
    Question("needs", "Wat ontbreekt", "Welk aanbod ontbreekt het meest?", counts=False),
    Question("more", "Opmerkingen", "Wat moeten we nog weten?", counts=False),
)
COUNTED = tuple(one for one in QUESTIONS if one.counts)
_NUMBERS = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig"
)
NUMBERS = {word: number for number, word in enumerate(_NUMBERS.split())} | {"geen": 0, "niemand": 0}
LONGEST = 2000
_PREFIX = re.compile(r"[\s>|*•-]*(?:\d[.)]\s*)?")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a CLB answered; *odd* are the labels of what is missing or cannot be so."""

    counts: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SurveyAnswer:
    """The answer of a CLB, without people, as it is kept: it takes the place of an earlier one."""

    survey: int
    clb: str
    counts: Mapping[str, int]
    words: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A CLB that was asked, and what it answered as yet."""

    clb: str
    asked_at: datetime
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def blank() -> str:
    """The lines to fill in."""
    return "\n".join(f"{one.label}:" for one in QUESTIONS)


def read_answers(*texts: str) -> Answers:
    """What is filled in behind the labels; the first of these texts that answers a question counts."""
    found: dict[str, str] = {}
    for text in texts:
        for key, value in _filled_in(text).items():
            found.setdefault(key, value)
    counts = {one.key: number for one in COUNTED if (number := _number(found.get(one.key, ""))) is not None}
    odd = tuple(one.label for one in COUNTED if one.key not in counts)
    if not odd and counts["unmet"] > counts["asked"]:
        odd = tuple(one.label for one in COUNTED)
    words = {one.key: found[one.key] for one in QUESTIONS if not one.counts and found.get(one.key)}
    return Answers(counts=counts, words=words, odd=odd)


def _filled_in(text: str) -> dict[str, str]:
    labels = {plain(one.label): one.key for one in QUESTIONS}
    found: dict[str, list[str]] = {}
    open_ = ""
    for line in text[:20_000].splitlines():
        bare = line[_PREFIX.match(line).end() :]  # type: ignore[union-attr]  # it matches the empty text too
        head, colon, value = bare.partition(":")
        if colon and (key := labels.get(plain(head))):
            open_ = key if key not in found else ""
            found.setdefault(key, [value.strip()])
        elif open_ and bare.strip():
            found[open_].append(bare.strip())
        else:
            open_ = ""  # an empty line ends what was said
    return {key: " ".join(filter(None, lines))[:LONGEST] for key, lines in found.items() if any(lines)}


def _number(value: str) -> int | None:
    """The one number in it; None when there is none, or more than one."""
    said = [int(one) for one in re.findall(r"\d{1,5}", value)]
    said += [NUMBERS[word] for word in re.findall(r"[a-z]+", plain(value)) if word in NUMBERS and word != "een"]
    if not said and plain(value).split()[:1] in (["een"], ["1"]):
        return 1
    return said[0] if len(said) == 1 else None


def summary(asked: Sequence[Asked], logged: tuple[int, int]) -> tuple[Table, ...]:
    """The survey in tables: how many answered, what they counted, what they miss.

    *logged* are the under-12 referrals of that school year, and those of them for whom there was no offer.
    """
    answered = [one for one in asked if one.answered_at]
    percent = f"{round(100 * len(answered) / len(asked))}%" if asked else "-"
    totals = [(one.asks, shown(sum(each.counts.get(one.key, 0) for each in answered))) for one in COUNTED]
    words = [
        TableRow(one.asks, (each.words[one.key],)) for one in QUESTIONS for each in answered if each.words.get(one.key)
    ]
    tables = [
        _counts(
            "respons",
            "Wie antwoordde",
            [("CLB's gevraagd", _exact(len(asked))), ("geantwoord", _exact(len(answered)))],
            percent,
        ),
        _counts("needs", "Wat de CLB's telden", totals),
        _counts(
            "logged",
            "Wat het meldpunt zelf noteerde",
            [
                ("aanmeldingen van kinderen jonger dan 12", shown(logged[0])),
                ("waarvan zonder aanbod", shown(logged[1])),
            ],
        ),
    ]
    if words:
        tables.append(
            Table(key="words", title="Wat zij schreven", heads=("Vraag", "Antwoord"), rows=tuple(words), parts=False)
        )
    return tuple(tables)


def per_clb(asked: Sequence[Asked], names: Mapping[str, str]) -> Table:
    """What each CLB answered, for the desk alone."""
    rows = [
        TableRow(
            names.get(one.clb, one.clb),
            tuple(_exact(one.counts[q.key]) if q.key in one.counts else HIDDEN for q in COUNTED),
        )
        for one in asked
    ]
    return Table(
        key="clbs",
        title="Per CLB",
        note="Enkel voor het meldpunt: exacte aantallen, niet om door te geven.",
        heads=("CLB", *(one.label for one in COUNTED)),
        rows=tuple(rows),
        parts=False,
    )


def _counts(key: str, title: str, rows: Sequence[tuple[str, Shown]], percent: str = "") -> Table:
    told = [TableRow(label, (cell,)) for label, cell in rows]
    return Table(
        key=key,
        title=title,
        heads=("Wat", "aantal"),
        rows=(*told, *([TableRow("respons", (Shown(percent, 0, 100, None),))] if percent else [])),
        parts=False,
    )


def _exact(count: int) -> Shown:
    return Shown(str(count), count, count, count)

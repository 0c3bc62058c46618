"""What stands on the blank form, whatever the kind of document: its words, groups, questions and answers to choose."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailflow.core.blank_form import SUBJECT_MARKS
from mailflow.core.form_fields import Field
from mailflow.core.form_values import clean
from mailflow.core.provider import Provider
from mailflow.core.wording import listing, value_text

TITLE = "Aanmelding bij het meldpunt"
EXPLANATION = (
    "Vul in wat je weet en mail dit formulier naar het meldpunt. Gebruik één formulier per leerling, klas of team. "
    "Zonder de antwoorden met een sterretje (*) kan de aanmelding niet vertrekken; de rest kan later. "
    "Schrijf nergens een rijksregisternummer."
)
PRIVACY_TITLE = "Wat gebeurt er met de gegevens?"
CHOOSE = "maak een keuze"
"""Stands in a list where nothing is chosen yet; it is read as no answer."""
NO_PREFERENCE = "geen voorkeur"
# XML 1.0 knows no other control characters, and no halves of a character.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_ANSWER = 10_000


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question as a person reads it."""

    key: str
    label: str
    """The label as it reads back."""
    required: bool
    hint: str
    options: tuple[str, ...]
    """The words to choose from; () for an answer in own words."""
    kind: str
    answer: str
    """What is filled in already, "" as a rule."""

    @property
    def long(self) -> bool:
        """Does the answer need several lines?"""
        return self.kind == "long"

    @property
    def marked(self) -> str:
        """The label with its star."""
        return f"{self.label} *" if self.required else self.label

    @property
    def whole(self) -> str:
        """The label with its star and its hint."""
        return f"{self.marked} ({self.hint})" if self.hint else self.marked


@dataclass(frozen=True, kw_only=True)
class Group:
    """The questions under one heading."""

    title: str
    whom: str
    """For whom the whole group is meant, "" for everyone."""
    questions: tuple[Question, ...]

    @property
    def heading(self) -> str:
        """The title with for whom it is."""
        return f"{self.title} ({self.whom})" if self.whom else self.title

    def rows(self, fits: Callable[[Question], bool]) -> Iterator[tuple[Question, ...]]:
        """The questions by two where both fit in half a row, else by one; in order."""
        waiting: Question | None = None
        for one in self.questions:
            half = not one.long and fits(one)
            if waiting and half:
                yield waiting, one
                waiting = None
            else:
                if waiting:
                    yield (waiting,)
                waiting = one if half else None
                if not half:
                    yield (one,)
        if waiting:
            yield (waiting,)


@dataclass(frozen=True, kw_only=True)
class Form:
    """A blank form in words."""

    groups: tuple[Group, ...]
    privacy: str
    """What is done with the answers."""


def form_of(fields: Sequence[Field], providers: Mapping[str, Provider], values: Mapping[str, str]) -> Form:
    """The form in its groups, in the order of form.toml."""
    found: list[Group] = []
    for title in dict.fromkeys(one.group for one in fields):
        own = [one for one in fields if one.group == title]
        asked = {one.asked for one in own} - {"never"}
        whom = SUBJECT_MARKS.get(next(iter(asked)), "") if len(asked) == 1 else ""
        found.append(
            Group(
                title=title,
                whom=whom,
                questions=tuple(_question(one, providers, values, marked=not whom) for one in own),
            )
        )
    return Form(groups=tuple(found), privacy=_privacy(fields))


def _privacy(fields: Sequence[Field]) -> str:
    """What is done with the answers, in a few sentences that follow from form.toml."""
    later = [one.label.casefold() for one in fields if one.shown == "accepted"]
    held_back = f" {listing(later).capitalize()} ziet de aanbieder pas wanneer die aanvaardt." if later else ""
    return (
        "Het meldpunt bezorgt je aanmelding aan de aanbieder, met wat die nodig heeft om jou te bellen."
        f"{held_back} Bijlagen geven we niet door. Vragen over de gegevens? Antwoord op een mail van het meldpunt."
    )


def _question(one: Field, providers: Mapping[str, Provider], values: Mapping[str, str], *, marked: bool) -> Question:
    mark = SUBJECT_MARKS.get(one.asked, "") if marked else ""
    answer = clean(value_text(one, values.get(one.key, ""), providers), limit=MAX_ANSWER)
    return Question(
        key=one.key,
        label=one.label,
        required=bool(one.holds),
        hint="; ".join(part for part in (one.hint, mark) if part),
        options=tuple(dict.fromkeys(_options(one, providers))),
        kind=one.kind,
        answer=_NOT_XML.sub("", answer),
    )


def _options(one: Field, providers: Mapping[str, Provider]) -> list[str]:
    match one.kind:
        case "yes_no":
            return ["ja", "nee"]
        case "choice":
            return [words[0] for words in one.choices.values()]
        case "provider":
            return [*(provider.name for provider in providers.values()), NO_PREFERENCE]
        case _:
            return []

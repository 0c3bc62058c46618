"""What the files of a config folder say, each by itself: checked, not yet compared with each other."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from mailflow.configuration.calendars import KEYS as CALENDAR_KEYS
from mailflow.configuration.calendars import Calendars, read_calendar, read_calendars
from mailflow.configuration.config_files import (
    ANSWERS,
    CALENDAR,
    CLBS,
    FORM,
    MAIN,
    POSTCODES,
    PROVIDERS,
    as_shipped,
    read_text,
    read_toml,
    unknown_files,
)
from mailflow.configuration.mistakes import M, Table, checked, place
from mailflow.configuration.organisations import ClbTable, FormServiceTable, NeighbourTable, ProviderTable
from mailflow.configuration.problems import SEE_SHIPPED, Problem, did_you_mean
from mailflow.configuration.schema import SECTIONS, MailboxTable, Main
from mailflow.core.answer import Words, words_from
from mailflow.core.examples import failing_examples
from mailflow.core.form_fields import Field, fields_from
from mailflow.core.places import Place, places_from
from mailflow.core.workdays import Calendar
from mailflow.shipped import WEIGHTS

_KEY = re.compile(r"[\w.\[\]-]{1,200}|line \d{1,9}")

T = TypeVar("T")
E = TypeVar("E", bound=Table)


@dataclass(frozen=True)
class Entry(Generic[E]):
    """One table of a list, and its place in the file: `provider[2]`."""

    where: str
    table: E


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything as the files have it; where something is wrong its default stands, and *problems* says so."""

    main: Main
    mailboxes: tuple[Entry[MailboxTable], ...]
    clbs: tuple[Entry[ClbTable], ...]
    form_services: tuple[Entry[FormServiceTable], ...]
    neighbours: tuple[Entry[NeighbourTable], ...]
    providers: tuple[Entry[ProviderTable], ...]
    provider_calendars: tuple[Calendar, ...]
    calendars: Calendars
    fields: tuple[Field, ...]
    places: tuple[Place, ...]
    worded: Callable[[], Words]
    """Gives what answers.toml says."""
    problems: tuple[Problem, ...]
    unread: frozenset[str]
    """Files that could not be read at all: nothing is to be concluded from what they do not say."""


def read_draft(folder: Path) -> Draft:
    """What *folder* says."""
    reader = _Reader(folder)
    reader.problems += unknown_files(folder)
    main = reader.toml(MAIN)
    clbs = reader.toml(CLBS)
    providers = reader.toml(PROVIDERS)
    reader.only(main, MAIN, (*SECTIONS, "mailbox"))
    reader.only(clbs, CLBS, ("clb", "form_service", "neighbour"))
    reader.only(providers, PROVIDERS, ("provider",))
    calendars, wrong = read_calendars(reader.toml(CALENDAR))
    reader.problems += wrong
    return Draft(
        main=reader.main(main),
        mailboxes=reader.entries(MailboxTable, main, MAIN, "mailbox"),
        clbs=reader.entries(ClbTable, clbs, CLBS, "clb"),
        form_services=reader.entries(FormServiceTable, clbs, CLBS, "form_service"),
        neighbours=reader.entries(NeighbourTable, clbs, CLBS, "neighbour"),
        providers=reader.entries(ProviderTable, _without(CALENDAR_KEYS, providers), PROVIDERS, "provider"),
        provider_calendars=reader.provider_calendars(providers, calendars.provider),
        calendars=calendars,
        fields=reader.value(FORM, lambda: fields_from(reader.toml(FORM)), ()),
        places=reader.value(POSTCODES, lambda: places_from(reader.text(POSTCODES)), ()),
        worded=reader.worded(),
        problems=tuple(reader.problems),
        unread=frozenset(reader.unread),
    )


@dataclass
class _Reader:
    """Reads one file after the other, and gathers what is wrong on the way."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def text(self, name: str) -> str:
        """The text of a file; "" when it cannot be read."""
        return self._or_else(name, read_text(self.folder, name), "")

    def toml(self, name: str) -> dict[str, Any]:
        """The tables of a file; none when it cannot be read."""
        return self._or_else(name, read_toml(self.folder, name), {})

    def _or_else(self, name: str, read: T | Problem, otherwise: T) -> T:
        if not isinstance(read, Problem):
            return read
        self.problems.append(read)
        self.unread.add(name)
        return otherwise

    def only(self, tables: Mapping[str, Any], file: str, known: Iterable[str]) -> None:
        """Note the top-level keys of a file that are none of *known*."""
        names = list(known)
        self.problems += [
            Problem(file, key, "this section is not known", did_you_mean(key, names))
            for key in tables
            if key not in names
        ]

    def main(self, tables: Mapping[str, Any]) -> Main:
        """The sections of mailflow.toml."""
        read: dict[str, Any] = {key: self._table(SECTIONS[key], tables.get(key, {}), MAIN, key) for key in SECTIONS}
        return Main(**read)

    def _table(self, model: type[M], table: object, file: str, where: str) -> M:
        also = CALENDAR_KEYS if model is ProviderTable else ()
        result, wrong = checked(model, table, file=file, where=where, also=also)
        # Without the file every key that must be filled in is missing, which says nothing new.
        self.problems += [] if file in self.unread else wrong
        return result

    def entries(self, model: type[M], tables: Mapping[str, Any], file: str, key: str) -> tuple[Entry[M], ...]:
        """The [[tables]] of a list."""
        listed = tables.get(key, [])
        if not isinstance(listed, list):
            self.problems.append(Problem(file, key, "must be a list of tables", f"Write [[{key}]], with two brackets."))
            return ()
        places = [place("", key, number) for number in range(len(listed))]
        return tuple(
            Entry(where, self._table(model, table, file, where)) for where, table in zip(places, listed, strict=True)
        )

    def provider_calendars(self, tables: Mapping[str, Any], base: Calendar) -> tuple[Calendar, ...]:
        """The calendar of each provider: the shared one with what the provider's table says instead."""
        calendars = []
        for number, table in enumerate(_listed(tables)):
            given = {key: table[key] for key in CALENDAR_KEYS if key in table}
            calendar, wrong = read_calendar(given, base, file=PROVIDERS, where=place("", "provider", number))
            self.problems += wrong
            calendars.append(calendar)
        return tuple(calendars)

    def value(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        """What a reader in core makes of a file; its ValueError says all that is wrong, a line each."""
        before = len(self.problems)
        try:
            return read()
        except ValueError as error:
            if len(self.problems) == before:  # else the file could not be read, and that is said already
                self.problems += [_of_core(name, line) for line in str(error).splitlines() if line.strip()]
        return otherwise

    def worded(self) -> Callable[[], Words]:
        """answers.toml, whose examples must be understood as it says; those of the shipped file are, by our tests."""
        text = read_text(self.folder, ANSWERS)
        if not WEIGHTS.is_file():
            self.problems.append(Problem(WEIGHTS.name, "", "is missing", "Install mailflow again."))
            return Words
        if isinstance(text, str) and as_shipped(self.folder, ANSWERS):
            return partial(_shipped_words, text)
        words = self.value(ANSWERS, lambda: words_from(self.toml(ANSWERS)), Words())
        words = self.value(WEIGHTS.name, lambda: _with_weights(words), words)
        remedy = "Change the phrase or the example."
        self.problems += [Problem(ANSWERS, "", " ".join(line.split()), remedy) for line in failing_examples(words)]
        return lambda: words


@cache
def _shipped_words(text: str) -> Words:
    """What that answers.toml says, which is as shipped: looked into when somebody asks, for mail can come in before."""
    return _with_weights(words_from(tomllib.loads(text)))


def _with_weights(words: Words) -> Words:
    from mailflow.configuration.weights import second_reader  # noqa: PLC0415 - numpy comes with it: when it is needed

    return replace(words, second=second_reader())


def _of_core(file: str, line: str) -> Problem:
    """A line of core, "key: what is wrong; what to do" with the key and the remedy where there are any."""
    key, colon, rest = line.strip().partition(": ")
    if not colon or not _KEY.fullmatch(key):
        key, rest = "", line.strip()
    what, _, remedy = rest.partition("; ")
    return Problem(file, key, what.rstrip("."), f"{remedy[:1].upper()}{remedy[1:]}." if remedy else SEE_SHIPPED)


def _listed(tables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = tables.get("provider", [])
    return [one if isinstance(one, Mapping) else {} for one in listed] if isinstance(listed, list) else []


def _without(keys: Iterable[str], tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file with its providers, less the keys of their calendars; what is no list or table stays as it is."""
    listed = tables.get("provider", [])
    if not isinstance(listed, list):
        return tables
    left_out = frozenset(keys)
    return {
        "provider": [
            {key: value for key, value in one.items() if key not in left_out} if isinstance(one, Mapping) else one
            for one in listed
        ]
    }

"""What a provider's answer does to its case, and who hears of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mailflow.core import letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.case import Case, can
from mailflow.core.decision import Draft, MailCame, ProviderMark
from mailflow.core.letters import Kind, Letter, Tap, When
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.placing import fits_of
from mailflow.core.thread import REPLY
from mailflow.core.wording import day_text, short_day
from mailflow.core.workdays import school_year_bounds, school_year_of


@dataclass(frozen=True)
class Told:
    """What a letter to the referrer can use beside the case."""

    words: str
    """The provider's own lines; "" for a tap or a report by the desk."""
    full: frozenset[str]


@dataclass(frozen=True)
class Said:
    """One row of the table: what an action means, and the letter that the referrer gets."""

    event: Event
    letter: Callable[[Draft, Understood, Told], Letter]
    echo: str
    """What the writer reads back, completing "Begrepen: ..."; "" is not echoed."""


def provider_says(
    draft: Draft, read: Understood | Unclear, came: MailCame, author: str, by: Party = Party.PROVIDER
) -> None:
    """Write down what the provider (or the desk in its name) said, tell the referrer, echo what was free text."""
    case = draft.case
    if case.state is State.QUEUED:
        # An answer proves that the letter arrived, whatever the sending host still has to report.
        if not any(codes["letter"] == Kind.REFERRAL for codes in _letters(case)):
            return _ask_back(draft, "deze aanmelding is nog niet bezorgd", author, by)
        draft.happen(Event.REFERRAL_SENT, provider=case.provider)
    if isinstance(read, Unclear):
        return _ask_back(draft, read.why, author, by)
    for also in (*read.also, read.action):
        _fact(draft, also, read, by)
    if read.action in FACTS:
        if read.action == "question":
            _pass_on(draft, came)
        return None
    said = SAID.get(read.action)
    if said is None:
        return _ask_back(draft, "dat antwoord ken ik niet van een aanbieder", author, by)
    event = _event(draft.case, said.event)
    if not can(draft.case, event):
        return _ask_back(draft, "dat past niet bij waar het dossier nu staat", author, by)
    moved_before = draft.case.state
    draft.happen(event, by, **_codes(draft, read))
    if read.action == "full_for_school_year":
        draft.marks.append(ProviderMark(draft.case.provider, _school_year_end(draft)))
    if _was_asked_back(draft.case, by):
        draft.happen(Event.UNDERSTOOD, by)
    _tell(draft, said, read, came, author, by, moved_before)
    return None


def _tell(draft: Draft, said: Said, read: Understood, came: MailCame, author: str, by: Party, before: State) -> None:
    """Replace what the referrer has not heard yet; certain words go at once, free text after the pause."""
    certain = came.understanding.thread.action not in (None, REPLY)
    draft.void_waiting(*TOLD_TO_REFERRER)
    words = came.reading.written.strip() if by is Party.PROVIDER and not certain else ""
    told = "referrer" in draft.case.parties
    if told:
        letter = said.letter(draft, read, Told(words, came.full))
        draft.write(letter, when=When.AT_ONCE if certain else None)
    if draft.case.state is State.ACCEPTED and before is not State.ACCEPTED:
        rows = letters.rows(draft.case.values, draft.rules, shown=("accepted",))
        letter = letters.to_provider(Kind.AFTER_ACCEPT, draft.case, draft.rules, rows=rows, taps=letters.ACCEPTED_TAPS)
        draft.write(letter, when=When.AT_ONCE if certain else None)
    if said.echo and not certain:
        to = "provider" if by is Party.PROVIDER else "desk"
        sentence = said.echo.format(day=f" op {day_text(read.day)}" if read.day else "")
        draft.write(letters.echo(to, author, sentence, "de aanmelder" if told else "", taps_for(draft.case)))


def taps_for(case: Case) -> tuple[Tap, ...]:
    """What a provider can say now with one tap."""
    match case.state:
        case State.WAITLISTED:
            return letters.WAITLISTED_TAPS
        case State.ACCEPTED:
            return letters.ACCEPTED_TAPS
        case State.STARTED:
            return (letters.COMPLETED,)
        case _:
            return letters.PROVIDER_TAPS


def _letters(case: Case) -> list[dict[str, str]]:
    return [dict(h.codes) for h in case.history if h.kind is Event.LETTER_WRITTEN]


def _event(case: Case, event: Event) -> Event:
    """A place for somebody on the waitlist is its own event (terugbellen)."""
    return Event.PLACE_FREE if event is Event.PROVIDER_ACCEPTED and case.state is State.WAITLISTED else event


def _codes(draft: Draft, read: Understood) -> dict[str, str]:
    codes = {"provider": draft.case.provider, **read.codes}
    if read.day:
        codes["day"] = read.day.isoformat()
    if read.action == "full_for_school_year":
        codes["until"] = _school_year_end(draft).isoformat()
    return codes


def _fact(draft: Draft, action: str, read: Understood, by: Party) -> None:
    if kind := FACTS.get(action):
        draft.happen(kind, by, **({"day": read.day.isoformat()} if read.day and action != "contacted" else {}))


def _pass_on(draft: Draft, came: MailCame) -> None:
    if referrer := draft.case.parties.get("referrer"):
        words = came.reading.written.strip()
        draft.write(letters.passed_on(draft.case, "referrer", referrer, draft.rules, by="provider", words=words))


def _ask_back(draft: Draft, why: str, author: str, by: Party) -> None:
    """Once; the second time in a row a person looks at it."""
    draft.void_waiting(*TOLD_TO_REFERRER)  # "oeps": what the referrer has not heard yet waits for a clear answer
    if _was_asked_back(draft.case, by):
        draft.happen(Event.DESK_TOLD, what="unclear")
        return
    draft.happen(Event.ASKED_BACK, by)
    to = "provider" if by is Party.PROVIDER else "desk"
    draft.write(letters.unclear(to, author, why, taps_for(draft.case)))


def _school_year_end(draft: Draft) -> date:
    """Until when a provider that is full for the school year is so: 31 August."""
    return school_year_bounds(school_year_of(draft.today))[1]


def _was_asked_back(case: Case, by: Party) -> bool:
    """Whether this party's last unclear answer is still unsettled."""
    last = case.last(Event.ASKED_BACK, Event.UNDERSTOOD, by=by)
    return last is not None and last.kind is Event.ASKED_BACK


def _name(draft: Draft) -> str:
    return draft.rules.providers[draft.case.provider].name


def _accepted(draft: Draft, read: Understood, told: Told) -> Letter:
    provider = draft.rules.providers[draft.case.provider]
    from_waitlist = draft.case.last(Event.PLACE_FREE) is not None
    return letters.to_referrer(
        Kind.ACCEPTED,
        draft.case,
        provider=provider.name,
        words=told.words,
        from_waitlist=from_waitlist,
        round_table_by=provider.round_table_by,
    )


def _waitlist(draft: Draft, read: Understood, told: Told) -> Letter:
    taps = (letters.KEEP, letters.ELSEWHERE, letters.WITHDRAW)
    return letters.to_referrer(Kind.WAITLIST_OFFERED, draft.case, provider=_name(draft), words=told.words, taps=taps)


def _waitlist_agreed(draft: Draft, read: Understood, told: Told) -> Letter:
    taps = (letters.ELSEWHERE, letters.WITHDRAW)
    return letters.to_referrer(Kind.WAITLIST_AGREED, draft.case, provider=_name(draft), words=told.words, taps=taps)


def _full(draft: Draft, read: Understood, told: Told) -> Letter:
    until = _school_year_end(draft) if read.action == "full_for_school_year" else None
    return letters.to_referrer(
        Kind.FULL,
        draft.case,
        provider=_name(draft),
        words=told.words,
        until=short_day(until) if until else "",
        options=_others(draft, told.full),
        taps=(letters.WITHDRAW,),
    )


def _no_match(draft: Draft, read: Understood, told: Told) -> Letter:
    others = _others(draft, told.full)
    return letters.to_referrer(
        Kind.NO_MATCH, draft.case, provider=_name(draft), words=told.words, options=others, taps=(letters.WITHDRAW,)
    )


def _started(draft: Draft, read: Understood, told: Told) -> Letter:
    day = day_text(read.day) if read.day else ""
    return letters.to_referrer(Kind.STARTED, draft.case, provider=_name(draft), day=day)


def _ended(draft: Draft, read: Understood, told: Told) -> Letter:
    return letters.to_referrer(Kind.ENDED, draft.case, provider=_name(draft), words=told.words)


def _others(draft: Draft, full: frozenset[str]) -> list[letters.Row]:
    """The providers that fit and have not reported full, without the one that just said no."""
    fits = fits_of(draft.case.values, draft.rules, draft.today, full)
    return letters.options([f for f in fits if f.fits and f.key != draft.case.provider], draft.rules)


TOLD_TO_REFERRER = (
    Kind.ACCEPTED, Kind.WAITLIST_OFFERED, Kind.WAITLIST_AGREED, Kind.FULL, Kind.NO_MATCH, Kind.STARTED, Kind.ENDED,
    Kind.AFTER_ACCEPT,
)  # fmt: skip

FACTS: dict[str, Event] = {
    "contacted": Event.CONTACT_MADE,
    "callback": Event.CALLBACK_PROMISED,
    "round_table": Event.ROUND_TABLE_NOTED,
    "paused": Event.PAUSED,
    "no_show": Event.NO_SHOW,
    "question": Event.NOTE,
    "acknowledge": Event.NOTE,
}

# fmt: off
SAID: dict[str, Said] = {
    "accept":               Said(Event.PROVIDER_ACCEPTED,  _accepted,        "jullie aanvaarden deze aanmelding"),
    "waitlist":             Said(Event.WAITLIST_OFFERED,   _waitlist,        "een match, maar nu geen plaats: wachtlijst"),
    "waitlist_agreed":      Said(Event.WAITLIST_AGREED,    _waitlist_agreed, "wachtlijst, afgesproken met de aanmelder"),
    "full":                 Said(Event.PROVIDER_FULL,      _full,            "volzet voor deze aanmelding"),
    "full_for_school_year": Said(Event.PROVIDER_FULL,      _full,            "volzet voor alle aanmeldingen van dit schooljaar"),
    "no_match":             Said(Event.PROVIDER_NO_MATCH,  _no_match,        "geen match"),
    "started":              Said(Event.TRAJECTORY_STARTED, _started,         "het traject is gestart{day}"),
    "completed":            Said(Event.TRAJECTORY_ENDED,   _ended,           "het traject is afgerond"),
}
# fmt: on

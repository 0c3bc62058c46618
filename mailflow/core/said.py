"""What a provider can say, what it means, and how the referrer hears of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mailflow.core import letters, shown
from mailflow.core.answer import Understood
from mailflow.core.case import Case
from mailflow.core.draft import Draft
from mailflow.core.ending import feedback_done, outcome_words
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event
from mailflow.core.placing import fits_of
from mailflow.core.round_table import when_text
from mailflow.core.school_year import school_year_bounds, school_year_of
from mailflow.core.shown import Row
from mailflow.core.taps import DISAGREE, ELSEWHERE, FEEDBACK, KEEP, SETTLED, THINK, WITHDRAW
from mailflow.core.wording import day_text, short_day


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
    """What the provider reads back, or hears that others reported."""
    reported: str
    """What the referrer or desk reads back after reporting it."""


def school_year_end(draft: Draft) -> date:
    """Until when a provider that is full for the school year is so: 31 August."""
    return school_year_bounds(school_year_of(draft.today))[1]


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
        round_table=when_text(draft.case),
    )


def _waitlist(draft: Draft, read: Understood, told: Told) -> Letter:
    taps = (KEEP, ELSEWHERE, WITHDRAW)
    return letters.to_referrer(Kind.WAITLIST_OFFERED, draft.case, provider=_name(draft), words=told.words, taps=taps)


def _waitlist_agreed(draft: Draft, read: Understood, told: Told) -> Letter:
    taps = (DISAGREE, ELSEWHERE, WITHDRAW)
    return letters.to_referrer(Kind.WAITLIST_AGREED, draft.case, provider=_name(draft), words=told.words, taps=taps)


def _full(draft: Draft, read: Understood, told: Told) -> Letter:
    until = school_year_end(draft) if read.action == "full_for_school_year" else None
    return letters.to_referrer(
        Kind.FULL,
        draft.case,
        provider=_name(draft),
        words=told.words,
        until=short_day(until) if until else "",
        options=_others(draft, told.full),
        taps=NEXT_TAPS,
    )


REASONS: dict[str, str] = {
    "no_sufficient_answer": "het aanbod is geen afdoende antwoord op de vraag",
    "expectations_not_feasible": "de verwachtingen zijn niet realiseerbaar",
}
"""Why there is no match, as people read it."""


def _no_match(draft: Draft, read: Understood, told: Told) -> Letter:
    provider = draft.rules.providers[draft.case.provider]
    return letters.to_referrer(
        Kind.NO_MATCH,
        draft.case,
        provider=provider.name,
        words=told.words,
        reason=REASONS.get(read.codes.get("reason", ""), ""),
        called=called(draft.case),
        phone=provider.phone,
        options=_others(draft, told.full),
        taps=NEXT_TAPS,
    )


# "Na ons gesprek is dit geen match" says that they spoke; whoever denies or plans a talk says "niet" or "nog".
AFTER_A_TALK = re.compile(
    r"\bna (?:ons|het|een|dit|dat) (?:kort |lang |telefonisch |telefoon)?(?:gesprek|overleg|contact)\b", re.IGNORECASE
)
NOT_YET = re.compile(
    r"(?:nee|neen|nog niet|niet)\b(?:[ ,]+(?:nog|niet|gebeld|gesproken|nee))*[ .!]*(?:$|\n)", re.IGNORECASE
)


def called(case: Case) -> bool:
    """Whether either side said that provider and referrer spoke, since this provider has the referral.

    Whoever accepted it spoke to them too.
    """
    spoken = case.last(Event.CONTACT_MADE, Event.PROVIDER_ACCEPTED, Event.REFERRAL_SENT)
    return spoken is not None and spoken.kind is not Event.REFERRAL_SENT


_AGAIN = re.compile(r"\b(?:weer|opnieuw|terug)\b[^.!?\n]{0,20}\bplaats", re.IGNORECASE)


def says_places_again(read: Understood) -> bool:
    """Whether a provider that was full for everybody is not any more: "er is weer plaats"."""
    return "places_again" in (read.action, *read.also) or (
        read.action == "accept" and bool(_AGAIN.search(read.evidence))
    )


NEXT_TAPS = (THINK, WITHDRAW)
"""What a referrer can say with one tap after a no."""


def _started(draft: Draft, read: Understood, told: Told) -> Letter:
    day = day_text(read.day) if read.day else ""
    return letters.to_referrer(Kind.STARTED, draft.case, provider=_name(draft), day=day, pupil=_is_pupil(draft))


def _ended(draft: Draft, read: Understood, told: Told) -> Letter:
    case = draft.case
    done = feedback_done(case)
    return letters.to_referrer(
        Kind.ENDED,
        case,
        provider=_name(draft),
        words=told.words,
        day=day_text(read.day) if read.day else "",
        outcome=outcome_words(case),
        feedback_done=done,
        pupil=_is_pupil(draft),
        taps=(SETTLED,) if done else (FEEDBACK, SETTLED),
    )


def _is_pupil(draft: Draft) -> bool:
    return draft.case.values.get("subject_kind") != "school"


def _others(draft: Draft, full: frozenset[str]) -> list[Row]:
    """The providers that fit and have not reported full, without the one that just said no."""
    fits = fits_of(draft.case, draft.rules, draft.today, full)
    return shown.options([f for f in fits if f.fits and f.key != draft.case.provider], draft.rules)


TOLD_TO_REFERRER = (
    Kind.ACCEPTED, Kind.WAITLIST_OFFERED, Kind.WAITLIST_AGREED, Kind.FULL, Kind.NO_MATCH, Kind.STARTED, Kind.ENDED,
)  # fmt: skip

# fmt: off
SAID: dict[str, Said] = {
    "accept": Said(
        Event.PROVIDER_ACCEPTED, _accepted,
        "jullie aanvaarden deze aanmelding",
        "de aanbieder aanvaardt deze aanmelding"),
    "waitlist": Said(
        Event.WAITLIST_OFFERED, _waitlist,
        "een match, maar nu geen plaats: wachtlijst",
        "een match volgens de aanbieder, maar nu geen plaats: wachtlijst"),
    "waitlist_agreed": Said(
        Event.WAITLIST_AGREED, _waitlist_agreed,
        "wachtlijst, afgesproken met de aanmelder",
        "wachtlijst, afgesproken met de aanbieder"),
    "full": Said(
        Event.PROVIDER_FULL, _full,
        "volzet voor deze aanmelding",
        "de aanbieder is volzet voor deze aanmelding"),
    "full_for_school_year": Said(
        Event.PROVIDER_FULL, _full,
        "volzet voor alle aanmeldingen van dit schooljaar",
        "de aanbieder is volzet voor alle aanmeldingen van dit schooljaar"),
    "no_match": Said(
        Event.PROVIDER_NO_MATCH, _no_match,
        "geen match",
        "geen match volgens de aanbieder"),
    "started": Said(
        Event.TRAJECTORY_STARTED, _started,
        "het traject is gestart{day}",
        "het traject is gestart{day}"),
    "completed": Said(
        Event.TRAJECTORY_ENDED, _ended,
        "het traject is afgerond{day}",
        "het traject is afgerond{day}"),
}
# fmt: on

FACTS: dict[str, Event] = {
    "contacted": Event.CONTACT_MADE,
    "callback": Event.CALLBACK_PROMISED,
    "paused": Event.PAUSED,
    "no_show": Event.NO_SHOW,
    "feedback": Event.FEEDBACK_DONE,
    "reopen": Event.NOTE,
    "ongoing": Event.NOTE,
    "places_again": Event.NOTE,
    "question": Event.NOTE,
    "acknowledge": Event.NOTE,
}
"""What may be told beside a decision, or by itself; it moves nothing."""

"""What a referrer decides on her own case: to keep a place, to think, to hold it back, or to stop."""

from mailflow.core import letters, reply_letters
from mailflow.core.case import Case, can
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind, When
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.moments import asked_about_next_year
from mailflow.core.occasions import MailCame
from mailflow.core.said import NEXT_TAPS
from mailflow.core.taps import (
    CONFIRM,
    DENY,
    ELSEWHERE,
    FEEDBACK,
    KEEP,
    REFERRER_TAPS,
    SETTLED,
    STOP_RELEASE,
    WAITLISTED_TAPS,
    WITHDRAW,
    Tap,
)
from mailflow.core.thread import REPLY

RESEND = Tap("Toch bezorgen", "confirm", "bevestig")


def taps_for(case: Case) -> tuple[Tap, ...]:
    """What a referrer can say now with one tap."""
    if asked_about_next_year(case):
        return (KEEP, WITHDRAW)
    match case.state:
        case State.UNCONFIRMED:
            return (CONFIRM, DENY)
        case State.QUEUED:
            return (STOP_RELEASE, WITHDRAW)
        case State.WAITLIST_OFFERED:
            return (KEEP, ELSEWHERE, WITHDRAW)
        case State.WAITLISTED:
            return (ELSEWHERE, WITHDRAW)
        case State.FULL | State.NO_MATCH:
            return NEXT_TAPS
        case State.COMPLETED:
            return (FEEDBACK, SETTLED)
        case _:
            return REFERRER_TAPS


def withdraw(draft: Draft, came: MailCame, by: Party) -> None:
    """She stops it; the provider hears so when it has the referral, after a pause if she used her own words."""
    ends, codes = Event.WITHDRAWN, {}
    if can(draft.case, Event.REFERRER_STOPPED):
        ends = Event.REFERRER_STOPPED
    elif draft.case.follow_on and can(draft.case, Event.FOLLOW_ON_MADE):
        ends, codes = Event.FOLLOW_ON_MADE, {"follow_on": draft.case.follow_on}
    reached = ends is not Event.REFERRER_STOPPED and draft.case.reached and draft.case.provider in draft.rules.providers
    certain = came.understanding.thread.action not in (None, REPLY)
    draft.void_waiting(*(kind for kind in Kind if kind not in (Kind.OTHER_MAIL, Kind.UNDELIVERABLE)))
    draft.happen(ends, by, **codes)
    if "referrer" in draft.case.parties:
        letter = letters.to_referrer(Kind.WITHDRAWN, draft.case, by=by.value, party="referrer")
        draft.write(letter, when=When.AFTER_PAUSE if by is Party.DESK and not certain else None)
    if reached:
        letter = letters.to_provider(Kind.WITHDRAWN, draft.case, draft.rules, by=by.value, party="provider")
        draft.write(letter, when=When.AT_ONCE if certain else When.AFTER_PAUSE)


def stop_release(draft: Draft, by: Party, answer_to: str) -> None:
    """It does not leave until she says so."""
    draft.void_waiting(Kind.REFERRAL, Kind.RECEIVED)
    draft.happen(Event.INFO_MISSING, by, why="stopped")
    draft.write(reply_letters.echo(by.value, answer_to, STOPPED, "", (RESEND, WITHDRAW)))


STOPPED = "we bezorgen deze aanmelding nog niet; ze vertrekt pas als je dat laat weten"


def think(draft: Draft, came: MailCame, by: Party, answer_to: str) -> None:
    """She decides later: her term begins again."""
    draft.happen(Event.PAUSED, by, what="think")
    if came.understanding.thread.action in (None, REPLY):
        draft.write(reply_letters.echo(by.value, answer_to, "je beslist later", "", taps_for(draft.case)))


def keep(draft: Draft, came: MailCame, by: Party, answer_to: str) -> None:
    """Her yes to the waitlist, which the provider hears."""
    certain = came.understanding.thread.action not in (None, REPLY)
    next_year = asked_about_next_year(draft.case) is not None
    if next_year:
        draft.happen(Event.NEXT_YEAR_KEPT, by)
    elif can(draft.case, Event.REFERRER_KEPT):
        draft.happen(Event.REFERRER_KEPT, by)
    if draft.case.provider in draft.rules.providers:
        letter = letters.to_provider(
            Kind.WAITLIST_KEPT, draft.case, draft.rules, next_year=next_year, taps=WAITLISTED_TAPS
        )
        draft.write(letter, when=When.AT_ONCE if certain else None)
    if not certain:
        sentence = "de aanmelding blijft op de wachtlijst"
        taps = (ELSEWHERE, WITHDRAW)
        draft.write(reply_letters.echo(by.value, answer_to, sentence, "de aanbieder", taps))


def may_keep(draft: Draft) -> bool:
    """Whether a waitlist is offered to her, or she is asked about the next school year."""
    asked = can(draft.case, Event.REFERRER_KEPT) or asked_about_next_year(draft.case) is not None
    return asked or _kept_but_untold(draft)


def _kept_but_untold(draft: Draft) -> bool:
    """Whether she kept her place, took it back with "oeps" before the provider heard, and keeps it after all."""
    told = [h.kind for h in draft.case.history if h.codes.get("letter") == Kind.WAITLIST_KEPT]
    return draft.case.state is State.WAITLISTED and told[-1:] == [Event.LETTER_VOIDED]

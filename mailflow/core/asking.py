"""What do we do when we are not certain? Ask the writer back once; after that a person reads it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailflow.core import desk_letters, reply_letters
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.taps import Tap
from mailflow.core.watches import CLARITY


def ask_back(
    draft: Draft, came: MailCame, why: str, answer_to: str, by: Party, *, taps: tuple[Tap, ...], unheard: Iterable[Kind]
) -> None:
    """Ask the writer what was meant; the second time in a row the desk gets the mail.

    "Oeps": letters of the kinds *unheard* that the other party has not got yet wait for a clear answer.
    """
    draft.void_waiting(*unheard)
    if by is not Party.DESK and by in draft.case.unanswered:
        to_the_desk(draft, came, f"na één keer vragen nog niet duidelijk: {why}")
        draft.happen(Event.DESK_TOLD, what=CLARITY)
        if draft.case.state is State.QUEUED and by is Party.REFERRER:
            draft.void_waiting(Kind.REFERRAL)
            draft.happen(Event.DESK_NEEDED, why="unclear")
        return
    draft.happen(Event.ASKED_BACK, by)
    draft.write(reply_letters.unclear(by.value, answer_to, why, taps, unread=draft.unread))


def likely_first(taps: Sequence[Tap], likely: Sequence[str]) -> tuple[Tap, ...]:
    """The same taps: those whose action the mail may mean (*likely*, the likeliest first) come before the others."""
    return tuple(sorted(taps, key=lambda tap: likely.index(tap.action) if tap.action in likely else len(likely)))


def clear_up(draft: Draft, by: Party) -> None:
    """What was asked back is clear now; the desk's word settles it for everybody."""
    asked = draft.case.unanswered
    if by in asked or (by is Party.DESK and asked):
        draft.happen(Event.UNDERSTOOD, by)


def to_the_desk(draft: Draft, came: MailCame, why: str) -> None:
    """A mail on a case that only a person can answer: its words, to the meldpunt worker."""
    words = replace(came.reading.mail, subject="", text=came.reading.written.strip())
    draft.write(desk_letters.other_mail(draft.rules, words, reference=draft.case.reference, why=why))


def set_aside(draft: Draft, came: MailCame, by: Party, why: str) -> None:
    """A sealed mail on a case that nobody of us can take in: the desk reads it, and the referral waits for that."""
    draft.happen(Event.MAIL_CAME, by, mail=str(came.mail_id), why="set_aside")
    to_the_desk(draft, came, why)
    for_referrer = by is Party.REFERRER or came.understanding.thread.party == Party.REFERRER
    if for_referrer and draft.case.state is State.QUEUED:
        draft.void_waiting(Kind.REFERRAL)
        draft.happen(Event.DESK_NEEDED, why="set_aside")

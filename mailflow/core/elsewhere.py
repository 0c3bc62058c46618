"""Faster elsewhere: a follow-on referral to another provider, and what becomes of the first."""

from collections.abc import Mapping
from dataclasses import replace

from mailflow.core import letters, shown
from mailflow.core.answer import Unclear, Understood, read_answer
from mailflow.core.case import Case, can
from mailflow.core.choosing import provider_named
from mailflow.core.decision import OPENED
from mailflow.core.draft import Draft
from mailflow.core.fitting import Fit
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.placing import fits_of, place
from mailflow.core.referrer_decides import keep
from mailflow.core.taps import KEEP, THINK, WITHDRAW
from mailflow.core.understand import names_in

WAITING = (State.DISPATCHED, State.WAITLIST_OFFERED, State.WAITLISTED)
"""The first one may stay where it is."""
OVER = (State.FULL, State.NO_MATCH)
"""The first one is over once another is made: the letter that told so asked what next."""
WHY: Mapping[State, str] = {State.FULL: "full", State.NO_MATCH: "no_match"}
_BESIDE = ("elsewhere", "keep", "acknowledge")
"""What a choice may be said together with."""


def asks_elsewhere(draft: Draft, read: Understood | Unclear, by: Party) -> bool:
    """Whether the referrer wants another provider where that is a follow-on referral: only she can ask it.

    In a mail on several cases a person takes it up: such a mail opens none.
    """
    wants = isinstance(read, Understood) and read.action == "elsewhere"
    return wants and by is Party.REFERRER and draft.case.state in (*WAITING, *OVER) and draft.echoes is None


def wish_in(draft: Draft, read: Understood | Unclear, came: MailCame) -> Understood | Unclear:
    """The same reading; a question for something faster elsewhere ("kan het ergens anders vlugger?") is that wish.

    It moves nothing: she is shown who fits. The provider that she asks past is not asked.
    """
    asks = isinstance(read, Understood) and read.action == "question"
    if not asks or draft.case.state not in (*WAITING, *OVER):
        return read
    plain, words = came.reading.written.replace("?", "."), draft.rules.words
    told = read_answer(plain, Party.REFERRER.value, words, today=draft.today, names=names_in(draft.case.values))
    return told if isinstance(told, Understood) and told.action == "elsewhere" else read


def show_others(draft: Draft, came: MailCame) -> bool:
    """Ask which provider, with those that fit and have not reported full; False when there is none to show."""
    fits = others(draft, came)
    if not fits:
        return False
    draft.happen(Event.ELSEWHERE_ASKED, Party.REFERRER)
    name = draft.rules.providers[draft.case.provider].name if draft.case.provider in draft.rules.providers else ""
    letter = letters.to_referrer(
        Kind.ELSEWHERE,
        draft.case,
        provider=name if draft.case.state in WAITING else "",
        options=shown.options(fits, draft.rules),
        taps=(WITHDRAW,) if draft.case.state in WAITING else (THINK, WITHDRAW),
    )
    draft.write(replace(letter, answers_mail=True))
    return True


def others(draft: Draft, came: MailCame) -> tuple[Fit, ...]:
    """The providers that fit and have not reported full, without the one that has the case."""
    fits = fits_of(draft.case, draft.rules, draft.today, came.full)
    return tuple(one for one in fits if one.fits and one.key != draft.case.provider)


def chooses_elsewhere(draft: Draft, read: Understood | Unclear, came: MailCame, answer_to: str, by: Party) -> bool:
    """Make a follow-on referral if she names another provider where that is one; whether she did."""
    key = _chosen(draft, read, came, by)
    if key is None:
        return False
    keeps = isinstance(read, Understood) and read.action == "keep"
    if _follow_on(draft, came, key, Party.REFERRER) and not keeps:
        draft.write(_asks_about_the_first(draft, key))
    if keeps and can(draft.case, Event.REFERRER_KEPT):
        keep(draft, came, by, answer_to)
    return True


def _chosen(draft: Draft, read: Understood | Unclear, came: MailCame, by: Party) -> str | None:
    """The other provider that she names where she was asked which, or asks for it herself; None when she names none."""
    case = draft.case
    asked = case.last(Event.ELSEWHERE_ASKED, Event.FOLLOW_ON_LINKED)
    open_ = asked is not None and asked.kind is Event.ELSEWHERE_ASKED
    if not (open_ or case.state in OVER or asks_elsewhere(draft, read, by)):
        return None
    if by is not Party.REFERRER or case.state not in (*WAITING, *OVER) or draft.echoes is not None:
        return None
    if isinstance(read, Understood) and read.action not in _BESIDE:
        return None
    key = provider_named(came.reading.written, draft.rules.providers)
    return None if key == case.provider else key


def moves_on(draft: Draft, came: MailCame, key: str) -> None:
    """The desk makes a linked referral to that provider: the one that should have it is gone, or cannot be reached.

    The first one ends.
    """
    old = draft.rules.providers.get(draft.case.provider)
    _follow_on(draft, came, key, Party.DESK)
    other = draft.rules.providers[key].name
    draft.write(letters.to_referrer(Kind.MOVED, draft.case, other=other, provider=old.name if old else ""))


def _follow_on(draft: Draft, came: MailCame, key: str, by: Party) -> bool:
    """Make the linked referral to that provider, with all that is known; whether the first one stays for now."""
    first = draft.case
    values = {name: value for name, value in first.values.items() if name != "insist"}
    values |= {"provider": key, "earlier_reference": first.reference}
    if by is Party.REFERRER:
        values["earlier_relation"] = WHY.get(first.state, "faster")
    made = Draft(case=Case(values=values, parties=dict(first.parties)), rules=draft.rules, now=draft.now, opens=True)
    made.happen(Event.MAIL_CAME, by, mail=str(came.mail_id), linked=first.reference)
    made.hold = draft.rules.terms.pause  # she did not write it out herself: she reads it first
    place(made, None, came.full)
    draft.others.append(made.decided())
    draft.trace.append(f"a follow-on referral to {key}")
    stays = first.state not in OVER and by is Party.REFERRER
    draft.happen(Event.FOLLOW_ON_LINKED if stays else Event.FOLLOW_ON_MADE, by, follow_on=OPENED)
    return stays


def _asks_about_the_first(draft: Draft, key: str) -> letters.Letter:
    rules, case = draft.rules, draft.case
    return letters.to_referrer(
        Kind.FOLLOW_ON,
        case,
        provider=rules.providers[case.provider].name if case.provider in rules.providers else "",
        other=rules.providers[key].name,
        state=case.state.value,
        taps=(KEEP, WITHDRAW),
    )

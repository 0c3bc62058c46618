"""What happens now? One function for every occasion: values in, a Decision out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.core import case_letters, clb_letters, desk_letters, letters, reply_letters
from mailflow.core.case import Case, can
from mailflow.core.clb_letters import clb_named
from mailflow.core.copied import write_copy
from mailflow.core.crisis import told_of_danger
from mailflow.core.decision import Decision
from mailflow.core.desk_answers import obeyed, typed_orders
from mailflow.core.draft import Draft, Drafts
from mailflow.core.erasing import erase, hold
from mailflow.core.form import Form, complete
from mailflow.core.forms_apart import others_attachments
from mailflow.core.holding import desk_decides, mail_decided
from mailflow.core.known_senders import Clb
from mailflow.core.leaving import held_up, is_late, leaves_later
from mailflow.core.letters import Kind, Letter, When
from mailflow.core.lifecycle import ENDS, Event, State
from mailflow.core.misfits import note_misfits
from mailflow.core.new_mail import new_mail
from mailflow.core.occasions import (
    CopyDue,
    EraseDue,
    HoldAsked,
    LetterLeft,
    LookDue,
    MailCame,
    Occasion,
    ReferralHeldUp,
    ReleaseDue,
)
from mailflow.core.own_days import keep_day
from mailflow.core.placing import fits_of, place
from mailflow.core.provider_mail import provider_mail
from mailflow.core.referrer_decides import RESEND, STOPPED
from mailflow.core.replies import reply
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import all_pupils
from mailflow.core.sender import Disposition
from mailflow.core.sent_again import sent_again
from mailflow.core.several_replies import reply_to_several
from mailflow.core.signals import signal_came
from mailflow.core.standing_in import stands_in
from mailflow.core.survey_mail import survey_came
from mailflow.core.taps import WITHDRAW
from mailflow.core.unreached import ordered_again
from mailflow.core.watches import CLARITY, asked_who, watch
from mailflow.core.who_wrote import nobody_answered
from mailflow.core.wording import day_text

LOOK_AGAIN = timedelta(minutes=15)
"""A blocked release asks again after this; the desk sees it in the digest meanwhile."""


def decide(case: Case | None, occasion: Occasion, rules: Rules, now: datetime) -> Decision:
    """The decision on *occasion*; *case* is the one it concerns, None when there is none. *now* is aware."""
    drafts = Drafts(rules=rules, now=now)
    if isinstance(occasion, MailCame):
        drafts = replace(drafts, unread=occasion.reading.unread, pupils=all_pupils(occasion))
    match occasion:
        case MailCame() if typed := typed_orders(occasion, rules, drafts.today):
            return obeyed(case, occasion, typed, drafts)
        case MailCame() if mail_decided(occasion) is not None:
            return desk_decides(occasion, drafts)
        case MailCame() if answered := survey_came(occasion, rules):
            return told_of_danger(answered, occasion, rules, now)
        case MailCame():
            told = signal_came(occasion, rules, lambda rest: mail_came(case, rest, drafts))
            return told_of_danger(told or mail_came(case, occasion, drafts), occasion, rules, now)
        case _ if case is None:
            raise ValueError(f"{type(occasion).__name__} needs a case")
        case ReleaseDue():
            return release(drafts.on(case), occasion)
        case ReferralHeldUp(leaves=leaves):
            return held_up(drafts.on(case), leaves)
        case LookDue():
            return look(drafts.on(case), occasion)
        case EraseDue():
            return erase(drafts.on(case), occasion)
        case HoldAsked():
            return hold(drafts.on(case), occasion)
        case CopyDue():
            return write_copy(drafts.on(case), occasion)
        case LetterLeft(number=number):
            return letter_left(drafts.on(case), number)
        case _:
            return letter_failed(drafts.on(case), occasion.number, occasion.why, occasion.attachments)


def mail_came(case: Case | None, came: MailCame, drafts: Drafts) -> Decision:
    """A mail of somebody: about several cases, about a provider itself, about no case, or a reply on one."""
    several = reply_to_several(case, came, drafts)
    if several is not None:
        return several
    ended = case if case and case.state in ENDS else None
    if (case is None or ended) and (about_itself := provider_mail(came, drafts.rules, drafts.now, ended)):
        return about_itself
    if case is not None:
        return reply(case, came, drafts)
    if came.understanding.verdict.disposition is Disposition.ACCEPT and (forms := came.understanding.forms):
        # Each pupil has a case of its own, and its referrer a letter on each.
        first, *rest = (_one_of_several(came, form, drafts) for form in forms)
        return replace(first, others=(*first.others, *(part for one in rest for part in one.whole)))
    return _opened(came, drafts)


def _one_of_several(came: MailCame, form: Form, drafts: Drafts) -> Decision:
    """The case of one pupil; which attachments are about the others stays with it, so that nobody reads their names."""
    understanding = came.understanding
    opened = _opened(replace(came, understanding=replace(understanding, form=form, forms=())), drafts)
    attached = [one.name for one in came.reading.mail.attachments if one.name]
    others = others_attachments(form, understanding.forms, attached)
    if opened.case is None or not opened.opens or not others:
        return opened
    values = {**opened.case.values, case_letters.NOT_HERS: "\n".join(others)}
    return replace(opened, case=replace(opened.case, values=values))


def _opened(came: MailCame, drafts: Drafts) -> Decision:
    """A mail of no case: the same form again, a new referral, or something for a person."""
    return sent_again(came, drafts) or new_mail(came, drafts)


def release(draft: Draft, due: ReleaseDue) -> Decision:
    """Send the referral to its provider: only while open, only when nothing on the case is unsettled."""
    case, rules = draft.case, draft.rules
    on_its_way = any(codes["letter"] == Kind.REFERRAL for codes in case.waiting_letters().values())
    again = ordered_again(case) is not None
    if on_its_way or not (case.state is State.QUEUED or again):
        return draft.decided()
    if not rules.calendar.is_open(draft.now):
        draft.release_at = rules.calendar.next_open(draft.now)
        if not (due.blocked or case.unsettled):  # else it is not the hours that hold it
            leaves_later(draft, draft.release_at)
        return draft.decided()
    if due.blocked or case.unsettled:
        draft.release_at = rules.calendar.next_open(draft.now + LOOK_AGAIN)
        draft.trace.append("held: mail on this case is unread, stuck or unclear")
        return draft.decided()
    if case.provider not in rules.providers and again:
        return draft.decided()  # the digest says that it is gone
    if case.provider not in rules.providers:
        draft.happen(Event.DESK_NEEDED, why="provider_gone")
        warning = "De aanbieder staat niet meer in de lijst van het meldpunt."
        draft.write(case_letters.received(draft.case, None, rules, leaves=None, now=draft.now, warnings=(warning,)))
        return draft.decided()
    is_full = case.provider in due.full and case.values.get("insist") != "yes" and not again
    if is_full and "referrer" not in case.parties:
        draft.happen(Event.DESK_NEEDED, why="provider")
        return draft.decided()
    if is_full:
        place(draft, None, due.full)
        return draft.decided()
    if is_late(draft):
        leaves_later(draft, None)
    provider = rules.providers[case.provider]
    reply_by = provider.calendar.add_working_days(draft.now, provider.contact_days)
    draft.write(
        case_letters.referral(case, rules, attachments=due.attachments, today=draft.today, reply_by=reply_by.date()),
        when=When.AT_ONCE,
    )
    return draft.decided()


def look(draft: Draft, due: LookDue) -> Decision:
    """A term has passed: remind the party once, then tell the desk once."""
    if keep_day(draft):
        return draft.decided()
    note_misfits(draft)
    open_ = watch(draft.case, draft.rules)
    if open_ is None or open_.look_at is None or open_.look_at > draft.now:
        return draft.decided()
    case, rules = draft.case, draft.rules
    if (question := case.asked_who) and (who := asked_who(case, rules)) and who.due <= draft.now:
        nobody_answered(draft, question, due.asked)
        return draft.decided()
    if open_.what == CLARITY and case.state is State.QUEUED:
        draft.happen(Event.DESK_NEEDED, why="unclear")
        return draft.decided()
    asked = clb_named(case.assigned_clb, rules)
    if (
        not open_.reminds
        or (open_.what == "contact" and case.provider not in rules.providers)
        or _nobody(open_.what, case, asked)
    ):
        draft.happen(Event.DESK_TOLD, what=open_.what)
        return draft.decided()
    draft.happen(Event.REMINDER_SENT, what=open_.what)
    since = day_text(open_.since.astimezone(rules.calendar.zone).date())
    missing, wanted = complete(case.values, rules.fields, draft.today)
    form = Form(source="text", values=case.values, missing=missing, wanted=wanted)
    match open_.what:
        case "contact":
            contact_by = day_text(open_.due.astimezone(rules.calendar.zone).date())
            draft.write(case_letters.reminder_contact(case, rules, since=since, contact_by=contact_by))
        case "take_over" if asked:
            draft.write(clb_letters.take_over(case, asked, rules, reminder=since), when=When.AT_OPENING)
        case "confirmation":
            arrived = case.opened_at or draft.now
            draft.write(case_letters.confirm(case, form, rules, arrived=arrived, reminder=since), when=When.AT_OPENING)
        case _:
            draft.write(_asked_again(case, form, draft, since, full=due.full), when=When.AT_OPENING)
    return draft.decided()


def _nobody(what: str, case: Case, asked: Clb | None) -> bool:
    """Whether there is no address to remind: a CLB without contact, or no referrer while the CLB question is open."""
    if what == "take_over":
        return not (asked and asked.contact)
    return what in ("confirmation", "info") and "referrer" not in case.parties


def _asked_again(case: Case, form: Form, draft: Draft, since: str, *, full: frozenset[str]) -> Letter:
    """The reminder to the referrer: of what was asked last."""
    rules, asked = draft.rules, case.last(Event.INFO_MISSING)
    match asked.codes.get("why") if asked else None:
        case "stopped":
            return reply_letters.echo("referrer", case.parties["referrer"], STOPPED, "", (RESEND, WITHDRAW))
        case "provider":
            fits = [fit for fit in fits_of(case, rules, draft.today, full) if fit.fits]
            why = f"We wachten sinds {since} op je keuze."
            return case_letters.choose_provider(case, why, fits, form, rules)
        case _:
            return case_letters.missing(case, form, rules, reminder=since)


def letter_left(draft: Draft, number: int) -> Decision:
    """A letter was delivered; the referral's own letter is what dispatches the case."""
    codes = draft.case.waiting_letters().get(number)
    if codes is None:
        return _left_all_the_same(draft, number)
    draft.happen(Event.LETTER_SENT, n=str(number), letter=codes["letter"])
    if codes["letter"] == Kind.REFERRAL and can(draft.case, Event.REFERRAL_SENT):
        if is_late(draft):
            leaves_later(draft, None)
        draft.happen(Event.REFERRAL_SENT, provider=draft.case.provider)
    return draft.decided()


def _left_all_the_same(draft: Draft, number: int) -> Decision:
    """It was being delivered at the moment that it was voided: a person must know, and maybe the provider."""
    about = [h for h in draft.case.history if h.codes.get("n") == str(number)]
    if not about or about[-1].kind is not Event.LETTER_VOIDED:
        return draft.decided()
    kind, case = about[-1].codes["letter"], draft.case
    draft.happen(Event.LETTER_SENT, n=str(number), letter=kind, late="yes")
    if kind == Kind.REFERRAL and case.state is State.WITHDRAWN and case.provider in draft.rules.providers:
        draft.write(letters.to_provider(Kind.WITHDRAWN, case, draft.rules, by="referrer", party="provider"))
    elif kind == Kind.REFERRAL and can(case, Event.DESK_NEEDED):
        draft.happen(Event.DESK_NEEDED, why="left_all_the_same")
    return draft.decided()


def letter_failed(draft: Draft, number: int, why: str, attachments: Sequence[str] = ()) -> Decision:
    """A letter was refused for good: the desk hears at once.

    A referral that did not arrive goes to the stand-in of its provider; without one it waits for the desk.
    """
    codes = draft.case.waiting_letters().get(number)
    if codes is None:
        return draft.decided()
    draft.happen(Event.LETTER_REFUSED, n=str(number), letter=codes["letter"])
    stand_in = stands_in(draft, codes["letter"], attachments)
    if codes["letter"] == Kind.REFERRAL and draft.case.state is State.QUEUED and not stand_in:
        draft.happen(Event.DESK_NEEDED, why="undeliverable")
    if codes["to"] != "desk":
        told = desk_letters.undeliverable(
            draft.case,
            draft.rules,
            kind=codes["letter"],
            to=codes["to"],
            why=why,
            stand_in=stand_in,
        )
        draft.write(told)
    return draft.decided()

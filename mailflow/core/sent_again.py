"""The same form once more, by the same CLB worker, while its case is open: no second case, and a kind answer."""

from mailflow.core import case_letters
from mailflow.core.answer import Understood, read_answer
from mailflow.core.asking import to_the_desk
from mailflow.core.case import Case, can
from mailflow.core.decision import Decision, Outcome
from mailflow.core.draft import Draft, Drafts
from mailflow.core.form import Form, complete, merge
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.placing import place
from mailflow.core.pupil import pupil_of
from mailflow.core.referrer_decides import taps_for
from mailflow.core.requests import asked_for
from mailflow.core.same_pupil import link
from mailflow.core.sender import Disposition
from mailflow.core.understand import said_beside_the_form

WRITES_MORE = "de aanmelder mailt een aanmelding die we al hebben, en schrijft er iets bij"


def sent_again(came: MailCame, drafts: Drafts) -> Decision | None:
    """What a form does that says nothing else than an open case of its sender; None when there is no such case.

    Whatever differs is another referral: nothing is ever merged silently. A form that only adds what its case waits
    for completes that case. Without proof it counts only while the case itself waits for a confirmation.
    """
    rules = drafts.rules
    form, verdict = came.understanding.form, came.understanding.verdict
    proven = verdict.disposition is Disposition.ACCEPT
    if form is None or verdict.role != "clb" or not (proven or verdict.disposition is Disposition.CONFIRM):
        return None
    if asked_for(came) or came.lately >= (rules.brakes.letters_a_day if proven else rules.brakes.answers_a_day):
        return None
    pupil = pupil_of(form.values)
    for earlier in came.pupils.get(pupil, ()) if pupil else ():
        draft = drafts.on(earlier.case)
        if _is_hers(draft.case, verdict.address) and _says_the_same(draft.case, form, proven=proven):
            return _answered(draft, came, form, proven=proven)
    return None


def _is_hers(case: Case, address: str) -> bool:
    return case.state not in ENDS and bool(address) and case.parties.get("referrer") == address


def _says_the_same(case: Case, form: Form, *, proven: bool) -> bool:
    """Whether an open case holds all that the form says, or waits for just what the form adds."""
    if case.state is State.UNCONFIRMED:  # whoever wrote that one may have added something: her proof is for hers only
        return dict(form.values) == dict(case.values)
    differs = any(case.values.get(key, value) != value for key, value in form.values.items())
    adds = any(key not in case.values for key in form.values)
    return proven and not differs and (not adds or _waits_for_fields(case))


def _waits_for_fields(case: Case) -> bool:
    asked = case.last(Event.INFO_MISSING)
    return case.state is State.NEEDS_INFO and asked is not None and asked.codes.get("why") == "fields"


def _answered(draft: Draft, came: MailCame, form: Form, *, proven: bool) -> Decision:
    draft.trace += (*came.understanding.trace, f"the same form again: {draft.case.reference}")
    draft.happen(Event.MAIL_CAME, Party.REFERRER, mail=str(came.mail_id), why="again")
    if not proven:
        missing, wanted = complete(draft.case.values, draft.rules.fields, draft.today)
        known = Form(source=form.source, values=draft.case.values, missing=missing, wanted=wanted)
        draft.write(case_letters.confirm(draft.case, known, draft.rules, arrived=draft.now, unread=draft.unread))
        return draft.decided(Outcome.REPLY)
    unconfirmed, waits = draft.case.state is State.UNCONFIRMED, _waits_for_fields(draft.case)
    values, changed = merge(draft.case.values, form, places=draft.rules.places)
    if changed:
        draft.keep(values)
        draft.happen(Event.INFO_ADDED, Party.REFERRER, fields=",".join(changed))
        link(draft)
    if unconfirmed:
        draft.happen(Event.SENDER_CONFIRMED, Party.REFERRER)
    if _says_more(draft, came, form):
        to_the_desk(draft, came, WRITES_MORE)
        if can(draft.case, Event.DESK_NEEDED):
            draft.void_waiting(Kind.REFERRAL, Kind.RECEIVED)
            draft.happen(Event.DESK_NEEDED, why="set_aside")
    elif unconfirmed or waits:
        place(draft, form, came.full)
        return draft.decided(Outcome.REPLY)
    draft.write(case_letters.again(draft.case, draft.rules, taps_for(draft.case)))
    return draft.decided(Outcome.REPLY)


def _says_more(draft: Draft, came: MailCame, form: Form) -> bool:
    """Whether what she wrote beside the form may mean something: the desk reads it, and until then nothing leaves."""
    words = said_beside_the_form(came.reading, form, draft.rules)
    read, nothing = (read_answer(one, Party.REFERRER, draft.rules.words, today=draft.today) for one in (words, ""))
    return read != nothing and not (isinstance(read, Understood) and read.action in ("acknowledge", "supply"))

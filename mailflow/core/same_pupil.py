"""The same pupil again: linked, told to the desk, and to a referrer of the same proven CLB; never merged."""

from mailflow.core import desk_letters
from mailflow.core.case import Case
from mailflow.core.draft import Draft
from mailflow.core.form import merge
from mailflow.core.known_senders import Clb
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, State
from mailflow.core.needs import clb_behind
from mailflow.core.occasions import MailCame
from mailflow.core.pupil import Earlier, Pupil, pupil_of
from mailflow.core.rules import Rules
from mailflow.core.shown import Row
from mailflow.core.wording import STATES, day_text, short_day

EXPECTED = frozenset({State.FULL, State.NO_MATCH, *ENDS})
"""After one of these a new referral is what we ask for: the digest tells it, and no letter."""


def pupils_in(came: MailCame, case: Case | None, rules: Rules) -> frozenset[Pupil]:
    """The pupils that this mail may be about: of its form, and of its case once it is filled in."""
    form, supplement = came.understanding.form, came.understanding.supplement
    values = [one.values for one in (form, *came.understanding.forms) if one]
    if case is not None:
        values.append(merge(case.values, supplement, places=rules.places)[0] if supplement else case.values)
    return frozenset(pupil for one in values if (pupil := pupil_of(one)))


def all_pupils(came: MailCame) -> dict[Pupil, tuple[Earlier, ...]]:
    """What is known of the pupils of a mail, and of the mails that are decided on with it."""
    return {
        pupil: found for one in (came, came.held, came.asked) if one is not None for pupil, found in one.pupils.items()
    }


def link(draft: Draft) -> None:
    """Write down which other cases are about the same pupil, each once."""
    known = {h.codes["older"] for h in draft.case.history if h.kind is Event.SAME_PUPIL}
    for one in _others(draft):
        if one.case.reference not in known:
            draft.happen(Event.SAME_PUPIL, older=one.case.reference, how="name_and_birth" if one.sure else "name")


def tell_the_desk(draft: Draft) -> None:
    """A letter, once, where a case of the same pupil goes on beside this one, and nobody asked for a new one."""
    if not _is_new(draft.case):
        return
    answered = {h.codes.get("linked") for h in draft.case.history}
    beside = [one.case for one in _others(draft) if one.sure and one.case.state not in EXPECTED]
    beside = [case for case in beside if case.reference not in answered]
    if rows := [_row(case, draft.rules) for case in beside]:
        clbs = {_clb(one, draft.rules) for one in (draft.case, *beside)}
        draft.write(desk_letters.same_pupil(draft.case, rows, draft.rules, other_clb=len(clbs) > 1))


def rows_for_the_desk(draft: Draft) -> list[Row]:
    """Every other case that is surely about this pupil: its reference, and where it stands."""
    return [_row(one.case, draft.rules) for one in _others(draft) if one.sure]


def rows_for_the_referrer(draft: Draft) -> list[Row]:
    """What the referrer may know of it: the day and the reference, where both are of one and the same proven CLB."""
    own, rules = _clb(draft.case, draft.rules), draft.rules
    if own is None:
        return []
    hers = [one.case for one in _others(draft) if one.sure and _clb(one.case, rules) == own]
    return [
        Row(day_text(one.opened_at.astimezone(rules.calendar.zone).date()), one.reference)
        for one in hers
        if one.opened_at
    ]


def _is_new(case: Case) -> bool:
    """Whether a link was written down that no letter to the desk has told."""
    for happened in reversed(case.history):
        if happened.kind is Event.SAME_PUPIL:
            return True
        if happened.codes.get("letter") == Kind.SAME_PUPIL:
            return False
    return False


def _others(draft: Draft) -> list[Earlier]:
    pupil = pupil_of(draft.case.values)
    found = draft.pupils.get(pupil, ()) if pupil else ()
    return [one for one in found if one.case.reference != draft.case.reference]


def _clb(case: Case, rules: Rules) -> Clb | None:
    """The CLB of its referrer, once that is proven or confirmed."""
    return clb_behind(case, rules) if case.has_referrer else None


def _row(case: Case, rules: Rules) -> Row:
    clb, provider = _clb(case, rules), rules.providers.get(case.provider)
    since = f" sinds {short_day(case.since.astimezone(rules.calendar.zone).date())}" if case.since else ""
    where = f" ({provider.name})" if provider else ""
    return Row(case.reference, f"{STATES[case.state]}{where}{since}, van {clb.name if clb else 'onbekend CLB'}")

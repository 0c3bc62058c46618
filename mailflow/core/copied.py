"""The copy of a case, written: what its CLB worker supplied and was told, and what came of it."""

from collections.abc import Sequence
from datetime import datetime

from mailflow.core import case_letters, shown
from mailflow.core.case import Case
from mailflow.core.copying import Copied, Copy, SentLetter, may_have
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.ending import outcome_words
from mailflow.core.known_senders import clb_of
from mailflow.core.lifecycle import ENDS, Event, Party
from mailflow.core.occasions import CopyDue
from mailflow.core.rules import Rules
from mailflow.core.shown import Row
from mailflow.core.telling import told
from mailflow.core.wording import STATES, moment_text, short_day

# What happened between her, the provider and us; not what the desk, other cases or proof of an address are about.
HERS = frozenset({
    Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT, Event.PROVIDER_ACCEPTED, Event.WAITLIST_OFFERED,
    Event.WAITLIST_AGREED, Event.PROVIDER_FULL, Event.PROVIDER_NO_MATCH, Event.REFERRER_KEPT, Event.PLACE_FREE,
    Event.TRAJECTORY_STARTED, Event.TRAJECTORY_ENDED, Event.LOOP_SETTLED, Event.FOLLOW_ON_MADE, Event.REFERRER_STOPPED,
    Event.WITHDRAWN, Event.REOPENED, Event.BACK_TO_DISPATCHED, Event.BACK_TO_OFFERED, Event.SENDER_CONFIRMED,
    Event.INFO_ADDED, Event.CONTACT_MADE, Event.CONTACT_ATTEMPTED, Event.CALLBACK_PROMISED, Event.ROUND_TABLE_NOTED,
    Event.NO_SHOW, Event.PAUSED, Event.DAY_NOTED, Event.OUTCOME_NOTED, Event.HANDOVER_NOTED, Event.FEEDBACK_DONE,
})  # fmt: skip


def write_copy(draft: Draft, due: CopyDue) -> Decision:
    """Write the copy that was asked for; one of an end that was taken back, or of an erased case, is not."""
    asked = draft.case.last(Event.COPY_ASKED)
    ended = draft.case.state in ENDS or (asked is not None and asked.by is not Party.MAILFLOW)
    if ended and may_have(draft.case):
        copy = copy_of(draft.case, due.letters, draft.rules, draft.now)
        draft.write(case_letters.copy(draft.case, copy, draft.rules))
    return draft.decided()


def copy_of(case: Case, sent: Sequence[SentLetter], rules: Rules, now: datetime) -> Copy:
    """The copy for its referrer: her form, what happened, and the letters that she or her own CLB got."""
    zone, provider = rules.calendar.zone, rules.providers.get(case.provider)
    since = f" sinds {short_day(case.since.astimezone(zone).date())}" if case.since else ""
    facts = [
        Row("Stand", f"{STATES[case.state]}{since}"),
        Row("Aanbieder", provider.name if provider else ""),
        Row("Hoe het afliep", outcome_words(case)),
    ]
    return Copy(
        reference=case.reference,
        desk=rules.desk.name,
        made=moment_text(now, zone),
        facts=tuple(row for row in facts if row.value),
        form=tuple(shown.rows(case.values, rules)),
        timeline=tuple(told(case, rules, HERS)),
        letters=tuple(
            Copied(day=short_day(one.at.astimezone(zone).date()), subject=one.subject, text=one.text)
            for one in sent
            if one.to == Party.REFERRER and _got(one.address, case.parties["referrer"], rules)
        ),
    )


def _got(address: str, referrer: str, rules: Rules) -> bool:
    """Whether she got that letter, or a colleague at her CLB did: not the worker of another CLB that had the case."""
    own = clb_of(referrer, rules.clbs)
    return address == referrer or (own is not None and clb_of(address, rules.clbs) == own)

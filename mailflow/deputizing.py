"""Somebody stands in for a desk that is silent: from which digest on, and for which alarms."""

from datetime import datetime

from mailflow.core.decision import Decision, Outcome
from mailflow.core.lifecycle import Party
from mailflow.core.silence import alarms, alarms_both, days_of_silence
from mailflow.core.watches import waits_until
from mailflow.means import Means


def silent_days(means: Means, before_all: datetime) -> int:
    """For how many opening days no worker was heard of; 0 as long as nobody has to stand in, nor does already.

    *before_all* is earlier than any mail.
    """
    store, rules, now = means.store, means.rules, means.now
    if not rules.desk.stand_in:
        return 0
    stand_in, attendance = rules.desk.stand_in, store.attendance
    heard = attendance.heard_at(stand_in)
    since = attendance.stands_in_since(stand_in, heard)
    mails = (*store.mails.held(before_all), *store.mails.lines(outcomes=[Outcome.QUARANTINED]))
    loose = [mail.received_at for mail in mails if mail.reference is None]

    def days(first: datetime | None) -> int:
        return days_of_silence([*loose, *([first] if first else [])], heard, rules, now, stands_in_since=since)

    if not days(
        store.cases.waits_since(Party.DESK, besides=())
    ):  # on most days; else without what she herself lets wait
        return 0
    let_wait = {one.id for one in store.cases.marked(now, ()) if waits_until(one.case)}
    return days(store.cases.waits_since(Party.DESK, besides=let_wait))


def alarming_both(means: Means, decision: Decision) -> Decision:
    """The same decision; while somebody stands in, what must be read now goes there too."""
    stand_in, attendance = means.rules.desk.stand_in, means.store.attendance
    if not stand_in or not alarms(decision):
        return decision
    since = attendance.stands_in_since(stand_in, attendance.heard_at(stand_in))
    return alarms_both(decision, stand_in, means.now) if since else decision

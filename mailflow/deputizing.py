"""Somebody stands in for a desk that is silent: from which digest on, and for which alarms."""

from datetime import datetime

from mailflow.core.decision import Decision, Outcome
from mailflow.core.lifecycle import Party
from mailflow.core.rules import Rules
from mailflow.core.silence import alarms, alarms_both, days_of_silence
from mailflow.core.watches import waits_until
from mailflow.storage.store import Store


def silent_days(store: Store, rules: Rules, now: datetime, before_all: datetime) -> int:
    """For how many opening days no worker was heard of; 0 as long as nobody has to stand in, nor does already.

    *before_all* is earlier than any mail.
    """
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


def alarming_both(store: Store, decision: Decision, now: datetime) -> Decision:
    """The same decision; while somebody stands in, what must be read now goes there too."""
    stand_in = store.rules.desk.stand_in
    if not stand_in or not alarms(decision):
        return decision
    since = store.attendance.stands_in_since(stand_in, store.attendance.heard_at(stand_in))
    return alarms_both(decision, stand_in, now) if since else decision

"""Nobody at the desk: when does somebody stand in?"""

from dataclasses import replace
from datetime import datetime

from mailbag import RULES, WORKER, dispatched
from rows import each_row

from mailflow.core import desk_letters, letters
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event
from mailflow.core.mail import Mail
from mailflow.core.silence import alarms, alarms_both, days_of_silence, with_stand_in
from mailflow.core.workdays import BRUSSELS

STANDS_IN = replace(RULES, desk=replace(RULES.desk, stand_in="vervanger@meldpunt.example"))
SUNDAY = datetime(2026, 10, 4, 22, 0, tzinfo=BRUSSELS)


def on(day, hour=8):
    """A morning of that week."""
    return datetime(2026, 10, day, hour, 30, tzinfo=BRUSSELS)


@each_row(
    ("waiting", "acted", "now", "days"),
    [
        ([SUNDAY], None, on(7), 0),
        ([SUNDAY], None, on(8), 3),
        ([SUNDAY], on(6, 10), on(8), 0),
        ([SUNDAY], on(6, 10), on(9), 3),
        ([SUNDAY, on(8, 7)], on(1), on(12), 5),
        ([], None, on(30), 0),
        ([on(9, 17)], None, on(12), 0),
    ],
)
def test_a_stand_in_comes_after_so_many_opening_days(waiting, acted, now, days):
    """Whole ones, since something waits and since a worker last did anything; a weekend is none."""
    assert days_of_silence(waiting, acted, STANDS_IN, now) == days


def test_who_stands_in_goes_on_until_a_worker_is_heard_of():
    """Also when nothing waits any more: what the stand-in decided is no sign of the worker."""
    since = on(8)

    assert days_of_silence([], None, STANDS_IN, on(8), stands_in_since=since) == 3
    assert days_of_silence([], None, STANDS_IN, on(12), stands_in_since=since) == 5
    assert days_of_silence([], None, RULES, on(12), stands_in_since=since) == 0


def test_alarms_go_to_both_and_the_case_knows_each_letter():
    """The copy has a number of its own; whatever else is in the decision goes where it went."""
    life = dispatched()
    draft = Draft(case=life.case, rules=STANDS_IN, now=life.now)
    draft.write(desk_letters.danger(STANDS_IN, Mail(), words=["x"], lines=["x"]))
    draft.write(letters.to_referrer(Kind.CALLED, life.case))
    other = Decision(letters=(desk_letters.danger(STANDS_IN, Mail(), words=["x"], lines=["x"]),))
    decision = replace(draft.decided(), others=(other,))

    both = alarms_both(decision, "vervanger@meldpunt.example", life.now)

    assert alarms(decision)
    assert [one.address for one in both.letters if one.kind is Kind.DANGER] == [WORKER, "vervanger@meldpunt.example"]
    written = [h.codes["letter"] for h in both.events if h.kind is Event.LETTER_WRITTEN]
    assert written == [str(one.kind) for one in both.letters] == ["danger", "called", "danger"]
    assert both.case is not None
    assert both.case.history[-len(both.events) :] == both.events
    assert [one.address for one in both.others[0].letters] == [WORKER, "vervanger@meldpunt.example"]


def test_without_a_stand_in_nobody_comes():
    """As shipped."""
    assert days_of_silence([SUNDAY], None, RULES, on(30)) == 0


def test_both_get_the_digest_and_read_why():
    """And only the worker, as long as she is heard of."""
    digest = Letter(kind=Kind.DIGEST, to="desk", address="els@meldpunt.example", values={"silent": 0})

    both = with_stand_in(digest, 3, STANDS_IN)

    assert [one.address for one in both] == ["els@meldpunt.example", "vervanger@meldpunt.example"]
    assert {one.values["silent"] for one in both} == {3}
    assert with_stand_in(digest, 0, STANDS_IN) == (digest,)


def test_who_stands_in_may_order():
    """From the first day: somebody ill gives no notice."""
    assert "vervanger@meldpunt.example" in STANDS_IN.senders.desk
    assert STANDS_IN.desk.people[0] == RULES.desk.workers[0]

"""Two years of referrals that never were, the same each time: what figures look like when there is much to tell."""

from datetime import UTC, date, datetime, timedelta

from mailflow.core.course import Course
from mailflow.core.figure_tables import Period
from mailflow.core.kept_signal import Signal
from mailflow.core.lifecycle import State
from mailflow.core.survey import Asked, per_clb, summary

YEAR = Period(date(2026, 9, 1), date(2027, 8, 31))
TODAY = date(2027, 9, 15)
SIGNALS = (
    (date(2026, 10, 5), Signal(mail=17, role="clb", text="Voor kleuters is er niets.\n[…] wacht al een half jaar.")),
    (date(2027, 3, 5), Signal(mail=170, role="provider", text="Vervoer blijft het grootste knelpunt.")),
)
_AT = datetime(2027, 5, 3, 9, tzinfo=UTC)
ASKED = [
    Asked(clb="a", asked_at=_AT, answered_at=_AT, counts={"asked": 14, "unmet": 6}, words={"needs": "een time-out voor de lagere school"}),
    Asked(clb="b", asked_at=_AT, answered_at=_AT, counts={"asked": 3, "unmet": 1}, words={"more": "Vooral in de vakanties is er niets. " * 5}),
    Asked(clb="c", asked_at=_AT),
]  # fmt: skip
SURVEY = summary(ASKED, (19, 9))
PER_CLB = per_clb(
    ASKED, {"a": "Vrij CLB Leuven", "b": "CLB van de Vlaamse Gemeenschapscommissie", "c": "CLB GO! Brabant"}
)
WAYS = (
    {"state": State.CLOSED, "ended": True, "result": "back_to_school"},
    {"state": State.CLOSED, "ended": True, "result": "back_to_school"},
    {"state": State.STARTED},
    {"state": State.NO_MATCH, "refused": "no_match", "no_match": "no_sufficient_answer"},
    {"state": State.WAITLISTED, "waited": True},
    {"state": State.CLOSED, "ended": True, "result": "handover"},
    {"state": State.FULL, "refused": "full"},
    {"state": State.NO_MATCH, "refused": "no_match", "no_match": "unsaid"},
    {"state": State.CLOSED, "ended": True, "result": "stopped_early"},
    {"state": State.WITHDRAWN},
)
PROVIDERS = ("naft-vbo", "naft-ahv", "naft-vbo", "time-in", "naft-vbo", "zorgboerderij-de-linde", "naft-ahv")


def invented() -> list[Course]:
    """130 of the year before, 170 of the year: fewer in holidays, more after the autumn."""
    return [*_year(130, date(2025, 9, 1)), *_year(170, YEAR.first)]


def _year(many: int, first: date) -> list[Course]:
    days = [first + timedelta(days=n) for n in range(365)]
    busy = [day for day in days for _ in range(WEIGHT[day.month])]
    return [_one(number, busy[number * len(busy) // many]) for number in range(many)]


WEIGHT = {9: 4, 10: 7, 11: 8, 12: 5, 1: 8, 2: 6, 3: 7, 4: 4, 5: 5, 6: 2, 7: 0, 8: 1}


def _one(number: int, came: date) -> Course:
    young = number % 9 == 4
    facts = {
        "region": ("VBO", "AHV", "VBO", "AHV+VBO", "VBO")[number % 5],
        "subject": "school" if number % 31 == 7 else "pupil",
        "age": "under_12" if young else ("12_15", "16_17", "12_15")[number % 3],
        "network": ("free", "go", "official", "free")[number % 4],
        "purpose": ("remedial", "preventive", "remedial", "compensating")[number % 4],
    }
    if young and number % 2:
        facts["offer"] = "none"
        return Course(came, facts, state=State.NEEDS_DESK)
    way = WAYS[number % len(WAYS)]
    sent = came + timedelta(days=(0, 0, 1, 3)[number % 4])
    course = Course(came, facts, PROVIDERS[number % len(PROVIDERS)], sent=sent, **way)
    if number % 8:
        course.contact = sent + timedelta(days=1 + number % 6)
    if course.state is not State.WITHDRAWN:
        course.decided = sent + timedelta(days=2 + number % 11)
    if course.ended or course.state is State.STARTED:
        course.accepted, course.started = True, sent + timedelta(days=10 + number * 7 % 60)
    if course.waited or (course.started and number % 3 == 0):
        begun = sent + timedelta(days=4)
        course.lists = [(begun, None if course.waited and number % 20 == 4 else begun + timedelta(days=90))]
    return course

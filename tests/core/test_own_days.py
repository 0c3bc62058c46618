"""Days of its own: a birthday of 12 or 18 while the referral waits, and the end of the school year."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from mailbag import FORM, RULES, Life, at_state, dispatched
from rows import each_row

from mailflow.core.case import Case
from mailflow.core.lifecycle import Event, State
from mailflow.core.moments import NEXT_YEAR, asked_about_next_year, birthday, next_moment
from mailflow.core.watches import forgotten, next_look, watch
from mailflow.core.workdays import BRUSSELS

FARM = FORM.replace("NAFT VBO", "Zorgboerderij De Linde")


def born(day, form=FORM):
    """A case at its provider, of a pupil born on that day."""
    life = Life()
    life.mail(form.replace("12/03/2011", day))
    life.later(minutes=1)
    assert life.state is State.DISPATCHED
    return life


def at(life, *moment):
    """What is to be looked at then was looked at."""
    life.now = datetime(*moment, tzinfo=BRUSSELS)
    while (due := next_look(life.case, life.rules)) and due <= life.now:
        life.look()
    return life


@each_row(
    ("birth_date", "age", "day"),
    [
        ("2014-10-20", 12, date(2026, 10, 20)),
        ("2008-02-29", 18, date(2026, 3, 1)),
        ("2012-02-29", 12, date(2024, 2, 29)),
    ],
)
def test_a_birthday_is_a_day(birth_date, age, day):
    """Also of whoever is born on 29 February."""
    assert birthday(birth_date, age) == day


def test_who_turns_twelve_while_waiting_is_asked_for():
    """The CLB worker once; the next look waits for the contact again."""
    life = born("20/10/2014")

    at(life, 2026, 10, 20, 9)

    assert life.happened(Event.CAME_OF_AGE) == 1
    assert life.to("referrer")[-1] == "came_of_age"
    assert not forgotten(life.case, RULES, life.now)
    at(life, 2026, 10, 21, 9)
    assert life.happened(Event.CAME_OF_AGE) == 1


def test_a_case_is_forgotten_from_the_moment_that_nobody_looked_at():
    """A term, or a day of its own, whichever comes first; not before it, and never what has ended."""
    waits, ages = dispatched().case, born("06/10/2014").case
    term, birth = watch(waits, RULES).look_at, next_moment(ages, RULES).at
    assert birth < watch(ages, RULES).look_at

    for case, due in ((waits, term), (ages, birth)):
        assert next_look(case, RULES) == due
        assert not forgotten(case, RULES, due - timedelta(seconds=1))
        assert forgotten(case, RULES, due)
        assert not forgotten(replace(case, state=State.CLOSED), RULES, due)


def test_a_case_that_waits_for_nobody_is_forgotten():
    """And nothing says when to look at it; what waits for our own opening is not."""
    life = Life()
    life.mail(FORM)

    assert forgotten(Case(), RULES, life.now)
    assert next_look(Case(), RULES) is None
    assert life.state is State.QUEUED
    assert not forgotten(life.case, RULES, life.now + timedelta(days=3))


def test_nothing_is_asked_that_is_known():
    """The pupil agreed already: the digest says it, nobody is mailed."""
    life = Life()
    life.mail(FORM.replace("12/03/2011", "20/10/2014") + "Leerling akkoord: ja\n")
    life.later(minutes=1)

    at(life, 2026, 10, 20, 9)

    assert life.happened(Event.CAME_OF_AGE) == 1
    assert "came_of_age" not in life.to("referrer")


def test_whoever_grows_too_old_for_its_provider_is_told_so():
    """At 12 for a farm that works till 11, with another way out; an accepted one has none."""
    life = born("20/10/2014", FARM)

    at(life, 2026, 10, 20, 9)

    letter = life.letters[-1]
    assert letter.values["against"]
    assert letter.values["elsewhere"]
    assert [h.codes["why"] for h in life.case.history if h.kind is Event.NO_LONGER_FITS] == ["age"]
    accepted = born("20/10/2014", FARM)
    accepted.says("aanvaard", sender="welkom@zorgboerderij-delinde.example", tap="accept")
    at(accepted, 2026, 10, 20, 9)
    assert accepted.letters[-1].values["against"]
    assert not accepted.letters[-1].values["elsewhere"]


@each_row("birth_date", ["12/03/2011", "ooit"])
def test_no_other_birthday_counts(birth_date):
    """Nor one that is not known."""
    case = replace(dispatched().case, values={**dispatched().case.values, "birth_date": birth_date})

    moment = next_moment(case, RULES)

    assert moment is None or moment.age == 18


def test_a_school_has_no_birthday_and_a_trajectory_that_runs_has_none_that_counts():
    """Whatever stands in the field."""
    case = dispatched().case
    started = at_state(State.STARTED).case

    assert next_moment(replace(case, values={**case.values, "subject_kind": "school"}), RULES) is None
    assert next_moment(started, RULES) is None


def test_each_waitlist_is_asked_about_the_next_year_once():
    """From 15 June; until she answers it is her turn; the desk hears when the new year begins."""
    life = at_state(State.WAITLISTED)

    at(life, 2027, 6, 14, 16)
    assert watch(life.case, RULES).what == "callback"
    at(life, 2027, 6, 15, 9)
    assert watch(life.case, RULES).what == NEXT_YEAR
    at(life, 2027, 8, 31, 16)
    assert life.happened(Event.NEXT_YEAR_ASKED) == 1
    at(life, 2027, 9, 1, 9)

    told = [h.codes["what"] for h in life.case.history if h.kind is Event.DESK_TOLD]
    assert told[-1] == NEXT_YEAR
    assert watch(life.case, RULES).look_at is None
    life.says("behouden", role="referrer", tap="keep")
    assert asked_about_next_year(life.case) is None
    assert life.to("provider")[-1] == "waitlist_kept"
    assert watch(life.case, RULES).what == "callback"
    assert watch(life.case, RULES).since >= life.now.astimezone(UTC) - timedelta(minutes=1)
    at(life, 2028, 6, 15, 9)
    assert life.happened(Event.NEXT_YEAR_ASKED) == 2


def test_who_comes_on_the_list_after_the_day_is_asked_a_year_later():
    """A waitlist of 20 June is about the next school year by itself."""
    life = at_state(State.WAITLISTED)
    late = replace(life.case, since=datetime(2027, 6, 20, 10, tzinfo=BRUSSELS), history=())

    assert next_moment(late, RULES).at == datetime(2028, 6, 15, 9, tzinfo=BRUSSELS)


def test_an_import_says_nothing_of_what_is_past():
    """Its birthdays and its June lie behind it: nobody is mailed about them."""
    from mailflow.core.importing import Entry, make  # noqa: PLC0415 - only here

    values = {**dispatched().case.values, "birth_date": "2014-10-20"}
    since = datetime(2025, 10, 1, 9, tzinfo=BRUSSELS)
    entry = Entry(number=1, state=State.WAITLISTED, since=since, values=values, problems=())
    now = datetime(2026, 10, 27, 9, tzinfo=BRUSSELS)

    decision = make(entry, RULES, now)

    assert not decision.letters
    assert next_look(decision.case, RULES) is None or next_look(decision.case, RULES) > now
    assert not forgotten(decision.case, RULES, now)


def test_in_her_own_words_the_pupil_agrees():
    """As she was asked at its birthday: noted on the form; said once more it changes nothing."""
    life = born("20/10/2014")
    at(life, 2026, 10, 20, 9)

    life.says("Ja, Noor is akkoord.", role="referrer")

    assert life.case.values["agreed_pupil"] == "yes"
    before = life.happened(Event.INFO_ADDED)
    life.says("Ja, Noor is akkoord.", role="referrer")
    assert life.happened(Event.INFO_ADDED) == before


@each_row("text", ["Noor is niet akkoord.", "Dat weten we nog niet."])
def test_anything_else_says_nothing_of_it(text):
    """It is read as any answer of hers."""
    life = born("20/10/2014")
    at(life, 2026, 10, 20, 9)

    life.says(text, role="referrer")

    assert "agreed_pupil" not in life.case.values

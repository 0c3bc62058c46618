"""Referrals in, tables out."""

from dataclasses import replace
from datetime import date, timedelta

from invented_courses import TODAY, YEAR, invented
from mailbag import RULES
from rows import each_row

from mailflow.core.checks import REGIONS
from mailflow.core.course import Course
from mailflow.core.figure_tables import Figures, Period, Table
from mailflow.core.figures import figures
from mailflow.core.kept_signal import WHO, Signal
from mailflow.core.lifecycle import State
from mailflow.core.said import REASONS
from mailflow.core.small_cells import Shown
from mailflow.core.wording import short_day

DAY = date(2026, 10, 6)
"""A Tuesday."""


def made(courses: list[Course], period: Period = YEAR) -> Figures:
    return figures(courses, period, RULES, TODAY)


def table(found: Figures, key: str) -> Table:
    return next(one for one in (*found.tables, *found.for_the_desk) if one.key == key)


def cells(found: Figures, key: str, label: str) -> list[str]:
    one = table(found, key)
    row = next(row for row in (*one.rows, *filter(None, [one.total])) if row.label == label)
    return [cell.text if isinstance(cell, Shown) else cell for cell in row.cells]


def many(count: int, course: Course, **changed: object) -> list[Course]:
    return [replace(course, **changed) for _ in range(count)]


@each_row(
    ("key", "label", "now"),
    [
        ("month", "oktober 2026", "7"),
        ("month", "juli 2027", "0"),
        ("region", "Vlaams-Brabant Oost", "7"),
        ("network", "GO!", "7"),
        ("provider", "NAFT VBO", "7"),
        ("who", "leerling jonger dan 12", "7"),
        ("purpose", "preventief", "7"),
        ("outcome", "geen match", "7"),
        ("no_match", "geen reden gemeld", "7"),
        ("no_match", "Samen", "7"),
        ("no_offer", "leerling jonger dan 12", "7"),
        ("conversion", "NAFT VBO", "7"),
    ],
)
def test_each_table_counts_what_it_says(key, label, now):
    """Seven alike, in every table."""
    facts = {
        "region": "VBO", "network": "go", "subject": "pupil", "age": "under_12", "purpose": "preventive", "offer": "none",
    }  # fmt: skip
    one = Course(DAY, facts, "naft-vbo", state=State.NO_MATCH, sent=DAY, refused="no_match", no_match="unsaid")

    assert cells(made(many(7, one)), key, label)[0] == now


def test_the_year_before_stands_beside_it():
    """By the same days; what is older or younger counts nowhere."""
    found = made([
        *many(6, Course(DAY)), *many(8, Course(date(2025, 10, 6))),
        Course(date(2024, 10, 6)), Course(date(2027, 9, 1)),
    ])  # fmt: skip

    assert cells(found, "month", "oktober 2026") == ["6", "8"]
    assert (found.came.text, found.came_before.text) == ("6", "8")


def test_a_leap_day_has_a_year_before():
    """The 28th."""
    assert Period(date(2028, 2, 29), date(2028, 2, 29)).before == Period(date(2027, 2, 28), date(2027, 2, 28))


def test_what_is_not_known_has_a_row_of_its_own():
    """Only when there is any."""
    found = made([*many(6, Course(DAY)), *many(5, Course(DAY, {"region": "VBO"}))])

    assert cells(found, "region", "niet bekend") == ["6", "0"]
    assert "niet bekend" not in [
        row.label for row in table(made(many(5, Course(DAY, {"region": "VBO"}))), "region").rows
    ]


def test_a_class_has_no_age():
    """Whatever its form said."""
    found = made(
        [*many(5, Course(DAY, {"subject": "school", "age": "under_12"})), *many(6, Course(DAY, {"subject": "pupil"}))]
    )

    assert cells(found, "who", "leerling jonger dan 12") == ["0", "0"]
    assert cells(found, "who", "klas, team of school") == ["5", "0"]
    assert cells(found, "who", "leerling, leeftijd niet bekend") == ["6", "0"]


def test_what_the_desk_dropped_is_no_referral():
    """A forgery, a trial."""
    assert made([*many(5, Course(DAY)), *many(5, Course(DAY, dropped=True))]).came.text == "5"


def test_how_long_it_took_is_in_working_days():
    """From Friday to Monday is one; on the same day none."""
    friday = date(2026, 10, 9)
    fast = many(9, Course(friday, sent=friday, contact=friday + timedelta(days=3)))
    slow = Course(friday, sent=friday + timedelta(days=14), decided=friday + timedelta(days=13))
    found = made([*fast, slow])

    assert cells(found, "durations", "van binnenkomst tot bezorging") == ["0", "0"]
    assert cells(made([*fast, slow, slow]), "durations", "van binnenkomst tot bezorging") == ["0", "10"]
    assert cells(found, "durations", "van bezorging tot eerste contact") == ["1", "-"]
    assert cells(found, "durations", "van bezorging tot antwoord") == ["-", "-"]
    assert cells(found, "durations", "van binnenkomst tot opstart") == ["-", "-"]


def test_one_that_came_from_a_list_counts_and_has_no_duration():
    """Its days before are not known."""
    found = made(many(6, Course(DAY, sent=DAY, imported=True)))

    assert found.came.text == "6"
    assert cells(found, "durations", "van binnenkomst tot bezorging") == ["-", "-"]


def test_a_waitlist_over_time():
    """Whoever is on it on that day, also when it came in years before; a place takes it off."""
    waits = [(date(2024, 5, 1), None)]
    left = [(date(2026, 9, 20), date(2026, 12, 1))]
    found = made([*many(5, Course(date(2024, 4, 1), lists=waits)), *many(5, Course(DAY, lists=left))])

    assert cells(found, "waitlists", "01/09/2026") == ["5", "5"]
    assert cells(found, "waitlists", "01/10/2026") == ["10", "5"]
    assert cells(found, "waitlists", "01/12/2026") == ["5", "5"]
    assert table(found, "waitlists").rows[-1].label == "31/08/2027"


def test_days_to_come_have_no_waitlist():
    """Halfway the year."""
    found = figures([], YEAR, RULES, date(2026, 11, 15))

    assert [row.label for row in table(found, "waitlists").rows] == [
        "01/09/2026",
        "01/10/2026",
        "01/11/2026",
        "15/11/2026",
    ]


def test_what_came_of_each_provider_is_for_the_desk_alone():
    """It stands in none of the tables that others see, and is exact."""
    found = made(invented())

    assert "conversion" not in [one.key for one in found.tables]
    assert cells(found, "conversion", "Time-in Klaswerking")[0] == "22"


def test_nothing_small_is_shown_to_others():
    """Every number of every public table is nought or at least five."""
    found = made(invented())
    counted = [one for one in found.tables if one.key != "durations"]

    numbers = [cell for one in counted for row in one.rows for cell in row.cells if isinstance(cell, Shown)]
    assert {cell.text for cell in numbers} >= {"<5", "0"}
    assert all(cell.number is None or cell.number == 0 or cell.number >= 5 for cell in numbers)


def test_no_referrals_are_no_fault():
    """Before the first one."""
    found = made([])

    assert found.came.text == "0"
    assert cells(found, "durations", "van binnenkomst tot opstart") == ["-", "-"]


def test_a_period_says_which_days_are_of_it():
    """In figures for a file, in words for people."""
    period = Period(date(2026, 9, 1), date(2027, 8, 31))

    assert [period.holds(day) for day in (date(2026, 8, 31), date(2026, 9, 1), date(2027, 8, 31))] == [
        False,
        True,
        True,
    ]
    assert period.text == "01/09/2026 tot en met 31/08/2027"
    assert period.long_text == "1 september 2026 tot en met 31 augustus 2027"


def test_each_reason_for_no_match_has_a_row():
    """In the words of the provider's answer; who had a match is not of that table."""
    found = made([*many(6, Course(DAY, no_match=next(iter(REASONS)))), *many(7, Course(DAY))])

    assert cells(found, "no_match", next(iter(REASONS.values()))) == ["6", "0"]
    assert "niet bekend" not in [row.label for row in table(found, "no_match").rows]


def test_who_had_an_offer_is_not_of_the_table_of_those_without():
    """Its whole neither."""
    found = made([*many(6, Course(DAY, {"age": "16_17", "offer": "none"})), *many(7, Course(DAY, {"age": "16_17"}))])

    assert cells(found, "no_offer", "leerling van 16 of 17") == ["6", "0"]
    assert cells(found, "no_offer", "Samen") == ["6", "0"]


def test_every_answer_of_a_provider_has_a_column_of_its_own():
    """Exact, so two are two."""
    found = made([
        Course(DAY, provider="naft-vbo", sent=DAY),
        *many(2, Course(DAY, provider="naft-vbo", sent=DAY, accepted=True)),
        *many(3, Course(DAY, provider="naft-vbo", sent=DAY, waited=True)),
        *many(4, Course(DAY, provider="naft-vbo", sent=DAY, refused="full")),
        *many(5, Course(DAY, provider="naft-vbo", sent=DAY, refused="no_match")),
        *many(6, Course(DAY, provider="naft-vbo", sent=DAY, started=DAY)),
        Course(DAY, provider="naft-vbo"),
    ])  # fmt: skip

    assert table(found, "conversion").heads[1:] == (
        "bezorgd", "aanvaard", "wachtlijst", "volzet", "geen match", "gestart",
    )  # fmt: skip
    assert cells(found, "conversion", "NAFT VBO") == ["21", "2", "3", "4", "5", "6"]


def test_the_months_of_a_period_go_over_the_new_year():
    """The first and the last as well, each once."""
    found = made([], Period(date(2026, 11, 5), date(2027, 2, 3)))

    assert [row.label for row in table(found, "month").rows] == [
        "november 2026",
        "december 2026",
        "januari 2027",
        "februari 2027",
    ]


def test_who_joins_a_waitlist_is_on_it_that_day():
    """Who leaves it is not."""
    lists = [(date(2026, 10, 1), date(2026, 11, 1))]
    found = made(many(5, Course(date(2026, 9, 20), lists=lists)))

    assert [cells(found, "waitlists", f"01/{month}/2026")[0] for month in ("09", "10", "11")] == ["0", "5", "0"]


def test_an_answer_to_what_was_never_sent_has_no_duration():
    """By phone, before its letter left."""
    found = made(many(6, Course(DAY, contact=DAY, decided=DAY)))

    assert cells(found, "durations", "van bezorging tot antwoord") == ["-", "-"]


def test_signals_of_the_period_are_on_the_agenda():
    """Not those of another; without any there is no table."""
    role = next(iter(WHO))
    one, other = Signal(mail=1, role=role, text="Te weinig plaatsen"), Signal(mail=2, role=role, text="Van vroeger")
    found = figures([], YEAR, RULES, TODAY, [(DAY, one), (date(2024, 10, 6), other)])

    assert [row.cells for row in table(found, "agenda").rows] == [("Te weinig plaatsen",)]
    assert "agenda" not in [one.key for one in made([]).tables]


def test_what_hides_a_small_number_is_rounded_where_the_whole_stands_nowhere_else():
    """The whole of all referrals stands in every table: there it is the largest number beside it."""
    facts = {"subject": "pupil", "age": "16_17", "offer": "none"}
    found = made([*many(20, Course(DAY, facts)), *many(3, Course(DAY, {**facts, "age": "18_plus"}))])

    assert [cells(found, key, "leerling van 16 of 17")[0] for key in ("who", "no_offer")] == ["±20", "20"]
    assert [cells(found, key, "leerling van 18 of ouder")[0] for key in ("who", "no_offer")] == ["<5", "<5"]
    assert [cells(found, key, "Samen")[0] for key in ("who", "no_offer")] == ["23", "±25"]


def test_a_form_that_asks_no_purpose_has_figures():
    """What was said of it under an older form is not known."""
    rules = replace(RULES, fields=tuple(one for one in RULES.fields if one.key != "purpose"))
    found = figures(many(6, Course(DAY, {"purpose": "preventive"})), YEAR, rules, TODAY)

    assert cells(found, "purpose", "niet bekend") == ["6", "0"]


@each_row(
    ("label", "course"),
    [
        ("nog niet bezorgd", Course(DAY)),
        ("bij de aanbieder, nog geen antwoord", Course(DAY, state=State.DISPATCHED)),
        ("op een wachtlijst", Course(DAY, state=State.WAITLISTED)),
        ("aanvaard, nog niet gestart", Course(DAY, state=State.ACCEPTED)),
        ("gestart, loopt", Course(DAY, state=State.STARTED)),
        ("gestart en beëindigd: terug naar school", Course(DAY, ended=True, result="back_to_school")),
        ("gestart en beëindigd: afloop niet gemeld", Course(DAY, ended=True)),
        ("volzet", Course(DAY, state=State.FULL)),
        ("geen match", Course(DAY, state=State.NO_MATCH)),
        ("vervangen door een nieuwe aanmelding", Course(DAY, state=State.REPLACED)),
        ("ingetrokken of gestopt", Course(DAY, state=State.WITHDRAWN)),
        ("ingetrokken of gestopt", Course(DAY, state=State.CLOSED)),
    ],
)
def test_wherever_a_referral_stands_it_has_a_row(label, course):
    """None is counted as not known."""
    found = made(many(6, course))

    assert cells(found, "outcome", label) == ["6", "0"]
    assert table(found, "outcome").note == f"Zoals het stond op {short_day(TODAY)}."


@each_row(
    ("label", "facts"),
    [
        ("leerling jonger dan 12", {"subject": "pupil", "age": "under_12"}),
        ("leerling van 12 tot en met 15", {"subject": "pupil", "age": "12_15"}),
        ("leerling van 16 of 17", {"subject": "pupil", "age": "16_17"}),
        ("leerling van 18 of ouder", {"subject": "pupil", "age": "18_plus"}),
        ("niet bekend", {}),
    ],
)
def test_every_age_has_a_row(label, facts):
    """In words."""
    assert cells(made(many(6, Course(DAY, facts))), "who", label) == ["6", "0"]


@each_row(
    ("key", "title", "head"),
    [
        ("month", "Per maand", "Maand"),
        ("region", "Per regio", "Regio"),
        ("network", "Per net van het CLB", "Net"),
        ("provider", "Per aanbieder", "Aanbieder"),
        ("who", "Voor wie, en hoe oud", "Wie"),
        ("purpose", "Per doel van de interventie", "Doel"),
        ("outcome", "Hoe het ervoor staat", "Stand"),
        ("waitlists", "Hoeveel op een wachtlijst stonden", "Dag"),
        ("no_match", "Waarom er geen match was", "Reden"),
        ("no_offer", "Aanmeldingen zonder aanbod", "Wie"),
    ],
)
def test_each_table_says_what_it_is_of(key, title, head):
    """And which column is of when."""
    one = table(made([]), key)

    assert (one.title, one.heads) == (title, (head, "deze periode", "een jaar eerder"))
    assert one.over_time == (key in {"month", "waitlists"})


def test_who_is_of_both_regions_has_a_row():
    """It is known where, so it does not stand with what is not."""
    found = made(many(6, Course(DAY, {"region": "+".join(sorted(REGIONS))})))

    assert cells(found, "region", "allebei de regio's") == ["6", "0"]


def test_each_duration_has_that_of_the_year_before_under_it():
    """By the same days."""
    friday = date(2025, 10, 10)
    found = made(many(9, Course(friday, sent=friday + timedelta(days=3))))

    first, second = table(found, "durations").rows[:2]
    assert [row.label for row in (first, second)] == ["van binnenkomst tot bezorging", "– een jaar eerder"]
    assert [row.cells[0].text for row in (first, second)] == ["-", "1"]

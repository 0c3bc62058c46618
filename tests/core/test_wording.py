"""How values read to a person."""

from datetime import UTC, date, datetime

from mailbag import RULES
from rows import each_row

from mailflow.core.lifecycle import Party, State
from mailflow.core.wording import PARTIES, STATES, day_text, initials, listing, moment_text, short_day, value_text
from mailflow.core.workdays import BRUSSELS


def test_days_and_moments_in_dutch():
    """In words, in figures, and in local time."""
    day = date(2026, 3, 1)

    assert day_text(day) == "zondag 1 maart 2026"
    assert short_day(day) == "01/03/2026"
    assert moment_text(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), BRUSSELS) == "vrijdag 1 januari 2027 om 00:30"


@each_row(
    ("key", "value", "text"),
    [
        ("agreed_guardians", "yes", "ja"),
        ("agreed_guardians", "no", "nee"),
        ("agreed_guardians", "misschien", "misschien"),
        ("birth_date", "2011-03-12", "12/03/2011"),
        ("birth_date", "morgen", "morgen"),
        ("provider", "none", "geen voorkeur"),
        ("provider", "naft-vbo", "NAFT VBO"),
        ("provider", "weg", "weg"),
        ("referrer_phone", "+3216123456", "016123456"),
        ("referrer_phone", "+31201234567", "+31201234567"),
        ("subject_kind", "pupil", "leerling"),
        ("subject_kind", "iets anders", "iets anders"),
        ("reason", "zo maar", "zo maar"),
    ],
)
def test_a_form_value_reads_as_a_person_would_write_it(key, value, text):
    """And what is unknown as it stands."""
    assert value_text(RULES.field(key), value, RULES.providers) == text


@each_row(
    ("values", "text"),
    [
        ({"first_name": "noor", "last_name": " voorbeeld"}, "N.V."),
        ({"first_name": "Élise"}, "É."),
        ({"first_name": " ", "last_name": ""}, "(school)"),
        ({"school_name": "Atheneum"}, "(school)"),
    ],
)
def test_initials_are_all_of_a_name_that_a_subject_shows(values, text):
    """Never more."""
    assert initials(values) == text


def test_a_listing_ends_in_and():
    """One, two, three, none."""
    assert [listing(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a en b", "a, b en c"]


def test_every_state_and_party_has_a_word():
    """No code reaches a person."""
    assert STATES.keys() == {*State}
    assert PARTIES.keys() == {*Party}


def test_nothing_stands_for_a_case_that_is_erased():
    """It is no school either."""
    assert initials({}) == ""

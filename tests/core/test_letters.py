"""Which letters there are, to whom, with what, and not before when."""

from dataclasses import replace
from pathlib import Path

from mailbag import CLB, MONDAY, NAFT, RULES, SATURDAY, WORKER, at_state, dispatched
from rows import each_row

from mailflow.core import case_letters, desk_letters, letters, shown, taps
from mailflow.core.draft import Draft
from mailflow.core.form import ASSUMED, Form, Odd
from mailflow.core.letters import LETTERS, Kind, When
from mailflow.core.lifecycle import State
from mailflow.core.mail import QUOTED
from mailflow.core.taps import Tap
from mailflow.core.thread import ACTIONS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def test_every_kind_has_a_row_and_a_template():
    """And no template is left over."""
    assert LETTERS.keys() == {*Kind}
    written = {file.name.removesuffix(".md.j2") for file in TEMPLATES.glob("[a-z]*.md.j2")}
    assert written - {"frame"} == {str(kind) for kind in Kind}


def test_what_free_text_is_understood_to_say_reaches_the_other_side_after_the_pause():
    """Questions, receipts and echoes go at once; the referral waits for the opening."""
    at_once = {kind for kind, row in LETTERS.items() if row.when is When.AT_ONCE}

    assert LETTERS[Kind.REFERRAL].when is When.AT_OPENING
    assert at_once >= {Kind.RECEIVED, Kind.MISSING, Kind.CONFIRM, Kind.ECHO, Kind.UNCLEAR, Kind.OTHER_MAIL}
    assert not at_once & {Kind.ACCEPTED, Kind.FULL, Kind.WAITLIST_KEPT, Kind.SUPPLEMENT, Kind.REPORTED, Kind.PASSED_ON}


@each_row(
    ("kind", "now", "not_before"),
    [
        (Kind.ECHO, SATURDAY, None),
        (Kind.FULL, SATURDAY, "2026-10-10T11:15:00+02:00"),
        (Kind.REMINDER_CONTACT, SATURDAY, "2026-10-12T09:00:00+02:00"),
        (Kind.REMINDER_CONTACT, MONDAY, "2026-10-05T10:00:00+02:00"),
    ],
)
def test_a_letter_leaves_not_before_its_row_says(kind, now, not_before):
    """At once, after fifteen minutes, at the opening."""
    draft = Draft(case=dispatched().case, rules=RULES, now=now)

    draft.write(letters.to_provider(kind, draft.case, RULES))

    at = draft.letters[0].not_before
    assert (at.isoformat() if at else None) == not_before


def test_every_tap_can_be_sealed():
    """A tap without an action of thread.py would open nothing."""
    every = [tap for tap in vars(taps).values() if isinstance(tap, Tap)]

    assert len(every) > 10
    assert {tap.action for tap in every} <= {*ACTIONS}


def test_the_provider_sees_no_surname_before_it_accepts():
    """Nor the birth date, the guardians or what is never shown; the age instead."""
    case = dispatched().case

    letter = case_letters.referral(
        case, RULES, attachments=["verslag.pdf"], today=MONDAY.date(), reply_by=MONDAY.date()
    )

    seen = {row.label: row.value for row in letter.values["rows"]}
    assert seen["Voornaam"] == "Noor"
    assert seen["Leeftijd"] == "15 jaar"
    assert "Voorbeeld" not in seen.values()
    assert "12/03/2011" not in seen.values()
    assert letter.values["attachments"] == ["verslag.pdf"]
    assert (letter.to, letter.address) == ("provider", NAFT)


def test_without_a_birth_date_no_age_is_shown():
    """A school's referral."""
    case = replace(dispatched().case, values={"subject_kind": "school"})

    letter = case_letters.referral(case, RULES, attachments=[], today=MONDAY.date(), reply_by=MONDAY.date())

    assert "Leeftijd" not in [row.label for row in letter.values["rows"]]


def test_the_confirmation_letter_shows_next_to_nothing():
    """The address is not proven: initials, year and wished provider only."""
    case = at_state(State.UNCONFIRMED).case
    form = Form(source="text", values=case.values)

    letter = case_letters.confirm(case, form, RULES, arrived=MONDAY)

    assert letter.values["initials"] == "N.V."
    assert letter.values["birth_year"] == "2011"
    assert not any("Noor" in str(value) for value in letter.values.values())


def test_it_is_told_which_value_came_from_where():
    """The writer's own words first, then by attachment; nobody wrote what was assumed, and one place needs no telling."""
    values = {"first_name": "Noor", "last_name": "Voorbeeld", "school_name": "De Brug", "subject_kind": "pupil"}
    sources = {"first_name": "docx", "last_name": "text", "school_name": "text", "subject_kind": ASSUMED}
    form = Form(source="text", values=values, sources=sources, files={"first_name": "a.docx", "school_name": QUOTED})

    rows = shown.origins(form, RULES)

    assert [(row.label, row.value) for row in rows] == [
        ("Uit je mail", "Achternaam"),
        ("Uit de bijlage a.docx", "Voornaam"),
        ("Uit de tekst onder je mail", "Naam van de school"),
    ]
    assert shown.origins(replace(form, files={}), RULES) == shown.origins(None, RULES) == []


def test_an_odd_value_is_named_not_repeated():
    """By the label of its field; what is about no field is a remark."""
    form = Form(source="text", values={}, odd=(Odd("birth_date", "geen datum"), Odd("iets", "twee formulieren")))

    rows = shown.odd_rows(form, RULES)

    assert [(row.label, row.value) for row in rows] == [
        ("Geboortedatum", "geen datum"),
        ("Let op", "twee formulieren"),
    ]


def test_words_are_passed_on_between_the_parties_of_one_case():
    """By whom they are: the provider by its name, the referrer by her role."""
    case = dispatched().case

    there = case_letters.passed_on(case, "provider", NAFT, RULES, by="referrer", words="x", taps=taps.PROVIDER_TAPS)
    back = case_letters.passed_on(case, "referrer", CLB, RULES, by="provider", words="y")

    assert (there.values["by"], back.values["by"]) == ("de aanmelder", "NAFT VBO")
    assert there.taps == taps.PROVIDER_TAPS
    assert not back.taps


def test_the_desk_hears_of_what_could_not_be_delivered():
    """With the case, the kind and the reason."""
    letter = desk_letters.undeliverable(
        at_state(State.DISPATCHED).case, RULES, kind="referral", to="provider", why="5.1.1"
    )

    assert (letter.to, letter.address) == ("desk", WORKER)
    assert letter.values["about"] == "MSI-2026-0042"


def test_the_state_of_things_without_a_provider():
    """Where there is none yet, or since when is not known."""
    case = replace(at_state(State.NEEDS_INFO).case, since=None)

    letter = case_letters.status(case, "referrer", CLB, RULES)

    assert (letter.values["state"], letter.values["since"]) == ("wacht op gegevens van de aanmelder", "")
    assert letter.values["provider"] == ""

"""A list of open cases: what each row means, and that nobody is mailed about it."""

from datetime import datetime, timedelta

from mailbag import BRUSSELS, CLB, MONDAY, RULES
from rows import each_row

from mailflow.core.decide import decide
from mailflow.core.importing import TO, make, understood, unknown_headings
from mailflow.core.lifecycle import State
from mailflow.core.occasions import LookDue
from mailflow.core.watches import watch

TODAY = MONDAY.date()
ROW = {
    "Voornaam": "Noor",
    "Achternaam": "Voorbeeld",
    "Geboortedatum": "12/03/2011",
    "E-mail aanmelder": CLB,
    "Gewenste aanbieder": "NAFT VBO",
    "Stand": "wachtlijst",
    "Sinds": "14/09/2026",
}


def row(**changed):
    cells = {**ROW, **{key.replace("_", " "): value for key, value in changed.items()}}
    return understood(2, [*cells.items()], RULES, TODAY)


@each_row(
    ("words", "state"),
    [
        ("wachtlijst", State.WAITLISTED),
        ("Bezorgd", State.DISPATCHED),
        ("aanvaard", State.ACCEPTED),
        ("lopend", State.STARTED),
        ("te  bekijken", State.NEEDS_DESK),
        ("waitlisted", State.WAITLISTED),
    ],
)
def test_a_row_becomes_a_case_as_it_stood(words, state):
    """At its own time, with its provider; every state that can be taken over."""
    entry = row(Stand=words)

    decision = make(entry, RULES, MONDAY)

    assert entry.problems == ()
    assert decision.case.state is state
    assert decision.case.since == datetime(2026, 9, 14, 9, tzinfo=BRUSSELS)
    assert decision.case.parties == {"referrer": CLB}
    assert decision.case.provider == ("" if state is State.NEEDS_DESK else "naft-vbo")
    assert (decision.opens, decision.letters, decision.release_at) == (True, (), None)


@each_row("state", [*TO])
def test_nobody_is_reminded_of_what_was_overdue_already(state):
    """The digest shows it; the first look mails nobody."""
    case = make(row(Stand=state.value, Sinds="01/09/2025"), RULES, MONDAY).case

    decision = decide(case, LookDue(), RULES, MONDAY + timedelta(minutes=5))

    assert decision.letters == ()
    assert watch(case, RULES).due < MONDAY


def test_a_fresh_case_keeps_its_terms():
    """A referral of last Friday is followed up as any other."""
    case = make(row(Stand="bezorgd", Sinds="02/10/2026"), RULES, MONDAY).case

    assert watch(case, RULES).look_at > MONDAY


@each_row(
    ("changed", "problem"),
    [
        ({"Stand": "weet ik niet"}, "Stand: not known"),
        ({"Stand": ""}, "Stand: not known"),
        ({"Sinds": "binnenkort"}, "Sinds: no date"),
        ({"Sinds": "14/09/2027"}, "Sinds: no date"),
        ({"Achternaam": ""}, "the first or last name is missing"),
        ({"E-mail aanmelder": "an@prive.example"}, "not at a CLB of clbs.toml"),
        ({"E-mail aanmelder": ""}, "the referrer's address is missing"),
        ({"Gewenste aanbieder": ""}, "the provider is missing"),
        ({"Gewenste aanbieder": "geen voorkeur"}, "the provider is missing"),
        ({"Geboortedatum": "31/02/2011"}, "birth_date: "),
        ({"Voornaam": "", "Achternaam": "", "Geboortedatum": "", "Gewenste aanbieder": ""}, "too few columns"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_without_what_is_in_it(changed, problem):
    """Each row says what to mend."""
    cells = {**ROW, **changed}

    entry = understood(2, [*cells.items()], RULES, TODAY)

    assert [one for one in entry.problems if problem in one]
    assert "Voorbeeld" not in str(entry.problems)


def test_a_case_that_waits_for_the_desk_needs_no_referrer_or_provider():
    """The desk finds both."""
    cells = {**ROW, "Stand": "te bekijken", "E-mail aanmelder": "", "Gewenste aanbieder": ""}

    entry = understood(2, [*cells.items()], RULES, TODAY)

    assert entry.problems == ()
    assert make(entry, RULES, MONDAY).case.parties == {}


def test_a_class_needs_no_name():
    """A question about a school is of nobody by name."""
    cells = {"Aanmelding voor": "school", "School": "Sint-Voorbeeld Leuven", "Klas": "3B", "Aantal leerlingen": "21"}

    entry = understood(2, [*cells.items(), ("Stand", "te bekijken"), ("Sinds", "14/09/2026")], RULES, TODAY)

    assert "the first or last name is missing" not in entry.problems


def test_headings_that_mean_nothing_are_named():
    """So that a slip is seen."""
    assert unknown_headings(["Voornaam", "Stand", "Sinds", "Lievelingskleur", ""], RULES) == ["Lievelingskleur"]

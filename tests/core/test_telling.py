"""What happened to a case, in a sentence a row."""

from datetime import timedelta

from mailbag import MONDAY, RULES, Life, dispatched

from mailflow.core.case import Case, Happened
from mailflow.core.lifecycle import Event, Party
from mailflow.core.telling import told


def test_a_row_says_who_told_what_of_which_day():
    """With the day of it, and what a calendar answered."""
    history = (
        Happened(at=MONDAY, kind=Event.ROUND_TABLE_NOTED, by=Party.PROVIDER, codes={"day": "2026-10-12"}),
        Happened(at=MONDAY + timedelta(hours=1), kind=Event.NOTE, codes={"answer": "declined", "party": "referrer"}),
    )

    first, second = told(Case(reference="MSI-2026-0001", history=history), RULES)

    assert first.label == "05/10/2026 10:00"
    assert "12/10/2026" in first.value
    assert "in de agenda" in second.value


def test_letters_to_the_desk_are_its_own():
    """Nobody else reads of them."""
    life = dispatched()
    before = len(told(life.case, RULES))

    life.says("iets wat we niet kennen", role="referrer")

    assert all("het meldpunt" not in row.value for row in told(life.case, RULES)[before:])


def test_letters_that_were_voided_have_no_number_any_more():
    """What comes after them answers those that left or may leave."""
    life = Life()
    life.mail("Voornaam: Noor\nAchternaam: Voorbeeld")
    life = dispatched()
    assert life.case.letter_numbers("provider") == (2,)

    life.says("aanvaard")
    life.says("oeps, volzet")

    voided = {h.codes["n"] for h in life.case.history if h.kind is Event.LETTER_VOIDED}
    assert voided
    assert not {str(number) for number in life.case.letter_numbers("referrer")} & voided

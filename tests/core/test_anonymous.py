"""What is kept of somebody's words names nobody."""

from mailbag import RULES
from rows import each_row

from mailflow.core.anonymous import LEFT_OUT, LONGEST, anonymous


def kept(written: str, *people: str) -> str:
    return anonymous(written, RULES, people).text


@each_row(
    "written",
    [
        "De wachtlijsten in Halle zijn te lang.",
        "Wachtlijsten bij NAFT VBO duren maanden, vooral voor jongeren uit Tienen.",
        "Er is geen aanbod in de regio Asse-Halle-Vilvoorde; zeker niet voor kleuters, in 2026 al 14 keer.",
        "voor -12 is er niets\n\nVervoer: leerlingen uit Overijse raken niet in Leuven.",
        "Het Vrij CLB Leuven vraagt dit al sinds september.",
        "",
    ],
)
def test_words_about_nobody_stay(written):
    """Places, providers, CLBs and months have a capital too; so has the first word of a sentence."""
    assert kept(written) == written


@each_row(
    ("written", "left"),
    [
        ("Noor komt niet meer", f"{LEFT_OUT} komt niet meer"),
        ("wij zien dat Noor Peeters niet komt", f"wij zien dat {LEFT_OUT} niet komt"),
        ("Maarten wacht. Kristien ook.", f"{LEFT_OUT} wacht. {LEFT_OUT} ook."),
        ("bel 016 12 34 56 of +32 478 12 34 56", f"bel {LEFT_OUT} of {LEFT_OUT}"),
        ("mail sofie.p@post.example of kijk op https://kind.example/x", f"mail {LEFT_OUT} of kijk op {LEFT_OUT}"),
        ("geboren op 12/03/2011, of 12 maart 2011", f"geboren op {LEFT_OUT}, of {LEFT_OUT}"),
        ("N.V. wacht (MSI-2026-0042)", f"{LEFT_OUT} wacht ({LEFT_OUT})"),
        ("nummer 11.03.12-123.45", f"nummer {LEFT_OUT}"),
        ("de school Sint-Jozef helpt", f"de school {LEFT_OUT} helpt"),
    ],
)
def test_what_can_be_a_person_goes(written, left):
    """Rather a word too many."""
    assert kept(written) == left


def test_a_known_name_goes_however_it_is_written():
    """Without a capital, and as an owner."""
    assert kept("noor en noor's broer; lucas' zus, Lucas", "noor", "lucas") == (
        f"{LEFT_OUT} en {LEFT_OUT} broer; {LEFT_OUT} zus, {LEFT_OUT}"
    )


@each_row(
    ("written", "tells"),
    [("De wachtlijsten zijn te lang", True), ("Noor Peeters wacht", False), ("te lang", False), ("", False)],
)
def test_whether_enough_is_left(written, tells):
    """More words than gaps, and at least three."""
    assert anonymous(written, RULES).tells is tells


def test_a_novel_is_cut_off():
    """However long it is."""
    assert len(kept("wachten " * 5000)) <= LONGEST

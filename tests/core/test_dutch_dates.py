"""Which day do these Dutch words name, seen from Tuesday 10 November 2026?"""

from datetime import date

from rows import each_row

from mailflow.core.dutch_dates import Direction, day_in

TODAY = date(2026, 11, 10)


@each_row(
    ("text", "day"),
    [
        ("rondetafel dinsdag 24 november 14u op school", date(2026, 11, 24)),
        ("dinsdag 24/11 om 14u30", date(2026, 11, 24)),
        ("di. 24/11/26", date(2026, 11, 24)),
        ("24-11-2026", date(2026, 11, 24)),
        ("24.11.2026 om 14.30u", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        ("vanaf 1 maart", date(2027, 3, 1)),
        ("vanaf 1 maart 2027.", date(2027, 3, 1)),
        ("tot 30 juni", date(2027, 6, 30)),
        ("gestart op 3 november", date(2026, 11, 3)),
        ("24ste november", date(2026, 11, 24)),
        ("24 nov. om 9u", date(2026, 11, 24)),
        ("over twee weken", date(2026, 11, 24)),
        ("over 3 dagen", date(2026, 11, 13)),
        ("Over een week", date(2026, 11, 17)),
        ("maandag", date(2026, 11, 16)),
        ("komende donderdag", date(2026, 11, 12)),
        ("deze vrijdag", date(2026, 11, 13)),
        ("volgende week vrijdag", date(2026, 11, 20)),
        ("vorige week maandag", date(2026, 11, 2)),
        ("volgende maandag", date(2026, 11, 16)),
        ("afgelopen vrijdag", date(2026, 11, 6)),
        ("donderdagnamiddag om 14u", date(2026, 11, 12)),
        ("morgen", date(2026, 11, 11)),
        ("overmorgen", date(2026, 11, 12)),
        ("gisteren gesproken", date(2026, 11, 9)),
        ("goede morgen, vandaag gestart", date(2026, 11, 10)),
        ("sinds maandag", date(2026, 11, 9)),
        ("sedert 1 maart", date(2026, 3, 1)),
        ("vanaf 1/2", date(2027, 2, 1)),
        ("op 24/11 en nog eens 24 november", date(2026, 11, 24)),
        ("bel 016/12 34 56 of 0470/12 34 56, start op 24/11", date(2026, 11, 24)),
    ],
)
def test_a_day_that_is_certain(text, day):
    """Each of these names one day."""
    assert day_in(text, TODAY).day == day


@each_row(
    ("text", "why"),
    [
        ("31 februari 2027", "bestaat niet"),
        ("31/2", "bestaat niet"),
        ("29 februari", "bestaat niet"),
        ("2026-13-01", "bestaat niet"),
        ("maandag 24 november", "is geen maandag"),
        ("wo. 24/11", "is geen wo"),
        ("dinsdag", "kan vandaag zijn"),
        ("volgende vrijdag", "deze of volgende week"),
        ("binnen twee weken", "geen precieze dag"),
        ("over een maand", "geen precieze dag"),
        ("begin maart", "geen precieze dag"),
        ("in maart", "geen precieze dag"),
        ("volgende week", "geen precieze dag"),
        ("3 tot 5 november", "periode"),
        ("voor 1 maart", "geen precieze dag"),
        ("ten laatste op 1 maart", "geen precieze dag"),
        ("tegen maandag", "geen precieze dag"),
        ("in de week van 7 december", "geen precieze dag"),
        ("na de kerstvakantie", "geen precieze dag"),
        ("op 3/4 december", "twee dagen"),
        ("maandag of woensdag", "meerdere dagen"),
        ("24/11 of 25/11", "meerdere dagen"),
    ],
)
def test_a_day_that_reads_two_ways_is_no_day(text, why):
    """No day, and a reason that a person can read."""
    read = day_in(text, TODAY)

    assert read.day is None
    assert why in read.why


@each_row(
    "text",
    [
        "", "aanvaard", "om 14.30u", "14:30", "goede morgen", "goeie morgen", "halve dag: 1/2 dag", "3/4 van de week",
        "24/7", "24u/24u", "016/12 34 56", "02/12 34 56", "MSI-2026-0042", "9.10u", "5 leerlingen", "maandagen",
        "2/5 uur", "in de morgen", "3-5 leerlingen", "geen",
    ],
)  # fmt: skip
def test_no_day_at_all(text):
    """Times, fractions, telephone numbers and references are no days, and nothing is odd about them."""
    read = day_in(text, TODAY)

    assert read.day is None
    assert read.why == ""


@each_row(
    ("text", "day"),
    [
        ("deze morgen gebeld", date(2026, 11, 10)),
        ("vanmiddag", date(2026, 11, 10)),
        ("gisteravond", date(2026, 11, 9)),
        ("le 1er mars", date(2027, 3, 1)),
        ("on 1 December 2026", date(2026, 12, 1)),
        ("le 7 décembre", date(2026, 12, 7)),
    ],
)
def test_words_for_today_and_other_tongues(text, day):
    """Parts of a day, and the months in French and English."""
    assert day_in(text, TODAY).day == day


def test_what_was_lies_behind_us():
    """ "Gestart vrijdag" is last Friday, and a month without a year is the last one."""
    assert day_in("gestart vrijdag", TODAY, Direction.BACK).day == date(2026, 11, 6)
    assert day_in("gestart op 1 maart", TODAY, Direction.BACK).day == date(2026, 3, 1)
    assert day_in("eind augustus gestart", TODAY, Direction.BACK).why


@each_row("unit", ["1/", "over ", "24 nov ", "di. ", "deze week ", "2026-", "1.1.", "maandag "])
def test_a_hostile_text_costs_little(unit):
    """Only the first few thousand characters are looked at."""
    read = day_in(unit * (100_000 // len(unit)), TODAY)

    assert read.day is None or read.day.year >= 2026

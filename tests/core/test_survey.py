"""What a CLB fills in is read with certainty, or asked again; and summed up."""

from dataclasses import replace
from datetime import UTC, datetime

from rows import each_row

from mailflow.core.small_cells import Shown
from mailflow.core.survey import Answers, Asked, blank, per_clb, read_answers, summary

AT = datetime(2027, 5, 3, 9, tzinfo=UTC)
FILLED = "Aantal vragen: 12\nZonder aanbod: 5\nWat ontbreekt: iets voor kleuters\nOpmerkingen: -\n"


@each_row(
    ("text", "counts"),
    [
        (FILLED, (12, 5)),
        ("aantal vragen : ongeveer 12\nZONDER AANBOD:geen", (12, 0)),
        ("Dag\n\n* Aantal vragen: twaalf kinderen\n* Zonder aanbod: nul\n\nGroeten", (12, 0)),
        ("1. Aantal vragen:\n12\n2. Zonder aanbod:\n5 kinderen\n", (12, 5)),
        ("> Aantal vragen: 3\n> Zonder aanbod: 3", (3, 3)),
        ("Aantal vragen: een kind\nZonder aanbod: 1", (1, 1)),
        ("Aantal vragen: 0\nZonder aanbod: 0", (0, 0)),
    ],
)
def test_one_number_behind_each_label(text, counts):
    """In figures or in words, on the line or below it, within our own letter too."""
    read = read_answers(text)

    assert (read.counts["asked"], read.counts["unmet"]) == counts
    assert read.odd == ()


@each_row(
    ("text", "odd"),
    [
        ("", ("Aantal vragen", "Zonder aanbod")),
        (blank(), ("Aantal vragen", "Zonder aanbod")),
        ("Aantal vragen: 10 à 15\nZonder aanbod: 5", ("Aantal vragen",)),
        ("Aantal vragen: 12", ("Zonder aanbod",)),
        ("Aantal vragen: veel\nZonder aanbod: 2", ("Aantal vragen",)),
        ("Aantal vragen: 5\nZonder aanbod: 12", ("Aantal vragen", "Zonder aanbod")),
        ("Wij hadden 12 vragen, voor 5 was er niets.", ("Aantal vragen", "Zonder aanbod")),
    ],
)
def test_what_is_not_certain_is_asked(text, odd):
    """Two numbers, none, or more without an offer than there were."""
    assert read_answers(text).odd == odd


def test_words_end_at_an_empty_line():
    """What stands below is a greeting, or our own letter."""
    read = read_answers(
        "Wat ontbreekt: iets voor kleuters,\nvooral in Halle\n\nGroeten\nAn\nOpmerkingen:\n\nWeet een collega dit beter?"
    )

    assert read.words == {"needs": "iets voor kleuters, vooral in Halle"}


def test_what_is_written_above_counts_before_what_stands_below():
    """A second answer that quotes the first."""
    read = read_answers("Aantal vragen: 7", "Aantal vragen: 12\n> Zonder aanbod: 5\n")

    assert read == Answers(counts={"asked": 7, "unmet": 5})


def test_the_first_of_two_lines_counts():
    """Somebody fills in, and quotes below."""
    assert read_answers("Aantal vragen: 7\nAantal vragen: 8").counts == {"asked": 7}


def told(rows) -> list[tuple[str, ...]]:
    return [(row.label, *(cell.text if isinstance(cell, Shown) else cell for cell in row.cells)) for row in rows]


def test_the_survey_in_tables():
    """Response, counts, words, and what was logged here; small numbers are not shown."""
    silent = Asked(clb="c", asked_at=AT)
    one = Asked(clb="a", asked_at=AT, answered_at=AT, counts={"asked": 12, "unmet": 2}, words={"needs": "kleuters"})
    two = replace(one, clb="b", counts={"asked": 4, "unmet": 1}, words={})

    respons, needs, logged, words = summary([one, two, silent], (6, 3))

    assert told(respons.rows) == [("CLB's gevraagd", "3"), ("geantwoord", "2"), ("respons", "67%")]
    assert [row[1] for row in told(needs.rows)] == ["16", "<5"]
    assert [row[1] for row in told(logged.rows)] == ["6", "<5"]
    assert told(words.rows) == [("Welk aanbod ontbreekt het meest?", "kleuters")]
    assert told(per_clb([one, silent], {"a": "CLB A"}).rows) == [("CLB A", "12", "2"), ("c", "-", "-")]


def test_a_survey_that_nobody_was_asked():
    """No response, and no fault."""
    respons, *_ = summary([], (0, 0))

    assert told(respons.rows)[-1] == ("respons", "-")

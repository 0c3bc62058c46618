"""HTML to label and value pairs: tables, lists and bold labels as mail programs and people make them."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.core.form import labels
from mailflow.core.form_fields import fields_from
from mailflow.reading.documents.html_form import pairs, read
from mailflow.reading.documents.html_lines import MOST_LINES
from mailflow.reading.documents.limits import DocumentLimits

ROOT = Path(__file__).resolve().parents[2]
KNOWN = labels(fields_from(tomllib.loads((ROOT / "config" / "form.toml").read_text(encoding="utf-8"))))
LIMITS = DocumentLimits()
WANTED = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "12/03/2010")]

# fmt: off
SHAPES = {
    "two columns": "<table><tr><td>Voornaam</td><td>Noor</td></tr><tr><td>Achternaam:</td><td>Voorbeeld</td></tr>"
        "<tr><th>Geboortedatum *</th><td>12/03/2010</td></tr></table>",
    "tags that never close": "<table><tr><td>Voornaam<td>Noor<tr><td>Achternaam<td>Voorbeeld<tr><td>Geboortedatum"
        "<td>12/03/2010",
    "four columns": "<table><tr><td>Voornaam</td><td>Noor</td><td>Achternaam</td><td>Voorbeeld</td></tr>"
        "<tr><td>Geboortedatum</td><td>12/03/2010</td><td></td><td></td></tr></table>",
    "a colon of its own": "<table><tr><td>Voornaam</td><td>:</td><td>Noor</td></tr><tr><td>Achternaam</td><td>:</td>"
        "<td>Voorbeeld</td></tr><tr><td>Geboortedatum</td><td>:</td><td>12/03/2010</td></tr></table>",
    "numbered rows": "<table><tr><td>1.</td><td>Voornaam</td><td>Noor</td></tr><tr><td>2.</td><td>Achternaam</td>"
        "<td>Voorbeeld</td></tr><tr><td>3.</td><td>Geboortedatum</td><td>12/03/2010</td></tr></table>",
    "questions in a row": "<table><tr><th>Voornaam</th><th>Achternaam</th><th>Geboortedatum</th></tr>"
        "<tr><td>Noor</td><td>Voorbeeld</td><td>12/03/2010</td></tr></table>",
    "one cell a field": "<table><tr><td>Voornaam: Noor</td><td>Achternaam: Voorbeeld</td></tr>"
        "<tr><td colspan=2>Geboortedatum: 12/03/2010</td></tr></table>",
    "a table in a table": "<table><tr><td><table><tr><td>Voornaam</td><td>Noor</td></tr><tr><td>Achternaam</td>"
        "<td>Voorbeeld</td></tr></table></td></tr><tr><td><p>Geboortedatum: 12/03/2010</p></td></tr></table>",
    "help below the label": "<table><tr><td>Voornaam</td><td>Noor</td></tr><tr><td>Achternaam</td><td>Voorbeeld</td>"
        "</tr><tr><td>Geboortedatum<br><i>dag, maand en jaar van de leerling zelf</i></td><td>12/03/2010</td></tr></table>",
    "a definition list": "<dl><dt>Voornaam</dt><dd>Noor</dd><dt>Achternaam</dt><dd>Voorbeeld</dd><dt>Geboortedatum"
        "<dd>12/03/2010</dl>",
    "Gmail's divs": "<div dir='ltr'><div>Voornaam: Noor</div><div>Achternaam: Voorbeeld</div><div><br></div>"
        "<div>Geboortedatum: 12/03/2010</div></div>",
    "Gmail's indent": "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>Voornaam: Noor<br>"
        "Achternaam: Voorbeeld<br>Geboortedatum: 12/03/2010</blockquote>",
    "Word's paragraphs": "<div class=WordSection1><p class=MsoNormal><b>Voornaam:<o:p></o:p></b>&nbsp;Noor<o:p></o:p></p>"
        "<p class=MsoNormal><b>Achternaam</b>: <span lang=NL>Voorbeeld</span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<p class=MsoNormal><span style='font-weight:bold'>Geboortedatum</span> 12/03/2010</p></div>",
    "Word's table": "<table class=MsoNormalTable><tr><td style='border:solid'><p class=MsoNormal><b>Voornaam<o:p></o:p></b>"
        "</p></td><td><p class=MsoNormal>Noor<o:p></o:p></p></td></tr><tr><td><p>Achternaam</p></td><td><p>Voorbeeld</p>"
        "</td></tr><tr><td><p>Geboortedatum</p></td><td><p>12/03/2010</p></td></tr></table>",
    "bold labels, answers below": "<p><b>Voornaam</b></p><p>Noor</p><p><b>Achternaam</b></p><p>Voorbeeld</p>"
        "<p><strong>Geboortedatum</strong></p><p>&nbsp;</p><p>12/03/2010</p>",
    "a saved form": "<form><p><label>Voornaam</label>: <input value='Noor'></p><p>Achternaam: <input type=text "
        "value='Voorbeeld'></p><p>Geboortedatum: <select><option>01/01/2000<option selected>12/03/2010</select></p></form>",
    "lines in <pre>": "<pre>Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2010</pre>",
    "lists": "<ul><li>Voornaam: Noor</li><li>Achternaam: Voorbeeld</li><li>Geboortedatum: 12/03/2010</li></ul>",
    "what is hidden": "<style>p{}</style><div style='display: none'>Voornaam: Fout</div><!-- Voornaam: Fout -->"
        "<p>Voornaam: Noor<p>Achternaam: Voorbeeld<script>Voornaam</script><p>Geboortedatum: 12/03/2010",
    "right-to-left overrides": "<table><tr><td>\u202eVoornaam</td><td>Noor</td></tr><tr><td>Achternaam</td><td>Voorbeeld"
        "</td></tr><tr><td>Geboortedatum</td><td>12/03/2010</td></tr></table>",
}
# fmt: on


def labelled(found):
    return [(one.label.strip("\u202e"), one.value) for one in found if one.label]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_pairs(shape):
    """However the form is marked up, the same questions have the same answers."""
    assert labelled(read(SHAPES[shape], known=KNOWN).written) == WANTED


def test_an_unknown_question_in_a_form_keeps_its_own_answer():
    """It is named as unknown later, and never runs on into the answer above it."""
    page = "<table><tr><td>Voornaam<td>Noor<tr><td>Achternaam<td>Voorbeeld<tr><td>Hobby's<td>voetbal</table>"

    assert labelled(read(page, known=KNOWN).written)[-1] == ("Hobby's", "voetbal")


def test_headings_stay_between_the_rows():
    """ "Naam" means another field under each heading, so the headings are kept as loose text or empty labels."""
    page = (
        "<h3>Gegevens van de aanmelder</h3><table><tr><td>Naam<td>An Peeters<tr><td>Telefoon<td>016 12 34 56</table>"
        "<h3>Gegevens van de leerling</h3><table><tr><td>Voornaam<td>Noor<tr><td>Naam<td>Voorbeeld</table>"
    )

    read_ = [(one.label or one.value) for one in read(page, known=KNOWN).written]

    assert read_.index("Gegevens van de leerling") == 3


def test_paragraphs_of_an_answer_stay_together():
    """A cell of several paragraphs is one answer of several lines."""
    page = "<table><tr><td>Voornaam<td>Noor<tr><td>Aanleiding<td><p>Komt te laat.</p><ul><li>of niet</ul></table>"

    assert ("Aanleiding", "Komt te laat.\nof niet") in labelled(read(page, known=KNOWN).written)


def test_two_pupils_in_a_table_are_both_read():
    """A row per pupil: every value is given, so that it is asked about and not guessed."""
    page = "<table><tr><th>Voornaam<th>Achternaam<tr><td>Noor<td>Voorbeeld<tr><td>Sam<td>Anders</table>"

    assert labelled(read(page, known=KNOWN).written) == [
        ("Voornaam", "Noor"),
        ("Achternaam", "Voorbeeld"),
        ("Voornaam", "Sam"),
        ("Achternaam", "Anders"),
    ]


def test_words_check_boxes_are_read():
    """Word draws them as letters of a font of pictures, browsers as inputs, people as brackets."""
    word = "<span style='font-family:Wingdings'>þ</span> ja <span style='font-family:Wingdings'>o</span> nee"
    page = (
        f"<table><tr><td>Tolk nodig<td>{word}<tr><td>Leerling akkoord<td><input type=checkbox checked>ja"
        "<input type=checkbox>nee<tr><td>Ouders akkoord<td>[ ] ja [x] nee</table>"
    )

    assert labelled(read(page, known=KNOWN).written) == [
        ("Tolk nodig", "ja"),
        ("Leerling akkoord", "ja"),
        ("Ouders akkoord", "nee"),
    ]


# fmt: off
QUOTES = {
    "Gmail": "<div>Prima zo.</div><div class='gmail_quote'><div class='gmail_attr'>Op ma 23 nov 2026 om 10:02 schreef An "
        "&lt;an@clb.example&gt;:</div><blockquote class='gmail_quote'>{form}</blockquote></div>",
    "Outlook": "<p>Prima zo.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Van:</b> An &lt;an@clb.example"
        "&gt;<br><b>Verzonden:</b> maandag 23 november 2026 10:02<br><b>Aan:</b> x<br><b>Onderwerp:</b> y</p></div>{form}",
    "Outlook on the web": "<div>Prima zo.</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>Van: An</div>{form}",
    "Apple": "<div>Prima zo.</div><blockquote type='cite'>{form}</blockquote>",
    "without any markup": "<p>Prima zo.</p><p>-----Oorspronkelijk bericht-----</p>{form}",
    "an attribution alone": "<p>Prima zo.</p><p>Op 23 november 2026 om 10:02 schreef An &lt;an@clb.example&gt;:</p>{form}",
}
# fmt: on


@pytest.mark.parametrize("program", QUOTES)
def test_what_is_quoted_is_not_the_writers(program):
    """Our own letter below an answer must not come back as the writer's form."""
    page = read(QUOTES[program].format(form=SHAPES["two columns"]), known=KNOWN)

    assert page.written == ()
    assert set(WANTED) <= set(labelled(page.quoted))


def test_a_signature_is_no_form():
    """Name, function and telephone in a table below the greeting give no labelled pair of the form but what it says."""
    page = (
        "<p>Prima zo.</p><p>Met vriendelijke groeten</p><div class='gmail_signature'><table><tr><td>Voornaam</td>"
        "<td>An</td></tr></table></div>"
    )

    assert read(page, known=KNOWN).written == ()


def test_a_document_says_its_own_charset():
    """An attached page has no header to declare it."""
    page = "<html><meta charset='windows-1252'><table><tr><td>Voornaam<td>Zoë</table>".encode("cp1252")

    assert labelled(pairs(page, LIMITS, known=KNOWN)) == [("Voornaam", "Zoë")]


def test_without_a_form_short_words_are_questions():
    """No labels to ask: what begins with a capital and holds no number."""
    assert labelled(pairs(SHAPES["two columns"].encode(), LIMITS)) == [
        ("Voornaam", "Noor"),
        ("Achternaam", "Voorbeeld"),
        ("Geboortedatum", "12/03/2010"),
    ]


def test_cells_beyond_the_limit_are_left_out():
    """A table of a spreadsheet's size ends where the limit ends; what came before it counts."""
    page = "<table>" + "<tr><td>Voornaam<td>Noor" * 100 + "</table>"

    found = pairs(page.encode(), DocumentLimits(cells=20), known=KNOWN)

    assert 5 <= len(found) <= 10


HOSTILE = {
    "divs": "<div>" * 100_000,
    "tables": "<table><tr><td>" * 40_000,
    "cells": "<table><tr>" + "<td>x" * 100_000,
    "rows": "<table>" + "<tr><td>Voornaam<td>x" * 25_000,
    "comments": "<!--" * 100_000,
    "brackets": "<" * 500_000,
    "attributes": "<a " + "x='" * 150_000,
    "entities": "&#x" * 150_000,
    "definitions": "<dl>" + "<dt>Voornaam" * 40_000,
    "bold": "<p><b>vraag nogwat</b>" * 20_000,
    "attributions": "<p>Op ma 3 nov 10:02 schreef " * 15_000,
    "header lines": "<p>Van: a@b.example<p>" * 20_000,
    "blockquotes": "<blockquote>a" * 40_000,
    "other questions": "<table>" + "".join(f"<tr><td>Vraag {n} hierover<td>{n}" for n in range(15_000)),
    "nothing": "",
    "a document type": "<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><p>Voornaam: &c;",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_markup_costs_little(kind):
    """Deep, long, repeated, never closed: nothing is raised, and no more is kept than lines are read."""
    page = read(HOSTILE[kind], known=KNOWN)

    assert len(page.written) + len(page.quoted) <= 2 * MOST_LINES


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["<table>", "<tr>", "<td>", "</td>", "</table>", "<dl>", "<dt>", "<dd>", "</dl>", "<b>",
    "</b>", "<br>", "<p>", "Voornaam", "Noor:", "</tr>", "<blockquote>", "</blockquote>", "<pre>", "\n", "<select>",
    "<option selected>", "&nbsp;", "<h1>", "</div>", "<div id=divRplyFwdMsg>", "\x00", "\ud800"]), max_size=40))  # fmt: skip
def test_no_order_of_tags_breaks_it(tags):
    """Whatever stands where it should not: an answer, never an exception."""
    page = read("".join(tags), known=KNOWN)

    assert all(one.label or one.value for one in (*page.written, *page.quoted))

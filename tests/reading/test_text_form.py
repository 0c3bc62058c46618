"""Plain text to label and value pairs, in every way that people and mail programs write a form."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needs import CORPUS

from mailflow.core.blank_form import blank_form
from mailflow.core.form import SEVERAL, labels, read_form, read_supplement
from mailflow.core.form_fields import MAX_LONG, Field, fields_from
from mailflow.core.mail import Found, Pair
from mailflow.core.places import places_from
from mailflow.core.provider import Provider
from mailflow.core.wording import value_text
from mailflow.reading.documents.text import MAX_LINES, MAX_VALUE, pairs, ticked

ROOT = Path(__file__).resolve().parents[2]
FIELDS = fields_from(tomllib.loads((ROOT / "config" / "form.toml").read_text(encoding="utf-8")))
PLACES = places_from((ROOT / "config" / "postcodes.csv").read_text(encoding="utf-8"))
KNOWN = labels(FIELDS)
TODAY = date(2026, 11, 23)
PROVIDERS = {
    key: Provider(key=key, name=name, address=f"post@{key}.example")
    for key, name in (("naft-vbo", "NAFT Vlaams-Brabant Oost"), ("de-wilg", "Zorgboerderij De Wilg"))
}
WANTED = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "12/03/2010")]


def read(text, known=KNOWN):
    """Labelled pairs only."""
    return [(one.label, one.value) for one in pairs(text, known=known) if one.label]


def form_of(*found):
    return read_form(found, FIELDS, providers=PROVIDERS, places=PLACES, today=TODAY)


def written_down(answers):
    return Found(source="text", pairs=tuple(Pair(label, value, line) for line, (label, value) in enumerate(answers, 1)))


SHAPES = {
    "plain": "Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2010",
    "spaced colons": "Voornaam : Noor\nAchternaam :Voorbeeld\nGeboortedatum:12/03/2010",
    "crlf": "Voornaam: Noor\r\nAchternaam: Voorbeeld\r\nGeboortedatum: 12/03/2010\r\n",
    "no-break spaces": "\ufeffVoornaam\xa0:\xa0Noor\nAchternaam:\u202fVoorbeeld\nGeboortedatum:\u200b 12/03/2010",
    "bullets": "- Voornaam: Noor\n• Achternaam: Voorbeeld\n* Geboortedatum: 12/03/2010",
    "numbered": "1. Voornaam: Noor\n2) Achternaam: Voorbeeld\n(3) Geboortedatum: 12/03/2010",
    "quoted": "> Voornaam: Noor\n> Achternaam: Voorbeeld\n> Geboortedatum: 12/03/2010",
    "quoted twice": ">> Voornaam: Noor\n> > Achternaam: Voorbeeld\n>>Geboortedatum: 12/03/2010",
    "tabs before colons": "Voornaam\t: Noor\nAchternaam\t\t: Voorbeeld\nGeboortedatum\t:12/03/2010",
    "tabs": "Voornaam:\tNoor\nAchternaam:\t\tVoorbeeld\nGeboortedatum:\t12/03/2010",
    "tab columns": "Voornaam\tNoor\nAchternaam\tVoorbeeld\nGeboortedatum\t12/03/2010",
    "aligned columns": "Voornaam          Noor\nAchternaam        Voorbeeld\nGeboortedatum     12/03/2010",
    "outlook stars": "*Voornaam:* Noor\n*Achternaam*: Voorbeeld\n**Geboortedatum:** 12/03/2010",
    "stars all around": "*Voornaam: Noor*\n*Achternaam:* *Voorbeeld*\n_Geboortedatum_: 12/03/2010",
    "value below": "Voornaam:\nNoor\nAchternaam:\nVoorbeeld\nGeboortedatum:\n12/03/2010",
    "double spaced": "Beste,\n\nHier.\n\nVoornaam:\n\nNoor\n\nAchternaam:\n\nVoorbeeld\n\nGeboortedatum:\n\n12/03/2010",
}
KNOWN_SHAPES = {
    "pipes": "| Voornaam | Noor |\n| Achternaam | Voorbeeld |\n| Geboortedatum | 12/03/2010 |",
    "dot leaders": "Voornaam ........ Noor\nAchternaam …… Voorbeeld\nGeboortedatum ____ 12/03/2010",
    "name=value": "Voornaam=Noor\nAchternaam = Voorbeeld\nGeboortedatum=12/03/2010",
    "dashes": "Voornaam - Noor\nAchternaam – Voorbeeld\nGeboortedatum — 12/03/2010",
    "labels without colon": "Voornaam\nNoor\nAchternaam\nVoorbeeld\nGeboortedatum\n12/03/2010",
    "labels without colon, apart": "Voornaam\nNoor\n\nAchternaam\nVoorbeeld\n\nGeboortedatum\n12/03/2010",
    "four columns": "Voornaam: Noor\tAchternaam: Voorbeeld\nGeboortedatum:   12/03/2010",
    "four columns without colon": "Voornaam\tNoor\tAchternaam\tVoorbeeld\nGeboortedatum\t12/03/2010",
    "answers between quoted labels": "> Voornaam:\nNoor\n> Achternaam:\nVoorbeeld\n> Geboortedatum:\n12/03/2010",
    "capitals": "VOORNAAM\nNoor\nACHTERNAAM\nVoorbeeld\nGEBOORTEDATUM\n12/03/2010",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_ordinary_shapes_need_no_form(shape):
    """Each of these is read without knowing the fields, and the same with them."""
    expected = [(label, value) for label, value in WANTED]

    assert read(SHAPES[shape], known=None) == expected
    assert read(SHAPES[shape]) == expected


@pytest.mark.parametrize("shape", KNOWN_SHAPES)
def test_unusual_shapes_are_read_where_the_labels_are_known(shape):
    """Splitting them is safe only then."""
    found = read(KNOWN_SHAPES[shape])

    assert [(label.capitalize(), value) for label, value in found] == WANTED


def test_lines_are_counted_from_one():
    """The line of the label, so that `inspect` can point at it."""
    assert pairs("Beste,\n\nVoornaam: Noor\nAchternaam: Voorbeeld") == (
        Pair("", "Beste,", 1),
        Pair("Voornaam", "Noor", 3),
        Pair("Achternaam", "Voorbeeld", 4),
    )


def test_a_question_with_its_answer_on_one_line():
    """A question mark ends a known label."""
    assert read("Is de leerling ingeschreven? ja\nWeet jij het? nee") == [
        ("Is de leerling ingeschreven", "ja\nWeet jij het? nee")
    ]


def test_values_run_on_until_a_label_or_an_empty_line():
    """Wrapped lines belong to the value; a time, a web address and an aside are no labels."""
    text = (
        "Aanleiding: hij komt om\n8:30 uur niet meer naar\nschool.\nLet op: bang.\nhttps://clb.example/x: zie daar\n"
        "Mama zegt: thuis gaat het\n"
        "dus: alleen daar\nHij zei, en dat klopt: nooit\n\nTweede alinea.\n\nVoornaam: Noor"
    )

    assert read(text) == [
        (
            "Aanleiding",
            "hij komt om\n8:30 uur niet meer naar\nschool.\nLet op: bang.\nhttps://clb.example/x: zie daar\n"
            "Mama zegt: thuis gaat het\n"
            "dus: alleen daar\nHij zei, en dat klopt: nooit",
        ),
        ("Voornaam", "Noor"),
    ]
    assert Pair("", "Tweede alinea.", 10) in pairs(text, known=KNOWN)


def test_unknown_labels_are_pairs_too():
    """The form decides what they are; a long sentence with a colon is none."""
    assert read("Schoenmaat: 38\nVoornaam: Noor") == [("Schoenmaat", "38"), ("Voornaam", "Noor")]
    assert read("Voornaam: Noor\nWat ik nog wilde zeggen over hem: niets") == [
        ("Voornaam", "Noor\nWat ik nog wilde zeggen over hem: niets")
    ]
    assert read("schoenmaat: 38", known=None) == [("schoenmaat", "38")]


def test_a_signature_is_no_answer():
    """Nothing under a farewell joins a value, and its phone is no pair."""
    text = (
        "Voornaam: Noor\nAanleiding: vraag\n\nMet vriendelijke groeten\nAn Peeters\nTel: 016 12 34 56\n"
        "E-mail: an@clb.example\n\n> Achternaam: Voorbeeld"
    )

    assert read(text) == [("Voornaam", "Noor"), ("Aanleiding", "vraag"), ("Achternaam", "Voorbeeld")]


def test_an_empty_label_stays_empty():
    """A blank form has no values: neither the next heading nor a farewell is one."""
    blank = (
        "Voornaam:\n\n== School ==\n\nNaam van de school:\n\nOUDERS EN VOOGD\n\n"
        "Aanleiding:\n\nMet vriendelijke groeten\n\nAn"
    )

    assert [value for _, value in read(blank) if value] == []


def test_a_heading_in_capitals_under_an_empty_label_is_a_label():
    """Though no empty line stands between."""
    assert read("Voornaam:\nSCHOOL\nNaam: Atheneum") == [("Voornaam", ""), ("SCHOOL", ""), ("Naam", "Atheneum")]


def test_a_value_may_look_like_a_label():
    """Under a label that waits, "Leerling" is the answer; as a wrapped word it is part of the answer."""
    assert read("Aanmelding voor:\nLeerling\nVoornaam: Noor") == [("Aanmelding voor", "Leerling"), ("Voornaam", "Noor")]
    assert read("Aanleiding: hij mijdt de\nSchool") == [("Aanleiding", "hij mijdt de\nSchool")]


def test_a_value_does_not_cross_a_change_of_quoting():
    """What stands at another depth was written by somebody else."""
    assert read("> Aanleiding: vraag\nDank je!") == [("Aanleiding", "vraag")]


def test_a_question_wrapped_within_its_hint_is_whole_again():
    """Mail programs break long lines when they quote."""
    assert read("> Fase van het zorgcontinuüm (brede basiszorg / verhoogde\n> zorg): verhoogde zorg\n") == [
        ("Fase van het zorgcontinuüm (brede basiszorg / verhoogde zorg)", "verhoogde zorg")
    ]
    assert read("Voornaam (zie ook\n\nAchternaam: Voorbeeld") == [("Achternaam", "Voorbeeld")]


def test_a_colon_inside_a_hint_is_not_the_end_of_the_label():
    """Unless the parenthesis is never closed."""
    assert read("Geslacht (kies: m/v/x): m") == [("Geslacht (kies: m/v/x)", "m")]
    assert read("Geslacht (kies: m") == [("Geslacht (kies", "m")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[x] ja [ ] nee", "ja"), ("[ ] ja [X] nee", "nee"), ("[ ] ja [ ] nee", ""), ("☒ ja ☐ nee", "ja"),
        ("☐ ja ☑ nee", "nee"), ("(x) ja ( ) nee", "ja"),
        ("ja [x] nee [ ]", "ja"), ("ja ☐ nee ☒", "nee"), ("[ ] vrij\n[x] GO!\n[ ] officieel", "GO!"),
        ("- [x] vrij\n- [x] GO!", "vrij, GO!"),
        ("[x]", "ja"), ("[ ]", ""), ("✓", "ja"), ("[ ] ja [x] nee, nog niet", "nee, nog niet"),
        ("zie (x) in bijlage", "zie (x) in bijlage"),
        ("ja", "ja"), ("", ""), ("[naam]", "[naam]"), ("f() doet niets", "f() doet niets"),
    ],
)  # fmt: skip
def test_ticked_boxes_give_their_words(value, words):
    """Before or after the words, on one line or several; none ticked says nothing."""
    assert ticked(value) == words


def test_boxes_in_a_form():
    """In a value, and below a label."""
    assert read("Ouders akkoord: [x] ja [ ] nee\nOnderwijsnet:\n[ ] vrij\n[x] GO!\n") == [
        ("Ouders akkoord", "ja"),
        ("Onderwijsnet", "GO!"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "Beste, hoe gaat het?\nTot morgen om 10:30.",
        ":",
        "::::",
        "12:30",
        "http://x.example",
        " \t ",
        ">>>>",
        "* *",
    ],
)
def test_text_without_labels_holds_no_pairs(text):
    """An ordinary mail is no form."""
    assert pairs(text) == ()
    assert pairs(text, known=KNOWN) == ()


def test_a_real_mail_is_read_to_the_end():
    """Form and pairs together: greeting, aligned lines, wrapped reason with paragraphs, signature."""
    text = """Beste meldpunt,

Hierbij een nieuwe aanmelding, alvast bedankt!

CONTACTGEGEVENS AANMELDER
Naam:            An Peeters
Tel.:            016 12 34 56
E-mail:          an.peeters@clb.example
CLB:             VCLB Leuven

LEERLING
Naam:            Voorbeeld
Voornaam:        Noor
Geb. datum:      12/3/'10          Geslacht: v
Woonplaats:      3010 Kessel-Lo
School:          Atheneum Voorbeeld (1000 Brussel)

Ouders akkoord   [x] ja  [ ] nee
Gewenst project  geen voorkeur
Aanleiding:      Noor komt al weken niet meer. Mama
zegt: het lukt niet.

Op school gaat het ook niet goed, de klas is te druk.

Met vriendelijke groeten,
An

Tel: 016 99 99 99
"""

    form = form_of(Found(source="text", pairs=pairs(text, known=KNOWN)))

    assert form.values == {
        "referrer_name": "An Peeters",
        "clb": "VCLB Leuven",
        "referrer_email": "an.peeters@clb.example",
        "referrer_phone": "+3216123456",
        "subject_kind": "pupil",
        "first_name": "Noor",
        "last_name": "Voorbeeld",
        "birth_date": "2010-03-12",
        "gender": "female",
        "postcode": "3010",
        "municipality": "Leuven",
        "school_name": "Atheneum Voorbeeld (1000 Brussel)",
        "agreed_guardians": "yes",
        "reason": "Noor komt al weken niet meer. Mama\nzegt: het lukt niet.\n\n"
        "Op school gaat het ook niet goed, de klas is te druk.",
        "provider": "none",
    }
    assert (form.missing, form.odd) == ((), ())


# --- the blank form -------------------------------------------------------------------------------------------------


def test_the_blank_form_is_no_form():
    """Mailed back as it is, it says nothing."""
    form = blank_form(FIELDS, PROVIDERS)

    assert form_of(Found(source="text", pairs=pairs(form, known=KNOWN))) is None
    assert "Geboortedatum * (dag/maand/jaar):" in form
    assert "NAFT Vlaams-Brabant Oost" in form
    assert max(len(line) for line in form.split("\n")) < 160


def test_a_question_that_grows_too_long_loses_its_hint():
    """Then it still reads back."""
    fields = [replace(one, hint="uitleg " * 40) if one.key == "clb" else one for one in FIELDS]

    assert "\nCLB *:\n" in blank_form(fields, {})


def test_a_field_without_a_group_stands_under_no_empty_heading():
    fields = (Field(key="a", label="Een", group="Leerling"), Field(key="b", label="Twee"))

    assert "== Leerling ==\n\nEen:\n\nTwee:\n" in blank_form(fields, {})
    assert blank_form(fields, {}).count("==") == 2


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéëïöüçàABCDEFG'-", min_size=2, max_size=12).filter(
    lambda w: w.strip("'-") == w
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
SENTENCES = st.lists(WORDS.map("qq{}".format), min_size=5, max_size=12).map(lambda words: " ".join(words) + ".")
HOMES = st.sampled_from([(place.postcode, place.municipality) for place in PLACES])


def answers_of(one):
    match one.kind:
        case "name" | "text":
            return NAMES.map("Zz{}".format)
        case "long":
            return st.lists(SENTENCES, min_size=1, max_size=3).map("\n".join) | st.lists(
                SENTENCES, min_size=2, max_size=3
            ).map("\n\n".join)
        case "date":
            return st.dates(date(2004, 1, 1), date(2023, 1, 1)).map(date.isoformat)
        case "phone":
            return st.integers(10_00_00, 99_99_99).map("+32475{}".format) | st.integers(10_00_00, 99_99_99).map(
                "+3216{}".format
            )
        case "email":
            return st.from_regex(r"[a-z]{1,10}(\.[a-z]{1,10})?@[a-z]{2,10}\.example", fullmatch=True)
        case "postcode":
            return st.sampled_from([place.postcode for place in PLACES] + ["1000", "2800"])
        case "yes_no":
            return st.sampled_from(["yes", "no"])
        case "choice":
            return st.sampled_from(sorted(one.choices))
        case _:
            return st.sampled_from([*PROVIDERS, "none"])


ANSWERS = st.fixed_dictionaries(
    {
        "first_name": NAMES.map("Zz{}".format),
        "reason": SENTENCES,
        "school_name": NAMES.map("Zz{}".format),
        "subject_kind": st.just("pupil"),
        "home": HOMES,
    },
    optional={
        one.key: answers_of(one)
        for one in FIELDS
        if one.key not in ("first_name", "reason", "school_name", "subject_kind", "postcode", "municipality")
    },
)


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.sampled_from(["plain", "quoted", "wrapped", "prefilled"]))
def test_a_filled_in_form_reads_back(generated, how):
    """Every field equal, whether filled in by hand, quoted in a reply, wrapped on the way, or filled in by us."""
    answers = {key: value for key, value in generated.items() if key != "home"}
    answers["postcode"], answers["municipality"] = generated["home"]

    text = filled_in(answers, how)
    form = form_of(Found(source="text", pairs=pairs(text, known=KNOWN)))

    assert {key: spaceless(value) for key, value in form.values.items()} == {
        key: spaceless(value) for key, value in answers.items()
    }
    assert form.odd == ()


def filled_in(answers, how):
    if how == "prefilled":
        return blank_form(FIELDS, PROVIDERS, values=answers)
    lines = []
    for line in blank_form(FIELDS, PROVIDERS).split("\n"):
        fitting = [one for one in FIELDS if line.endswith(":") and line.startswith((f"{one.label} ", f"{one.label}:"))]
        one = max(fitting, key=lambda one: len(one.label), default=None)
        answer = value_text(one, answers[one.key], PROVIDERS) if one and one.key in answers else ""
        whole = f"{line} {answer}".rstrip()
        if how == "wrapped" and len(line) > 72 and "(" in line[:60]:
            cut = line.rindex(" ", 0, 72)
            whole = f"{line[:cut]}\n{line[cut + 1 :]} {answer}".rstrip()
        lines += whole.split("\n")
    mark = "> " if how == "quoted" else ""
    return "\n".join(f"{mark}{line}".rstrip() for line in lines)


def spaceless(value):
    return " ".join(value.split())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([label for one in FIELDS for label in (*one.labels, *one.short)]) | st.text(max_size=30),
            st.text(max_size=60),
        )
    )
)
def test_nothing_in_a_form_can_break_the_reading(written):
    """Whatever stands behind whatever label: no exception, and only clean values of known fields."""
    form = read_supplement([written_down(written)], FIELDS, providers=PROVIDERS, places=PLACES, today=TODAY)

    if form:
        assert set(form.values) <= {one.key for one in FIELDS}
        assert all(value and "\r" not in value and "\x00" not in value for value in form.values.values())
        assert {odd.field for odd in form.odd} <= {one.key for one in FIELDS} | {SEVERAL}


# --- limits ---------------------------------------------------------------------------------------------------------


def test_values_and_lines_are_bounded():
    """The rest is left out; the mail itself is kept elsewhere."""
    (long,) = pairs("Aanleiding: " + "a" * 300_000, known=KNOWN)
    (many,) = pairs("Aanleiding: x\n" + ("b" * 999 + "\n") * 300, known=KNOWN)
    lines = pairs("Voornaam: Noor\n" * (MAX_LINES + 10), known=KNOWN)

    assert len(long.value) == MAX_VALUE
    assert len(many.value) <= MAX_VALUE
    assert len(lines) == MAX_LINES


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 100_000, ":" * 100_000, "[" * 100_000, "(" * 100_000, "[ ]" * 30_000, "Akkoord: " + "[x] ja " * 15_000,
        " " * 100_000 + ":", "\t" * 100_000,
        "|" * 100_000, "." * 100_000, ">" * 100_000, "> " * 50_000, "*" * 100_000, "- " * 50_000, "1." * 50_000,
        ("Voornaam (" + "\n") * 5_000,
        "Aanleiding: x\n" + ("a  " * 600 + "\n") * 60, ("Onbekend label: x\n") * 5_000, ("Vornaam xy: 1\n") * 5_000,
        "".join(f"Label {n} abcdefgh: x\n" for n in range(5_000)), "\n" * 100_000, ("[x]\n" * 20_000),
        "Aanleiding: " + "e\u0301\u0327" * 30_000,
        ("\n \n\t" * 20_000), "Voornaam: " + "1 " * 50_000, "Adres: " + "1000 " * 20_000,
        "E-mail ouders: " + "a@" * 50_000, "E-mail ouders: " + "a." * 50_000,
        "Telefoon ouders: " + "0475 12 34 56 " * 7_000, "Geboortedatum: " + "1/" * 50_000,
        "Aanbieder: " + "naft " * 20_000, "Opmerkingen: " + "12.12.12-" * 11_000,
    ],
    ids=range(32),
)  # fmt: skip
def test_hostile_text_is_read_in_no_time(hostile):
    """A hundred kilobytes of anything, form included; a reader that is not linear would still be at it."""
    found = Found(source="text", pairs=pairs(hostile, known=KNOWN))

    form = form_of(found)

    assert all(len(one.value) <= MAX_VALUE for one in found.pairs)
    assert form is None or all(len(value) <= MAX_LONG for value in form.values.values())


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("aZ1:.>*-|\t \n[]x()☐=_?•\r\x00\ud800\u202e")), max_size=200)
    | st.text(max_size=200)
)
def test_any_text_is_read(text):
    """Never an exception, and labels are one line."""
    for known in (None, KNOWN):
        found = pairs(text, known=known)
        assert all("\n" not in one.label and one.line >= 1 for one in found)


@pytest.mark.usefixtures("corpus")
def test_real_mails_hold_no_form_and_break_nothing():
    """Hundreds of mails, replies and bounces, read as text: no exception, and none of them is a referral."""
    forms = []
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and path.stat().st_size < 300_000:
            found = Found(source="text", pairs=pairs(path.read_bytes().decode("utf-8", "replace"), known=KNOWN))
            if form_of(found):
                forms.append(path.name)

    assert forms == []

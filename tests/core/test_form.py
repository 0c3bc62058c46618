"""Pairs become a referral: labels, values, what is odd, what is missing and supplements."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from rows import each_row

from mailflow.core.form import ASSUMED, SEVERAL, Form, Odd, complete, labels, merge, read_form, read_supplement
from mailflow.core.form_dates import date_inside, read_date
from mailflow.core.form_fields import MAX_LINE, MAX_LONG, NEEDED, fields_from
from mailflow.core.form_labels import Labels
from mailflow.core.form_values import clean, read_phone
from mailflow.core.mail import Found, Pair
from mailflow.core.places import places_from
from mailflow.core.provider import Provider

CONFIG = Path(__file__).resolve().parents[2] / "config"
TABLE = tomllib.loads((CONFIG / "form.toml").read_text(encoding="utf-8"))
FIELDS = fields_from(TABLE)
PLACES = places_from((CONFIG / "postcodes.csv").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 23)
PROVIDERS = {
    one.key: one
    for one in (
        Provider(
            key="naft-vbo", name="NAFT Vlaams-Brabant Oost", address="vbo@naft.example", synonyms=("NAFT VBO", "NAFT"),
            regions=frozenset({"VBO"}), minimum_age=12,
        ),
        Provider(
            key="naft-ahv", name="NAFT Asse-Halle-Vilvoorde", address="ahv@naft.example", synonyms=("NAFT AHV", "NAFT"),
            regions=frozenset({"AHV"}), minimum_age=12,
        ),
        Provider(
            key="de-wilg", name="Zorgboerderij De Wilg", address="hoeve@dewilg.example", synonyms=("De Wilg",),
            minimum_age=6,
        ),
    )
}  # fmt: skip
PUPIL = {
    "Aanmelder": "An Peeters",
    "CLB": "VCLB Leuven",
    "E-mail aanmelder": "an.peeters@clb.example",
    "Telefoon aanmelder": "016 12 34 56",
    "Voornaam": "Noor",
    "Achternaam": "Voorbeeld",
    "Geboortedatum": "12/03/2010",
    "Postcode": "3000",
    "Gemeente": "Leuven",
    "School": "Atheneum Voorbeeld",
    "Ouders akkoord": "ja",
    "Aanleiding": "Komt al weken niet meer.",
    "Aanbieder": "NAFT VBO",
}


def source(answers, name="text"):
    listed = answers.items() if isinstance(answers, dict) else answers
    return Found(source=name, pairs=tuple(Pair(label, value, line) for line, (label, value) in enumerate(listed, 1)))


def read(*found, how=read_form, providers=PROVIDERS):
    return how(
        [one if isinstance(one, Found) else source(one) for one in found],
        FIELDS,
        providers=providers,
        places=PLACES,
        today=TODAY,
    )


def read_one(label, value):
    """The form of a pupil's first two fields, and this one."""
    return read({"Voornaam": "Noor", "Naam van de school": "Atheneum", label: value})


def whys(form):
    return {odd.field: odd.why for odd in form.odd}


# --- what is a form -------------------------------------------------------------------------------------------------


def test_a_whole_form_is_read():
    """Every label of an ordinary form becomes its normalised value, and nothing is missing."""
    form = read(PUPIL)

    assert form.values == {
        "referrer_name": "An Peeters",
        "clb": "VCLB Leuven",
        "referrer_email": "an.peeters@clb.example",
        "referrer_phone": "+3216123456",
        "subject_kind": "pupil",
        "first_name": "Noor",
        "last_name": "Voorbeeld",
        "birth_date": "2010-03-12",
        "postcode": "3000",
        "municipality": "Leuven",
        "school_name": "Atheneum Voorbeeld",
        "agreed_guardians": "yes",
        "reason": "Komt al weken niet meer.",
        "provider": "naft-vbo",
    }
    assert (form.missing, form.odd, form.source) == ((), (), "text")
    assert form.sources["subject_kind"] == ASSUMED
    assert list(form.values) == [one.key for one in FIELDS if one.key in form.values]


@each_row(
    "answers",
    [
        {},
        {"Voornaam": "Noor", "Achternaam": "Voorbeeld"},
        {"Voornaam": "", "Achternaam": "-", "Geboortedatum": "....", "Aanleiding": "n.v.t."},
        {
            "Naam van de aanmelder": "An",
            "CLB": "VCLB",
            "E-mail CLB": "an@clb.example",
            "Telefoon CLB": "016123456",
            "School": "X",
        },
        {"Favoriete kleur": "blauw", "Hobby": "lezen", "Lievelingseten": "friet"},
    ],
)
def test_too_little_is_no_form(answers):
    """Fewer than three real values, a blank form and a signature are no form."""
    assert read(answers) is None


def test_an_odd_value_counts_as_real():
    """A birth date that cannot be read still shows that a form was filled in."""
    form = read({"Voornaam": "Noor", "Achternaam": "Voorbeeld", "Geboortedatum": "morgen"})

    assert "birth_date" in form.missing
    assert "birth_date" in whys(form)
    assert "morgen" not in whys(form)["birth_date"]


def test_no_sources_are_no_form():
    """A mail without pairs holds no form and no supplement."""
    assert read() is None
    assert read(how=read_supplement) is None


# --- labels ---------------------------------------------------------------------------------------------------------


@each_row(
    ("label", "key"),
    [
        ("VOORNAAM", "first_name"),
        ("voornaam leerling *", "first_name"),
        ("Vornaam", "first_name"),
        ("Geb. datum", "birth_date"),
        ("Geb.datum (dd/mm/jjjj)", "birth_date"),
        ("Gebortedatum", "birth_date"),
        ("Tel. van de ouders", "guardian_phone"),
        ("GSM-nummer ouder(s)", "guardian_phone"),
        ("Contactpersoon CLB", "referrer_name"),
        ("Reden van de aanmelding", "reason"),
        ("Hulpvraag", "reason"),
        ("School naam", "school_name"),
        ("3. Akkoord ouders?", "agreed_guardians"),
        ("Naam vd school", "school_name"),
        ("Aanmelding voor", "subject_kind"),
        ("Aanmelding", ""),
        ("Aanmeldingen", ""),
        ("Remediering, preventief of compenserend", ""),
        ("Fase zorgcontinuum", "care_phase"),
        ("birth_date", "birth_date"),
        ("Telefoon", ""),
        ("Naam", ""),
        ("Kleur", ""),
        ("x" * 500, ""),
        ("", ""),
        ("***", ""),
    ],
)
def test_labels_are_recognised(label, key):
    """Case, accents, punctuation, little words, order and small errors do not matter; short labels need company."""
    assert "".join(Labels(FIELDS).meaning(label).keys) == key


def test_every_label_of_the_form_means_its_own_field():
    """No label or synonym is taken by another field or lost between two."""
    known = Labels(FIELDS)

    assert {
        (label, one.key, known.meaning(label).keys)
        for one in FIELDS
        for label in one.labels
        if known.meaning(label).keys != (one.key,)
    } == set()


def test_known_labels_tell_a_reader():
    """The predicate for readers knows short labels too, and nothing else."""
    known = labels(FIELDS)

    assert [known("Geboortedatum"), known("Naam"), known("Telefoon"), known("Let op")] == [True, True, True, False]


def test_a_label_between_two_fields_is_odd():
    """A typing error that is as near to two fields is asked, never guessed."""
    fields = fields_from(broken(aaa={"label": "Kamertje"}, bbb={"label": "Kamerrje"}))
    answers = source({"Kamertrje": "x", "Voornaam": "Noor", "Achternaam": "Voorbeeld"})

    read_it = read_form([answers], fields, providers={}, places=(), today=TODAY)

    assert {"aaa", "bbb"} <= set(whys(read_it))
    assert not {"aaa", "bbb"} & set(read_it.values)


def test_unknown_labels_are_told_and_not_kept():
    """What is no field is named, without its answer."""
    form = read(PUPIL | {"Schoenmaat": "38"})

    assert form.unknown == ("Schoenmaat",)
    assert "38" not in form.values.values()


def test_headings_settle_short_labels():
    """Under "Gegevens van de school", "Naam" is the name of the school."""
    form = read(
        [
            ("", "1. Gegevens van de aanmelder"), ("Naam", "An Peeters"), ("E-mail", "an@clb.example"),
            ("Telefoon", "016 12 34 56"),
            ("LEERLING", ""), ("Naam", "Voorbeeld"), ("Voornaam", "Noor\nSCHOOL"),
            ("Naam", "Atheneum"), ("Postcode", "1000"),
            ("Ouders", ""), ("Naam", "Mama"), ("Telefoon", "0475 12 34 56"),
        ]
    )  # fmt: skip

    assert form.values["referrer_name"] == "An Peeters"
    assert (form.values["first_name"], form.values["last_name"]) == ("Noor", "Voorbeeld")
    assert (form.values["school_name"], form.values["school_postcode"]) == ("Atheneum", "1000")
    assert (form.values["guardian_name"], form.values["guardian_phone"]) == ("Mama", "+32475123456")
    assert "postcode" not in form.values


def test_neighbours_settle_short_labels():
    """Without headings, "Telefoon" belongs to the one named before it, "Naam" to the "Voornaam" beside it."""
    form = read(
        [
            ("CLB", "VCLB"),
            ("Telefoon", "016 12 34 56"),
            ("School", "Atheneum"),
            ("Naam", "Voorbeeld"),
            ("Voornaam", "Noor"),
        ],
    )
    first = read([("E-mail", "an@clb.example"), ("CLB", "VCLB"), ("Voornaam", "Noor"), ("Achternaam", "Voorbeeld")])

    assert form.values["referrer_phone"] == "+3216123456"
    assert (form.values["last_name"], form.values["school_name"]) == ("Voorbeeld", "Atheneum")
    assert first.values["referrer_email"] == "an@clb.example"


def test_loose_paragraphs_join_a_long_answer():
    """A second paragraph belongs to the reason; a heading and a paragraph under a short answer do not."""
    form = read(
        [("Voornaam", "Noor"), ("", "Een losse zin die nergens bij hoort."), ("Achternaam", "Voorbeeld"),
         ("Aanleiding", "Eerst dit."), ("", "Daarna dat, en nog wat meer."), ("", "Deel twee"), ("School", "Atheneum")]
    )  # fmt: skip

    assert form.values["reason"] == "Eerst dit.\n\nDaarna dat, en nog wat meer."
    assert form.values["first_name"] == "Noor"


# --- values ---------------------------------------------------------------------------------------------------------


@each_row(
    "written",
    [
        "12/3/2010", "12-03-'10", "12-03-10", "12 maart 2010", "2010-03-12", "12.03.2010", "12 / 03 / 2010",
        "12 mrt. 2010", "12de maart 2010",
        "vrijdag 12 maart 2010", "geboren op 12/03/2010", "° 12/03/2010", "12/03/2010 (16 jaar)", "2010/3/12",
        "12 3 2010", "12 MAART 2010",
        "12/03/2010 00:00:00", "2010-03-12T00:00:00Z", "12-maart-2010", "12 maart '10",
    ],
)  # fmt: skip
def test_birth_dates_are_read(written):
    """Every usual way to write a day in Dutch, day before month."""
    assert read_one("Geboortedatum", written).values["birth_date"] == "2010-03-12"


@each_row(
    "written",
    [
        "morgen", "31/02/2010", "12/31/2010", "12/03", "maart 2010", "2010", "12/03/2030", "12/03/1980", "12/03/2025",
        "0/0/2010", "12 foo 2010",
        "12/03/2010 of 13/03/2010", "13 jaar", "12032010", "00/00/0000", "1/1/9999", "١٢/٠٣/٢٠١٠x",
    ],
)  # fmt: skip
def test_impossible_birth_dates_are_odd(written):
    """Impossible, incomplete, future and unlikely birth dates are asked, never guessed, never repeated."""
    form = read_one("Geboortedatum", written)

    assert "birth_date" not in form.values
    assert "birth_date" in form.missing
    assert written not in whys(form)["birth_date"]


@each_row(
    ("born", "fine"),
    [
        (TODAY - timedelta(days=912), False),
        (TODAY - timedelta(days=913), True),
        (TODAY - timedelta(days=9131), True),
        (TODAY - timedelta(days=9132), False),
    ],
)
def test_pupils_are_between_two_and_a_half_and_twenty_five(born, fine):
    """The youngest starts in kindergarten."""
    assert ("birth_date" in read_one("Geboortedatum", born.isoformat()).values) is fine


def test_a_date_other_than_a_birth_is_held_against_today():
    """An agreement lies in the past, leaving a school may lie ahead; a year far off is asked."""
    assert read_one("Akkoord op", "20/11/26").values["agreed_on"] == "2026-11-20"
    assert "agreed_on" in whys(read_one("Akkoord op", "24/11/2026"))
    assert read_one("Uitgeschreven op", "24/12/2026").values["last_school_left_on"] == "2026-12-24"
    assert "last_school_left_on" in whys(read_one("Uitgeschreven op", "24/12/3026"))
    assert read_date("1/1/1999", TODAY, future=True).text == "1999-01-01"


@each_row(
    ("written", "number"),
    [
        ("016 12 34 56", "+3216123456"), ("016/12.34.56", "+3216123456"), ("0475 12 34 56 (na 16u)", "+32475123456"),
        ("+32 (0)475 12 34 56", "+32475123456"), ("0032 475 12 34 56", "+32475123456"),
        ("tel. 02 512 34 56", "+3225123456"),
        ("+31 6 12345678", "+31612345678"),
    ],
)  # fmt: skip
def test_phones_become_international(written, number):
    """Belgian notations, and foreign ones with their country."""
    assert read_phone(written).text == number


def test_the_same_number_twice_is_one_number():
    """However it is written."""
    assert read_phone("016 12 34 56 of +32 16 12 34 56").why == ""


@each_row("written", ["123", "vraag aan mama", "06-12345678", "016 12 34"])
def test_bad_phones_are_odd(written):
    """No valid number is no value; a parent's phone never holds the referral."""
    form = read_one("Telefoon ouders", written)

    assert "guardian_phone" in whys(form)
    assert "guardian_phone" in form.wanted
    assert "guardian_phone" not in form.missing


def test_of_several_numbers_or_addresses_the_first_is_kept():
    """It is said, and nothing is held for it."""
    form = read(
        PUPIL
        | {"Telefoon aanmelder": "016 12 34 56 of 0475 12 34 56", "E-mail aanmelder": "a@clb.example; b@clb.example"}
    )

    assert (form.values["referrer_phone"], form.values["referrer_email"]) == ("+3216123456", "a@clb.example")
    assert set(whys(form)) == {"referrer_phone", "referrer_email"}
    assert form.missing == ()


@each_row(
    ("written", "address"),
    [
        ("an@clb.example", "an@clb.example"),
        ("An <An.P@clb.example>", "An.P@clb.example"),
        ("an@clb.example<mailto:an@clb.example>", "an@clb.example"),
    ],
)
def test_a_mail_address_is_found_in_what_stands_beside_it(written, address):
    """With a name, brackets or Outlook's link beside it."""
    assert read_one("E-mail ouders", written).values["guardian_email"] == address


@each_row("written", ["an at clb", "an@", "@clb.example", "an@clb"])
def test_bad_mail_addresses_are_odd(written):
    """Half an address is asked."""
    assert "guardian_email" in whys(read_one("E-mail ouders", written))


@each_row(
    ("written", "value"),
    [
        ("ja", "yes"), ("JA!", "yes"), ("x", "yes"), ("Ja, beide ouders", "yes"), ("ja (mondeling)", "yes"),
        ("akkoord", "yes"), ("oui", "yes"),
        ("nee", "no"), ("Neen", "no"), ("nog niet", "no"), ("nee, nog niet besproken", "no"),
    ],
)  # fmt: skip
def test_yes_and_no_in_words(written, value):
    """As people write it."""
    assert read_one("Ouders akkoord", written).values["agreed_guardians"] == value


@each_row("written", ["ja, maar enkel mama", "misschien", "ja?", "nee, maar papa wel", "ja, nee", "mama"])
def test_a_yes_with_a_but_is_odd(written):
    """A reservation is no agreement."""
    form = read_one("Ouders akkoord", written)

    assert "agreed_guardians" in form.missing
    assert "agreed_guardians" in whys(form)


def test_the_date_of_an_agreement_may_stand_beside_it():
    """Taken once; two different dates, and a separate one, are left alone."""
    assert read_one("Ouders akkoord", "ja, op 12/11/2026").values["agreed_on"] == "2026-11-12"
    two = read({"Voornaam": "Noor", "Ouders akkoord": "ja, 12/11/2026", "Leerling akkoord": "ja, 13/11/2026"})
    own = read({"Voornaam": "Noor", "Ouders akkoord": "ja, 12/11/2026", "Akkoord op": "10/11/2026"})
    assert "agreed_on" not in two.values
    assert own.values["agreed_on"] == "2026-11-10"
    assert date_inside("ja", TODAY) == ""


@each_row(
    ("label", "written", "key", "value"),
    [
        ("Net", "Vrij onderwijs", "network", "free"), ("Net", "GO!", "network", "go"),
        ("Geslacht", "V", "gender", "female"),
        ("Zorgfase", "uitbreiding van zorg (fase 2)", "care_phase", "extended_care"),
        ("Doel", "Remedierend", "purpose", "remedial"),
        ("Doel", "vooral compenserend werken", "purpose", "compensating"),
        ("Waar", "buiten de school", "place", "elsewhere"),
        ("Soort onderwijs", "buitengewoon secundair onderwijs", "school_kind", "special_secondary"),
        ("Doel", "preventiff", "purpose", "preventive"),
    ],
)  # fmt: skip
def test_choices_by_their_words(label, written, key, value):
    """Exactly, with a typing error, or inside a longer answer."""
    assert read_one(label, written).values[key] == value


@each_row("written", ["preventief en remediërend", "iets anders", "niet preventief"])
def test_no_or_two_choices_are_odd(written):
    """The choices are named."""
    assert whys(read_one("Doel", written))["purpose"] == "Kies één van: preventief, compenserend, remediërend."


@each_row(
    ("written", "key"),
    [
        ("naft-vbo", "naft-vbo"), ("NAFT Vlaams-Brabant Oost", "naft-vbo"), ("naft vbo", "naft-vbo"),
        ("de wilg", "de-wilg"),
        ("graag Zorgboerderij De Wilg aub", "de-wilg"), ("Zorgboerderij De Wlig", "de-wilg"),
        ("geen voorkeur", "none"), ("Geen", "none"),
        ("maakt niet uit", "none"), ("geen voorkeur, jullie kiezen", "none"), ("weet niet", "none"),
    ],
)  # fmt: skip
def test_providers_by_key_name_or_synonym(written, key):
    """And every way to leave it open."""
    assert read_one("Aanbieder", written).values["provider"] == key


@each_row("written", ["Project Onbestaand", "NAFT VBO of De Wilg", "niet De Wilg"])
def test_an_unknown_provider_is_odd_with_the_known_names(written):
    """The referrer sees whom there is."""
    form = read_one("Aanbieder", written)

    assert "provider" in form.missing
    assert "NAFT Vlaams-Brabant Oost, NAFT Asse-Halle-Vilvoorde, Zorgboerderij De Wilg" in whys(form)["provider"]


@each_row(("home", "key"), [("1930 Zaventem", "naft-ahv"), ("3000 Leuven", "naft-vbo"), ("1000 Brussel", None)])
def test_the_region_settles_a_shared_name(home, key):
    """ "NAFT" is the one of the region; where no region is known it is asked."""
    form = read({"Voornaam": "Noor", "Woonplaats": home, "Aanbieder": "NAFT"})

    assert form.values.get("provider") == key
    assert ("provider" in whys(form)) is (key is None)


@each_row(
    ("label", "written", "first", "last"),
    [
        ("Leerling", "Noor Voorbeeld", "Noor", "Voorbeeld"),
        ("Leerling", "Noor Van den Voorbeeld", "Noor", "Van den Voorbeeld"),
        ("Leerling", "Voorbeeld, Noor", "Noor", "Voorbeeld"), ("Leerling", "VOORBEELD Noor", "Noor", "VOORBEELD"),
        ("Leerling", "Noor VOORBEELD", "Noor", "VOORBEELD"),
        ("Leerling", "Noor Voorbeeld (° 12/03/2010)", "Noor", "Voorbeeld"),
        ("Leerling", "Noor Voorbeeld, 12/03/2010", "Noor", "Voorbeeld"),
        ("Naam en voornaam leerling", "Van Voorbeeld Noor", "Noor", "Van Voorbeeld"),
        ("Voornaam en naam", "Noor Voorbeeld", "Noor", "Voorbeeld"), ("Leerling", "Noor", "Noor", None),
    ],
)  # fmt: skip
def test_a_full_name_is_split(label, written, first, last):
    """First word first name, unless a comma, capitals or the label say otherwise."""
    form = read({label: written, "School": "Atheneum", "Aanleiding": "vraag"})

    assert (form.values.get("first_name"), form.values.get("last_name")) == (first, last)


@each_row("full", ["Voorbeeld", "Noor Voorbeeld", "Voorbeeld Noor"])
def test_a_full_name_beside_a_first_name(full):
    """ "Naam leerling: Voorbeeld" beside "Voornaam: Noor" is the last name."""
    form = read({"Naam leerling": full, "Voornaam": "Noor", "School": "Atheneum"})

    assert (form.values["first_name"], form.values["last_name"], form.odd) == ("Noor", "Voorbeeld", ())


@each_row("written", ["Noor en Lars Voorbeeld", "Noor/Lars Voorbeeld"])
def test_two_pupils_in_one_name_are_odd(written):
    """One form per pupil."""
    assert "first_name" in whys(read({"Leerling": written, "School": "Atheneum", "Aanleiding": "vraag"}))


def test_a_birth_date_beside_a_full_name_is_read():
    """Unless the form has it elsewhere."""
    beside = read({"Leerling": "Noor Voorbeeld (°12/03/2010)", "School": "X", "Vraag": "y"})
    apart = read({"Leerling": "Noor Voorbeeld (°12/03/2010)", "School": "X", "Geboortedatum": "13/03/2010"})

    assert (beside.values["birth_date"], apart.values["birth_date"]) == ("2010-03-12", "2010-03-13")


def test_three_names_for_one_pupil_are_odd():
    """None of them is kept."""
    form = read(
        [
            ("Leerling", "Noor Voorbeeld"),
            ("Naam kind", "Lars Anders"),
            ("Jongere", "Mia Derde"),
            ("School", "X"),
            ("Vraag", "y"),
        ]
    )

    assert {"first_name", "last_name"} <= set(form.missing)


def test_a_name_with_digits_is_odd():
    """A name is no number and no address."""
    form = read({"Voornaam": "N00r", "Leerling": "...", "Achternaam": "Voorbeeld", "School": "X"})

    assert "first_name" in whys(form)
    assert "first_name" not in form.values


@each_row(
    ("answers", "postcode", "municipality"),
    [
        ({"Adres": "Dorpsstraat 1\n3000 Leuven"}, "3000", "Leuven"),
        ({"Adres": "Dorpsstraat 1\nbus 2\n3000 Leuven"}, "3000", "Leuven"),
        ({"Woonplaats": "1930 Zaventem\nzie bijlage"}, "1930", "Zaventem"),
        ({"Woonplaats": "1930 Zaventem"}, "1930", "Zaventem"), ({"Postcode": "1800 Vilvoorde"}, "1800", "Vilvoorde"),
        ({"Gemeente": "Vilvoorde (1800)"}, "1800", "Vilvoorde"),
        ({"Adres": "Dorpsstraat 12 bus 3, 1800 Vilvoorde"}, "1800", "Vilvoorde"),
        ({"Adres": "Steenweg 1200, 1800 Vilvoorde, België"}, "1800", "Vilvoorde"),
        ({"Postcode": "B-1800", "Gemeente": "Vilvorde"}, "1800", "Vilvoorde"),
        ({"Postcode": "3090", "Gemeente": "Overijse"}, "3090", "Overijse"),
        ({"Woonplaats": "1755 Gooik"}, "1755", "Pajottegem"),
        ({"Woonplaats": "1570 Galmaarden"}, "1570", "Pajottegem"), ({"Woonplaats": "3300 Tirlemont"}, "3300", "Tienen"),
        ({"Woonplaats": "3000 Louvain"}, "3000", "Leuven"), ({"Woonplaats": "1500 Hal"}, "1500", "Halle"),
        ({"Woonplaats": "1640 Rhode-Saint-Genèse"}, "1640", "Sint-Genesius-Rode"),
        ({"Woonplaats": "1640 St.-Genesius-Rode"}, "1640", "Sint-Genesius-Rode"),
        ({"Woonplaats": "3000 Heverlee"}, "3000", "Leuven"),
        ({"Woonplaats": "3010 Kessel-Lo (Leuven)"}, "3010", "Leuven"),
        ({"Woonplaats": "3000 Lueven"}, "3000", "Leuven"), ({"Postcode": "1930"}, "1930", "Zaventem"),
        ({"Woonplaats": "1804 Cargovil"}, "1804", "Cargovil"), ({"Woonplaats": "1804 Zemst"}, "1804", "Zemst"),
        ({"Woonplaats": "1000 Brussel"}, "1000", "Brussel"), ({"Woonplaats": "2980 Halle"}, "2980", "Halle"),
        ({"Woonplaats": "Zaventem"}, None, "Zaventem"), ({"Postcode": "1804"}, "1804", None),
        ({"Postcode": "4321"}, "4321", None),
        ({"Woonplaats": "3470 Sint-Margriete-Houtem"}, "3470", "Kortenaken"),
        ({"Gemeente": "Kessel-Lo", "Postcode": "3010 Leuven"}, "3010", "Leuven"),
        ({"Woonplaats": "1800Vilvoorde"}, "1800", "Vilvoorde"), ({"Gemeente": "Ergens Anders"}, None, "Ergens Anders"),
    ],
)  # fmt: skip
def test_a_home_is_found_however_it_is_written(answers, postcode, municipality):
    """Postcode and municipality in one line or two; old, French and village names; outside the province is no error."""
    form = read({"Voornaam": "Noor", "School": "Atheneum", "Aanleiding": "vraag", **answers})

    assert (form.values.get("postcode"), form.values.get("municipality"), form.odd) == (postcode, municipality, ())


@each_row(
    "answers",
    [
        {"Postcode": "1930", "Gemeente": "Leuven"}, {"Woonplaats": "1000 Vilvoorde"}, {"Postcode": "193"},
        {"Postcode": "12345"}, {"Postcode": "0193"},
        {"Woonplaats": "1234 AB Utrecht"}, {"Postcode": "1930", "Gemeente": "1800 Vilvoorde"},
        {"Postcode": "3000", "Gemeente": "Onbestaand"},
    ],
)  # fmt: skip
def test_homes_that_contradict_are_odd(answers):
    """Both are asked again, since nobody can tell which of the two is right."""
    form = read({"Voornaam": "Noor", "School": "Atheneum", "Aanleiding": "vraag", **answers})

    assert "postcode" in whys(form)
    assert {"postcode", "municipality"} <= set(form.missing)


def test_two_municipalities_for_one_postcode():
    """1804 lies in two: naming both settles nothing, the postcode stands."""
    form = read([("Voornaam", "Noor"), ("School", "X"), ("Postcode", "1804 Zemst"), ("Gemeente", "Vilvoorde")])

    assert whys(form) == {"municipality": "Dit staat er meer dan één keer, en telkens anders."}
    assert form.values["postcode"] == "1804"


@each_row(
    ("written", "postcode"),
    [("1000 Brussel", "1000"), ("3000", "3000"), ("Leuven", None), ("1930 Leuven", None), ("123", None)],
)
def test_other_places_keep_the_postcode(written, postcode):
    """Of a school and a residence only the postcode is kept, when it goes with the name."""
    form = read_one("Adres school", written)

    assert form.values.get("school_postcode") == postcode
    assert ("school_postcode" in whys(form)) is (postcode is None)


def test_two_school_postcodes_are_odd():
    """The same one twice is fine."""
    twice = read([("Voornaam", "Noor"), ("School", "X"), ("Adres school", "3000 Leuven"), ("Postcode school", "3000")])
    differ = read(
        [
            ("Voornaam", "Noor"),
            ("School", "X"),
            ("Adres school", "3000"),
            ("Postcode school", "3010"),
            ("Gemeente school", "3012"),
        ]
    )

    assert twice.values["school_postcode"] == "3000"
    assert "school_postcode" in whys(differ)
    assert "school_postcode" not in differ.values


def test_values_are_cleaned():
    """Control and direction characters go, line ends become LF, one-line answers one line."""
    form = read(
        PUPIL
        | {
            "Aanleiding": "een\r\n\x00twee\u202e drie\ud800\n\n\n\nvier\t!",
            "Functie": "psy\x07cho\u200bloog\r\nBcc: x",
            "Opmerkingen": "a\x0bb",
        }
    )

    assert form.values["reason"] == "een\ntwee drie\n\nvier !"
    assert form.values["referrer_function"] == "psycholoog Bcc: x"
    assert form.values["remarks"] == "a\nb"
    assert clean("e\u0301", limit=5) == "é"


def test_long_values_are_cut_and_said():
    """The beginning is kept, so nothing is held for it."""
    form = read(PUPIL | {"Aanleiding": "a" * 100_000, "Functie": "b" * 600, "School": "School\n" * 3})

    assert (len(form.values["reason"]), len(form.values["referrer_function"])) == (MAX_LONG, MAX_LINE)
    assert set(whys(form)) == {"reason", "referrer_function"}
    assert form.missing == ()


VALID = f"10.03.12-123.{97 - int('2100312123') % 97:02}"
OLD = f"85.03.12-123.{97 - int('850312123') % 97:02}"
BIS = f"10.43.12-123.{97 - int('2104312123') % 97:02}"
BAD = f"10.03.12-123.{98 - int('2100312123') % 97:02}"


@each_row("number", [VALID, OLD, BIS, VALID.replace(".", "").replace("-", "")])
def test_a_national_register_number_is_never_kept(number):
    """Not as a field, not inside a text."""
    form = read(PUPIL | {"Rijksregisternummer": number, "Aanleiding": f"Zie {number} in LARS.", "Opmerkingen": number})

    assert number not in repr(form)
    assert form.values["reason"] == "Zie [weggelaten] in LARS."


def test_a_number_that_is_no_register_number_stays():
    """Eleven digits with a wrong check number are just digits."""
    assert read(PUPIL | {"Aanleiding": f"dossier {BAD}"}).values["reason"] == f"dossier {BAD}"


def test_a_register_number_checks_the_birth_date():
    """The same day is fine, another day is odd; several numbers check nothing."""
    fine = read(PUPIL | {"Rijksregisternummer": VALID})
    wrong = read(PUPIL | {"Rijksregisternummer": VALID, "Geboortedatum": "13/03/2010"})
    several = read(PUPIL | {"Rijksregisternummer": f"{VALID} en {OLD}", "Geboortedatum": "13/03/2010"})

    assert fine.values["birth_date"] == "2010-03-12"
    assert "birth_date" in wrong.missing
    assert several.values["birth_date"] == "2010-03-13"


# --- twice, several, sources ----------------------------------------------------------------------------------------


def test_the_same_answer_twice_is_one_answer():
    """Two different ones are odd, long ones are both kept."""
    same = read([*PUPIL.items(), ("Voornaam", "noor"), ("School", "Atheneum Voorbeeld")])
    differ = read([*PUPIL.items(), ("School", "Een andere school"), ("Aanleiding", "En dit.")])

    assert (same.values["first_name"], same.odd) == ("Noor", ())
    assert set(whys(differ)) == {"school_name"}
    assert "school_name" in differ.missing
    assert differ.values["reason"] == "Komt al weken niet meer.\nEn dit."


@each_row(
    "second",
    [
        {"Voornaam": "Lars", "Geboortedatum": "01/02/2011"},
        {"Leerling": "Lars Anders", "Geboortedatum": "01/02/2011", "Aanleiding": "Iets anders."},
    ],
)
def test_two_forms_in_one_mail_are_not_guessed(second):
    """What differs is left out and asked; the caller finds it under "several"."""
    form = read([*PUPIL.items(), *second.items()])

    assert form.odd[0] == Odd(SEVERAL, form.odd[0].why)
    assert {"first_name", "birth_date"} <= set(form.missing)
    assert form.values["school_name"] == "Atheneum Voorbeeld"
    assert not {"Noor", "Lars"} & set(form.values.values())


def test_two_attachments_with_another_pupil_each_are_several_forms():
    """Another name and another birth date in another source is another pupil."""
    other = source(PUPIL | {"Voornaam": "Lars", "Achternaam": "Anders", "Geboortedatum": "01/02/2011"}, "docx")

    form = read(source(PUPIL, "docx"), other)

    assert SEVERAL in whys(form)
    assert "first_name" in form.missing


def test_the_writers_own_text_corrects_the_attachment():
    """The first source wins, also when it is odd; sources and differs say so."""
    own = source({"Geboortedatum": "13/03/2010", "Ouders akkoord": "ja maar", "Voornaam": ""})

    form = read(own, source(PUPIL, "docx"))

    assert (form.values["birth_date"], form.sources["birth_date"]) == ("2010-03-13", "text")
    assert (form.values["first_name"], form.sources["first_name"]) == ("Noor", "docx")
    assert form.differs == ("birth_date", "agreed_guardians")
    assert "agreed_guardians" in form.missing
    assert form.source == "text"


# --- subject, missing, supplements ----------------------------------------------------------------------------------


def test_the_subject_is_assumed_from_what_is_there():
    """Pupil fields make a pupil, class fields alone a school, neither is asked."""
    pupil = read({"Voornaam": "Noor", "Achternaam": "Voorbeeld", "Klas": "3B"})
    school = read({"School": "Atheneum", "Aantal leerlingen": "22", "Klas": "3B", "Aanleiding": "x"})
    neither = read({"School": "Atheneum", "Functie": "psycholoog", "Aanleiding": "Veel spanning."})

    assert (pupil.values["subject_kind"], pupil.values["school_year"]) == ("pupil", "3B")
    assert (school.values["subject_kind"], school.values["class_name"]) == ("school", "3B")
    assert not {"first_name", "birth_date", "agreed_guardians"} & set(school.missing)
    assert "subject_kind" in neither.missing


def test_a_class_keeps_its_own_name():
    """Where both stand, each stays where it is."""
    form = read({"Voor wie": "klas", "Naam klas": "3B", "Leerjaar": "derde"})

    assert (form.values["class_name"], form.values["school_year"]) == ("3B", "derde")


def test_complete_follows_the_subject():
    """What holds a pupil does not hold a class, and what is never asked is never wanted."""
    missing, wanted = complete({"subject_kind": "school"}, FIELDS, TODAY)
    pupil, _ = complete({}, FIELDS, TODAY)

    assert missing == ("referrer_name", "clb", "referrer_email", "referrer_phone", "school_name", "reason", "provider")
    assert "class_name" in wanted
    assert not {"remarks", "birth_date", "track"} & set(wanted)
    assert pupil[4:] == (
        "subject_kind",
        "first_name",
        "last_name",
        "birth_date",
        "postcode",
        "municipality",
        "school_name",
        "agreed_guardians",
        "reason",
        "provider",
    )


@each_row(
    ("part", "asked"),
    [
        ("class", ["class_name", "class_size"]),
        ("team", ["class_name"]),
        ("school", []),
        ("", ["school_part", "class_name"]),
    ],
)
def test_a_team_is_not_asked_how_many_pupils_there_are(part, asked):
    """A class has a name and a size, a team a name, a whole school neither; it is asked which of them it is."""
    _, wanted = complete({"subject_kind": "school", "school_part": part}, FIELDS, TODAY)

    assert [key for key in wanted if key in {"school_part", "class_name", "class_size"}] == asked


@each_row(("born", "asked"), [("2018-03-12", False), ("2014-11-23", True), ("2010-03-12", True), ("", True)])
def test_a_pupil_of_twelve_is_asked_to_agree(born, asked):
    """A younger one is not: whoever is twelve today is, and whose age we do not know."""
    _, wanted = complete({"subject_kind": "pupil", "birth_date": born}, FIELDS, TODAY)

    assert ("agreed_pupil" in wanted) == asked


@each_row(
    ("subject", "part"),
    [("een klas", "class"), ("klas", "class"), ("team", "team"), ("hele school", "school"), ("school", None)],
)
def test_the_subject_may_name_the_part_of_the_school(subject, part):
    """ "Aanmelding voor: klas" answers two questions; "school" is a subject, and may still be a class."""
    form = read({"Aanmelding voor": subject, "Naam van de school": "De Kade", "Aanleiding": "veel ruzie"})

    assert (form.values["subject_kind"], form.values.get("school_part")) == ("school", part)


def test_a_supplement_of_one_line_completes():
    """A reply with just the missing line is read, and merged into what was known."""
    before = read({key: value for key, value in PUPIL.items() if key != "Geboortedatum"})

    supplement = read({"Geboortedatum": "12/03/2010"}, how=read_supplement)
    values, changed = merge(before.values, supplement)

    assert before.missing == ("birth_date",)
    assert changed == ("birth_date",)
    assert complete(values, FIELDS, TODAY)[0] == ()
    assert (supplement.missing, supplement.wanted) == ((), ())


def test_merging_replaces_but_never_erases():
    """Blank and assumed values leave the old ones; the same value is no change."""
    form = Form(
        source="text",
        values={"first_name": "Nora", "clb": "", "school_name": "X", "subject_kind": "school"},
        sources={"subject_kind": ASSUMED},
    )

    values, changed = merge({"first_name": "Noor", "clb": "VCLB", "school_name": "X", "subject_kind": "pupil"}, form)

    assert values == {"first_name": "Nora", "clb": "VCLB", "school_name": "X", "subject_kind": "pupil"}
    assert changed == ("first_name",)


def test_moving_house_drops_the_other_half():
    """A new municipality without its postcode asks for the postcode, rather than keeping one that contradicts."""
    moved = Form(source="text", values={"municipality": "Leuven"})

    values, changed = merge({"postcode": "1930", "municipality": "Zaventem"}, moved, places=PLACES)
    kept, _ = merge({"postcode": "3010", "municipality": "Kessel-Lo"}, moved, places=PLACES)

    assert (values, changed) == ({"municipality": "Leuven"}, ("municipality", "postcode"))
    assert kept == {"postcode": "3010", "municipality": "Leuven"}


# --- form.toml ------------------------------------------------------------------------------------------------------


def test_the_shipped_form_has_exactly_the_agreed_fields():
    """Those that hold a referral back, those that are shown, and no other."""
    accepted = {
        "last_name",
        "birth_date",
        "guardian_name",
        "guardian_phone",
        "guardian_email",
        "guardians_informed",
        "partners",
    }

    assert len(FIELDS) == 59
    assert {one.key for one in FIELDS if one.shown == "accepted"} == accepted
    assert {"postcode", "school_name", "gender", "home_language", "remarks", "steps_taken"} <= {
        one.key for one in FIELDS if one.shown == "never"
    }


def broken(**changes):
    few = {key: TABLE["field"][key] for key in (*NEEDED, "school_name")}
    return {"field": {**few, **changes}}


@each_row(
    ("table", "says"),
    [
        ({"fields": {}}, "fields: unknown"),
        ({"field": []}, "field: must hold one table per field"),
        ({"field": {}}, "field.first_name: is missing"),
        (broken(x=1), "field.x: must be a table"),
        (broken(x={"label": "X", "kind": "number"}), 'field.x.kind: "number" is none of'),
        (broken(x={"label": "X", "holds": "sometimes"}), "field.x.holds"),
        (broken(x={"label": "X", "asked": "sometimes"}), "field.x.asked"),
        (broken(x={"label": "X", "shown": "sometimes"}), "field.x.shown"),
        (broken(x={"label": "X", "colour": "red"}), "field.x.colour: unknown"),
        (broken(x={"label": 3}), "field.x.label: must be text"),
        (broken(x={"label": "?!"}), "field.x.label: must be filled in"),
        (broken(x={"label": "X", "from_age": -1}), "field.x.from_age: must be an age in years"),
        (broken(x={"label": "X", "synonyms": "y"}), "field.x.synonyms: must be a list of words"),
        (broken(x={"label": "X", "synonyms": ["!"]}), "field.x.synonyms: must be a list of words"),
        (broken(x={"label": "X", "synonyms": ["Geb. Datum"]}), "already that of field.birth_date"),
        (broken(x={"label": "X", "group": "School", "short": ["naam"]}), "already that of field.school_name"),
        (broken(x={"label": "X", "short": ["y"]}), "field.x.short: works under a heading only"),
        (broken(x={"label": "X", "full": ["y"]}), "field.x.full: only first_name"),
        (broken(x={"label": "X", "kind": "choice"}), "field.x.choices"),
        (broken(x={"label": "X", "choices": {"a": ["b"]}}), "field.x.choices"),
        (broken(x={"label": "X", "kind": "choice", "choices": 3}), "field.x.choices: must be a table"),
        (broken(x={"label": "X", "kind": "choice", "choices": {"a": []}}), "every value needs at least one word"),
        (broken(x={"label": "X", "kind": "choice", "choices": {"a": ["ja"], "b": ["JA!"]}}), "means both a and b"),
    ],
)
def test_a_bad_form_table_is_refused(table, says):
    """Each problem with the place where it stands."""
    with pytest.raises(ValueError, match="field") as refused:
        fields_from(table)

    assert says in str(refused.value)


def test_every_problem_is_told_at_once():
    """An operator mends all of them in one go."""
    with pytest.raises(ValueError, match="field") as refused:
        fields_from(broken(x={"label": "", "kind": "number"}, y={"shown": "later"}))

    assert len(str(refused.value).split("\n")) == 4

"""Mail made by a web form: every service's layout gives the same referral, and nothing of the service itself."""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mailflow.core.form import labels, read_form
from mailflow.core.form_fields import fields_from
from mailflow.core.mail import QUOTED, Envelope
from mailflow.core.places import places_from
from mailflow.core.provider import Provider
from mailflow.core.rules import ProofRules
from mailflow.reading.documents import dumps, web_form
from mailflow.reading.documents.text import MAX_LINES
from mailflow.reading.notices import OwnMarks
from mailflow.reading.reader import Reader

ROOT = Path(__file__).resolve().parents[2]
MAILS = sorted((ROOT / "tests" / "mails" / "webforms").glob("*.eml"))
FIELDS = fields_from(tomllib.loads((ROOT / "config" / "form.toml").read_text(encoding="utf-8")))
PLACES = places_from((ROOT / "config" / "postcodes.csv").read_text(encoding="utf-8"))
PROVIDERS = {"naft-vbo": Provider(key="naft-vbo", name="NAFT VBO", address="post@naft-vbo.example")}
KNOWN = labels(FIELDS)
EXPECTED = {
    "referrer_name": "An Peeters",
    "clb": "Vrij CLB Leuven",
    "referrer_email": "an.peeters@vclbleuven.be",
    "referrer_phone": "+3216123456",
    "subject_kind": "pupil",
    "first_name": "Noor",
    "last_name": "Voorbeeld",
    "birth_date": "2011-03-12",
    "postcode": "3000",
    "municipality": "Leuven",
    "school_name": "Sint-Voorbeeld Leuven",
    "agreed_guardians": "yes",
    "provider": "none",
    "reason": "Komt sinds september amper nog op school.\nThuis loopt het ook moeilijk: slaapt slecht, eet weinig.",
}


def reading_of(raw):
    own = OwnMarks(addresses=frozenset({"meldpunt@meldpunt.example"}), instance="a")
    return Reader(own=own, proof=ProofRules(), labels=lambda: KNOWN).read(raw, Envelope(via="imap"))


def form_of(reading):
    return read_form(reading.found, FIELDS, providers=PROVIDERS, places=PLACES, today=date(2026, 11, 23))


def mail(text, sender="An Peeters <an.peeters@vclbleuven.be>"):
    head = f"From: {sender}\nTo: meldpunt@meldpunt.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
    return (head + text).encode()


def test_there_are_mails_of_every_service():
    """The folder is there, and holds what the next test reads."""
    assert len(MAILS) >= 17


@pytest.mark.parametrize(
    "path", [one for one in MAILS if one.stem != "forwarded_with_a_correction"], ids=lambda p: p.stem
)
def test_every_service_gives_the_same_referral(path):
    """Each value is found whole, the question that the form does not know is named, and nothing is odd."""
    reading = reading_of(path.read_bytes())

    form = form_of(reading)

    assert {one.source for one in reading.found} == {"webform"}
    assert form.values == EXPECTED
    assert form.odd == form.missing == form.differs == ()
    assert {"hobby's", "hobbies"} & {label.casefold() for label in form.unknown}


def test_a_forwarded_web_form_is_corrected_by_the_words_above_it():
    """The CLB worker's own line comes first; the forwarded form is quoted text."""
    path = next(one for one in MAILS if one.stem == "forwarded_with_a_correction")

    reading = reading_of(path.read_bytes())

    assert [one.name for one in reading.found] == ["", QUOTED]
    assert form_of(reading).values == EXPECTED | {"birth_date": "2011-03-21"}
    assert form_of(reading).differs == ("birth_date",)


def test_a_quoted_letter_is_no_web_form():
    """Who answers and speaks of a web form does not make the quoted letter below theirs."""
    text = "Ik stuurde dit via Microsoft Forms, kijk je na?\n\n> Voornaam: Noor\n> Achternaam: Voorbeeld\n"

    reading = reading_of(mail(text))

    assert [one.name for one in reading.found] == [QUOTED]


def test_ordinary_mail_is_no_web_form():
    """No mark, no service: the text stays text."""
    reading = reading_of(mail("Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\n"))

    assert [one.source for one in reading.found] == ["text"]


@pytest.mark.parametrize(
    "sender", ["forms-receipts-noreply@google.com", "Website <wordpress@clb.example>", "noreply@forms.example"]
)
def test_the_sender_alone_can_be_the_mark(sender):
    """Some services say nothing of themselves in the text."""
    reading = reading_of(mail("Voornaam: Noor\nAchternaam: Voorbeeld\n", sender))

    assert [one.source for one in reading.found] == ["webform"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("submitted[leerling][voornaam]", "voornaam"),
        ("edit-birth-date", "birth date"),
        ("geboorteDatum", "geboorte Datum"),
        ("field_voornaam", "voornaam"),
        ("iets_anders", "iets anders"),
        ("___", "___"),
    ],
)
def test_names_of_programs_become_words(name, label):
    """What a program put around the name of a field is taken off where the form then knows it."""
    assert dumps.name_in_words(name, KNOWN) == label


def test_a_list_in_an_answer_is_no_question():
    """Numbers inside an answer count from one again; the questions go on where they were."""
    text = "1. Voornaam\nNoor\n2. Aanleiding\n1. komt te laat\n2. komt niet\n3. Achternaam\nVoorbeeld"

    read = {one.label: one.value for one in web_form.pairs(text, known=KNOWN)}

    assert read == {"Voornaam": "Noor", "Aanleiding": "1. komt te laat\n2. komt niet", "Achternaam": "Voorbeeld"}


def test_nested_json_is_read_by_its_leaves():
    """Groups are looked into; a yes is "ja"; nothing is "" and not "None"."""
    text = json.dumps({"leerling": {"voornaam": "Noor", "achternaam": "Voorbeeld"}, "tolk": True, "thuistaal": None})

    read = {one.label: one.value for one in dumps.pairs(text, known=KNOWN)}

    assert read == {"tolk": "ja", "thuistaal": "", "voornaam": "Noor", "achternaam": "Voorbeeld"}


@pytest.mark.parametrize(
    "text",
    [
        "a=b\n" * 50_000,
        "a=b&" * 50_000,
        '{"a":' * 50_000,
        "[{" * 100_000,
        "[a] => b\n" * 30_000,
        "1. Voornaam\n" * 20_000,
        "verzonden via een " * 10_000,
        "submitted on " * 20_000,
        "\u202e" * 100_000,
        "",
    ],
    ids=range(10),
)
def test_hostile_text_costs_little(text):
    """Deep, long and repeated: an answer comes at once, and nothing is raised."""
    read = web_form.pairs(text, known=KNOWN)

    assert len(read) <= MAX_LINES  # a quadratic step before this would take minutes

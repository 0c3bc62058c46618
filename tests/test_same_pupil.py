"""The same pupil again, on the whole house: linked, told to whoever may know, and never merged."""

import re

import pytest
from house import CLB, FORM, NAFT, WORKER, House, Sent
from sqlalchemy import select, update
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.case import Case
from mailflow.core.lifecycle import State
from mailflow.storage.tables import CARE_CASE

NEW_WISH = FORM.replace("Aanleiding: komt", "Aanleiding: NAFT lukt niet, komt").replace(
    "NAFT VBO", "Zorgboerderij De Linde"
)
BROABANT = "lien.maes@vrijclbbro.be"


@pytest.fixture
def known(house: House) -> House:
    """A house with one case, at its provider."""
    house.mail()
    house.at(2026, 10, 5, 9, 1)
    return house


def told(house: House, address: str) -> str:
    """Everything that address was ever written."""
    return " ".join(words(one) for one in house.letters(address))


def words(letter: Sent) -> str:
    """Subject and text, however the lines break, and without seals."""
    return re.sub(r"\.[a-z2-7]{10}@", ".seal@", " ".join(f"{letter.subject} {letter.text}".split()))


def links(case: Case) -> list[tuple[str, str]]:
    """Which other cases it names as of the same pupil, and how that is known."""
    return [(h.codes["older"], h.codes["how"]) for h in case.history if h.kind == "same_pupil"]


def keys(house: House) -> list[tuple[str, str]]:
    """The fingerprints of every case."""
    with house.app.database.read() as tx:
        return [
            tuple(row)
            for row in tx.execute(select(CARE_CASE.c.pupil_key, CARE_CASE.c.name_key).order_by(CARE_CASE.c.id))
        ]


def test_a_second_referral_is_linked_and_stays_apart(known: House):
    """The new case names the older one, each keeps its own form and state, and the referrer reads day and number."""
    known.mail(NEW_WISH)
    left = known.drain()

    new = known.case("MSI-2026-0002")
    assert links(new) == [("MSI-2026-0001", "name_and_birth")]
    assert links(known.case()) == []
    assert known.case().state is State.DISPATCHED
    assert known.case().values["reason"] != new.values["reason"]
    received = next(one for one in left if one.recipient == CLB)
    assert "kregen we op maandag 5 oktober 2026 al een aanmelding: MSI-2026-0001" in words(received)


def test_the_desk_gets_a_letter_and_a_line_in_the_digest(known: House):
    """By number and initials: where the older one stands, and no name."""
    known.mail(NEW_WISH)
    letter = next(one for one in known.drain() if one.recipient == WORKER)
    digest = next(one for one in known.at(2026, 10, 6, 8, 31) if one.recipient == WORKER)

    assert "MSI-2026-0001: bezorgd aan de aanbieder (NAFT VBO)" in words(letter)
    assert "MSI-2026-0002 N.V.: dezelfde leerling als MSI-2026-0001" in words(digest)
    assert "Voorbeeld" not in letter.text + letter.subject + digest.text
    assert "Een leerling die we al kennen" not in known.at(2026, 10, 7, 8, 31)[0].text


def test_another_clb_learns_nothing(known: House):
    """Its confirmation is the same as for a pupil whom nobody knows; the desk is told that they differ."""
    form = FORM.replace(CLB, BROABANT).replace("An Peeters", "Lien Maes").replace("Vrij CLB Leuven", "Vrij CLB")
    known.mail(form, sender=BROABANT)
    known.mail(form.replace("Noor", "Mila"), sender=BROABANT)
    known.drain()

    same, unknown = map(words, known.letters(BROABANT))
    assert links(known.case("MSI-2026-0002")) == [("MSI-2026-0001", "name_and_birth")]
    assert same.replace("Noor", "Mila").replace("N.V.", "M.V.").replace("-0002", "-0003") == unknown
    assert "MSI-2026-0001" not in told(known, BROABANT)
    assert "niet voor hetzelfde CLB" in told(known, WORKER)
    assert "MSI-2026-0002" not in told(known, CLB)


def test_a_parent_learns_nothing_and_the_desk_sees_whose_it_was(known: House):
    """The question which CLB takes it over names the case that there is."""
    form = FORM.replace(f"E-mail aanmelder: {CLB}\n", "")
    known.mail(form, sender="ouder@familie.example")
    known.mail(form.replace("Noor", "Mila"), sender="vader@familie.example")
    known.drain()

    one, other = known.letters("ouder@familie.example"), known.letters("vader@familie.example")
    assert [words(each) for each in one] == [words(each) for each in other]
    question = next(each for each in known.letters(WORKER) if "Welk CLB" in each.subject)
    assert "MSI-2026-0001: bezorgd aan de aanbieder" in words(question)
    assert "van Vrij CLB Leuven" in words(question)


def test_without_proof_nothing_is_told_before_the_confirmation(known: House):
    """Who mails in the name of a CLB worker is asked to confirm, and reads of no older case; she does, once she did."""
    known.mail(NEW_WISH, proof="none")
    question = known.drain()[-1]
    known.reply(question, "bevestig", quote=False)
    after = known.drain()

    assert "MSI-2026-0001" not in words(question)
    assert any("MSI-2026-0001" in words(one) for one in after if one.recipient == CLB)
    assert any(one.recipient == WORKER and "Dezelfde leerling" in one.subject for one in after)


def test_a_birth_date_that_comes_later_finds_the_pupil(known: House):
    """With a name alone it may be another child: the desk hears that, the referrer only once it is sure."""
    known.mail(NEW_WISH.replace("Geboortedatum: 12/03/2011\n", ""))
    asked = next(one for one in known.drain() if one.recipient == CLB)
    known.reply(asked, "Geboortedatum: 12/03/2011")
    received = next(one for one in known.drain() if one.recipient == CLB)

    assert "MSI-2026-0001" not in words(asked)
    assert "MSI-2026-0001" in words(received)
    assert links(known.case("MSI-2026-0002"))[0] == ("MSI-2026-0001", "name")


def test_the_way_a_name_is_spelt_makes_no_other_pupil(house: House):
    """Capitals, accents, hyphens, spaces, and first and last name in each other's place."""
    spellings = (
        ("Zoë", "Van den Berg"), ("zoe", "VANDENBERG"), ("Zoé", "van den-berg"), ("Van den Berg", "Zoë"),
    )  # fmt: skip
    for number, (first, last) in enumerate(spellings):
        form = FORM.replace("Noor", first).replace("Achternaam: Voorbeeld", f"Achternaam: {last}")
        house.mail(form.replace("amper", f"amper {number}"))
    house.drain()

    with house.app.database.read() as tx:
        assert len(set(tx.execute(select(CARE_CASE.c.pupil_key)).scalars())) == 1
    assert len(links(house.case("MSI-2026-0004"))) == 3


def test_twins_and_namesakes_are_not_the_same_pupil(known: House):
    """Another first name, or another birth date, is another child; many children a day are no trouble."""
    known.mail(FORM.replace("Noor", "Nora"))
    known.mail(FORM.replace("12/03/2011", "13/03/2011"))
    known.mail(FORM.replace("Noor", "Mila").replace("12/03/2011", "01/02/2012"))
    known.drain()

    assert [links(known.case(f"MSI-2026-000{n}")) for n in (2, 3, 4)] == [[], [], []]


def test_the_same_form_again_makes_no_second_case(known: House):
    """She hears that we have it, and where it stands; the provider hears nothing."""
    again = known.mail(f"Beste,\n\nhierbij de aanmelding.\n\n{FORM}\nMet vriendelijke groeten\nAn\n")
    left = known.drain()

    assert [one.recipient for one in left] == [CLB]
    assert "Deze aanmelding hebben we al" in left[0].subject
    assert "NAFT VBO" in words(left[0])
    assert known.outcome(again) == "reply"
    assert known.app.store.cases.get("MSI-2026-0002") is None


def test_what_she_writes_beside_the_same_form_stops_it(house: House):
    """The desk reads it before anything leaves."""
    house.mail()
    house.mail(f"Bezorg dit toch maar niet, wacht nog even.\n\n{FORM}")
    house.drain()
    monday = house.at(2026, 10, 5, 9, 1)

    assert house.case().state is State.NEEDS_DESK
    assert NAFT not in [one.recipient for one in monday]
    assert "wacht nog even" in told(house, WORKER)


def test_a_whole_form_that_brings_what_is_missing_completes_it(house: House):
    """Mailed anew instead of as a reply: one case, and nothing has to be sent again."""
    house.mail(FORM.replace("Geboortedatum: 12/03/2011\n", ""))
    house.drain()
    house.mail()
    left = house.drain()

    assert house.case().state is State.QUEUED
    assert house.case().values["birth_date"] == "2011-03-12"
    assert "ontvangen" in left[-1].subject
    assert house.app.store.cases.get("MSI-2026-0002") is None


def test_a_colleague_with_the_same_form_opens_a_case_of_her_own(known: House):
    """Only the same worker's form is the same mail: a colleague is told that there is one."""
    known.mail(sender="bram.claes@vclbleuven.be")
    known.drain()

    assert links(known.case("MSI-2026-0002")) == [("MSI-2026-0001", "name_and_birth")]
    assert "MSI-2026-0001" in told(known, "bram.claes@vclbleuven.be")


def test_a_proof_confirms_the_same_form_that_came_without(house: House):
    """Twice the same, the second time proven: that is her confirmation; not proven either, she is asked once more."""
    house.mail(proof="none")
    house.mail(proof="none")
    unproven = house.drain()
    house.mail()
    house.drain()

    assert [one.subject.partition("] ")[2] for one in unproven if one.recipient == CLB] == ["Was jij dit?"] * 2
    assert house.case().state is State.QUEUED
    assert house.app.store.cases.get("MSI-2026-0002") is None


def test_erasing_empties_the_fingerprints(known: House):
    """Of an erased case nobody can find the pupil, not with the key either."""
    assert all(keys(known)[0])

    erased = CliRunner().invoke(cli, ["erase", "1", "--yes", "--config", str(known.config)])
    known.mail()
    known.drain()

    assert erased.exit_code == 0, erased.output
    assert keys(known)[0] == ("", "")
    assert links(known.case("MSI-2026-0002")) == []


def test_no_fingerprint_is_a_plain_hash(known: House):
    """The database file holds neither the name nor anything that can be made without our key."""
    own = keys(known)[0]

    other = House(known.config.parent / "other", known.clock.now())
    other.mail()
    other.drain()
    elsewhere = keys(other)[0]
    other.close()
    assert len({*own, *elsewhere}) == 4
    assert {len(one) for one in own} == {64}


def test_cases_from_before_there_were_fingerprints_get_theirs(known: House):
    """After an update, or an older backup that was put back: at the start, and only those."""
    before = keys(known)
    with known.app.database.write() as tx:
        tx.execute(update(CARE_CASE).values(pupil_key=None, name_key=None, family_key=None))

    filled, again = known.app.store.pupils.fill_in(), known.app.store.pupils.fill_in()

    assert (filled, again) == (1, 0)
    assert keys(known) == before


@pytest.mark.parametrize(
    "typed",
    ["Voorbeeld", "VOORBEELD", "Noor Voorbeeld", "voorbeeld noor", "Van den Berg", "vandenberg", "Zoë Vanden Berg"],
)
def test_the_desk_finds_a_pupil_without_opening_every_case(known: House, typed: str):
    """By last name or whole name with the birth date, ended or not; two questions to the database, however many cases."""
    known.mail(FORM.replace("Noor", "Zoë").replace("Achternaam: Voorbeeld", "Achternaam: Van den Berg"))
    known.mail(FORM.replace("Noor", "Mila").replace("12/03/2011", "01/02/2012"))
    known.drain()
    wanted = "MSI-2026-0002" if "berg" in typed.lower() else "MSI-2026-0001"
    store = known.app.store
    store.cases.reread()

    found = store.pupils.named(typed, "2011-03-12")

    assert [one.case.reference for one in found] == [wanted]
    assert store.pupils.named(typed, "2011-03-13") == ()
    assert store.pupils.named("", "2011-03-12") == ()
    assert [*store.cases._loaded_before] == [found[0].id]


def test_one_who_has_no_first_name_yet_is_found(house: House):
    """The form misses it: the desk looks the pupil up all the same."""
    house.mail(FORM.replace("Voornaam: Noor\n", ""))
    house.drain()

    assert len(house.app.store.pupils.named("Voorbeeld", "2011-03-12")) == 1


def test_a_case_that_was_opened_meanwhile_is_seen(known: House):
    """Two processes read the two mails of one pupil at once: the second one looks again, and links."""
    store = known.app.store
    known.mail(NEW_WISH)
    look, first = store.pupils.known, []

    def meanwhile(pupil):
        found = look(pupil)
        if not first:
            first.append(known.mail(NEW_WISH.replace("lukt niet", "kan niet")))
            other = known.another()
            other.drain()
            other.close()
        return found

    store.pupils.known = meanwhile
    known.drain()

    assert links(known.case("MSI-2026-0002")) == [("MSI-2026-0001", "name_and_birth")]
    assert {older for older, _ in links(known.case("MSI-2026-0003"))} == {"MSI-2026-0001", "MSI-2026-0002"}

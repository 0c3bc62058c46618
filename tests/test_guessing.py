"""An answer that names no case: the desk gets the likely ones with reasons, and settles it by one line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, WORKER, House

from mailflow.core.lifecycle import State

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)
ONE, TWO = "MSI-2026-0001", "MSI-2026-0002"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt with two referrals at one provider."""
    house = House(tmp_path, MONDAY)
    house.mail()
    house.mail(FORM.replace("Noor", "Mika").replace("12/03", "1/9"))
    house.drain()
    yield house
    house.close()


def asked(house: House):
    """The one letter to the desk."""
    [letter] = house.drain()
    assert letter.recipient == WORKER
    return letter


def test_the_likeliest_case_stands_first_with_its_reasons(house: House):
    """The first name in the mail outweighs that both are the writer's; no name of a child stands in the letter."""
    mail = house.mail("We nemen Mika graag op.", sender=NAFT, subject="Re: nieuwe aanmelding")

    letter = asked(house)

    text = " ".join(letter.text.split())
    assert house.outcome(mail) == "held"
    assert text.index(f"{TWO} (M.V.): de mail noemt de voornaam") < text.index(f"{ONE} (N.V.)")


def test_one_line_of_the_desk_settles_it(house: House):
    """The mail counts as an answer on that case, and its writer reads how it was read."""
    house.mail("We nemen Mika graag op.", sender=NAFT, subject="Re: nieuwe aanmelding")
    letter = asked(house)

    house.reply(letter, f"dossier {TWO}")
    told = house.drain()

    assert house.case(TWO).state is State.ACCEPTED
    assert house.case(ONE).state is State.DISPATCHED
    assert NAFT in [one.recipient for one in told]


def test_it_is_settled_once(house: House):
    """The second time there is nothing that waits."""
    house.mail("We nemen Mika graag op.", sender=NAFT, subject="Re: nieuwe aanmelding")
    letter = asked(house)
    house.reply(letter, f"dossier {TWO}")
    house.drain()

    house.reply(letter, f"dossier {ONE}")
    told = house.drain()

    assert "wacht niet (meer) op jou" in " ".join(told[0].text.split())
    assert house.case(ONE).state is State.DISPATCHED


def test_a_case_that_is_not_the_writers_is_refused(house: House):
    """The desk cannot make a stranger a party by a number."""
    house.mail(sender=CLB, text=FORM.replace("Noor", "Lou").replace("NAFT VBO", "Zorgboerderij De Linde"))
    house.drain()
    house.mail("We nemen Mika graag op.", sender=NAFT, subject="Re: nieuwe aanmelding")
    letter = asked(house)

    house.reply(letter, "dossier MSI-2026-0003")
    told = house.drain()

    assert "geen bewezen partij" in " ".join(told[0].text.split())


def test_a_referrers_answer_is_guessed_too(house: House):
    """With "Re:" in the subject it is an answer, whatever it says."""
    house.mail("Dag, de mama van Noor heeft toch nog een vraag.", subject="Antw: Noor")

    text = " ".join(asked(house).text.split())

    assert f"{ONE} (N.V.): de mail noemt de voornaam" in text


def test_what_is_no_answer_goes_on_as_before(house: House):
    """A question of a CLB worker without a form gets the form, and the desk the mail."""
    house.mail("Hoe kan ik iemand aanmelden?", subject="Vraag")

    told = house.drain()

    assert {one.recipient for one in told} == {CLB, WORKER}


def test_without_proof_nothing_is_guessed(house: House):
    """Whoever writes in the provider's name learns nothing, and the desk gets the mail as before."""
    house.mail("We nemen Mika graag op.", sender=NAFT, subject="Re: nieuwe aanmelding", proof="")

    told = house.drain()

    assert ONE not in " ".join(one.text for one in told)

"""A CLB worker hands her cases to a colleague, who says yes once; then they move from the day that was named."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, WORKER, House

from mailflow.core.lifecycle import State

THURSDAY = datetime(2026, 10, 8, 10, 0, tzinfo=BRUSSELS)
COLLEAGUE = "tine.smets@vclbleuven.be"
GOES = f"Vanaf maandag neemt mijn collega Tine Smets ({COLLEAGUE}) mijn dossiers over."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt with two referrals of one worker at their provider."""
    house = House(tmp_path, THURSDAY)
    house.mail()
    house.mail(FORM.replace("Noor", "Mika").replace("12/03", "1/9"))
    house.drain()
    yield house
    house.close()


def received(house: House, reference: str = "MSI-2026-0001"):
    """The newest letter to the worker about that case."""
    return next(one for one in reversed(house.letters(CLB)) if reference in one.subject)


def referrers(house: House) -> list[str]:
    """Whose each case is."""
    return [house.case(f"MSI-2026-000{number}").parties["referrer"] for number in (1, 2)]


def test_the_colleague_is_asked_once_for_all_of_them(house: House):
    """One letter that names both cases and the day; the worker reads what was understood; nothing moves yet."""
    house.reply(received(house), GOES)

    told = house.drain()

    [asked] = [one for one in told if one.recipient == COLLEAGUE]
    [echo] = [one for one in told if one.recipient == CLB]
    assert "maandag 12 oktober 2026" in asked.text
    assert "MSI-2026-0001" in asked.text
    assert "MSI-2026-0002" in asked.text
    assert "2 dossiers" in echo.text
    assert referrers(house) == [CLB, CLB]


def test_they_move_from_that_day_once_she_confirms(house: House):
    """Until Monday they stay where they are; from then on the colleague hears of them."""
    house.reply(received(house), GOES)
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "bevestig")
    told = house.drain()
    before = referrers(house)
    [referral] = [one for one in house.letters(NAFT) if "MSI-2026-0001" in one.subject]
    house.at(2026, 10, 12, 10, 0)
    house.reply(referral, "aanvaard")
    house.drain()
    after = house.later(minutes=20)

    assert {one.recipient for one in told} == {CLB, COLLEAGUE}
    assert before == [CLB, CLB]
    assert [one.recipient for one in after if "aanvaard" in one.text.lower() and one.recipient != NAFT] == [COLLEAGUE]
    assert house.case("MSI-2026-0001").parties["referrer"] == COLLEAGUE
    assert house.case("MSI-2026-0001").state is State.ACCEPTED


def test_at_once_when_no_later_day_is_named(house: House):
    """Both cases, by one yes."""
    house.reply(received(house), f"Mijn collega {COLLEAGUE} neemt mijn dossiers over.")
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "Ja, ik bevestig.")
    house.drain()

    assert referrers(house) == [COLLEAGUE, COLLEAGUE]


def test_only_this_one(house: House):
    """ "Dit dossier" is one case."""
    house.reply(received(house), f"Mijn collega {COLLEAGUE} neemt dit dossier over.")
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "bevestig")
    house.drain()

    assert "MSI-2026-0002" not in asked.text
    assert referrers(house) == [COLLEAGUE, CLB]


def test_a_colleague_who_says_no_leaves_them_where_they_are(house: House):
    """The worker hears it."""
    house.reply(received(house), GOES)
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "dat was ik niet")
    told = house.drain()

    assert [one.recipient for one in told] == [CLB]
    assert "niet over" in " ".join(told[0].text.split())
    assert referrers(house) == [CLB, CLB]
    assert "successor" not in house.case("MSI-2026-0001").parties


def test_another_colleague_cannot_say_yes_for_her(house: House):
    """The yes of whoever has her letter too is no yes."""
    house.reply(received(house), f"Mijn collega {COLLEAGUE} neemt mijn dossiers over.")
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "bevestig", sender="bram.claes@vclbleuven.be")
    house.drain()

    assert referrers(house) == [CLB, CLB]


def test_the_day_may_stand_in_another_sentence(house: House):
    """What she tells first is why, and the day comes with the name."""
    words = f"Ik verander van job. Vanaf 19 oktober neemt mijn collega Tine ({COLLEAGUE}) al mijn dossiers over."
    house.reply(received(house), words)

    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    assert "maandag 19 oktober 2026" in asked.text


@pytest.mark.parametrize("words", ["Oké voor mij, ik neem ze over. Mijn nummer is 016 99 88 77.", "We nemen dit over."])
def test_a_colleague_says_yes_in_her_own_words(house: House, words: str):
    """Taking over is what she was asked."""
    house.reply(received(house), GOES)
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, words)
    told = house.drain()

    assert {one.recipient for one in told} == {CLB, COLLEAGUE}
    assert any("je neemt" in " ".join(one.text.split()) for one in told if one.recipient == COLLEAGUE)


def test_what_is_no_yes_and_no_no_is_asked_back_in_the_words_of_the_question(house: House):
    """She is offered yes and no, and not what a referrer can say."""
    house.reply(received(house), GOES)
    [asked] = [one for one in house.drain() if one.recipient == COLLEAGUE]

    house.reply(asked, "misschien volgende week, we zien nog wel")
    [back] = house.drain()
    house.reply(back, "bevestig")
    told = house.drain()

    assert back.recipient == COLLEAGUE
    assert '"bevestig"' in back.text
    assert "gesproken" not in back.text
    assert {one.recipient for one in told} == {CLB, COLLEAGUE}


def test_a_name_without_an_address_is_asked_about(house: House):
    """Nobody guesses how somebody's address is written."""
    house.reply(received(house), "Vanaf maandag neemt mijn collega Tine Smets mijn dossiers over.")

    told = house.drain()

    assert [one.recipient for one in told] == [CLB]
    assert "e-mailadres van je collega" in " ".join(told[0].text.split())


def test_somebody_of_another_house_is_for_the_desk(house: House):
    """A CLB hands nothing to an address that is not its own."""
    house.reply(received(house), "Vanaf maandag neemt tine@elders.example mijn dossiers over.")

    told = house.drain()

    assert [one.recipient for one in told] == [WORKER]
    assert referrers(house) == [CLB, CLB]


def test_an_unproven_mail_hands_nothing_over(house: House):
    """A seal is no passport to give cases away."""
    house.reply(received(house), GOES, proof="")

    told = house.drain()

    assert COLLEAGUE not in [one.recipient for one in told]
    assert referrers(house) == [CLB, CLB]


NEW_CLB = "griet.lemmens@vrijclbbro.be"


def asked_at_another_clb(house: House):
    """Both cases go to the CLB of a new school from today on; the letter that asks its worker."""
    house.reply(received(house), f"De leerlingen veranderen van school: Griet ({NEW_CLB}) neemt al mijn dossiers over.")
    house.drain()
    return house.letters(NEW_CLB)[-1]


def test_the_clb_of_a_new_school_takes_over_by_one_yes(house: House):
    """She gets each form, and the provider reads whom to phone."""
    asked = asked_at_another_clb(house)
    assert "Noor" not in asked.text

    house.reply(asked, "bevestig\n\nNaam aanmelder: Griet Lemmens\nTelefoon aanmelder: 016 77 88 99")
    house.drain()
    told = house.later(minutes=16)

    assert referrers(house) == [NEW_CLB, NEW_CLB]
    assert [one.subject.count("nu van jou") for one in house.letters(NEW_CLB)].count(1) == 2
    phoned = [one.text for one in told if one.recipient == NAFT]
    assert len(phoned) == 2
    assert all("Griet Lemmens" in text and "016778899" in text for text in phoned)


def test_without_a_yes_and_without_proof_she_moves_nothing_either(house: House):
    """Her letter is sealed for the referrer, but it is not the referrer who writes."""
    asked = asked_at_another_clb(house)

    house.reply(asked, "Trek de aanmelding in.", proof="")
    house.drain()

    assert house.case().state is State.DISPATCHED
    assert referrers(house) == [CLB, CLB]


def test_without_a_yes_she_moves_nothing(house: House):
    """Whoever is only asked is no party: the desk reads what she writes."""
    asked = asked_at_another_clb(house)

    house.reply(asked, "stop")
    told = house.drain()

    assert [one.recipient for one in told] == [WORKER]
    assert house.case().state is State.DISPATCHED
    house.reply(asked, "dat was ik niet")
    house.drain()
    assert referrers(house) == [CLB, CLB]

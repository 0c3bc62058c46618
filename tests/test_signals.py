"""A signal for the working group: mailed in by a party, kept without names, shown to the desk, told with the figures."""

from datetime import date

import pytest
from house import CLB, DESK, FORM, NAFT, WORKER, House

from mailflow.core.figure_tables import Period
from mailflow.figuring import figures_of


def kept(house: House) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in house.app.store.signals.lines()]


def test_a_clb_sends_one(house: House):
    """She is thanked, the desk reads it, no case is made."""
    number = house.mail("De wachtlijsten zijn te lang.\n\nGroeten\n", subject="Signaal: kleuters")
    house.drain()

    [(role, text)] = kept(house)
    assert (role, text.splitlines()) == ("clb", ["kleuters", "De wachtlijsten zijn te lang.", "", "Groeten"])
    assert [one.subject for one in house.letters(CLB)] == ["Je signaal is genoteerd"]
    [shown] = house.letters(WORKER)
    assert shown.subject == "Een signaal voor de werkgroep"
    assert "De wachtlijsten zijn te lang." in shown.text
    assert house.outcome(number) == "answered"
    assert house.app.store.cases.lines() == []


def test_a_name_in_it_is_left_out(house: House):
    """Also one without a capital, that we know from a case of hers."""
    house.mail()
    house.drain()
    house.mail("noor wacht nu al maanden, net als Sofie. Dit moet korter kunnen.", subject="signaal:")
    house.drain()

    [(_, text)] = kept(house)
    assert text == "[…] wacht nu al maanden, net als […]. Dit moet korter kunnen."
    thanks = house.letters(CLB)[-1].text
    assert "lieten we iets weg" in thanks
    assert "noor" not in thanks.casefold().replace("voorbeeld", "")
    assert "Noor" not in house.letters(WORKER)[-1].text


def test_one_that_is_about_somebody_only_is_asked_again(house: House):
    """Nothing is kept, and the desk is not bothered."""
    house.mail("Noor Peeters!", subject="Signaal")
    house.drain()

    assert kept(house) == []
    assert [one.subject for one in house.letters(CLB)] == ["Je signaal: kan je het nog eens schrijven?"]
    assert house.letters(WORKER) == []


def test_a_line_beside_an_answer_is_no_part_of_it(house: House):
    """ "Wachtlijst" in a signal decides nothing; the rest of the mail does."""
    house.mail()
    house.drain()
    [referral] = [one for one in house.at(2026, 10, 5, 9, 30) if one.recipient == NAFT]
    house.reply(referral, "Aanvaard.\n\nSignaal: de wachtlijst is elders volzet,\ngeen plaats meer.\n\nGroeten, Bram")
    house.drain()

    assert str(house.case().state) == "accepted"
    assert kept(house) == [("provider", "de wachtlijst is elders volzet, geen plaats meer.")]
    assert [one.subject for one in house.letters(NAFT)][-2:] != []
    assert any(one.subject == "Je signaal is genoteerd" for one in house.letters(NAFT))


def test_a_form_with_a_line_of_signal_is_a_referral(house: House):
    """Both are done."""
    house.mail(f"{FORM}\nSignaal: er is te weinig aanbod in de regio Halle.\n")
    house.drain()

    assert str(house.case().state) == "queued"
    assert kept(house) == [("clb", "er is te weinig aanbod in de regio Halle.")]


@pytest.mark.parametrize(("sender", "proof"), [("ouder@post.example", "pass"), (CLB, ""), (CLB, "fail"), (WORKER, "")])
def test_only_a_known_party_is_heard(house: House, sender: str, proof: str):
    """A stranger, an address that nothing proves, a forgery: as any other mail of theirs."""
    house.mail("De wachtlijsten zijn te lang.", subject="Signaal: x", sender=sender, proof=proof)
    house.drain()

    assert kept(house) == []
    assert not any("signaal is genoteerd" in one.subject for one in house.courier.sent)


def test_the_desk_sends_one_itself(house: House):
    """Among a greeting; it reads once that it is kept."""
    house.mail(
        "Dag allemaal,\n\nSignaal: de formulieren zijn te lang.\n\nMet vriendelijke groeten\nEls\n",
        subject="voor de werkgroep",
        sender=WORKER,
    )
    house.drain()

    assert kept(house) == [("desk", "de formulieren zijn te lang.")]
    assert [one.subject for one in house.letters(WORKER)] == ["Je signaal is genoteerd"]


def test_the_desk_drops_one(house: House):
    """With the words of the letter, answered to it; without our seal it is no order."""
    number = house.mail("De wachtlijsten zijn te lang.", subject="Signaal")
    house.drain()
    [shown] = house.letters(WORKER)
    house.mail(f"signaal {number} weg", sender=WORKER, subject="?")
    house.drain()
    assert len(kept(house)) == 1

    house.reply(shown, f"signaal {number} weg")
    house.drain()

    assert kept(house) == []
    assert f"signaal {number} is weg" in " ".join(house.letters(WORKER)[-1].text.split())
    house.reply(shown, f"signaal {number} weg\nsignalen", quote=False)
    house.drain()
    assert "er is geen signaal met dat nummer" in " ".join(house.letters(WORKER)[-1].text.split())


def test_the_desk_asks_for_them(house: House):
    """By number."""
    number = house.mail("De wachtlijsten zijn te lang.", subject="Signaal")
    house.drain()
    house.reply(house.letters(WORKER)[0], "signalen")
    house.drain()

    assert f"{number}: De wachtlijsten zijn te lang." in " ".join(house.letters(WORKER)[-1].text.split())


def test_the_same_mail_twice_is_one_signal(house: House):
    """By SMTP, and once more with a sealed recipient."""
    for to in (DESK, DESK.replace("@", "+d.2026-10-04.abcdefghij@")):
        house.mail("De wachtlijsten zijn te lang.", subject="Signaal", to=to, message_id="<een@vclbleuven.be>")
        house.drain()

    assert len(kept(house)) in (1, 2)  # another To makes another mail; never is one mail two signals
    house.app.store.signals.drop(1)
    house.app.store.signals.drop(2)
    assert kept(house) == []
    assert not house.app.store.signals.drop(2)


def test_words_of_danger_in_a_signal_alarm_the_desk(house: House):
    """As in any mail."""
    house.mail("Een jongere sprak over zelfmoord en wacht nu al maanden.", subject="Signaal")
    house.drain()

    assert any("zelfmoord" in one.text for one in house.letters(WORKER) if "signaal" not in one.subject.casefold())


def test_the_figures_of_its_period_hold_it(house: House):
    """And of no other; a dropped one in none."""
    house.mail("De wachtlijsten zijn te lang.\n\n=1+1", subject="Signaal")
    house.drain()
    store, now = house.app.store, house.clock.now()

    def agenda(period: Period) -> list[tuple[str, object]]:
        found = [one for one in figures_of(store, store.rules, period, now).tables if one.key == "agenda"]
        return [(row.label, row.cells[0]) for one in found for row in one.rows]

    this, before = Period(date(2026, 9, 1), date(2026, 10, 4)), Period(date(2025, 9, 1), date(2026, 8, 31))
    assert agenda(this) == [("een CLB", "De wachtlijsten zijn te lang.\n\n=1+1")]
    assert agenda(before) == []
    store.signals.drop(1)
    assert agenda(this) == []


def test_a_question_beside_a_signal_is_still_read(house: House):
    """It is no greeting: a person reads it, and the signal is kept."""
    house.mail("Dag,\n\nWanneer is de werkgroep?\n\nSignaal: de wachtlijsten zijn te lang.\n", subject="vraag")
    house.drain()

    assert kept(house) == [("clb", "de wachtlijsten zijn te lang.")]
    passed = [one for one in house.letters(WORKER) if "zelf te beantwoorden" in one.subject]
    assert "Wanneer is de werkgroep?" in passed[0].text
    assert len({one.message["Message-ID"] for one in house.courier.sent}) == len(house.courier.sent)


def test_many_signals_make_no_flood(house: House):
    """Each is kept; letters stop where the brakes say."""
    most = house.app.settings.rules.brakes.letters_a_day
    for number in range(most + 2):
        house.mail(f"De wachtlijsten zijn te lang, zeg ik voor de {number}e keer.", subject="Signaal")
        house.drain()

    assert len(kept(house)) == most + 2
    assert len(house.letters(CLB)) == most


def test_what_is_only_quoted_is_nobodys_signal(house: House):
    """Who sends ours back has said nothing."""
    house.mail("> De wachtlijsten zijn te lang.\n> Nog altijd.\n", subject="Signaal")
    house.drain()

    assert kept(house) == []

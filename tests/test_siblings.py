"""Brother and sister in one mail: each case names its own attachments, and erasing one leaves the other whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, DESK, FORM, MAIL_HOST, NAFT, House
from sqlalchemy import select
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.retention import What
from mailflow.erasing import erase_case
from mailflow.exporting import export, page
from mailflow.forgetting import erase
from mailflow.storage.erasures import Erasing
from mailflow.storage.tables import MAIL

NOOR, LOU = "MSI-2026-0001", "MSI-2026-0002"
LOUS = FORM.replace("Noor", "Lou").replace("12/03/2011", "01/09/2012")


def mailed(house: House) -> int:
    """One mail with both forms and what came along; its number."""
    mail = EmailMessage()
    mail["Authentication-Results"] = f"{MAIL_HOST}; dmarc=pass header.from=vclbleuven.be"
    mail["Received"] = f"from mail.vclbleuven.be by {MAIL_HOST}"
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = CLB, DESK, "Aanmelding", "<twee@vclbleuven.be>"
    mail.set_content("In bijlage de aanmeldingen van broer en zus.")
    mail.add_attachment(FORM, filename="formulier_1.txt")
    mail.add_attachment(LOUS, filename="formulier_2.txt")
    for name in ("verslag Noor.pdf", "verslag lou.pdf", "gezin.pdf"):
        mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename=name)
    return house.raw(mail.as_bytes())


@pytest.fixture
def both(tmp_path: Path) -> Iterator[House]:
    """Both are with the provider."""
    house = House(tmp_path, datetime(2026, 10, 5, 8, 0, tzinfo=BRUSSELS))
    mailed(house)
    house.drain()
    house.at(2026, 10, 5, 9, 5)
    yield house
    house.close()


def state_of(house: House, mail_id: int = 1) -> str:
    """What is left of the mail."""
    with house.app.database.read() as tx:
        return str(tx.execute(select(MAIL.c.state).where(MAIL.c.id == mail_id)).scalar_one())


def stored(house: House, reference: str):
    found = house.app.store.cases.get(reference)
    assert found
    return found


def test_each_referral_names_the_attachments_that_may_be_about_its_pupil(both: House):
    """Her own form and report, and what is about nobody in particular; not the name of the other."""
    listed = {}
    for letter in both.letters(NAFT):
        if "Nieuwe aanmelding" in letter.subject:
            lines = [line[2:] for line in letter.text.split("Bijlagen")[1].splitlines() if line.startswith("- ")]
            listed["Noor" if NOOR in letter.subject else "Lou"] = lines[:3]

    assert listed["Noor"] == ["formulier_1.txt", "verslag Noor.pdf", "gezin.pdf"]
    assert listed["Lou"] == ["formulier_2.txt", "verslag lou.pdf", "gezin.pdf"]


@pytest.mark.parametrize(("first", "second"), [(NOOR, LOU), (LOU, NOOR)])
def test_the_mail_stays_for_the_other_and_goes_with_the_last(both: House, first: str, second: str):
    """Whichever is erased first: its form and letters go, the mail with both forms once nobody needs it."""
    left = erase(both.app, stored(both, first))

    assert left.shared == (second,)
    assert both.case(first).values == {}
    assert state_of(both) == "read"
    assert both.app.store.mails.of_case(stored(both, second).id) == (1,)
    assert both.app.store.mails.raw(1)

    left = erase(both.app, stored(both, second))

    assert left.shared == ()
    assert state_of(both) == "erased"
    assert both.app.store.mails.raw(1) == b""


def test_the_other_goes_on_after_one_is_erased(both: House):
    """Its provider's answer counts, and nothing is told on the erased one."""
    erase(both.app, stored(both, NOOR))
    letter = next(one for one in both.letters(NAFT) if LOU in one.subject)

    both.reply(letter, "aanvaard")
    both.drain()

    assert str(both.case(LOU).state) == "accepted"
    assert both.case(NOOR).erased


def test_by_term_the_mail_stays_as_long_as_the_other_case_runs(both: House):
    """Half a year after the first ended its mails go; the one that the open case began with goes half a year after it."""
    for reference in (NOOR, LOU):
        letter = next(one for one in both.letters(CLB) if reference in one.subject)
        both.reply(letter, "stop")
        both.drain()
        if reference == NOOR:
            both.later(days=200)
            now = both.clock.now()
            term = Erasing(what=What.MAILS, before=now - timedelta(days=180))
            erase_case(both.app.worker.means, stored(both, NOOR).id, term)
            assert state_of(both) == "read"
    assert [case for case, _ in due(both)] == []

    both.later(days=200)

    assert state_of(both) == "erased"  # the daily retention came by


def due(house: House):
    """What retention would erase now."""
    now = house.clock.now()
    return house.app.store.erasures.due(house.app.store.rules.retention.cutoffs(now, BRUSSELS))


def test_what_is_handed_over_says_that_another_is_in_it(both: House):
    """The export of one shows the mail, and warns that it holds the form of the other."""
    found = export(both.app, stored(both, LOU))

    assert [one["mail"] for one in found["mails"]] == [1]
    assert found["mails"][0]["also_about"] == [NOOR]
    assert "formulier_1.txt" not in found["values"].values()
    assert f"gaat ook over {NOOR}" in page(found)

    erase(both.app, stored(both, NOOR))

    assert export(both.app, stored(both, LOU))["mails"][0]["also_about"] == []


def test_the_operator_reads_that_the_mail_stays(both: House):
    """And with which case it goes."""
    done = CliRunner().invoke(cli, ["erase", NOOR, "--yes", "--config", str(both.config)])

    assert done.exit_code == 0, done.output
    assert f"holds that of {LOU} too" in " ".join(done.output.split())


def test_a_case_of_its_own_shares_nothing(house: House):
    """Two mails, two cases: each mail goes with its case."""
    house.mail()
    house.mail(LOUS)
    house.drain()

    assert erase(house.app, stored(house, NOOR)).shared == ()
    assert (state_of(house, 1), state_of(house, 2)) == ("erased", "read")

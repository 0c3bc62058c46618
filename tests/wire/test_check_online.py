"""`mailflow check --online`: each row tells the truth, on real servers and a DNS of the test's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house import BRUSSELS, House
from ports import free_port
from post import Post
from running import mailflow
from servers import Certificate, Dovecot, sink
from sqlalchemy import update
from typer.testing import CliRunner

from mailflow.app import build
from mailflow.backup import write
from mailflow.cli import cli
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.probing import Row, rows
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.settings import load
from mailflow.signing import Signer
from mailflow.storage.tables import CARE_CASE

WELL = {
    "meldpunt.example": {"MX": ["10 mx.meldpunt.example"], "TXT": ["v=spf1 mx -all", "iets-anders=1"]},
    "_dmarc.meldpunt.example": {"TXT": ["v=DMARC1; p=none"]},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt on a Monday."""
    one = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    yield one
    one.close()


def told(house: House, zone=WELL, *, patience: float = 0.2, **changed) -> dict[str, Row]:
    """What the rows say, with these settings changed."""
    app = replace(house.app, settings=replace(house.app.settings, **changed))
    return {row.what: row for row in rows(app, ZoneResolver(zone), patience=patience)}


def nowhere() -> SubmissionSettings:
    return SubmissionSettings(host="127.0.0.1", port=free_port(), security="none")


def test_a_domain_that_is_in_order(house: House):
    """MX, SPF and DMARC are there."""
    found = told(house, submission=nowhere())

    assert [(found[one].well, found[one].found) for one in ("MX", "SPF", "DMARC")] == [
        (True, "mx.meldpunt.example"),
        (True, "v=spf1 mx -all"),
        (True, "v=DMARC1; p=none"),
    ]


@pytest.mark.parametrize(
    ("zone", "what", "well", "words"),
    [
        ({}, "MX", False, "no such record"),
        ({}, "SPF", False, "no such record"),
        ({}, "DMARC", False, "no such record"),
        ({"meldpunt.example": {"TXT": ["v=spf1 -all", "v=spf1 mx"]}}, "SPF", False, "2 records, so none counts"),
        ({"meldpunt.example": {"FAILS": ["MX", "TXT"]}}, "MX", None, "the DNS did not answer"),
        ({"meldpunt.example": {"FAILS": ["MX", "TXT"]}}, "SPF", None, "the DNS did not answer"),
    ],
)
def test_what_the_domain_lacks(house: House, zone, what: str, well, words: str):
    """With what to do about it; a DNS that does not answer proves nothing."""
    row = told(house, zone, submission=nowhere())[what]

    assert (row.well, row.found) == (well, words)
    assert row.remedy


def test_the_key_that_signs_our_letters_must_be_in_the_dns(house: House):
    """Under the selector that they name."""
    signer = Signer("meldpunt.example", "m1", Ed25519PrivateKey.generate())
    zone = {**WELL, "m1._domainkey.meldpunt.example": {"TXT": ["v=DKIM1; k=ed25519; p=AAAA"]}}

    there, not_there = (told(house, one, submission=nowhere(), signer=signer)["DKIM"] for one in (zone, WELL))

    assert (there.well, not_there.well) == (True, False)
    assert "m1._domainkey.meldpunt.example" in not_there.remedy


def test_a_mailbox_that_lets_us_in_and_one_that_does_not(house: House, mailserver: Dovecot):
    """A wrong password, a port where nobody is."""
    post = Post(mailserver)
    boxes = (
        post.settings(name="goed"),
        post.settings(name="fout", password="verkeerd"),
        post.settings(name="weg", port=free_port()),
    )

    found = told(house, mailboxes=boxes, submission=nowhere())

    assert found["mailbox goed"].well
    assert found["mailbox goed"].found.startswith("the login works")
    assert [found[f"mailbox {name}"].well for name in ("fout", "weg")] == [False, False]
    assert "verkeerd" not in str(found)


def test_sending_with_its_certificate(house: House, certificate: Certificate):
    """Verified, and for how many days it is good; one that we do not trust is told."""
    with sink(certificate=certificate) as server:
        trusted = SubmissionSettings(
            host="localhost", port=server.port, security="starttls", ca_file=certificate.cert, hostname="x.test"
        )
        fine = told(house, submission=trusted)
        strange = told(house, submission=replace(trusted, ca_file=None))

    assert fine["sending"].well
    assert "good for " in fine["certificate"].found
    assert strange["sending"].well is False
    assert "certificate" not in strange


def test_a_server_that_is_not_there(house: House):
    """In plain words; nothing is mailed then."""
    found = told(house, submission=nowhere())

    assert (found["sending"].well, bool(found["sending"].remedy)) == (False, True)
    assert "plus addresses" not in found


def test_a_mail_to_ourselves_that_does_not_come_in(house: House):
    """The server took it, and nothing arrived."""
    with sink() as server:
        to = SubmissionSettings(host="127.0.0.1", port=server.port, security="none")
        row = told(house, submission=to)["plus addresses"]
        recipients = [to for _, to, _ in server.kept]

    assert row.well is False
    assert "did not come in" in row.found
    assert recipients == [["meldpunt+check@meldpunt.example"]]


def test_a_mail_to_ourselves_comes_in_and_is_answered_by_nobody(tmp_path: Path):
    """By the running service itself, which takes it for what it is."""
    with sink() as letters, mailflow(tmp_path, letters) as service:
        service.start()
        app = build(load(service.config))
        to = SubmissionSettings(host="127.0.0.1", port=service.port, security="none")
        app = replace(app, settings=replace(app.settings, submission=to))
        found = {row.what: row for row in rows(app, ZoneResolver(WELL), patience=20)}
        service.rest()
        app.close()

        assert found["plus addresses"].well, found
        assert [one.subject for one in service.letters() if "Overzicht" not in one.subject] == []


def test_the_database_and_the_backup(house: House, tmp_path: Path):
    """Never made, fresh, old; a row that is not what its events come to."""
    house.mail()
    house.drain()
    never = told(house, submission=nowhere())
    write(house.app, tmp_path / "x.age")
    fresh = told(house, submission=nowhere())
    house.clock.move(days=3)
    old = told(house, submission=nowhere())
    with house.app.database.write() as tx:
        tx.execute(update(CARE_CASE).values(provider="ergens-anders"))
    changed = told(house, submission=nowhere())

    assert (never["backup"].well, never["backup"].found) == (False, "none was ever made")
    assert fresh["backup"].well
    assert (old["backup"].well, old["backup"].found) == (False, "3 days old")
    assert never["database"].well
    assert (changed["database"].well, "MSI-2026-0001" in changed["database"].found) == (False, True)
    assert {fresh["clock"].well, fresh["disk"].well} <= {True, False, None}


def test_one_table_with_a_remedy_below_each_thing_that_is_wrong(house: House):
    """And the exit status says whether anything is."""
    shown = CliRunner().invoke(cli, ["check", "--online", "--wait", "1", "--config", str(house.config)])

    assert shown.exit_code == 1
    assert "all is well" in shown.output
    lines = shown.output.splitlines()
    (number,) = [n for n, line in enumerate(lines) if line.startswith("WRONG  backup")]
    assert "none was ever made" in lines[number]
    assert lines[number + 1].strip().startswith("Let cron or a timer run mailflow backup each night")


def test_each_case_is_replayed(house: House):
    """And an open case whose provider left the configuration is named."""
    house.mail()
    house.drain()
    well = CliRunner().invoke(cli, ["check", "--replay", "--config", str(house.config)])
    providers = house.config / "providers.toml"
    providers.write_text(providers.read_text().replace('key = "naft-vbo"', 'key = "naft-elders"'))

    told = CliRunner().invoke(cli, ["check", "--replay", "--config", str(house.config)])

    assert (well.exit_code, "Each case is what its events come to" in well.output) == (0, True)
    assert told.exit_code == 1
    assert "MSI-2026-0001: is open at naft-vbo, which providers.toml does not know any more" in told.stderr


def test_the_shipped_defaults_have_no_cases():
    """There is nothing to ask them."""
    told = CliRunner().invoke(cli, ["check", "--online"])

    assert told.exit_code == 2
    assert "need --config" in told.stderr

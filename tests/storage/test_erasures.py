"""What is erased is gone: from the rows, from the database's files, and for every backup that is put back."""

from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, DESK, FORM, NAFT, WORKER, House
from sqlalchemy import func, select, text

from mailflow.core.known_senders import Meaning, Remembered
from mailflow.core.lifecycle import State
from mailflow.core.mail import Envelope
from mailflow.digesting import digest_letter
from mailflow.forgetting import erase, replay
from mailflow.storage.tables import ARRIVAL, EVENT, EXPUNGE, LETTER, MAIL, REFERRAL, TOMBSTONE

SEALED = (
    (MAIL, MAIL.c.sealed),
    (MAIL, MAIL.c.trace),
    (ARRIVAL, ARRIVAL.c.envelope),
    (LETTER, LETTER.c.content),
    (LETTER, LETTER.c.address),
    (REFERRAL, REFERRAL.c.sealed),
)


def sealed(house: House) -> list[bytes]:
    """Everything in the database that holds what people wrote."""
    with house.app.database.read() as tx:
        return [value for _, column in SEALED for value in tx.execute(select(column)).scalars() if value]


def count(house: House, table) -> int:
    with house.app.database.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def on_disk(house: House) -> bytes:
    """The database as it lies there, with its write-ahead log; nothing for PostgreSQL."""
    return b"".join(one.read_bytes() for one in house.config.parent.glob("test.sqlite3*"))


def traces(house: House, secrets: list[bytes]) -> list[bytes]:
    """Of which secrets a piece still lies in the database's files."""
    disk = on_disk(house)
    return [secret for secret in secrets if secret[3:27] in disk or secret[-24:] in disk]


def dispatched(house: House) -> None:
    """One referral on its way, and the provider spoke to the CLB."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[-1], "gesproken")
    house.drain()


def ended(house: House) -> None:
    dispatched(house)
    house.reply(house.letters(CLB)[0], "stop")
    house.drain()
    house.later(minutes=20)
    assert house.case().state is State.WITHDRAWN


def erase_it(house: House):
    return erase(house.app, house.app.store.cases.get("MSI-2026-0001"))


def test_nothing_that_was_written_is_left(house: House):
    """No mail, letter, address or value; the events are all there, and the chain holds."""
    ended(house)
    secrets, happened = sealed(house), house.timeline()
    assert len(secrets) > 10

    left = erase_it(house)

    assert sealed(house) == []
    assert traces(house, secrets) == []
    assert house.timeline()[: len(happened)] == happened
    assert (house.case().values, house.case().parties) == ({}, {})
    assert house.app.store.cases.broken_chain(1) is None
    assert left.others == ("referrer", "provider")


def test_the_files_did_hold_it_before(house: House):
    """Or the test above could not fail; PostgreSQL's files are its own."""
    ended(house)

    found = traces(house, sealed(house))

    assert (len(found) > 10) == house.app.database.is_sqlite


def test_an_open_case_ends_and_its_letters_do_not_leave(house: House):
    """A referral that waits for the opening is not delivered."""
    house.mail()
    house.drain()

    erase_it(house)

    left = house.at(2026, 10, 5, 9, 0)
    assert [one.recipient for one in left] == [WORKER]  # the digest
    assert house.case().state is State.WITHDRAWN


def test_what_is_remembered_of_the_parent_who_wrote_goes_too(house: House):
    """What the desk said of a CLB's domain stays."""
    parent, domain = "mama@familie.example", "@nieuw-clb.example"
    store = house.app.store
    with store.database.write() as tx:
        for who, meaning in ((parent, Meaning.FAMILY), (domain, Meaning.CLB)):
            store.senders.keep(tx, store.senders.seal(Remembered(who=who, meaning=meaning), house.clock.now()))
    house.mail(FORM.replace("E-mail aanmelder: an.peeters@vclbleuven.be\n", ""), sender=parent, proof="none")
    house.drain()

    erase_it(house)

    assert [line.remembered.who for line in store.senders.lines()] == [domain]


def test_mail_in_quarantine_that_names_the_case_goes_too(house: House):
    """A forged answer on it names the same pupil; one about another case stays."""
    dispatched(house)
    letter = house.letters(NAFT)[-1]
    forged = house.reply(letter, "Noor Voorbeeld: aanvaard", sender=CLB, proof="fail")
    other = house.mail("Vraagje over een andere leerling", sender="iemand@prive.example")
    house.drain()
    assert house.outcome(forged) == "quarantined"

    erase_it(house)

    assert house.app.store.mails.raw(forged) == b""
    assert house.app.store.mails.raw(other) != b""


def test_a_mail_that_was_passed_on_goes_with_its_letter(house: House):
    """The desk's copy in our database of a mail that only names the case."""
    ended(house)
    house.mail("Nog iets over Noor", sender="iemand@prive.example", subject="Re: [MSI-2026-0001] vraag")
    house.drain()
    assert "Nog iets over Noor" in house.letters(WORKER)[-1].text

    erase_it(house)

    assert sealed(house) == []


def test_the_same_mail_again_is_not_taken_in_again(house: House):
    """An erased mail that arrives once more (a copy, a retry) brings nothing back."""
    mail_id = house.mail(message_id="<eens@vclbleuven.be>")
    raw = house.app.store.mails.raw(mail_id)
    house.drain()
    erase_it(house)

    again = house.raw(raw)
    house.drain()

    assert again == mail_id
    assert sealed(house) == []
    assert count(house, MAIL) == 1


@pytest.mark.parametrize("sender", [NAFT, CLB, "iemand@prive.example"])
def test_a_reply_after_erasing_is_answered_kindly_and_read_by_the_desk(house: House, sender: str):
    """Nothing crashes, nothing is obeyed, and after thirty days that mail goes as well."""
    ended(house)
    letter = house.letters(NAFT)[-1]
    erase_it(house)

    house.reply(letter, "Aanvaard, ze mag komen", sender=sender)
    answered = house.drain()

    assert [one.recipient for one in answered] == [sender, WORKER]
    assert "Daarom weten we niet meer waarover dit dossier ging." in " ".join(answered[0].text.split())
    assert "Noor" not in answered[0].text
    assert house.app.store.stuck_tasks() == []
    house.later(days=31)
    assert [value for value in sealed(house) if b"Aanvaard" in value] == []
    with house.app.database.read() as tx:
        states = tx.execute(select(MAIL.c.state).where(MAIL.c.case_id.is_not(None))).scalars().all()
    assert {*states} == {"erased"}


def test_erasing_again_finds_nothing_and_breaks_nothing(house: House):
    """It can be asked twice."""
    ended(house)

    erase_it(house)
    erase_it(house)

    assert house.case().state is State.WITHDRAWN
    assert house.app.store.cases.broken_chain(1) is None


def test_mails_go_after_six_months_and_the_form_after_twelve(house: House):
    """Counted from the end of the case; each once, and what happened stays."""
    ended(house)
    end = house.case().since

    house.clock.set(end.replace(year=2027, month=4, day=4))
    house.drain()
    before = sealed(house)
    house.clock.set(end.replace(year=2027, month=4, day=6))
    house.drain()
    without_mails = house.case().values
    house.clock.set(end.replace(year=2027, month=10, day=6))
    house.drain()

    assert len(before) > 10
    assert without_mails["last_name"] == "Voorbeeld"
    assert house.case().values == {}
    assert [line.split()[2:] for line in house.timeline() if " erased " in line] == [
        ["erased", "what=mails"],
        ["erased", "what=values"],
    ]


def test_an_open_case_keeps_everything_however_old(house: House):
    """The term begins at its end."""
    dispatched(house)

    house.later(days=800)

    assert house.case().values["last_name"] == "Voorbeeld"
    assert house.app.store.mails.raw(1) != b""


def test_mail_of_no_case_goes_after_thirty_days(house: House):
    """In quarantine, held, passed on; not what nobody has read yet."""
    forged = house.mail(FORM, proof="fail")
    asked = house.mail("Dag, hoe werkt dit?", sender="ouder@familie.example")
    house.drain()

    house.later(days=29)
    kept = [house.app.store.mails.raw(one) for one in (forged, asked)]
    house.app.store.pause("all", house.clock.now())
    unread = house.mail("Nog iets", sender="ouder@familie.example")
    house.later(days=2)
    house.app.store.resume("all")
    house.app.drain()

    assert all(kept)
    assert [house.app.store.mails.raw(one) for one in (forged, asked)] == [b"", b""]
    assert house.app.store.mails.raw(unread) != b""


def test_the_digest_says_how_much_was_erased(house: House):
    """A count, once, and never of whom; a suspect mail that is gone is no longer listed."""
    house.mail(FORM, proof="fail")
    house.drain()

    house.at(2026, 11, 9, 9, 0)
    first = house.letters(WORKER)[-1].text
    house.at(2026, 11, 10, 9, 0)
    second = house.letters(WORKER)[-1].text

    assert "Gewist sinds het vorige overzicht: 1 mail." in first
    assert "quarantaine" not in first
    assert "Gewist" not in second


def test_the_figures_stay_what_they_were(house: House):
    """As many cases, events, mails and letters as before, and one tombstone."""
    ended(house)
    before = [count(house, table) for table in (MAIL, LETTER)]
    events = count(house, EVENT)

    erase_it(house)

    assert [count(house, table) for table in (MAIL, LETTER)] == before
    assert count(house, EVENT) == events + 1
    assert count(house, TOMBSTONE) == 1


def test_a_copy_of_the_database_that_is_put_back_does_not_bring_it_back(tmp_path: Path):
    """erased.log stands beside the keys, outside the database."""
    house = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    ended(house)
    house.app.database.wipe()
    file = house.config / "mailflow.sqlite3"
    backup = file.read_bytes()
    erase_it(house)
    house.close()
    file.write_bytes(backup)
    house.app = house.another()
    assert house.case().values["last_name"] == "Voorbeeld"

    again, once_more = replay(house.app), replay(house.app)

    assert (again, once_more) == (1, 0)
    assert sealed(house) == []
    assert "MSI-2026-0001" in (house.config / "keys" / "erased.log").read_text()
    assert (house.config / "keys" / "erased.log").stat().st_mode & 0o777 == 0o600
    house.close()


def test_a_line_of_the_log_that_a_crash_cut_off_is_passed_over(house: House):
    """The others count."""
    ended(house)
    (house.config / "keys" / "erased.log").write_text("2026-12-05T10:00:00+00:00 MSI-2026-0001\n2026-10-05T1\n\n")

    assert replay(house.app) == 1


def test_copies_in_the_mailbox_are_asked_for(tmp_path: Path, url: str, house: House):
    """One request for each mailbox that we read; what came by SMTP only has no copy of ours."""
    copies = house.app.store.copies
    copies._mailboxes = ("meldpunt", "oud")
    raw = f"From: <{CLB}>\r\nTo: <{DESK}>\r\nMessage-ID:\r\n <kopie@vclbleuven.be>\r\n\r\n{FORM}".encode()
    house.app.receive(raw, Envelope(via="imap"))
    house.drain()

    left = erase_it(house)

    (one,) = copies.wanted("meldpunt")
    assert (left.copies, one.message_id, one.size) == (2, "<kopie@vclbleuven.be>", len(raw))
    assert copies.is_copy(raw, one)
    assert not copies.is_copy(raw.replace(b"Noor", b"Lou"), one)
    copies.gone(one)
    assert (copies.left(), copies.wanted("meldpunt")) == (1, [])
    assert "1 kopie van een gewiste mail staat nog in een mailbox" in digest_of(house)
    house.app.receive(raw, Envelope(via="imap"))
    assert copies.left() == 3
    with house.app.database.read() as tx:
        assert "kopie" not in str(tx.execute(select(EXPUNGE)).all())


def digest_of(house: House) -> str:
    return str(digest_letter(house.app.worker.means).values["health"])


def test_the_write_ahead_log_is_empty_afterwards(house: House):
    """What was in it before would lie there until it is written over."""
    ended(house)

    erase_it(house)

    logs = [one.stat().st_size for one in house.config.parent.glob("*-wal")]
    assert {*logs} <= {0}
    with house.app.database.read() as tx:
        secure = tx.execute(text("PRAGMA secure_delete")).scalar() if house.app.database.is_sqlite else 1
    assert secure == 1

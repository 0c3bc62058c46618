"""The vault: nothing personal can be read, moved or changed without its key."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from house import CLB, DESK, FORM, NAFT, WORKER, House
from sqlalchemy import create_engine, text

from mailflow.storage.vault import Unreadable, Vault

PLACE = ("mail", "0" * 32, "sealed")


def vault(*data: tuple[str, bytes], chain: Iterable[bytes] = (b"c" * 32,)) -> Vault:
    return Vault([*data], b"i" * 32, [*chain])


OLD, NEW = ("k1", b"1" * 32), ("k2", b"2" * 32)


def test_what_was_sealed_opens_at_its_place():
    """Sealing and opening gives the bytes back, and two seals of the same bytes differ."""
    ours = vault(OLD)

    once, twice = ours.seal(b"Noor", *PLACE), ours.seal(b"Noor", *PLACE)

    assert ours.open(once, *PLACE) == b"Noor" == ours.open(twice, *PLACE)
    assert once != twice
    assert b"Noor" not in once


def test_another_key_of_the_same_name_opens_nothing():
    """A key file of another installation is no key."""
    sealed = vault(OLD).seal(b"Noor", *PLACE)

    with pytest.raises(Unreadable):
        vault(("k1", b"x" * 32)).open(sealed, *PLACE)


@pytest.mark.parametrize("elsewhere", [("letter", *PLACE[1:]), ("mail", "1" * 32, "sealed"), (*PLACE[:2], "trace")])
def test_ciphertext_that_was_moved_does_not_open(elsewhere: tuple[str, ...]):
    """Table, row and column are part of the seal: nobody swaps two rows unseen."""
    ours = vault(OLD)
    sealed = ours.seal(b"Noor", *PLACE)

    with pytest.raises(Unreadable, match="changed or moved"):
        ours.open(sealed, *elsewhere)


def test_every_changed_byte_is_noticed():
    """Key id, nonce, ciphertext and tag: a changed bit anywhere makes it unreadable, and so does a missing end."""
    ours = vault(OLD)
    sealed = ours.seal(b"Noor", *PLACE)
    changed = [sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :] for n in range(len(sealed))]
    cut = [sealed[:n] for n in range(len(sealed))]

    for broken in [*changed, *cut]:
        with pytest.raises(Unreadable):
            ours.open(broken, *PLACE)


def test_the_newest_key_seals_and_an_old_one_still_opens():
    """After a rotation nothing has to be sealed anew, until the old key is thrown away."""
    before = vault(OLD).seal(b"Noor", *PLACE)
    rotated = vault(NEW, OLD)

    after = rotated.seal(b"Noor", *PLACE)

    assert rotated.open(before, *PLACE) == b"Noor"
    assert after.startswith(b"k2:")
    with pytest.raises(Unreadable, match="no data key"):
        vault(NEW).open(before, *PLACE)


def test_an_event_stays_linked_after_the_chain_key_rotates():
    """A link made by an old key is still vouched for; a strange one never."""
    mac = vault(OLD, chain=[b"1" * 32]).link("", b"event")

    assert vault(OLD, chain=[b"2" * 32, b"1" * 32]).is_linked("", b"event", mac)
    assert not vault(OLD, chain=[b"2" * 32]).is_linked("", b"event", mac)
    assert not vault(OLD, chain=[b"1" * 32]).is_linked("", b"other", mac)


def test_a_lookup_is_the_same_each_time_and_tells_nothing():
    """An index entry is found again, differs per kind, and does not hold the value."""
    ours = vault(OLD)

    assert ours.index("address", CLB) == ours.index("address", CLB) != ours.index("message-id", CLB)
    assert "peeters" not in ours.index("address", CLB)


def test_nothing_personal_lies_in_the_database_in_clear(house: House, tmp_path: Path, url: str):
    """After a whole story no value of the form, no address and no word of a mail is to be found in the database."""
    play(house)

    held = everything(house, tmp_path, url).replace(b"clb-leuven", b"")  # a code, as figures need it

    values = [v for v in house.case().values.values() if len(v) > 4 and v not in ("naft-vbo", "pupil")]
    words = [line.partition(": ")[2] for line in FORM.splitlines() if len(line.partition(": ")[2]) > 4]
    people = [CLB, NAFT, WORKER, DESK, "Noor", "Voorbeeld", "peeters", "wachtlijst", "geen plaats", "mx.meldpunt"]
    secrets = {*values, *words, *people} - {"naft-vbo"}
    assert len(secrets) > 20
    assert [s for s in secrets if s.encode() in held or s.lower().encode() in held.lower()] == []


def play(house: House) -> None:
    """A referral, its answers, a bounce of nonsense and a digest."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    referral = house.letters(NAFT)[0]
    house.reply(referral, "Dag An, wel een match maar nu geen plaats: graag op de wachtlijst. Groeten, Koen")
    house.drain()
    house.later(minutes=20)
    house.reply(house.letters(CLB)[-1], "ja, graag behouden")
    house.mail("Kan ik lid worden van de werkgroep?", sender="mia@elders.example", subject="Vraag over Noor Voorbeeld")
    house.drain()
    house.at(2026, 10, 6, 8, 45)


def everything(house: House, tmp_path: Path, url: str) -> bytes:
    """All that the database holds: the files of SQLite as they lie there, or every row of PostgreSQL as text."""
    if house.app.database.is_sqlite:
        files = [path for path in tmp_path.iterdir() if path.name.startswith("test.sqlite3")]
        assert {path.name for path in files} >= {"test.sqlite3", "test.sqlite3-wal"}
        return b"\n".join(path.read_bytes() for path in files)
    engine = create_engine(url)
    rows = []
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for table in tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                rows += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    engine.dispose()
    assert rows
    return b"\n".join(rows)

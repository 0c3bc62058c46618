"""How fast is a mailbox emptied? 500 referrals in a real Dovecot, over TLS; nothing where there is no Dovecot."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "wire"))

from house import BRUSSELS, House
from post import referral
from servers import Dovecot, dovecot

from mailflow.intake.imap import Mailbox
from mailflow.intake.imap_settings import MailboxSettings

MAILS = 500
USER = "bench"


def rows(mails: int = MAILS) -> Iterator[tuple[str, float, str]]:
    """Mails a second: fetched, kept durably and encrypted, and moved; reading and deciding comes after."""
    if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") is None or os.geteuid() != 0:
        return
    with tempfile.TemporaryDirectory() as name, dovecot() as server:
        _deliver(server, mails)
        settings = MailboxSettings(
            name="bench",
            host="localhost",
            port=server.imaps,
            user=USER,
            password=server.password,
            ca_file=server.certificate.cert,
        )
        with closing(House(Path(name), datetime(2026, 10, 6, 10, 0, tzinfo=BRUSSELS))) as house:
            mailbox = Mailbox(settings, house.app.receive)
            began = time.monotonic()
            read = mailbox.poll()
            spent = time.monotonic() - began
            mailbox.close()
            assert (read.kept, read.trouble) == (mails, ""), read
    yield f"a mailbox of {mails} mails in Dovecot is emptied", mails / spent, "mails a second"


def _deliver(server: Dovecot, mails: int) -> None:
    """Put them where Dovecot looks for new ones."""
    new = server.maildir(USER) / "new"
    for folder in (new, new.with_name("cur"), new.with_name("tmp")):
        folder.mkdir(parents=True)
    for number in range(mails):
        (new / f"{number:06}.bench").write_bytes(referral(number, signed=False))
    for path in (server.folder / "mail" / USER, *(server.folder / "mail" / USER).rglob("*")):
        shutil.chown(path, "vmail", "vmail")

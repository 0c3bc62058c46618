"""The lean limit: the least that a program in Python must do for a case. It reads nothing, decides nothing, seals nothing.

aiosmtpd, a compat32 parse, one durable SQLite transaction, then 250; a thread sends the string-built letters.
Usage: lean.py FOLDER SINK-PORT; prints its own port. A mail to an address with a plus is a reply: one letter, else two.
"""

import asyncio
import queue
import smtplib
import sqlite3
import sys
import threading
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from aiosmtpd.smtp import SMTP

LETTER = (
    "From: Meldpunt <meldpunt@meldpunt.example>\r\nTo: {to}\r\nSubject: [MSI-2026-{number:04}] Aanmelding\r\n"
    "Reply-To: meldpunt+{number}@meldpunt.example\r\nMessage-ID: <{number}.{to}>\r\n"
    "Date: Tue, 6 Oct 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Dag,\r\n\r\nuw aanmelding is ontvangen.\r\n"
)


class Lean:
    """Keeps a mail, hands its letters to the thread."""

    def __init__(self, folder: Path, sink: int) -> None:
        self.database = sqlite3.connect(folder / "lean.sqlite3", isolation_level=None, check_same_thread=False)
        self.database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE mail (id INTEGER PRIMARY KEY, message_id TEXT, answers TEXT, raw BLOB);"
            "CREATE INDEX by_id ON mail (message_id);"
            "CREATE TABLE letter (id INTEGER PRIMARY KEY, mail INTEGER, recipient TEXT, content TEXT);"
        )
        self.waiting: queue.SimpleQueue[list[tuple[str, str]]] = queue.SimpleQueue()
        self.sink = sink
        threading.Thread(target=self.send, daemon=True).start()

    async def handle_DATA(self, _server, _session, envelope) -> str:
        raw = envelope.original_content
        mail = BytesParser(policy=compat32).parsebytes(raw)
        is_reply = "+" in envelope.rcpt_tos[0]
        run = self.database.execute
        run("BEGIN IMMEDIATE")
        if is_reply:
            run("SELECT id FROM mail WHERE message_id = ?", [mail["In-Reply-To"]]).fetchone()
        kept = run("INSERT INTO mail VALUES (NULL, ?, ?, ?)", [mail["Message-ID"], mail["In-Reply-To"], raw])
        number = kept.lastrowid
        to = [envelope.mail_from] if is_reply else [envelope.mail_from, "aanmelding@naft-vbo.example"]
        letters = [(one, LETTER.format(to=one, number=number)) for one in to]
        for one, words in letters:
            run("INSERT INTO letter VALUES (NULL, ?, ?, ?)", [number, one, words])
        run("COMMIT")
        self.waiting.put(letters)
        return "250 kept"

    def send(self) -> None:
        server = smtplib.SMTP("127.0.0.1", self.sink)
        while True:
            for to, words in self.waiting.get():
                server.sendmail("meldpunt@meldpunt.example", [to], words)


async def main() -> None:
    """Serve until killed."""
    lean = Lean(Path(sys.argv[1]), int(sys.argv[2]))
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(lean, hostname="lean.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())

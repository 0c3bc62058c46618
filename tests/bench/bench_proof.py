"""What does it cost to prove a sender and to judge it? CPU time of a mail, the DNS in memory."""

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import quantiles

sys.path.append(str(Path(__file__).resolve().parents[1]))

from senders import KIND, NOW, RULES, TRICKS, TRUE, ZONE

from mailflow.core.form import labels
from mailflow.core.mail import Proof
from mailflow.core.sender import Writer, judge
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.mime import MimeLimits, parse
from mailflow.reading.notices import OwnMarks, notice
from mailflow.reading.proof import prove
from mailflow.reading.reader import Reader

ROUNDS = 20
OWN = OwnMarks(addresses=frozenset({RULES.desk.address}), instance="a-bench", form_services=frozenset())


def rows(rounds: int = ROUNDS) -> Iterator[tuple[str, float, str]]:
    """The median and the slowest twentieth, of all senders of tests/senders.py and of the signed ones."""
    every = [*TRUE, *KIND, *TRICKS]
    signed = [one for one in TRUE if b"DKIM-Signature" in one.mail]
    for what, senders in (("every sender", every), ("signed by the sender", signed)):
        spent = [_milliseconds(one) for _ in range(rounds) for one in senders]
        cuts = quantiles(spent, n=20)
        yield f"proof and verdict of a mail, {what}: p50", cuts[9], "ms CPU"
        yield f"proof and verdict of a mail, {what}: p95", cuts[18], "ms CPU"
    whole = [_whole(one) for one in every]
    cuts = quantiles(whole, n=20)
    yield "reading a mail whole (parts, form, proof): p50", cuts[9], "ms CPU"
    yield "reading a mail whole (parts, form, proof): p95", cuts[18], "ms CPU"


def _milliseconds(sender) -> float:
    mail = parse(sender.mail, MimeLimits())
    machine = notice(mail, sender.mail, OWN, envelope_from=sender.envelope.mail_from)
    resolver, listed = ZoneResolver(ZONE), sender.rules.senders
    began = time.process_time()
    proof = prove(mail, sender.mail, sender.envelope, sender.rules.proof, resolver, now=NOW)
    judge(
        Writer(
            author=mail.author,
            authors=len(mail.from_),
            from_fields=mail.from_fields,
            proof=proof if isinstance(proof, Proof) else proof.otherwise,
            notice=machine,
            named=tuple(one.key for one in mail.reply_to),
            senders=listed,
            sender=mail.sender,
            addressees=tuple(one.address for one in (*mail.to, *mail.cc)),
        )
    )
    return (time.process_time() - began) * 1000


def _whole(sender) -> float:
    reader = Reader(
        own=OWN,
        proof=sender.rules.proof,
        labels=partial(labels, RULES.fields),
        now=lambda: NOW,
        resolver=lambda: ZoneResolver(ZONE),
    )
    began = time.process_time()
    reader.read(sender.mail, sender.envelope)
    return (time.process_time() - began) * 1000

"""Can a stranger be taken for a CLB, the desk or a form service? Raw mail, DNS and envelope in, the verdict out."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from senders import BESIDE, KIND, NOW, RULES, TRICKS, TRUE, ZONE

from mailflow.core.form import labels
from mailflow.core.sender import Writer, judge
from mailflow.core.understand import understand
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.notices import OwnMarks
from mailflow.reading.reader import Reader

TODAY = date(2026, 11, 23)
MAY_REFER = ("clb", "desk", "form_service")
SILENT = {name: {**records, "FAILS": ["TXT"]} for name, records in ZONE.items()}
OWN = OwnMarks(
    addresses=frozenset({RULES.desk.address}),
    instance="a-test",
    form_services=frozenset(service.domain for service in RULES.form_services),
)
READER = Reader(own=OWN, proof=RULES.proof, labels=partial(labels, RULES.fields), now=lambda: NOW)


def read(sender):
    """What is read of the mail."""
    zone = {"answers": ZONE, "silent": SILENT}[sender.dns]
    reader = replace(READER, proof=sender.rules.proof, resolver=lambda: ZoneResolver(zone))
    return reader.read(sender.mail, sender.envelope)


def understood(sender):
    """The verdict and the trace, as every mail gets them."""
    found = understand(read(sender), sender.rules, TODAY)
    return found.verdict, found.trace


@pytest.mark.parametrize("sender", [*TRUE, *KIND, *TRICKS], ids=lambda sender: sender.name)
def test_every_sender_is_judged_as_the_table_says(sender):
    """What is done, as whom, and why."""
    verdict, trace = understood(sender)

    assert (verdict.disposition.value, verdict.role) == (sender.done, sender.role), trace
    assert any(sender.word in reason for reason in verdict.reasons), trace
    assert sender.about in ("", verdict.address)


def test_no_trick_is_accepted_and_all_honest_mail_is():
    """Over the whole table: as a CLB, as the desk or as a form service."""
    accepted = {
        sender.name
        for sender in (*TRUE, *KIND, *TRICKS)
        for verdict, _ in [understood(sender)]
        if verdict.disposition.value == "accept" and verdict.role in MAY_REFER
    }

    assert accepted == {sender.name for sender in TRUE}


def test_the_table_is_long_and_no_name_stands_twice():
    """At least eighty senders."""
    names = [sender.name for sender in (*TRUE, *KIND, *TRICKS, *BESIDE)]

    assert len(names) == len({*names}) >= 80


@pytest.mark.parametrize("sender", TRICKS, ids=lambda sender: sender.name)
def test_no_trick_is_accepted_while_the_dns_is_silent(sender):
    """Whatever could not be asked."""
    verdict, trace = understood(replace(sender, dns="silent"))

    assert not (verdict.disposition.value == "accept" and verdict.role in MAY_REFER), trace


@pytest.mark.parametrize("sender", TRICKS, ids=lambda sender: sender.name)
def test_nobody_is_asked_at_an_address_that_is_not_listed(sender):
    """A confirmation goes to an address of a listed CLB, and the reasons hold no full address."""
    verdict, _ = understood(sender)

    if verdict.disposition.value == "confirm":
        assert verdict.address.rpartition("@")[2] in {domain for clb in RULES.clbs for domain in clb.domains}
    assert not any("@" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("sender", BESIDE, ids=lambda sender: sender.name)
def test_what_stands_beside_from_is_judged_too(sender):
    """Sender, To and Cc, and the lists that the configuration trusts."""
    reading, rules = read(sender), sender.rules
    mail = reading.mail

    verdict = judge(
        Writer(
            author=mail.author,
            authors=len(mail.from_),
            from_fields=mail.from_fields,
            proof=reading.proof,
            notice=reading.notice,
            named=tuple(one.key for one in mail.reply_to),
            senders=replace(rules.senders, lists=frozenset(rules.proof.arc_sealers)),
            sender=mail.sender,
            addressees=tuple(one.address for one in (*mail.to, *mail.cc)),
        )
    )

    assert (verdict.disposition.value, verdict.role) == (sender.done, sender.role), verdict.reasons
    assert any(sender.word in reason for reason in verdict.reasons), verdict.reasons
    assert sender.about in ("", verdict.address)

"""Which Authentication-Results may be believed? Only our own mail host's, and only where it wrote them."""

from datetime import UTC, datetime

import pytest

from mailflow.core.mail import Address, Envelope, Mail, ProofResult
from mailflow.core.rules import ProofRules
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.proof import prove

RULES = ProofRules(authserv_id="mx.meldpunt.example", own_hosts=("mx.meldpunt.example", "in.meldpunt.example"))
HERE = Envelope(client_ip="127.0.0.1")
OWN = ("received", "from mail.vclbleuven.be (mail.vclbleuven.be [192.0.2.1]) by mx.meldpunt.example with ESMTPS id 1")
INNER = ("received", "from mx.meldpunt.example by in.meldpunt.example with LMTP id 2")
FOREIGN = ("received", "from pc by mail.vclbleuven.be with ESMTPSA id 3")


def results(words, host="mx.meldpunt.example"):
    """An Authentication-Results field."""
    return ("authentication-results", f"{host}; {words}")


PASS = results("dmarc=pass header.from=vclbleuven.be")


def proof(*headers, envelope=HERE, rules=RULES, address="an@vclbleuven.be", **mail):
    """The proof of a mail with these fields."""
    read = Mail(from_=(Address(address),), headers=headers, **mail)
    return prove(read, b"", envelope, rules, ZoneResolver(), now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "headers",
    [
        (PASS, OWN, FOREIGN),
        (OWN, PASS, FOREIGN),  # Gmail writes it below its own Received
        (INNER, PASS, OWN, FOREIGN),
        (PASS,),
        (
            results(
                "spf=pass smtp.mailfrom=vclbleuven.be; dkim=pass header.d=x.example; dmarc=pass header.from=vclbleuven.be"
            ),
            OWN,
        ),
        (results("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=VCLBLEUVEN.be"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", "MX.Meldpunt.Example"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", "(a comment) mx.meldpunt.example 1"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", "elders.example"), PASS, OWN),
    ],
)
def test_our_own_host_is_believed(headers):
    """Above the first Received that is not of our hosts."""
    found = proof(*headers)

    assert found.result is ProofResult.PASS
    assert found.domain == "vclbleuven.be"


@pytest.mark.parametrize(
    "headers",
    [
        (OWN, FOREIGN, PASS),
        (FOREIGN, PASS, OWN),
        (("received", "from x"), PASS),
        (("received", ""), PASS),
        (("received", "from mx.meldpunt.example by mail.elders.example"), PASS),
        (results("dmarc=pass header.from=vclbleuven.be", "mx.meldpunt.example.evil.example"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", "evil.example"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", ""), OWN),
        (results("dmarc=pass header.from=vclbleuven.be", "(mx.meldpunt.example) evil.example"), OWN),
        (results("dmarc=pass header.from=sub.vclbleuven.be"), OWN),
        (results("dmarc=pass header.from=vclbleuven.be.evil.example"), OWN),
        (results("dmarc=pass header.from=be"), OWN),
        (results("dmarc=pass"), OWN),
        (results("dmarc=none header.from=vclbleuven.be"), OWN),
        (results("dmarc=fail header.from=vclbleuven.be"), OWN),
        (results("dmarc=fail (p=none dis=none) header.from=vclbleuven.be"), OWN),
        (results("dmarc=temperror header.from=vclbleuven.be"), OWN),
        (results("dmarc=bestguesspass header.from=vclbleuven.be"), OWN),
        (results("spf=pass smtp.mailfrom=vclbleuven.be; dkim=pass header.d=vclbleuven.be"), OWN),
        (results("none"), OWN),
        (results(""), OWN),
        (results("dmarc=pass header.from=(x"), OWN),
        (results("; = ; dmarc"), OWN),
        (results("dmarc=fail (p=reject) header.from=elders.example"), PASS, OWN),
        ((results("dmarc=none header.from=vclbleuven.be")), OWN, PASS, FOREIGN),
        (("authentication-results", ""), OWN),
        (),
    ],
)
def test_nothing_else_is(headers):
    """Below a foreign Received, of another host, of another domain, without DMARC, unreadable: no proof, no failure."""
    assert proof(*headers).result is ProofResult.NONE


@pytest.mark.parametrize("policy", ["quarantine", "REJECT"])
def test_a_failure_counts_where_the_domain_asks_for_it(policy):
    """p=quarantine and p=reject: the mail is forged, says the domain's owner."""
    found = proof(results(f"dmarc=fail (p={policy} dis=none) header.from=vclbleuven.be"), OWN)

    assert found.result is ProofResult.FAIL
    assert found.domain is None


def test_the_policy_may_stand_in_a_property():
    """Some hosts write it outside the comment."""
    words = "dmarc=fail policy.p=reject header.from=vclbleuven.be"

    assert proof(results(words), OWN).result is ProofResult.FAIL


def test_only_mail_that_our_host_handed_over_is_looked_at():
    """By SMTP from elsewhere anybody can write the field; by IMAP it lay in our own mailbox."""
    from_elsewhere = Envelope(client_ip="192.0.2.9")

    assert proof(PASS, OWN, envelope=from_elsewhere).result is ProofResult.NONE
    assert proof(PASS, OWN, envelope=Envelope(via="imap")).result is ProofResult.PASS


def test_without_a_pinned_host_nothing_is_believed():
    """An empty authserv_id trusts nobody, not even an empty one."""
    assert (
        proof(("authentication-results", "; dmarc=pass header.from=vclbleuven.be"), rules=ProofRules()).method == "none"
    )


@pytest.mark.parametrize("mail", [{"from_fields": 2}, {"from_fields": 0}])
def test_without_a_single_author_there_is_nothing_to_prove(mail):
    """DMARC needs one From with one address."""
    assert proof(PASS, OWN, **mail).result is ProofResult.NONE
    assert proof(PASS, OWN, address="onleesbaar").result is ProofResult.NONE


def test_hostile_fields_are_cheap_and_never_raise():
    """Comments without end, thousands of results, control characters."""
    for words in (
        "(" * 50_000,
        "((((p=reject" * 5_000,
        "dmarc=pass;" * 20_000,
        "\x00\udcff=pass",
        "dmarc=pass header.from=" * 999,
    ):
        assert proof(results(words), OWN).result is ProofResult.NONE
        assert proof(("authentication-results", words), ("received", f"by {words}")).result is ProofResult.NONE

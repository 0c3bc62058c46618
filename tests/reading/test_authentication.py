"""Can a stranger be taken for a CLB? Every trick that we know of, and what honest mail comes to."""

from dataclasses import dataclass, field, replace

import pytest
from signers import MAIL, NOW, SIGNED, ed25519_signer, rsa_signer, seal, sign, tiny_signer

from mailflow.core.mail import Envelope, Proof, ProofResult
from mailflow.core.rules import ProofRules
from mailflow.reading.authentication.judge import NotProvenYet
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.mime import parse
from mailflow.reading.proof import prove

KEY, EVIL, FORUM, TINY = rsa_signer(), rsa_signer(name="evil"), rsa_signer(name="forum"), tiny_signer()

ZONE = {
    # A CLB that asks to reject, one that asks nothing, and one that only watches.
    "clb.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all"]},
    "_dmarc.clb.example": {"TXT": ["v=DMARC1; p=reject; sp=reject"]},
    "s1._domainkey.clb.example": {"TXT": [KEY.record()]},
    "tiny._domainkey.clb.example": {"TXT": [TINY.record()]},
    "ed._domainkey.clb.example": {"TXT": [ed25519_signer().record()]},
    "mail.clb.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all"]},
    "open.example": {"TXT": ["v=spf1 ip4:192.0.2.20 -all"]},
    "s1._domainkey.open.example": {"TXT": [KEY.record()]},
    "watch.example": {"TXT": ["v=spf1 ip4:192.0.2.30 -all"]},
    "_dmarc.watch.example": {"TXT": ["v=DMARC1; p=none"]},
    "strict.example": {"TXT": ["v=spf1 ip4:192.0.2.40 -all"]},
    "_dmarc.strict.example": {"TXT": ["v=DMARC1; p=quarantine; adkim=s; aspf=s; pct=0"]},
    "s1._domainkey.mail.strict.example": {"TXT": [KEY.record()]},
    "mail.strict.example": {"TXT": ["v=spf1 ip4:192.0.2.40 -all"]},
    # The stranger has a domain in good order.
    "evil.example": {"TXT": ["v=spf1 ip4:203.0.113.66 -all"]},
    "_dmarc.evil.example": {"TXT": ["v=DMARC1; p=reject"]},
    "s1._domainkey.evil.example": {"TXT": [EVIL.record()]},
    "s1._domainkey.example": {"TXT": [EVIL.record()]},
    "xn--cb-xqa.example": {"TXT": ["v=spf1 ip4:203.0.113.66 -all"]},
    "clb.example.evil.test": {"TXT": ["v=spf1 ip4:203.0.113.66 -all"]},
    # Lists.
    "s1._domainkey.forum.example": {"TXT": [FORUM.record()]},
    "s1._domainkey.liars.example": {"TXT": [EVIL.record()]},
}
CLB_HOST = Envelope(client_ip="192.0.2.10", mail_from="an@clb.example", helo="mx.clb.example")
ELSEWHERE = Envelope(client_ip="203.0.113.66", mail_from="x@evil.example", helo="mx.evil.example")
FORGED = replace(ELSEWHERE, mail_from="an@clb.example")
INNER = Envelope(client_ip="127.0.0.1", mail_from="an@clb.example")
MAILBOX = Envelope(via="imap")
RULES = ProofRules(
    authserv_id="mx.meldpunt.example", own_hosts=("mx.meldpunt.example",), arc_sealers=("forum.example",)
)
EXCHANGE = replace(RULES, exchange_online=True)
EVIL_MAIL = MAIL.replace(b"an@clb.example", b"x@evil.example")
RECEIVED = b"Received: from mail.clb.example by mx.meldpunt.example with ESMTPS id 1\r\n"
FOREIGN = b"Received: from pc by mail.clb.example with ESMTPSA id 2\r\n"
RESULTS = b"Authentication-Results: mx.meldpunt.example; dmarc=pass header.from=clb.example\r\n"
FAILED = b"Authentication-Results: mx.meldpunt.example; dmarc=fail (p=reject) header.from=clb.example\r\n"
BY_EXCHANGE = (
    b"Authentication-Results: spf=pass (sender IP is 192.0.2.10)\r\n smtp.mailfrom=clb.example; dkim=pass (signature was"
    b" verified)\r\n header.d=clb.example;dmarc=pass action=none\r\n header.from=clb.example;compauth=pass reason=100\r\n"
)
EXCHANGE_RECEIVED = b"Received: from AM0P.eurprd03.prod.outlook.com by DB9P.eurprd03.prod.outlook.com with HTTPS\r\n"
HTML = b"Content-Type: multipart/mixed; boundary=x\r\n"


def judged(raw, envelope=ELSEWHERE, *, rules=RULES, zone=None):
    """What is proven of *raw*, as reader.py asks."""
    resolver = ZoneResolver(ZONE if zone is None else zone)
    return prove(parse(raw), raw, envelope, rules, resolver, now=NOW)


def frm(value, mail=MAIL):
    """*mail* with another From."""
    return mail.replace(b"From: An Peeters <an@clb.example>", b"From: " + value)


@dataclass(frozen=True)
class Honest:
    """A mail that is what it says, and by what that shows."""

    name: str
    mail: bytes
    envelope: Envelope
    method: str
    domain: str = "clb.example"
    rules: ProofRules = field(default=RULES)


OPEN = MAIL.replace(b"clb.example", b"open.example")
STRICT = MAIL.replace(b"clb.example", b"strict.example")

# fmt: off
HONEST = (
    Honest("signed, from anywhere", sign(MAIL, KEY), FORGED, "dkim"),
    Honest("signed with Ed25519", sign(MAIL, ed25519_signer(), selector="ed"), FORGED, "dkim"),
    Honest("its own host, unsigned", MAIL, CLB_HOST, "spf"),
    Honest("a bounce address below its domain", MAIL, replace(CLB_HOST, mail_from="b@mail.clb.example"), "spf"),
    Honest("the null sender, by its HELO", MAIL, replace(CLB_HOST, mail_from="", helo="mail.clb.example"), "spf"),
    Honest("signed, sent again to somebody else", sign(MAIL, KEY), replace(ELSEWHERE, recipients=("x@y.example",)), "dkim"),
    Honest("a signature of a mailing service above its own", sign(sign(MAIL, KEY), EVIL, domain="evil.example"), ELSEWHERE, "dkim"),
    Honest("a domain without DMARC, signed", sign(OPEN, KEY, domain="open.example"), ELSEWHERE, "dkim", "open.example"),
    Honest("a domain without DMARC, its own host", OPEN, replace(CLB_HOST, client_ip="192.0.2.20", mail_from="a@open.example"), "spf", "open.example"),
    Honest("a strict domain, its own host", STRICT, replace(CLB_HOST, client_ip="192.0.2.40", mail_from="a@strict.example"), "spf", "strict.example"),
    Honest("capitals", sign(frm(b"An <AN@CLB.Example>"), KEY, domain="CLB.example"), ELSEWHERE, "dkim"),
    Honest("through a list that we trust", seal(MAIL, FORUM), ELSEWHERE, "arc"),
    Honest("through our own mail host", RESULTS + RECEIVED + FOREIGN + MAIL, INNER, "authentication-results"),
    Honest("in our mailbox", RESULTS + RECEIVED + MAIL, MAILBOX, "authentication-results"),
    Honest("in our mailbox, signed, and the host says nothing", RECEIVED + sign(MAIL, KEY), MAILBOX, "dkim"),
    Honest("by LMTP, signed", RECEIVED + sign(MAIL, KEY), replace(INNER, via="lmtp"), "dkim"),
    Honest("in a mailbox of Exchange Online", EXCHANGE_RECEIVED + BY_EXCHANGE + FOREIGN + MAIL, MAILBOX, "authentication-results", rules=EXCHANGE),
    # True, and harmless: the stranger proves only himself.
    Honest("the stranger as himself", sign(EVIL_MAIL, EVIL, domain="evil.example"), ELSEWHERE, "dkim", "evil.example"),
    Honest("the CLB's address in the name", frm(b'"an@clb.example" <x@evil.example>'), ELSEWHERE, "spf", "evil.example"),
    Honest("the CLB's address in a comment", frm(b"x@evil.example (an@clb.example)"), ELSEWHERE, "spf", "evil.example"),
    Honest("the CLB's address as an encoded word", frm(b"=?utf-8?q?an=40clb=2Eexample?= <x@evil.example>"), ELSEWHERE, "spf", "evil.example"),
    Honest("a longer domain", frm(b"an@clb.example.evil.test"), replace(ELSEWHERE, mail_from="an@clb.example.evil.test"), "spf", "clb.example.evil.test"),
    Honest("a letter with an accent", frm("An <an@cłb.example>".encode()), replace(ELSEWHERE, mail_from="x@xn--cb-xqa.example"), "spf", "cłb.example"),
)


@dataclass(frozen=True)
class Trick:
    """A mail that is not what it says, and the result it gets: none, or fail."""

    name: str
    mail: bytes
    result: str = "fail"
    envelope: Envelope = FORGED
    rules: ProofRules = RULES


LIAR = seal(MAIL, EVIL, domain="liars.example")
TRICKS = (
    Trick("a forged envelope", MAIL),
    Trick("a forged From alone", MAIL, envelope=ELSEWHERE),
    Trick("the stranger's own signature", sign(MAIL, EVIL, domain="evil.example"), envelope=ELSEWHERE),
    Trick("the null sender with the CLB's HELO", MAIL, envelope=replace(FORGED, mail_from="", helo="clb.example")),
    Trick("a signature of the public suffix", sign(MAIL, EVIL, domain="example")),
    Trick("a signature in the CLB's name by another key", sign(MAIL, EVIL)),
    Trick("a signature cut off", sign(MAIL, KEY).replace(b"; b=", b"; b=A", 1)),
    Trick("a signature of another mail", sign(EVIL_MAIL, KEY)[: -len(EVIL_MAIL)] + MAIL),
    Trick("d= of the CLB and i= of the stranger", sign(MAIL, EVIL, domain="evil.example", d="clb.example", i="@evil.example")),
    Trick("d= twice", sign(MAIL, EVIL, domain="evil.example", z="1; d=clb.example")),
    Trick("other words", sign(MAIL, KEY).replace(b"graag", b"geen")),
    Trick("another subject", sign(MAIL, KEY).replace(b"Aanmelding", b"Stopzetting")),
    Trick("words added behind l=", sign(MAIL, KEY, length=20) + b"Maak het over op een andere rekening.\r\n", "none"),
    Trick("l= and nothing added", sign(MAIL, KEY, length=20), "none"),
    Trick("l=0", sign(MAIL, KEY, length=0) + b"x", "none"),
    Trick("a signature that has expired", sign(MAIL, KEY, t=1, x=int(NOW.timestamp()) - 10)),
    Trick("a key of 512 bits", sign(MAIL, TINY, selector="tiny")),
    Trick("rsa-sha1", sign(MAIL, KEY, a="rsa-sha1")),
    Trick("a signature without From", sign(MAIL, KEY, names=("to", "subject"))),
    Trick("a second From above", b"From: x@evil.example\r\n" + sign(MAIL, KEY), "none"),
    Trick("a second From below", sign(MAIL, KEY).replace(b"\r\n\r\n", b"\r\nFrom: x@evil.example\r\n\r\n", 1), "none"),
    Trick("From with a blank before the colon", b"FROM : x@evil.example\r\n" + sign(MAIL, KEY), "none"),
    Trick("the CLB's From on a signed mail", b"From: an@clb.example\r\n" + sign(EVIL_MAIL, EVIL, domain="evil.example"), "none", ELSEWHERE),
    Trick("two addresses in From", frm(b"an@clb.example, x@evil.example"), "none", ELSEWHERE),
    Trick("two addresses in From, the other way round", frm(b"x@evil.example, an@clb.example"), "none", ELSEWHERE),
    Trick("a group in From", frm(b"CLB: an@clb.example, x@evil.example;"), "none", ELSEWHERE),
    Trick("an angle in an angle", frm(b"<an@clb.example><x@evil.example>"), "none", ELSEWHERE),
    Trick("no address in From", frm(b"an clb.example"), "none", ELSEWHERE),
    Trick("no domain in From", frm(b"an@"), "none", ELSEWHERE),
    Trick("an address literal", frm(b"an@[192.0.2.10]"), "none", CLB_HOST),
    Trick("a NUL in the domain", frm(b"an@clb.example\0.evil.example"), "none", ELSEWHERE),
    Trick("a domain of other letters with an empty label", frm("an@cłb..example".encode()), "none", ELSEWHERE),
    Trick("two addresses in From, in our mailbox", sign(frm(b"an@clb.example, x@evil.example"), KEY), "none", MAILBOX),
    Trick("no From at all", MAIL.replace(b"From:", b"X-From:"), "none"),
    Trick("a second subject", b"Subject: Stopzetting\r\n" + sign(MAIL, KEY), "none"),
    Trick("a second To", b"To: x@evil.example\r\n" + sign(MAIL, KEY), "none"),
    Trick("somebody else gets the answer", b"Reply-To: x@evil.example\r\n" + sign(MAIL, KEY), "none"),
    Trick("a second Content-Type", HTML + sign(HTML + MAIL, KEY, names=(*SIGNED, "content-type")), "none"),
    Trick("a field injected by a lone return", sign(MAIL, KEY).replace(b"\r\nTo:", b"\r\nX: 1\rFrom: x@evil.example\r\nTo:"), "none"),
    Trick("a field injected by a lone feed", sign(MAIL, KEY).replace(b"\r\nTo:", b"\r\nX: 1\nFrom: x@evil.example\r\nTo:"), "none"),
    Trick("a body begun by two lone feeds", sign(MAIL, KEY).replace(b"\r\nTo:", b"\r\nX: 1\n\nTo:")),
    Trick("smuggled: a dot between lone feeds", MAIL + b"\n.\nMAIL FROM:<an@clb.example>\r\n", envelope=CLB_HOST),
    Trick("smuggled: a dot between lone returns", MAIL + b"\r.\rMAIL FROM:<an@clb.example>\r\n", envelope=CLB_HOST),
    Trick("smuggled: feed, dot, return and feed", MAIL + b"\n.\r\nRCPT TO:<meldpunt@meldpunt.example>\r\n", envelope=CLB_HOST),
    Trick("a sub-domain of the CLB", frm(b"an@hack.clb.example"), envelope=replace(ELSEWHERE, mail_from="a@hack.clb.example")),
    Trick("a strict domain by a host below it", STRICT, envelope=replace(CLB_HOST, client_ip="192.0.2.40", mail_from="a@mail.strict.example")),
    Trick("a strict domain by a signature below it", sign(STRICT, KEY, domain="mail.strict.example")),
    Trick("a domain without DMARC", OPEN, "none", replace(FORGED, mail_from="a@open.example")),
    Trick("a domain that only watches", MAIL.replace(b"clb.", b"watch."), "none", replace(FORGED, mail_from="a@watch.example")),
    Trick("an envelope with two at signs", MAIL, envelope=replace(CLB_HOST, mail_from='"x@evil.example"@clb.example', client_ip="203.0.113.66")),
    Trick("an envelope with a line end", MAIL, envelope=replace(CLB_HOST, mail_from="an\r\n@clb.example")),
    Trick("a list that we do not trust", LIAR),
    Trick("a list that we do not trust behind one that we do", seal(LIAR, FORUM, number=2, results="arc=pass")),
    Trick("a trusted list that saw nothing proven", seal(MAIL, FORUM, results="dmarc=fail header.from=clb.example")),
    Trick("a trusted list that saw another domain", seal(MAIL, FORUM, results="dmarc=pass header.from=evil.example")),
    Trick("a trusted list that names no domain", seal(MAIL, FORUM, results="dmarc=pass")),
    Trick("a trusted list, told in quotes", seal(MAIL, FORUM, results='spf=none smtp.helo="; dmarc=pass header.from=clb.example"')),
    Trick("a trusted list, told in a comment", seal(MAIL, FORUM, results="spf=none (; dmarc=pass header.from=clb.example)")),
    Trick("a trusted list, words changed after it", seal(MAIL, FORUM).replace(b"graag", b"geen")),
    Trick("a trusted list, results changed after it", seal(MAIL, FORUM, results="dmarc=fail header.from=clb.example").replace(b"dmarc=fail", b"dmarc=pass")),
    Trick("a trusted list's name on the stranger's seal", seal(MAIL, EVIL)),
    Trick("a trusted seal around the stranger's signature", seal(MAIL, FORUM).replace(b"d=forum.example; s=s1; h=", b"d=liars.example; s=s1; h=")),
    Trick("a trusted list that ended its chain", seal(MAIL, FORUM, cv="fail")),
    Trick("our host's results, straight from outside", RESULTS + MAIL),
    Trick("our host's results in a mail from outside, with its Received", RESULTS + RECEIVED + MAIL),
    Trick("our host's results below the first foreign Received", RECEIVED + FOREIGN + RESULTS + MAIL, "none", INNER),
    Trick("our host's results below its real ones", FAILED + RECEIVED + RESULTS + MAIL, "fail", INNER),
    Trick("another host's results above", RESULTS.replace(b"mx.m", b"mx.evil.m") + RECEIVED + MAIL, "none", INNER),
    Trick("results of a name that begins like ours", RESULTS.replace(b"example;", b"example.evil.test;") + RECEIVED + MAIL, "none", INNER),
    Trick("a host that writes no results", RECEIVED + MAIL, "none", INNER),
    Trick("a host that writes no results, and a broken signature", RECEIVED + sign(MAIL, EVIL), "none", MAILBOX),
    Trick("SPF of our own host's address", MAIL, "none", replace(INNER, mail_from="an@clb.example")),
    Trick("Exchange Online's shape, not switched on", EXCHANGE_RECEIVED + BY_EXCHANGE + MAIL, "none", MAILBOX),
    Trick("Exchange Online's shape below its own", EXCHANGE_RECEIVED + BY_EXCHANGE.replace(b"dmarc=pass", b"dmarc=none") + BY_EXCHANGE + MAIL, "none", MAILBOX, EXCHANGE),
    Trick("Exchange Online's shape below a foreign Received", FOREIGN + BY_EXCHANGE + MAIL, "none", MAILBOX, EXCHANGE),
    Trick("Exchange Online's shape below a name", b"Authentication-Results: x.example; none\r\n" + BY_EXCHANGE + MAIL, "none", MAILBOX, EXCHANGE),
    Trick("Exchange Online's shape straight from outside", BY_EXCHANGE + MAIL, "fail", FORGED, EXCHANGE),
    Trick("Exchange Online's shape about another domain", BY_EXCHANGE.replace(b"from=clb", b"from=evil") + MAIL, "none", MAILBOX, EXCHANGE),
    Trick("Exchange Online rejects", BY_EXCHANGE.replace(b"dmarc=pass action=none", b"dmarc=fail action=oreject") + MAIL, "fail", MAILBOX, EXCHANGE),
    Trick("Exchange Online guesses", BY_EXCHANGE.replace(b"dmarc=pass", b"dmarc=bestguesspass") + MAIL, "none", MAILBOX, EXCHANGE),
)
# fmt: on


@pytest.mark.parametrize("case", HONEST, ids=lambda case: case.name)
def test_honest_mail_is_proven(case):
    """By the method that shows it, for the domain that From names."""
    found = judged(case.mail, case.envelope, rules=case.rules)

    assert (found.result, found.method, found.domain) == (ProofResult.PASS, case.method, case.domain), found.reason


@pytest.mark.parametrize("case", TRICKS, ids=lambda case: case.name)
def test_no_trick_is(case):
    """Nothing is proven; where the domain asks for it the mail fails."""
    found = judged(case.mail, case.envelope, rules=case.rules)

    assert isinstance(found, Proof)
    assert (found.result.value, found.domain) == (case.result, None), found.reason


@pytest.mark.parametrize("case", TRICKS, ids=lambda case: case.name)
def test_no_trick_proves_a_clb_when_the_dns_fails(case):
    """Whatever does not answer: no proof, and no failure that the DNS has not confirmed."""
    for kind in ("TXT", "A"):
        for name, records in ZONE.items():
            zone = ZONE | {name: {**records, "FAILS": [kind]}}
            found = judged(case.mail, case.envelope, rules=case.rules, zone=zone)
            proof = found.otherwise if isinstance(found, NotProvenYet) else found
            assert proof.result is not ProofResult.PASS, name


def test_reasons_name_no_people():
    """They stand in the log and in the digest."""
    for case in (*HONEST, *TRICKS):
        found = judged(case.mail, case.envelope, rules=case.rules)
        assert "@" not in found.reason
        assert "Peeters" not in found.reason


@pytest.mark.parametrize(
    ("mail", "envelope", "fails"),
    [
        (MAIL, FORGED, "_dmarc.clb.example"),
        (MAIL, FORGED, "clb.example"),
        (sign(MAIL, KEY), FORGED, "s1._domainkey.clb.example"),
        (sign(MAIL, KEY), MAILBOX, "s1._domainkey.clb.example"),
        (sign(MAIL, KEY, domain="mail.clb.example"), FORGED, "_dmarc.clb.example"),
        (seal(MAIL, FORUM), FORGED, "s1._domainkey.forum.example"),
        (seal(MAIL, FORUM), MAILBOX, "s1._domainkey.forum.example"),
    ],
)
def test_a_dns_that_does_not_answer_is_asked_again(mail, envelope, fails):
    """It is no failure and no proof; with no more tries it is none, and the reason says so."""
    found = judged(mail, envelope, zone=ZONE | {fails: {"FAILS": ["TXT"]}})

    assert isinstance(found, NotProvenYet)
    assert found.otherwise == Proof(reason="the DNS did not answer, so that nothing is proven yet")


def test_what_is_proven_needs_no_second_answer():
    """A right signature of the very domain counts while its policy and its hosts cannot be asked."""
    silent = {name: {"FAILS": ["TXT"]} for name in ("_dmarc.clb.example", "clb.example")}

    assert judged(sign(MAIL, KEY), zone=ZONE | silent).result is ProofResult.PASS
    assert judged(MAIL, CLB_HOST, zone=ZONE | {"_dmarc.clb.example": {"FAILS": ["TXT"]}}).result is ProofResult.PASS


def test_without_an_envelope_nothing_fails():
    """A mail that is read once more for another reason came from nowhere."""
    assert judged(MAIL, Envelope()).result is ProofResult.NONE

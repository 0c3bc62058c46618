"""Which signatures are right, which leave something open, and what does it cost to be shown a nasty one?"""

import base64
import time

import dkim
import pytest
from needs import CORPUS
from signers import MAIL, NOW, SIGNED, ed25519_signer, rsa_signer, sign, tiny_signer

from mailflow.reading.authentication.dkim_check import check_dkim
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.authentication.signature import Outcome
from mailflow.reading.authentication.signed_mail import canonical_body, canonical_field, split_signed
from mailflow.reading.authentication.tag_list import parse_tags, without_signature
from mailflow.reading.fields import header_start, split_fields

KEY, OTHER = rsa_signer(), rsa_signer(name="other")
ED = ed25519_signer()
FORMS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", "simple")

# A mail and the keys that RFC 8463 prints in its appendix: one signature of each kind.
RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC_8463_ZONE = {
    "brisbane._domainkey.football.example.com": {
        "TXT": ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]
    },
    "test._domainkey.football.example.com": {
        "TXT": [
            "v=DKIM1; k=rsa; p="
            "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/"
            "J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOT"
            "IKT+l/K4w3QIDAQAB"
        ]
    },
}


def outcome(raw, record=None, *, now=NOW, zone=None):
    """What becomes of the only signature of clb.example in *raw*; "" where none was looked at."""
    resolver = ZoneResolver(
        zone if zone is not None else {"s1._domainkey.clb.example": {"TXT": [record or KEY.record()]}}
    )
    mail = split_signed(raw)
    found = check_dkim(mail, "clb.example".__eq__, resolver, now) if mail else ()
    return found[0].outcome if found else ""


def test_the_examples_of_rfc_8463_are_right():
    """Ed25519 and RSA over the same mail."""
    found = check_dkim(split_signed(RFC_8463), "football.example.com".__eq__, ZoneResolver(RFC_8463_ZONE), NOW)

    assert [one.outcome for one in found] == [Outcome.PASS, Outcome.PASS]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("signer", [KEY, ED], ids=["rsa", "ed25519"])
def test_what_others_sign_is_right_and_what_was_touched_is_not(form, signer):
    """In each canonical form, with both kinds of key."""
    mail = sign(MAIL, signer, form=form)

    assert outcome(mail, signer.record()) is Outcome.PASS
    assert outcome(mail.replace(b"graag", b"nooit"), signer.record()) is Outcome.FAIL
    assert outcome(mail.replace(b"An Peeters", b"Jan Peeters"), signer.record()) is Outcome.FAIL


def test_dkimpy_itself_signs_what_we_find_right():
    """Its own header folding, order and oversigning."""
    pem = KEY.key.private_bytes(*_pem())

    mail = dkim.sign(MAIL, b"s1", b"clb.example", pem) + MAIL

    assert outcome(mail) is Outcome.PASS


def test_line_ends_of_unix_and_a_line_of_mbox_change_nothing():
    """As a file on disk keeps it."""
    assert outcome(sign(MAIL, KEY).replace(b"\r\n", b"\n")) is Outcome.PASS
    assert outcome(b"From an@clb.example Mon Nov 23\r\n" + sign(MAIL, KEY)) is Outcome.PASS


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b" \r\n\r\n", b"x", b"x \t", b"\r", b"x\r", b"\r\n\r\r\n\r\n", b"x\r\r\n"]
)
@pytest.mark.parametrize("form", ["simple", "relaxed"])
def test_odd_ends_of_a_body_are_hashed_as_others_hash_them(body, form):
    """Empty, blank, without a last line end, with lone returns."""
    policy = dkim.CanonicalizationPolicy.from_c_value(f"{form}/{form}".encode())

    assert canonical_body(body, form) == _by_the_letter(policy.canonicalize_body(body), body, form)


def _by_the_letter(theirs, body, form):
    """dkimpy leaves blanks at an end without line end (RFC 6376 3.4.4 a: all at the end of a line are ignored)."""
    if form == "relaxed" and body == b"x \t":
        return b"x\r\n"
    return theirs


# (tags of the signature, tags of its key, outcome)
@pytest.mark.parametrize(
    ("tags", "key", "expected"),
    [
        ({}, {}, Outcome.PASS),
        ({"i": "an@clb.example"}, {"t": "s"}, Outcome.PASS),
        ({"i": "an@sub.clb.example"}, {}, Outcome.PASS),
        ({"i": "an@sub.clb.example"}, {"t": "s"}, Outcome.FAIL),
        ({"i": "@evil.example"}, {}, Outcome.FAIL),
        ({"i": "@xclb.example"}, {}, Outcome.FAIL),
        ({"q": "dns/txt"}, {}, Outcome.PASS),
        ({"q": "http"}, {}, Outcome.FAIL),
        ({"v": "2"}, {}, Outcome.FAIL),
        ({"v": None}, {}, Outcome.FAIL),
        ({"bh": None}, {}, Outcome.FAIL),
        ({"bh": "%%%"}, {}, Outcome.FAIL),
        ({"c": "loose/loose"}, {}, Outcome.FAIL),
        ({"a": "rsa-sha1"}, {}, Outcome.FAIL),
        ({"a": "rsa-sha512"}, {}, Outcome.FAIL),
        ({"a": "ed25519-sha256"}, {}, Outcome.FAIL),
        ({"x": int(NOW.timestamp()) + 60}, {}, Outcome.PASS),
        ({"x": int(NOW.timestamp()) - 1}, {}, Outcome.FAIL),
        ({"t": 2000000000, "x": 1999999999}, {}, Outcome.FAIL),
        ({"x": "never"}, {}, Outcome.FAIL),
        ({"x": "9" * 5000}, {}, Outcome.FAIL),
        ({"l": "x"}, {}, Outcome.FAIL),
        ({"s": "../../etc"}, {}, Outcome.FAIL),
        ({"s": "s1." * 100}, {}, Outcome.FAIL),
        ({"s": "sé"}, {}, Outcome.FAIL),
        ({}, {"t": "y"}, Outcome.WEAK),
        ({}, {"h": "sha1"}, Outcome.FAIL),
        ({}, {"h": "sha1:sha256"}, Outcome.PASS),
        ({}, {"s": "email"}, Outcome.PASS),
        ({}, {"s": "tlsrpt"}, Outcome.FAIL),
    ],
)
def test_tags_say_whether_a_signature_may_count(tags, key, expected):
    """RFC 6376 3.5 and 3.6.1, RFC 8301."""
    assert outcome(sign(MAIL, KEY, **tags), KEY.record(**key)) is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (KEY.record().replace("v=DKIM1; ", ""), Outcome.PASS),
        (KEY.record().replace("k=rsa; ", ""), Outcome.PASS),
        (KEY.record().replace("DKIM1", "DKIM2"), Outcome.FAIL),
        ("v=DKIM1; k=rsa; p=", Outcome.FAIL),
        ("v=DKIM1; k=rsa", Outcome.FAIL),
        ("v=DKIM1; k=rsa; p=AAAA", Outcome.FAIL),
        ("v=DKIM1; k=rsa; p=é", Outcome.FAIL),
        ("v=DKIM1; k=dsa; p=AAAA", Outcome.FAIL),
        ("v=DKIM1; k=ed25519; p=AAAA", Outcome.FAIL),
        pytest.param(ED.record(), Outcome.FAIL, id="another kind of key"),
        pytest.param(OTHER.record(), Outcome.FAIL, id="another key"),
        ("; ;;", Outcome.FAIL),
    ],
)
def test_a_key_is_used_only_as_its_record_says(record, expected):
    """Revoked, broken, of another kind, of somebody else."""
    assert outcome(sign(MAIL, KEY), record) is expected


def test_a_key_of_512_bits_does_not_count():
    """Anybody can find its private half (RFC 8301); the signature itself is right, as dkimpy agrees."""
    tiny = tiny_signer()
    mail = sign(MAIL, tiny)

    assert dkim.verify(mail, dnsfunc=lambda *_, **__: tiny.record().encode(), minkey=512)
    assert outcome(mail, tiny.record()) is Outcome.FAIL


def test_two_keys_of_one_name_are_none_and_no_answer_is_no_failure():
    """Never guess which; ask again later."""
    mail = sign(MAIL, KEY)

    two = {"s1._domainkey.clb.example": {"TXT": [KEY.record(), OTHER.record()]}}

    assert outcome(mail, zone=two) is Outcome.FAIL
    assert outcome(mail, zone={}) is Outcome.FAIL
    assert outcome(mail, zone={"s1._domainkey.clb.example": {"FAILS": ["TXT"]}}) is Outcome.TEMPORARY


@pytest.mark.parametrize("name", ["From", "Subject", "To", "Reply-To", "Content-Type", "Date", "from ", "MIME-Version"])
@pytest.mark.parametrize("where", ["above", "below"])
def test_a_field_added_after_signing_never_passes(name, where):
    """Some programs show the first of two, others the last."""
    mail = MAIL.replace(
        b"Subject", b"Reply-To: an@clb.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\nSubject"
    )
    signed = sign(mail, KEY, names=(*SIGNED, "reply-to"))
    added = f"{name}: evil@evil.example\r\n".encode()

    forged = added + signed if where == "above" else signed.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)

    assert outcome(signed) is Outcome.PASS
    assert outcome(forged) in {Outcome.WEAK, Outcome.FAIL}


@pytest.mark.parametrize(
    ("mail", "names", "expected"),
    [
        (MAIL, ("from", "subject"), Outcome.PASS),
        (MAIL, ("from", "from", "subject", "subject", "x-none"), Outcome.PASS),
        (MAIL, ("from", "to"), Outcome.WEAK),
        (MAIL, ("subject", "to"), Outcome.FAIL),
        (b"Reply-To: evil@evil.example\r\n" + MAIL, SIGNED, Outcome.WEAK),
        (b"Reply-To: an@clb.example\r\n" + MAIL, (*SIGNED, "reply-to"), Outcome.PASS),
    ],
)
def test_what_we_act_upon_must_be_signed(mail, names, expected):
    """From, Subject and the address that answers go to."""
    assert outcome(sign(mail, KEY, names=names)) is expected


def test_a_length_never_counts_whether_something_was_added_or_not():
    """The l= tag: what follows may be anybody's."""
    signed = sign(MAIL, KEY, length=10)

    assert outcome(signed) is Outcome.WEAK
    assert outcome(signed + b"and something else\r\n") is Outcome.WEAK
    assert outcome(sign(MAIL, KEY, length=10_000)) is Outcome.WEAK
    assert outcome(sign(MAIL, OTHER, length=10)) is Outcome.FAIL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject:", b"X: a\rFrom: evil@evil.example\r\nSubject:"),
        (b"Subject:", b"X: a\nFrom: evil@evil.example\r\nSubject:"),
        (b"Subject:", b"no field at all\r\nSubject:"),
        (b"Subject:", b"X: a\n\nSubject:"),
    ],
)
def test_a_header_that_can_be_read_in_two_ways_is_not_looked_at(before, after):
    """The line ends that mail is smuggled with."""
    assert outcome(sign(MAIL, KEY).replace(before, after, 1)) == ""


def test_only_five_aligned_signatures_are_checked():
    """The sixth is never looked up; those of other domains do not count among them."""
    mail = sign(MAIL, KEY)
    for number in range(20):
        mail = sign(MAIL, OTHER, domain="evil.example", selector=f"s{number}")[: -len(MAIL)] + mail
    asked = []

    class Counting(ZoneResolver):
        def txt(self, name):
            asked.append(name)
            return super().txt(name)

    check_dkim(split_signed(mail), "clb.example".__eq__, Counting(), NOW)
    check_dkim(split_signed(mail), "evil.example".__eq__, Counting(), NOW)

    assert len(asked) == 1 + 5


@pytest.mark.usefixtures("corpus")
def test_the_header_is_cut_as_mime_py_cuts_it():
    """Else we could be shown one From and have another one verified."""
    compared = 0
    for file in sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.suffix in {".eml", ".txt", ""}):
        raw = file.read_bytes()
        mail = split_signed(raw)
        if mail is None:
            continue
        fields, _, _ = split_fields(raw, header_start(raw), max_bytes=1_000_000, max_fields=1000)
        assert [(one.name, one.value) for one in mail.fields] == fields
        compared += 1
    assert compared > 100


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b" x\r\n\r\n",
        b":\r\n",
        b"\0",
        b"DKIM-Signature: \r\n\r\n",
        b"DKIM-Signature: ;;;\r\n\r\n",
        b"DKIM-Signature: d=clb.example\r\n\r\n",
        b"DKIM-Signature: d=clb.example; d=clb.example\r\n\r\n",
        b"DKIM-Signature: v=1; d=clb.example; a=\xff; b=; bh=; h=; s=\r\n\r\n",
        b"DKIM-Signature: =; d=clb.example\r\n\r\n",
    ],
)
def test_nonsense_is_no_signature(raw):
    """Nothing raises."""
    assert outcome(raw) in {"", Outcome.FAIL}


@pytest.mark.parametrize(
    "raw",
    [
        MAIL.replace(b"Dag", b" " * 2_000_000 + b"x"),
        MAIL.replace(b"Dag", b"\t \r" * 700_000),
        MAIL.replace(b"Dag", b"\r\n" * 1_000_000),
        MAIL.replace(b"Dag", b"\r" * 2_000_000),
        MAIL.replace(b"Subject: ", b"Subject: " + b" \t" * 400_000 + b"x"),
        MAIL.replace(b"Subject: ", b"Subject: " + b"\r\n " * 300_000 + b"x"),
    ],
)
def test_a_mail_made_to_be_slow_is_not(raw):
    """Two megabytes of blanks cost dkimpy an hour."""
    signature = sign(MAIL, KEY)[: -len(MAIL)]

    begin = time.process_time()
    outcome(signature + raw)

    assert time.process_time() - begin < 2


def test_tag_lists_made_to_be_slow_are_not():
    """Blanks, semicolons and equals signs without end."""
    begin = time.process_time()
    for value in (b" " * 1_000_000, b";" * 1_000_000, b"=" * 1_000_000, b"a=b;" * 300_000, b"b=" + b" " * 1_000_000):
        parse_tags(value)
        without_signature(b"DKIM-Signature:" + value)
        canonical_field(b"DKIM-Signature:" + value + b"\r\n", "relaxed")

    assert time.process_time() - begin < 2


def test_a_key_made_to_be_slow_is_not():
    """A huge modulus with a huge exponent."""
    content = base64.b64encode(
        b"\x30\x82\x40\x00" + b"\x02\x82\x20\x00" + b"\xff" * 8192 + b"\x02\x82\x20\x00" + b"\xff" * 8192
    )

    begin = time.process_time()
    assert outcome(sign(MAIL, KEY), f"v=DKIM1; p={content.decode()}") is Outcome.FAIL

    assert time.process_time() - begin < 1


def _pem():
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    return Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()

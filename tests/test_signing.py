"""A letter that we sign ourselves: our own check takes it, the usual library takes it, and no change goes unseen."""

import base64
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mailflow.reading.authentication.dkim_check import check_dkim
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.authentication.signature import Outcome
from mailflow.reading.authentication.signed_mail import split_signed
from mailflow.signing import Signer, signing_key

MAIL = (
    b"From: =?utf-8?q?Meldpunt?= <meldpunt@meldpunt.example>\r\nTo: an@clb.example\r\nSubject: [MSI-2026-0001]\r\n ontvangen\r\n"
    b"Date: Mon, 5 Oct 2026 09:00:00 +0200\r\nMessage-ID: <1@meldpunt.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nDag An,  \r\n\r\nGoed ontvangen.\t\r\n\r\n\r\n"
)
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
RSA = new_rsa(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()


def zone(key) -> dict[str, dict[str, list[str]]]:
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        kind = "ed25519"
    else:
        raw, kind = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "rsa"
    record = f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"
    return {"mail1._domainkey.meldpunt.example": {"TXT": [record]}}


def pem(key, encryption=None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_our_own_check_takes_it(key):
    """With either kind of key, and the same letter gives the same bytes."""
    signer = Signer("meldpunt.example", "mail1", key)

    signed = signer.sign(MAIL)

    assert signed.endswith(b"\r\n" + MAIL)
    assert signer.sign(MAIL) == signed
    assert passes(signed, key)
    assert max(len(line) for line in signed.split(b"\r\n")) < 120


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Goed ontvangen", b"Goed ontvange n"),
        (b"\r\nSubject: ", b"\r\nSubject: x"),
        (b"To: an@", b"To: jan@"),
        (b"From: ", b"From: evil@evil.example\r\nFrom: "),
        (b"MIME-Version", b"Subject: een tweede\r\nMIME-Version"),
    ],
)
def test_no_change_goes_unseen(old: bytes, new: bytes):
    """In the text, in a field, or by one more of a field that there is."""
    signed = Signer("meldpunt.example", "mail1", RSA).sign(MAIL)

    assert not passes(signed.replace(old, new, 1), RSA)


def test_the_usual_library_takes_it():
    """dkimpy, as many hosts use it."""
    signed = Signer("meldpunt.example", "mail1", RSA).sign(MAIL)

    record = zone(RSA)["mail1._domainkey.meldpunt.example"]["TXT"][0].encode()

    assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(signed.replace(b"Goed", b"Niet"), dnsfunc=lambda name, timeout=5: record)


def test_what_may_change_on_the_way_may_change():
    """Relaxed: blanks, folding, empty lines at the end, and fields of others above it."""
    signed = Signer("meldpunt.example", "mail1", RSA).sign(MAIL)

    passed_on = b"Received: from a by b\r\n" + signed.replace(b"]\r\n ontvangen", b"] ontvangen").rstrip() + b"\r\n"

    assert passes(passed_on, RSA)


def test_keys_that_cannot_sign_are_told_in_plain_words():
    """Before the service starts."""
    told = []
    for text in (
        "geen sleutel",
        pem(new_rsa(65537, 1024)),
        pem(new_ec(SECP256R1())),
        pem(RSA, BestAvailableEncryption(b"x")),
    ):
        with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are what is asked here
            signing_key(text)
        told.append(str(error.value))

    assert told == [
        "this is no private key in PEM form",
        "this key has 1024 bits: 2048 or more are wanted",
        "mail is signed with RSA or Ed25519, and this key is neither",
        "this key is locked with a password",
    ]
    assert signing_key(pem(ED25519)).public_key() == ED25519.public_key()
    assert "PRIVATE" not in repr(Signer("meldpunt.example", "mail1", RSA))


def test_a_header_that_can_be_read_in_two_ways_is_not_signed():
    """That would be a fault of ours."""
    with pytest.raises(ValueError, match="two ways"):
        Signer("meldpunt.example", "mail1", RSA).sign(b"no field\r\n\r\nx\r\n")


def passes(raw: bytes, key) -> bool:
    mail = split_signed(raw)
    assert mail is not None
    checked = check_dkim(mail, lambda domain: domain == "meldpunt.example", ZoneResolver(zone(key)), NOW)
    return [one.outcome for one in checked] == [Outcome.PASS]

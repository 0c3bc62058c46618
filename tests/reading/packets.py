"""Mail in wrappers, made to the letter of their specifications: Outlook's winmail.dat, and signatures around a mail."""

import base64
import struct
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

LONG_NAME, OBJECT, HTML = 0x3707, 0x3701, 0x1013


def winmail(*files, text="", html=""):
    """winmail.dat (MS-OXTNEF) with these (name, content) files, each named short and long as Outlook does."""
    packet = struct.pack("<LH", 0x223E9F78, 1) + attribute(1, 0x00069007, struct.pack("<LL", 1252, 0))
    if text:
        packet += attribute(1, 0x0002800C, text.encode("cp1252") + b"\0")
    if html:
        packet += attribute(1, 0x00069003, properties((0x0102, HTML, html.encode("cp1252"))))
    for name, content in files:
        packet += attribute(2, 0x00069002, b"\x01\x00" + b"\xff" * 12)
        packet += attribute(2, 0x00018010, name[:8].encode("cp1252", "replace") + b"\0")
        packet += attribute(2, 0x0006800F, content)
        packet += attribute(2, 0x00069005, properties((0x001F, LONG_NAME, f"{name}\0".encode("utf-16-le"))))
    return packet


def attribute(level, name, value):
    return struct.pack("<BLL", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*known):
    """A list of properties: a number first, one with a name of its own, then those that are *known*."""
    out = struct.pack("<L", 2 + len(known))
    out += struct.pack("<HHL", 0x0003, 0x370B, 0xFFFFFFFF)
    out += struct.pack("<HH16sLL", 0x000B, 0x8001, b"g" * 16, 1, 6) + "ab\0".encode("utf-16-le") + b"\0\0"
    out += struct.pack("<L", 1)
    for kind, name, value in known:
        out += struct.pack("<HHLL", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return out


def signed(entity):
    """*entity* inside its signature (opaque): what follows the fields of a mail."""
    der = _signer(entity).sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    return (
        b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(der).replace(b"\n", b"\r\n")
    )


def signed_beside(entity):
    """*entity* and its signature as two parts (multipart/signed): what follows the fields of a mail."""
    whole = _signer(entity).sign(serialization.Encoding.SMIME, [pkcs7.PKCS7Options.DetachedSignature])
    return whole.removeprefix(b"MIME-Version: 1.0\n")


def _signer(entity):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An Peeters")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return pkcs7.PKCS7SignatureBuilder().set_data(entity).add_signer(certificate, key, hashes.SHA256())

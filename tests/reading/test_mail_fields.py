"""Who wrote, to whom, when and in answer to what: the fields of a mail, and what cannot be smuggled in by them."""

from datetime import UTC, datetime

import pytest

from mailflow.reading.mime import parse


def mail(*lines: str | bytes) -> bytes:
    """These lines with CRLF between them."""
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("els@clb.example", [("els@clb.example", "")]),
        ("Els Peeters <els@clb.example>", [("els@clb.example", "Els Peeters")]),
        ("els@clb.example (Els (CLB) Peeters)", [("els@clb.example", "Els (CLB) Peeters")]),
        ('"els peeters"@clb.example', [('"els peeters"@clb.example', "")]),
        ('<"a>b"@clb.example>', [('"a>b"@clb.example', "")]),
        ("baas@school.example <els@clb.example>", [("els@clb.example", "baas@school.example")]),
        ("a@x.example, b@y.example", [("a@x.example", ""), ("b@y.example", "")]),
        ("CLB: a@x.example, B <b@y.example>;", [("a@x.example", ""), ("b@y.example", "B")]),
        ("undisclosed-recipients:;", []),
        ("<@a.example,@b.example:c@d.example>", [("c@d.example", "")]),
        ("=?utf-8?Q?Peeters=2C_Els?= <els@clb.example>", [("els@clb.example", "Peeters, Els")]),
        ("=?utf-8?Q?Peeters,_Els?= <els@clb.example>", [("els@clb.example", "Peeters, Els")]),
        ("=?utf-8?Q?els=40clb=2Eexample=2C?= <boos@evil.example>", [("boos@evil.example", "els@clb.example,")]),
        ("=?utf-8?Q?boos=40evil=2Eexample?=", [("", "boos@evil.example")]),
        ('"els@clb.example\\" x" <boos@evil.example>', [("boos@evil.example", 'els@clb.example" x')]),
        ("Els <a@x.example> <b@y.example>", [("", "Els")]),
        ("a@b@clb.example", [("", "a@b@clb.example")]),
        ("Els Peeters", [("", "Els Peeters")]),
        ("Els peeters@clb.example", [("", "Els peeters@clb.example")]),
        ("MAILER-DAEMON <>", [("", "MAILER-DAEMON")]),
        ("Els <els@clb.example", [("els@clb.example", "Els")]),
        ('"Els <els@clb.example>', [("els@clb.example", "Els")]),
        ("(Els <els@clb.example>", [("els@clb.example", "Els")]),
        ("els@[192.0.2.1]", [("els@[192.0.2.1]", "")]),
        ("els@clb.exam\u200bple", [("", "els@clb.exam\u200bple")]),
        ("", []),
    ],
)
def test_a_mailbox_is_split_before_it_is_decoded(field, expected):
    """An encoded "@", "," or quote changes no address; two addresses in one mailbox are none."""
    read = parse(f"From: {field}\r\n\r\n".encode())

    assert [(one.address, one.name) for one in read.from_] == expected


@pytest.mark.parametrize("hidden", [b"\x00", b"\x01", b"\x7f", b"\x0b"])
def test_a_control_character_makes_an_address_unreadable(hidden):
    """What one program ignores, another may not."""
    read = parse(b"From: Els <els@clb.exam" + hidden + b"ple>\r\n\r\n")

    assert read.author.address == ""
    assert read.problems == ("unreadable From address",)


def test_every_from_field_is_read_and_counted():
    """RFC 5322 allows one: whoever judges the sender must see the others."""
    read = parse(mail("From: a@x.example", "From: b@y.example, c@z.example", "", ""))

    assert read.from_fields == 2
    assert [one.address for one in read.from_] == ["a@x.example", "b@y.example", "c@z.example"]


def test_only_the_newest_references_count():
    """At most 32, and no id beyond 998 characters."""
    raw = mail(
        "References: " + " ".join(f"<{number}@x.example>" for number in range(50)) + f" <{'a' * 1000}@x>", "", ""
    )

    read = parse(raw)

    assert len(read.references) == 32
    assert read.references[-1] == "<49@x.example>"


@pytest.mark.parametrize(
    "when",
    ["", "gisteren", "Mon, 99 Foo 99999 99:99:99 +9999", "\x00", "31 Dec 9999 23:59:59 -1200"],
)
def test_a_date_that_is_none_is_none(when):
    """No exception, and never a moment that UTC cannot hold."""
    assert parse(mail(f"Date: {when}", "", "")).date is None


def test_a_date_without_a_zone_is_utc():
    """-0000 says: UTC, place unknown."""
    assert parse(mail("Date: Mon, 5 Jan 2026 10:00:00 -0000", "", "")).date == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_no_decoded_field_can_start_a_new_one():
    """Line ends and NUL hidden in an encoded-word are gone."""
    read = parse(mail("Subject: =?utf-8?Q?a=0D=0ABcc:_b=00c=E2=80=A8d?=", "", ""))

    assert read.subject == "a Bcc: b c d"
    assert read.header("subject") == read.subject


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=", "éé"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9n?=", "én"),
        ("a =?iso-8859-1?Q?=E9?= =?utf-8?Q?=C3=A9?= b", "a éé b"),
        ("=?utf-8*nl?Q?dag_?= tekst =?utf-8?Q?=21?=", "dag  tekst !"),
        ("=?x-klingon?Q?=C3=A9?=", "é"),
        ("=?utf-8?B?w6k?=", "é"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("zonder =? woord", "zonder =? woord"),
    ],
)
def test_encoded_words_are_read_as_people_meant_them(written, expected):
    """A letter split over two words, the wrong charset, missing padding."""
    assert parse(mail(f"Subject: {written}", "", "")).subject == expected


def test_the_header_ends_where_the_standard_library_ends_it():
    """The first line that is no field is text; a mbox line and empty lines before the header are skipped."""
    read = parse(mail("", "From els@clb.example Mon Jan  5", "Subject: x", " y", "Dit is geen veld", "Naam: Jan"))

    assert read.subject == "x y"
    assert read.text == "Dit is geen veld\nNaam: Jan"

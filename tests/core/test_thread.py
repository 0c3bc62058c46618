"""Is it our seal, and whose? Forged, altered and foreign signs name nothing."""

from dataclasses import replace

from rows import each_row

from mailflow.core import thread
from mailflow.core.mail import Address, Mail
from mailflow.core.rules import Desk
from mailflow.core.thread import (
    ACTIONS,
    PARTIES,
    REPLY,
    Seal,
    Thread,
    bounce_address,
    by_message_id,
    digest_address,
    hints,
    is_ours,
    letter_of_bounce,
    message_id,
    reply_address,
    whose,
)

DESK = "meldpunt@meldpunt.example"
REF = "MSI-2026-0042"
SEAL = Seal((b"new" * 11,))
ADDRESS = reply_address(DESK, REF, "provider", SEAL)
ID = message_id("meldpunt.example", REF, 7, "provider", SEAL)


def of(*recipients, seal=SEAL, desk=DESK, quoted="", **mail):
    """The thread of a mail to these recipients."""
    return whose(Mail(**mail), recipients, desk, seal, quoted=quoted)


@each_row("party", PARTIES)
@each_row("action", ACTIONS)
def test_a_sealed_address_names_case_party_and_action(party, action):
    """Each tap of each party has a seal of its own."""
    address = reply_address(DESK, REF, party, SEAL, action=action)

    found = of(address)

    assert found == Thread(reference=REF, by="address", party=party, action=action)
    assert found.sealed


def test_the_seals_of_parties_and_actions_all_differ():
    """No party can use the tap of another."""
    addresses = {reply_address(DESK, REF, party, SEAL, action=action) for party in PARTIES for action in ACTIONS}

    assert len(addresses) == len(PARTIES) * len(ACTIONS)


@each_row(
    "address",
    [
        ADDRESS.replace("0042", "0043"),
        ADDRESS.replace("2026", "2027"),
        ADDRESS.replace("@meldpunt.example", "@meldpunt.example.evil.example"),
        ADDRESS.replace("@meldpunt.example", "@meldpunt-example.test"),
        ADDRESS.replace("@meldpunt.example", "@sub.meldpunt.example"),
        ADDRESS.replace("meldpunt+", "meldpunt2+"),
        ADDRESS.replace("meldpunt+", "+"),
        f"{ADDRESS.partition('@')[0][:-1]}@meldpunt.example",
        f"{ADDRESS.partition('@')[0]}a@meldpunt.example",
        f"{ADDRESS.rpartition('.')[0].rpartition('.')[0]}@meldpunt.example",
        "meldpunt+msi-2026-0042.aaaaaaaaaa@meldpunt.example",
        "meldpunt+msi-2026-0042.@meldpunt.example",
        "meldpunt+@meldpunt.example",
        "meldpunt@meldpunt.example",
        "",
        "@",
        "meldpunt+msi-2026-0042.éééééééééé@meldpunt.example",
    ],
)
def test_an_altered_address_names_nothing(address):
    """Other case, other domain, other length: no seal of ours."""
    assert of(address) == Thread()


def test_another_key_names_nothing():
    """Somebody else's installation mints other seals."""
    assert of(ADDRESS, seal=Seal((b"other" * 7,))) == Thread()


def test_an_older_key_still_opens_what_it_sealed():
    """Keys rotate; the letters of open cases stay answerable, and new ones carry the new key."""
    rotated = Seal((b"newer" * 7, *SEAL.keys))

    assert of(ADDRESS, seal=rotated).reference == REF
    assert reply_address(DESK, REF, "provider", rotated) != ADDRESS
    assert by_message_id([ID], DESK, rotated) == (REF, 7, "provider")


def test_letter_case_does_not_matter():
    """Some mail hosts and phones change it."""
    assert of(ADDRESS.upper()).reference == REF
    assert of(ADDRESS.title()).reference == REF


@each_row(
    "mail",
    [
        {"to": (Address(ADDRESS),)},
        {"cc": (Address("iemand@elders.example"), Address(ADDRESS))},
        {"delivered_to": ("iemand@elders.example", ADDRESS)},
    ],
)
def test_the_address_may_stand_in_any_field(mail):
    """By IMAP there is no envelope."""
    assert of(**mail).party == "provider"


def test_a_desk_with_a_plus_of_its_own():
    """Its own + is part of its name."""
    desk = "zorg+meldpunt@meldpunt.example"
    address = reply_address(desk, REF, "referrer", SEAL)

    assert of(address, desk=desk).reference == REF
    assert of(address.replace("zorg+meldpunt+", "zorg+"), desk=desk) == Thread()
    assert of(address, desk="zorg@meldpunt.example") == Thread()


def test_a_local_part_of_64_octets_is_the_most():
    """One more, and the plain address is used: the Message-ID still names the case (RFC 5321 4.5.3.1.1)."""
    room = 64 - len("+msi-2026-0042.") - 10
    fits, too_long = (f"{'m' * n}@meldpunt.example" for n in (room, room + 1))

    assert len(reply_address(fits, REF, "desk", SEAL).partition("@")[0]) == 64
    assert of(reply_address(fits, REF, "desk", SEAL), desk=fits).party == "desk"
    assert reply_address(too_long, REF, "desk", SEAL) == too_long
    assert bounce_address(f"{'m' * 60}@meldpunt.example", 7, SEAL) == f"{'m' * 60}@meldpunt.example"


def test_the_newest_references_are_looked_at_first():
    """In-Reply-To, then References from the newest back, at most 32."""
    older = message_id("meldpunt.example", "MSI-2026-0001", 1, "provider", SEAL)
    foreign = tuple(f"<{n}@elders.example>" for n in range(40))

    assert of(in_reply_to=(ID,), references=(older,)).reference == REF
    assert of(references=(older, ID)).reference == REF
    assert of(references=(ID, *foreign)) == Thread()
    assert of(references=(*foreign, ID)) == Thread(reference=REF, by="message_id", party="provider", action=REPLY)


@each_row(
    "forged",
    [
        ID.replace(".7.", ".8."),
        ID.replace("0042", "0043"),
        ID.replace("meldpunt.example", "meldpunt.test"),
        ID.replace("<", "").replace(">", ""),
        f"{ID}{ID}",
        "<>",
        "<@>",
        "",
        "<msi-2026-0042.7.aaaaaaaaaa@meldpunt.example>",
        ID[:-30],
    ],
)
def test_a_forged_message_id_names_nothing(forged):
    """Empty, short, altered or guessed."""
    assert of(in_reply_to=(forged,)) == Thread()


def test_the_message_id_of_one_letter_is_not_the_tap_of_another():
    """A seal for a letter never opens an address, and the other way round."""
    seal = ID.split(".")[2].partition("@")[0]

    assert of(f"meldpunt+msi-2026-0042.{seal}@meldpunt.example") == Thread()


def test_a_plain_reference_is_found_but_not_sealed():
    """In the subject only between brackets; in the quoted body as it stands."""
    subject = of(subject="Antw: [msi-2026-0042] aanmelding")
    body = of(quoted="> MSI-2026-0042 · N.V.")

    assert (subject.reference, subject.by, subject.sealed) == (REF, "subject", False)
    assert (body.reference, body.by, body.sealed) == (REF, "body", False)
    assert of(subject="MSI-2026-0042") == Thread()
    assert of(quoted="XMSI-2026-00421234567 MSI-1826-0001") == Thread()


def test_the_surest_sign_wins():
    """A seal before a Message-ID, before the subject, before what is quoted."""
    other = message_id("meldpunt.example", "MSI-2026-0001", 1, "desk", SEAL)

    assert of(ADDRESS, in_reply_to=(other,), subject="[MSI-2026-0002]").reference == REF
    assert of(in_reply_to=(other,), subject="[MSI-2026-0002]").reference == "MSI-2026-0001"
    assert of(subject="[MSI-2026-0002]", quoted="MSI-2026-0003").reference == "MSI-2026-0002"


def test_a_digest_reply_names_its_day():
    """And with another day's seal nothing."""
    address = digest_address(DESK, "2026-11-23", SEAL)

    assert of(address) == Thread(by="digest", party="desk", digest="2026-11-23")
    assert of(address.replace("11-23", "11-24")) == Thread()
    assert not of(address).sealed


def test_a_bounce_names_its_letter():
    """By the envelope sender that only we and the sending host know."""
    address = bounce_address(DESK, 123, SEAL)

    assert letter_of_bounce(["x@y.example", address], DESK, SEAL) == 123
    assert letter_of_bounce([address.replace("123", "124")], DESK, SEAL) is None
    assert letter_of_bounce([ADDRESS], DESK, SEAL) is None
    assert of(address) == Thread()


@each_row(
    ("address", "ours"),
    [
        (DESK, True),
        (ADDRESS, True),
        ("Meldpunt+iets@MELDPUNT.example", True),
        ("postmaster@meldpunt.example", True),
        ("Postmaster", True),
        ("meldpunt", False),
        ("meldpunt2@meldpunt.example", False),
        ("meldpunt@elders.example", False),
        ("meldpunt@meldpunt.example.elders.example", False),
    ],
)
def test_mail_for_us(address, ours):
    """Our address, its + forms and postmaster; never a relay."""
    assert is_ours(address, DESK) is ours


def test_hints_are_for_caution_only():
    """Every reference in the head of a mail, once, at most eight."""
    head = "To: meldpunt+msi-2026-0042.x@y Subject: [MSI-2026-0042] MSI-2026-0001"

    assert hints(head) == (REF, "MSI-2026-0001")
    assert len(hints(" ".join(f"MSI-2026-{n:04}" for n in range(50)))) == 8


def test_seals_are_compared_in_constant_time(monkeypatch):
    """Through hmac.compare_digest, under every key, also after a match."""
    asked = []
    monkeypatch.setattr(thread.hmac, "compare_digest", lambda a, b: asked.append((a, b)) or a == b)
    two = Seal((SEAL.keys[0], b"old"))

    assert two.holds(SEAL.mint("a", "b"), "a", "b")
    assert len(asked) == 2


def test_words_are_sealed_apart():
    """No two lists of words make the same seal."""
    assert SEAL.mint("ab", "c") != SEAL.mint("a", "bc")
    assert "new" not in repr(SEAL)


def test_thousands_of_addresses_cost_little():
    """A hostile mail can name as many as it likes: the first 32 that look like ours are tried."""
    many = tuple(Address(f"meldpunt+msi-2026-{n:04}.aaaaaaaaaa@meldpunt.example") for n in range(5000))
    ids = tuple(f"<msi-2026-{n:04}.1.aaaaaaaaaa@meldpunt.example>" for n in range(5000))

    assert of(to=many, in_reply_to=ids, quoted="MSI-" * 100_000) == Thread()


def test_a_letter_about_a_mail_is_answered_there():
    """By its address, or by its Message-ID."""
    address, letter = thread.mail_address(DESK, 17, SEAL), thread.loose_id("meldpunt.example", "mail-17.1", SEAL)
    again, digest = (thread.loose_id("meldpunt.example", key, SEAL) for key in ("mail-17-3.2", "digest-2026-10-05.1"))

    assert of(address) == Thread(by="mail", party="desk", mail=17)
    assert of(in_reply_to=(letter,)) == of(in_reply_to=(again,)) == Thread(by="mail", mail=17)
    assert of(in_reply_to=(digest,)) == Thread(by="digest", digest="2026-10-05")


@each_row(
    "forged",
    [
        f"<mail-18.1.{SEAL.mint('loose', 'mail-17.1')}@meldpunt.example>",
        f"<mail-17.1.{SEAL.mint('loose', 'mail-17.1')}@elders.example>",
        "<mail-17.1.aaaaaaaaaa@meldpunt.example>",
    ],
)
def test_a_forged_message_id_of_a_mail_names_nothing(forged):
    """Another number, domain or seal."""
    assert of(in_reply_to=(forged,)) == Thread()
    assert of(f"meldpunt+m.18.{SEAL.mint('mail', '17')}@meldpunt.example") == Thread()


def test_a_quoted_list_of_ours_names_no_case():
    """Two references in the quoted text are two readings: each line names its own."""
    one = of(DESK, quoted="- MSI-2026-0042 Noor: gesproken?\n- msi-2026-0042")
    two = of(DESK, quoted="- MSI-2026-0042 Noor\n- MSI-2026-0043 Sam")

    assert one.reference == "MSI-2026-0042"
    assert two.reference is None


def test_an_answer_to_the_survey_names_year_and_clb():
    """By its address, or by the Message-ID of either letter."""
    ids = [thread.loose_id("meldpunt.example", f"{key}-2026-clb-leuven.1", SEAL) for key in ("survey", "surveytoo")]

    assert of(thread.survey_address(DESK, 2026, "clb-leuven", SEAL)).survey == (2026, "clb-leuven")
    assert [of(in_reply_to=(one,)).survey for one in ids] == [(2026, "clb-leuven")] * 2


def test_the_case_of_a_reply_address_among_others():
    """And none where there is none of ours."""
    ours = thread.reply_address(DESK, "MSI-2026-0042", "provider", SEAL)

    assert thread.sealed_case(["iemand@elders.example", ours], DESK, SEAL) == "MSI-2026-0042"
    assert thread.sealed_case(["iemand@elders.example", DESK], DESK, SEAL) == ""


def test_a_mail_host_that_knows_no_plus_gets_the_plain_address():
    """Answers and bounces go there too."""
    ours = thread.reply_address(DESK, "MSI-2026-0042", "provider", SEAL)
    desk = Desk(name="Meldpunt op proef", address=DESK, workers=("els@meldpunt.example",), phone="016 00 00 00")

    assert desk.or_plain(ours) == ours
    assert replace(desk, plus_addressing=False).or_plain(ours) == DESK

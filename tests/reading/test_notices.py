"""Which mail did no person write? None of it may ever be answered, and no person's mail may be taken for it."""

from collections import Counter

import pytest
from needs import CORPUS

from mailflow.core.mail import Bounce, Machine, Notice
from mailflow.reading.mime import parse
from mailflow.reading.notices import OwnMarks, notice

OWN = OwnMarks(frozenset({"meldpunt@desk.example"}), "1234abcd", frozenset({"forms.example"}))
PERSON = "From: Els <els@clb.example>"


def mail(*lines: str) -> bytes:
    """These lines with CRLF between them."""
    return "\r\n".join(lines).encode()


def judged(raw: bytes, envelope_from: str | None = "els@clb.example") -> Notice:
    return notice(parse(raw), raw, OWN, envelope_from=envelope_from)


# --- a person wrote it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["Subject: Aanmelding", "", "Naam: Jan"],
        ["Subject: Re: Undelivered Mail Returned to Sender", "", "Klopt dit adres?", "", "> 550 5.1.1 User unknown"],
        ["Subject: FW: Automatisch antwoord: vraag", "", "Zie onder."],
        ["Subject: Antw: Out of Office", "", "Bedankt."],
        ["Subject: [MSI-2026-0042] vraag", "", "Ik ben volgende week afwezig, daarna graag bellen."],
        ["Subject: Afwezigheid Jan", "", "Jan is al weken afwezig. Zelf ben ik maandag met verlof."],
        ["Subject: Afwezig: Jan (1ste jaar)", "", "Wie kan helpen? Hij komt niet meer."],
        ["Subject: Aanmelding", "X-Auto-Response-Suppress: All", "", "Naam: Jan"],
        ["Subject: Aanmelding", "Auto-Submitted: no", "X-Autoreply: no", "Precedence: normal", "", "Naam: Jan"],
        ["Subject: bevestig", "", "ja"],
        ["Subject: mail delivery", "", "Wordt de mail bezorgd?"],
        ["Subject: Delivery report asked", "", "Klopt dit?"],
        ["Subject: overleg", "Return-Path: <els@clb.example>", "", "Past maandag?"],
        ["Subject: overleg", "Content-Type: text/calendar; method=REQUEST", "", "BEGIN:VCALENDAR", "METHOD:REQUEST"],
        ["Subject: volgende week", "", "out of office zei ze", "", "Op ma 5 jan. schreef Jan:", "> ik ben met verlof"],
    ],
)
def test_what_a_person_writes_is_no_machine_mail(lines):
    """Neither quoted bounces nor words of absence nor Exchange's own fields make it one."""
    assert judged(mail(PERSON, *lines)) == Notice()


def test_a_postmaster_can_be_a_person():
    """In a small school the administrator writes from that address."""
    raw = mail("From: postmaster@school.example", "Subject: vraag over aanmelding", "", "Dag")

    assert judged(raw).kind is None


def test_a_trusted_form_service_passes_on_what_a_person_filled_in():
    """Its "auto-generated" and "bulk" are no sign; an automatic reply and the null sender still are."""
    fields = (
        "From: formulier@forms.example",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Unsubscribe: <x>",
    )
    replied = mail("From: formulier@forms.example", "Auto-Submitted: auto-replied", "", "x")

    assert judged(mail(*fields, "Subject: Aanmelding", "", "Naam: Jan")).kind is None
    assert judged(mail(*fields, "Subject: Aanmelding", "", "Naam: Jan"), "").kind is Machine.LIST
    assert judged(replied).kind is Machine.AUTO_REPLY


# --- a machine wrote it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["X-Mailflow-Instance: 1234abcd", PERSON], Machine.LOOP),
        (["From: Meldpunt <Meldpunt@Desk.example>"], Machine.LOOP),
        (["From: meldpunt+0042.abc@desk.example"], Machine.LOOP),
        ([PERSON, "Auto-Submitted: auto-replied (vacation)"], Machine.AUTO_REPLY),
        ([PERSON, "Auto-Submitted: no", "Auto-Submitted: auto-generated; type=x"], Machine.AUTO_REPLY),
        ([PERSON, "Precedence: auto_reply"], Machine.AUTO_REPLY),
        ([PERSON, "X-Autoreply: yes"], Machine.AUTO_REPLY),
        ([PERSON, "X-Autorespond: dank"], Machine.AUTO_REPLY),
        ([PERSON, "X-POST-MessageClass: 9; Autoresponder"], Machine.AUTO_REPLY),
        ([PERSON, "Return-Path: <>"], Machine.AUTO_REPLY),
        ([PERSON, "Subject: Auto reply: vraag"], Machine.AUTO_REPLY),
        ([PERSON, "Subject: Please confirm your message"], Machine.AUTO_REPLY),
        ([PERSON, "Subject: Your message to Lijst awaits moderator approval"], Machine.AUTO_REPLY),
        ([PERSON, "Subject: [SPAM] Quarantine notification"], Machine.AUTO_REPLY),
        ([PERSON, "Precedence: bulk"], Machine.LIST),
        ([PERSON, "Precedence: list"], Machine.LIST),
        ([PERSON, "List-Id: <lijst.clb.example>"], Machine.LIST),
        ([PERSON, "List-Unsubscribe: <mailto:uit@clb.example>"], Machine.LIST),
        (["From: MAILER-DAEMON <>", "Subject: vreemd"], Machine.BOUNCE),
        (["From: Mail Delivery System", "Subject: vreemd"], Machine.BOUNCE),
        (["From: postmaster@clb.example", "Subject: Niet bezorgd: Doorverwijzing"], Machine.BOUNCE),
        ([PERSON, "X-Failed-Recipients: weg@clb.example"], Machine.BOUNCE),
        ([PERSON, "Auto-Submitted: auto-replied", "Subject: Undeliverable: Doorverwijzing"], Machine.BOUNCE),
        ([PERSON, "Subject: Automatisch antwoord: Doorverwijzing"], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: [EXTERN] Automatic reply: Doorverwijzing"], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Doorverwijzing?="], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: Out of Office"], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: Afwezig: Re: [MSI-2026-0042] vraag"], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: Met verlof tot 12/1", "Precedence: bulk"], Machine.OUT_OF_OFFICE),
        ([PERSON, "Subject: Auto-reply: en congé"], Machine.OUT_OF_OFFICE),
    ],
)
def test_each_sign_has_its_kind(lines, kind):
    """One sign is enough, whoever is in From."""
    said = judged(mail(*lines, "", "tekst"))

    assert said.kind is kind
    assert said.why


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Bedankt voor je mail", "Ik ben momenteel met verlof en lees mijn mails niet."),
        ("Re: vraag", "Wij zijn in de kerstvakantie gesloten."),
        ("Re: vraag", "Je suis absent du bureau jusqu'au 12 janvier."),
        ("Re: vraag", "I am currently on annual leave.\r\n\r\n> Beste, ..."),
        ("Afwezig", "Terug op 12 januari."),
    ],
)
def test_a_marked_mail_with_words_of_absence_is_an_absence(subject, text):
    """It pauses a clock, so it must not pass for any automatic reply."""
    raw = mail(PERSON, f"Subject: {subject}", "Auto-Submitted: auto-replied", "", text)

    assert judged(raw).kind is Machine.OUT_OF_OFFICE


def test_absence_without_a_mark_needs_subject_and_text():
    """Old systems mark nothing: the subject opens with it and the text says so."""
    raw = mail(PERSON, "Subject: Afwezig tot 12/1", "", "Ik ben met verlof. Bij dringende vragen: 016 12 34 56.")

    assert judged(raw).kind is Machine.OUT_OF_OFFICE


def test_absence_quoted_below_an_automatic_reply_is_not_its_own():
    """What the reply quotes was written by somebody else."""
    raw = mail(PERSON, "Subject: x", "X-Autoreply: yes", "", "Goed ontvangen.", "Van: Jan", "Ik ben met verlof.")

    assert judged(raw).kind is Machine.AUTO_REPLY


def test_our_own_reverse_path_is_a_loop():
    """A letter of ours that somebody's server sends back as it is."""
    assert judged(mail(PERSON, "", "x"), "meldpunt+b.17.abc@desk.example").kind is Machine.LOOP


@pytest.mark.parametrize(
    ("method", "kind"), [("REPLY", Machine.CALENDAR_REPLY), ("COUNTER", Machine.CALENDAR_REPLY), ("REQUEST", None)]
)
def test_answers_of_a_calendar_are_no_answers_of_a_person(method, kind):
    """An invitation (REQUEST) is: a person wants to meet."""
    raw = mail(
        PERSON,
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "",
        "Geaccepteerd",
        "--b",
        f"Content-Type: text/calendar; method={method}",
        "",
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "END:VCALENDAR",
        "--b--",
    )

    assert judged(raw).kind is kind


# --- delivery reports ---------------------------------------------------------------------------------------------


def report(
    *recipient: str, kind: str = "delivery-status", returned: str = "Message-ID: <0042.1.abc@desk.example>"
) -> bytes:
    return mail(
        "From: els@clb.example",
        "Subject: bericht",
        f'Content-Type: multipart/report; report-type="{kind}"; boundary=b',
        "",
        "--b",
        "",
        "Het spijt ons.",
        "--b",
        f"Content-Type: message/{kind}",
        "",
        "Reporting-MTA: dns; mx.clb.example",
        "",
        *recipient,
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        "To: weg@clb.example",
        returned,
        "--b--",
    )


def test_a_delivery_report_tells_who_why_and_which_letter():
    """RFC 3464, with the address as we wrote it."""
    raw = report(
        "Original-Recipient: rfc822;els@clb.example",
        "Final-Recipient: rfc822; els@intern.clb.example",
        "Action: failed (x)",
        "Status: 5.0.0",
        "Diagnostic-Code: smtp; 550 5.1.1 <els@clb.example> unknown, see 10.5.1.1",
    )

    assert judged(raw, "") == Notice(
        kind=Machine.BOUNCE,
        why="multipart/report of type delivery-status",
        bounce=Bounce(
            recipient="els@clb.example",
            permanent=True,
            status="5.1.1",
            original_message_id="<0042.1.abc@desk.example>",
        ),
    )


@pytest.mark.parametrize(
    ("fields", "permanent", "status"),
    [
        (["Final-Recipient: rfc822; a@b.example", "Action: delayed", "Status: 4.4.7"], False, "4.4.7"),
        (["Final-Recipient: rfc822; a@b.example", "Action: failed", "Status: 4.2.2"], True, "4.2.2"),
        (["Final-Recipient: rfc822; a@b.example", "Status: 5.0.0"], True, "5.0.0"),
        (["Final-Recipient: rfc822; a@b.example", "Status: 4.4.1"], False, "4.4.1"),
        (["Final-Recipient: rfc822; a@b.example"], True, None),
        (
            [
                "Action: delivered",
                "Final-Recipient: x; c@d.example",
                "",
                "Action: failed",
                "Final-Recipient: x; a@b.example",
            ],
            True,
            None,
        ),
    ],
)
def test_given_up_or_not_yet(fields, permanent, status):
    """The action decides; of several recipients, the one that failed counts."""
    found = judged(report(*fields)).bounce

    assert found is not None
    assert (found.recipient, found.permanent, found.status) == ("a@b.example", permanent, status)


def test_a_report_of_success_is_no_bounce():
    """The letter arrived: nothing must look undelivered."""
    said = judged(report("Final-Recipient: rfc822; a@b.example", "Action: relayed", "Status: 2.0.0"))

    assert (said.kind, said.bounce) == (Machine.AUTO_REPLY, None)


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report", "other"])
def test_other_reports_are_automatic(kind):
    """Read receipts, complaints, and whatever comes next."""
    assert judged(report("Disposition: x", kind=kind)).kind is Machine.AUTO_REPLY


def test_our_letter_is_recognised_in_any_corner_of_a_report():
    """In a field of the report, in the text, in the raw bytes, or by what the report answers."""
    by_field = report("X-Original-Message-ID: <1.a@desk.example>", "Status: 5.1.1", returned="X: y")
    daemon = ("From: MAILER-DAEMON@mx.example", "Message-ID: <own@mx.example>", "To: meldpunt@desk.example")
    by_text = mail(*daemon, "", "Fout voor els@clb.example", "--- original message", "Message-ID: <2.a@desk.example>")
    by_raw = mail(
        *daemon,
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "Fout",
        "--b",
        "Message-ID: <3.a@desk.example>",
        "",
        "Dag",
        "--b--",
    )
    by_answer = mail(*daemon, "In-Reply-To: <4.a@desk.example>", "", "Fout")
    nowhere = mail(*daemon, "", "Fout")

    found = [judged(raw).bounce for raw in (by_field, by_text, by_raw, by_answer, nowhere)]

    assert [one and one.original_message_id for one in found] == [
        "<1.a@desk.example>",
        "<2.a@desk.example>",
        "<3.a@desk.example>",
        "<4.a@desk.example>",
        None,
    ]
    assert [one and one.recipient for one in found][1] == "els@clb.example"


def test_the_recipient_is_found_in_older_reports():
    """By field, by a known format, by the letter that came back."""
    by_field = mail("From: MAILER-DAEMON@mx.example", "X-Failed-Recipients: els@clb.example", "", "x")
    qmail = mail(
        "From: MAILER-DAEMON@mx.example",
        "Subject: failure notice",
        "",
        "Hi. This is the qmail-send program at mx.example.",
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        "",
        "<els@clb.example>:",
        "Sorry, no mailbox here by that name. (#5.1.1)",
    )
    by_letter = mail(
        "From: MAILER-DAEMON@mx.example",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "Warning: message delayed",
        "--b",
        "Content-Type: message/rfc822",
        "",
        "To: els@clb.example",
        "",
        "Dag",
        "--b--",
    )

    found = [judged(raw).bounce for raw in (by_field, qmail, by_letter)]

    assert [one and one.recipient for one in found] == ["els@clb.example"] * 3
    assert [one and one.permanent for one in found] == [True, True, False]
    assert found[1] is not None
    assert found[1].status == "5.1.1"


def test_a_letter_returned_by_a_postmaster_is_a_bounce():
    """In a language that no list of subjects knows."""
    raw = mail(
        "From: postmaster@mx.example",
        "Subject: Vaxtki edilmedi",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
        "To: a@x.example, b@x.example",
        "--b--",
    )

    assert judged(raw).kind is Machine.BOUNCE


def test_a_library_that_fails_names_no_recipient(monkeypatch):
    """A stranger's text in a stranger's patterns."""

    def broken(_message):
        raise RuntimeError

    monkeypatch.setattr("flufl.bounce.all_failures", broken)
    found = judged(mail("From: MAILER-DAEMON@mx.example", "", "x")).bounce

    assert found == Bounce(recipient="", permanent=True)


@pytest.mark.parametrize("junk", ["a", "a@", "<", " ", "\n", "-", "x\n", "<a@b.example>\n", "@", "To: a", "5.1.1 "])
def test_a_hostile_report_costs_little(junk):
    """Thirty thousand characters of the worst are read like any others."""
    raw = mail("From: MAILER-DAEMON@mx.example", "Subject: failure " + junk * 1000, "", junk * 200_000)

    assert judged(raw).kind is Machine.BOUNCE


# --- real mail ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("corpus")
def test_nearly_every_bounce_of_the_corpus_is_machine_mail(capsys):
    """At least 97 % of them, of some kind, and reading them never raises."""
    files = sorted((CORPUS / "bounces").iterdir())

    kinds = Counter(str(judged(file.read_bytes(), None).kind or "no machine") for file in files)
    known = len(files) - kinds["no machine"]

    with capsys.disabled():
        named = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        print(f"\n  bounces known as machine mail: {known} of {len(files)} ({known / len(files):.1%}): {named}")
    assert known >= 0.97 * len(files)


@pytest.mark.usefixtures("corpus")
def test_no_reply_of_the_corpus_is_machine_mail(capsys):
    """Replies in many languages, as bare text and as the text of a mail."""
    files = sorted((CORPUS / "replies").iterdir())

    taken = [
        file.name
        for file in files
        for raw in (file.read_bytes(), b"From: els@clb.example\r\nSubject: Re: vraag\r\n\r\n" + file.read_bytes())
        if judged(raw).kind is not None
    ]

    with capsys.disabled():
        print(f"\n  replies taken for machine mail: {len(taken)} of {len(files)}")
    assert taken == []

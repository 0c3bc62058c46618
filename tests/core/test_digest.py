"""What the meldpunt worker reads each opening day: in the order of use, nothing empty, never a name."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from mailbag import FORM, MONDAY, RULES, SATURDAY, WORKER, at_state
from rows import each_row

from mailflow.core.digest import AGAIN, MOST_TAPS, WAITED_FOR, Trouble, digest, is_past
from mailflow.core.digest_parts import TOP, Item, parts
from mailflow.core.lifecycle import OPEN, WHOSE_TURN, Party, State
from mailflow.core.moments import NEXT_YEAR
from mailflow.core.retention import Erased
from mailflow.core.taps import Tap
from mailflow.core.unreached import UNREACHED
from mailflow.core.watches import CLARITY, DECISION, WATCHES, watch
from mailflow.core.wording import initials

DAY = date(2026, 10, 12)
NOW = MONDAY + timedelta(days=7)


def item(state, number=1, **changed):
    """A case in that state, opened before the last digest."""
    turn = WHOSE_TURN[state]
    made = Item(
        reference=f"MSI-2026-{number:04}",
        initials="N.V.",
        state=state,
        since=MONDAY - timedelta(days=9),
        opened_at=MONDAY - timedelta(days=9),
        turn=turn.value if turn else "",
        what=WATCHES[state].what if state in WATCHES else "",
        due_at=NOW + timedelta(days=1),
        provider="naft-vbo",
    )
    return replace(made, **changed)


def sections(*items, trouble=Trouble()):  # noqa: B008 - a frozen value
    """Title -> (texts, how many more) of the digest over these cases."""
    letter = digest(items, trouble, RULES, day=DAY, since=MONDAY, now=NOW)
    return {s.title: ([one.text for one in s.lines], s.more) for s in letter.values["sections"]}


def test_a_quiet_day():
    """No section at all, that nobody waits for the desk, and that everything works."""
    letter = digest([], Trouble(), RULES, day=DAY, since=MONDAY, now=NOW)

    assert letter.values == {
        "day": "maandag 12 oktober 2026",
        "summary": "Niets wacht op jou en niemand is te laat.",
        "sections": [],
        "silent": 0,
        "health": "Alles loopt.",
        "week": [],
        "trend": "",
    }
    assert (letter.to, letter.address) == ("desk", WORKER)


def test_sections_in_the_order_of_use():
    """What only the desk can do first, then who is late, what came and goes, and last what is not understood."""
    late = timedelta(hours=1)
    found = sections(
        item(State.DISPATCHED, 1, bounced=True),
        item(State.WAITLIST_OFFERED, 2, round_table=(DAY, "")),
        item(State.QUEUED, 3, opened_at=NOW, same_pupil=(("MSI-2026-0001", True),), turned=(12,), misfits=("te oud",)),
        item(State.DISPATCHED, 4, due_at=NOW - late, clb_open=True),
        item(State.DISPATCHED, 5, gone=True),
        item(State.NEEDS_DESK, 6),
        item(State.WAITLISTED, 7, what=NEXT_YEAR, due_at=NOW - late),
        trouble=Trouble(held=((7, SATURDAY),), quarantined=((8, SATURDAY),)),
    )

    assert list(found) == [
        "Op de wachtlijst, en nog geen antwoord voor dit schooljaar",
        "Enkel jij kunt dit beslissen",
        "De aanbieder staat niet meer in de lijst",
        "Al bezorgd, en nog geen CLB",
        "Over tijd",
        "Nieuw sinds het vorige overzicht",
        "Een leerling die we al kennen",
        "Een leerling is 12 of 18 geworden",
        "Past niet meer bij de aanbieder",
        "Vertrekt bij de opening",
        "Rondetafels deze week",
        "Wachtlijsten",
        "Niet begrepen: kijk zelf",
        "In quarantaine: de afzender lijkt vervalst",
        "Een brief kwam terug",
    ]
    assert all(len(lines) == 1 for lines, _ in found.values())
    assert (
        found["Over tijd"][0][0] == "wacht op NAFT VBO: een eerste contact, sinds 26/09/2026, verwacht tegen 12/10/2026"
    )
    assert found["Vertrekt bij de opening"][0] == ["naar NAFT VBO"]
    assert found["Niet begrepen: kijk zelf"][0] == ["mail 7, binnen op 10/10/2026"]


def summary(*items, trouble=Trouble()):  # noqa: B008 - a frozen value
    """The first words of the digest over these cases."""
    return digest(items, trouble, RULES, day=DAY, since=MONDAY, now=NOW).values["summary"]


def test_the_first_words_count_what_the_rest_tells():
    """One or many; what is in time, or waits because the desk says so, is a number only."""
    late = NOW - timedelta(hours=1)
    many = [
        item(State.NEEDS_DESK, 1),
        item(State.DISPATCHED, 2, gone=True),
        *(item(State.DISPATCHED, n, due_at=late) for n in (3, 4)),
        *(item(State.QUEUED, n, opened_at=NOW) for n in (5, 6)),
        item(State.DISPATCHED, 7),
        item(State.NEEDS_DESK, 8, waits_until=DAY + timedelta(days=1)),
    ]

    assert summary(*many, trouble=Trouble(held=((7, SATURDAY),), quarantined=((8, SATURDAY),))) == (
        "2 dossiers wachten op jou, 2 zijn over tijd, 2 kwamen binnen en 2 mails moet je zelf lezen. "
        "Er lopen 2 dossiers volgens plan."
    )
    assert summary(many[0], many[2], many[4], many[6], trouble=Trouble(held=((7, SATURDAY),))) == (
        "1 dossier wacht op jou, 1 is over tijd, 1 kwam binnen en 1 mail moet je zelf lezen. "
        "Er loopt 1 dossier volgens plan."
    )
    assert summary(many[6]) == "Niets wacht op jou en niemand is te laat. Er loopt 1 dossier volgens plan."
    assert summary(many[2]) == "1 dossier is over tijd."
    assert summary(trouble=Trouble(quarantined=((8, SATURDAY),))) == "1 mail moet je zelf lezen."


def test_of_the_late_ones_without_a_line_it_is_told_whose_they_are():
    """Most first: whom to phone."""
    late = [
        item(State.DISPATCHED, n, provider="naft-ahv" if n < TOP + 3 else "naft-vbo", due_at=NOW - timedelta(hours=1))
        for n in range(TOP + 4)
    ]
    letter = digest(late, Trouble(), RULES, day=DAY, since=MONDAY, now=NOW)

    [overdue] = [one for one in letter.values["sections"] if one.title == "Over tijd"]
    assert (overdue.more, overdue.whose) == (4, "NAFT AHV 3, NAFT VBO 1")


@each_row(
    ("key", "past"),
    [
        ("digest:2026-10-09", True),
        (f"digest:2026-10-09{AGAIN}", True),
        ("digest:2026-10-12", False),
        (f"digest:2026-10-12{AGAIN}", False),
        ("digest:2026-10-09T08:30:00", False),
        ("", False),
    ],
)
def test_a_digest_of_a_day_that_is_over_is_not_written(key, past):
    """That of the next opening day tells it all; one that a person asked for is written whenever it can be."""
    assert is_past(key, DAY) is past


def test_a_forgery_names_the_clb_and_whom_to_phone():
    """With the listed number, where there is one."""
    phoned = replace(RULES, clbs=(replace(RULES.clbs[0], phone="016 00 00 01"), *RULES.clbs[1:]))
    three = Trouble(
        quarantined=((7, SATURDAY), (8, SATURDAY), (9, SATURDAY)), forged={7: "clb-leuven", 8: "clb-brabant-oost"}
    )

    letter = digest([], three, phoned, day=DAY, since=MONDAY, now=NOW)

    assert [line.text for line in letter.values["sections"][0].lines] == [
        "mail 7, binnen op 10/10/2026 in naam van Vrij CLB Leuven (bel 016 00 00 01); nagekeken? Antwoord “mail 7 negeer”",
        "mail 8, binnen op 10/10/2026 in naam van Vrij CLB Brabant Oost; nagekeken? Antwoord “mail 8 negeer”",
        "mail 9, binnen op 10/10/2026; nagekeken? Antwoord “mail 9 negeer”",
    ]
    assert [(tap.action, tap.word) for tap in letter.taps][:1] == [("mail 7", "mail 7 negeer")]


def test_a_held_mail_is_named_with_why():
    """One tap settles it where it is of no case."""
    two = Trouble(held=((7, SATURDAY), (8, SATURDAY)), why={7: "het domein lijkt op een ander"}, unsettled=(7,))

    letter = digest([], two, RULES, day=DAY, since=MONDAY, now=NOW)

    assert [line.text for line in letter.values["sections"][0].lines] == [
        "mail 7, binnen op 10/10/2026: het domein lijkt op een ander",
        "mail 8, binnen op 10/10/2026",
    ]
    assert [tap.word for tap in letter.taps] == ["mail 7 negeer"]


def test_a_case_without_a_clb_names_the_likely_ones():
    """And one that left without stays in sight."""
    found = sections(
        item(State.AWAITING_CLB, likely=("Vrij CLB Leuven", "GO! CLB Leuven")),
        item(State.AWAITING_CLB, turn="clb", what="take_over"),
        item(State.DISPATCHED, clb_open=True),
    )

    assert found["Enkel jij kunt dit beslissen"][0][0].endswith("waarschijnlijk Vrij CLB Leuven of GO! CLB Leuven")
    assert found["Al bezorgd, en nog geen CLB"][0] == ["bezorgd aan de aanbieder"]


def test_a_held_referral_that_waits_for_an_answer_does_not_leave():
    """The referrer was asked what she means: it is not said to leave at the opening."""
    late = item(State.QUEUED, turn="referrer", what=CLARITY, due_at=NOW - timedelta(days=1))

    found = sections(late)

    assert list(found) == ["Over tijd"]
    assert found["Over tijd"][0][0].startswith("wacht op aanmelder: een duidelijk antwoord, sinds")


def test_a_provider_that_left_the_list_has_no_name():
    """Its role is named instead."""
    late = item(State.DISPATCHED, provider="weg", due_at=NOW - timedelta(days=1))
    found = sections(late, item(State.QUEUED, provider="weg"))

    assert found["Over tijd"][0][0].startswith("wacht op aanbieder: een eerste contact")
    assert found["Vertrekt bij de opening"][0] == ["naar een aanbieder"]


def test_a_long_list_is_cut():
    """Twenty-five lines, then a number."""
    lines, more = sections(*(item(State.NEEDS_DESK, n) for n in range(TOP + 3)))["Enkel jij kunt dit beslissen"]

    assert (len(lines), more) == (TOP, 3)


@each_row(
    ("trouble", "words"),
    [
        (Trouble(stuck=2), "Let op: 2 taken zijn vastgelopen (mailflow stuck)."),
        (Trouble(late_letters=1), "Let op: 1 brieven raken niet weg."),
        (
            Trouble(unread_since={"meldpunt": datetime(2026, 10, 12, 6, 5, tzinfo=UTC)}),
            "Let op: mailbox meldpunt is niet gelezen sinds maandag 12 oktober 2026 om 08:05.",
        ),
        (Trouble(set_aside=1), "Let op: 1 mail staat apart in de mailbox, te groot of niet te lezen: kijk daar zelf."),
        (Trouble(set_aside=2), "Let op: 2 mails staan apart in de mailbox, te groot of niet te lezen: kijk daar zelf."),
        (
            Trouble(stuck=1, late_letters=1),
            "Let op: 1 taken zijn vastgelopen (mailflow stuck); 1 brieven raken niet weg.",
        ),
    ],
)
def test_the_health_of_the_system_in_a_line(trouble, words):
    """What is stuck or late."""
    assert digest([], trouble, RULES, day=DAY, since=MONDAY, now=NOW).values["health"] == words


def test_every_promise_has_its_words():
    """No code stands in the digest."""
    assert {*WAITED_FOR} >= {promise.what for promise in WATCHES.values()} | {DECISION.what, CLARITY}


def test_never_a_name():
    """Reference and initials at most, in whatever state."""
    for state in sorted(OPEN - {State.NEW}):
        case = at_state(state).case
        promise = watch(case, RULES)
        made = item(
            state, initials=initials(case.values), since=case.since, what=promise.what, due_at=promise.due,
            turn=Party(promise.party).value,
        )  # fmt: skip

        letter = digest([made], Trouble(), RULES, day=DAY, since=MONDAY, now=NOW)

        assert "Noor" in FORM
        assert "Noor" not in str(letter.values)
        assert "Voorbeeld" not in str(letter.values)


def test_a_case_whose_turn_is_nobodys_is_not_waited_for():
    """A passing one: it is new, and no more."""
    found = sections(item(State.NEW, turn="", opened_at=NOW))

    assert list(found) == ["Nieuw sinds het vorige overzicht"]


def test_what_was_erased_is_a_count():
    """One or many; and what still lies in a mailbox is trouble."""
    one = Trouble(erased=Erased(mails=1, letters=1, cases=1), copies=1)
    many = Trouble(erased=Erased(mails=3, letters=2, cases=2), copies=2)

    said = [digest([], each, RULES, day=DAY, since=MONDAY, now=NOW).values["health"] for each in (one, many)]

    assert said == [
        "Let op: 1 kopie van een gewiste mail staat nog in een mailbox. "
        "Gewist sinds het vorige overzicht: 1 mail, 1 brief, de namen in 1 dossier.",
        "Let op: 2 kopieën van gewiste mails staan nog in een mailbox. "
        "Gewist sinds het vorige overzicht: 3 mails, 2 brieven, de namen in 2 dossiers.",
    ]


def test_whoever_is_away_is_shown_so():
    """With the last day, so that nobody phones an empty desk."""
    found = sections(item(State.DISPATCHED, due_at=NOW - timedelta(days=1), away_until=date(2026, 10, 16)))

    assert found["Over tijd"][0][0].startswith("wacht op NAFT VBO (afwezig tot en met 16/10/2026): een eerste contact")


def test_round_tables_of_this_week_in_their_order():
    """From today to Sunday; what was before, or comes later, is not there."""
    met = [(12, "15:00"), (14, ""), (12, "09:00"), (11, ""), (18, ""), (19, "")]
    found = sections(
        *(item(State.STARTED, n, round_table=(date(2026, 10, day), at)) for n, (day, at) in enumerate(met, start=1))
    )

    assert found["Rondetafels deze week"][0] == [
        "maandag 12 oktober 2026 om 09:00",
        "maandag 12 oktober 2026 om 15:00",
        "woensdag 14 oktober 2026",
        "zondag 18 oktober 2026",
    ]


def test_waitlists_are_told_by_provider_with_their_age():
    """The longest waiting first; a case that is only counted is counted."""
    ago = [NOW - timedelta(weeks=n) for n in (2, 9, 0)]
    found = sections(
        item(State.WAITLISTED, 1, since=ago[0]),
        item(State.WAITLIST_OFFERED, 2, since=ago[1]),
        item(State.WAITLISTED, 3, since=ago[2], provider="naft-ahv"),
        item(State.STARTED, 4),
    )

    assert found["Wachtlijsten"][0] == [
        "NAFT VBO: 2 aanmeldingen wachten, de eerste 9 weken",
        "NAFT AHV: 1 aanmelding wacht, minder dan een week",
    ]


def test_a_letter_that_came_back_is_told():
    """With where the case stands."""
    assert sections(item(State.DISPATCHED, bounced=True))["Een brief kwam terug"][0] == ["bezorgd aan de aanbieder"]


def test_what_is_overdue_stands_by_party():
    """All of one provider together, whatever their terms."""
    late = [NOW - timedelta(days=n) for n in (3, 2, 1)]
    found = sections(
        item(State.DISPATCHED, 1, due_at=late[0]),
        item(State.DISPATCHED, 2, due_at=late[1], provider="naft-ahv"),
        item(State.DISPATCHED, 3, due_at=late[2]),
    )

    assert ["VBO" in text for text in found["Over tijd"][0]] == [False, True, True]


def test_an_overfull_digest_has_no_more_taps_than_a_mail_can_hold():
    """The first cases keep theirs."""
    four = tuple(Tap(f"Stuur {n}", "reply", f"stuur {n}") for n in range(4))
    kinds = ({"gone": True}, {"clb_open": True}, {"due_at": NOW - timedelta(days=1)}, {})
    items = [
        item(State.NEEDS_DESK if place == 3 else State.DISPATCHED, 100 * place + n, taps=four, **changed)
        for place, changed in enumerate(kinds)
        for n in range(1, TOP + 1)
    ]

    letter = digest(items, Trouble(), RULES, day=DAY, since=MONDAY, now=NOW)

    assert MOST_TAPS - 4 < len(letter.taps) <= MOST_TAPS
    first = letter.values["sections"][0].lines
    assert [line.last - line.first for line in first] == [4] * TOP


def test_one_that_came_back_says_that_nobody_has_it():
    """Also where the desk is to decide on it."""
    back = item(State.DISPATCHED, turn=Party.DESK.value, what=UNREACHED)

    [(texts, _)] = sections(back).values()

    assert any("kwam terug, dus NAFT VBO heeft deze aanmelding niet" in text for text in texts)


def test_only_what_gets_a_line_needs_more_than_its_columns():
    """The rest is counted."""
    late = [item(State.DISPATCHED, number, due_at=NOW - timedelta(days=1)) for number in range(1, TOP + 3)]
    found = parts([*late, item(State.WAITLISTED, 40)], since=MONDAY, now=NOW, zone=RULES.calendar.zone)

    assert found.shown() == {one.reference for one in late[:TOP]}

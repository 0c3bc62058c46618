"""The desk orders by mail: obeyed exactly where the case allows it, else told what is possible."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from mailbag import CLB, FORM, NAFT, PARENT, RULES, WORKER, Life, at_state, dispatched, lived_once
from rows import each_row

from mailflow.core.desk_says import as_said
from mailflow.core.known_senders import Clb, FormService
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.watches import waits_until, watch

LEUVEN = Clb(
    key="clb-leuven", name="Vrij CLB Leuven", network="free", domains=("vclbleuven.be",), postcode="3000",
    contact="onthaal@vclbleuven.be", municipalities=("Leuven",),
)  # fmt: skip
GO = Clb(key="go", name="GO! CLB Leuven", network="go", domains=("go-clb.example",), phone="016 00 00 09")
CLBS = (LEUVEN, GO)
OF_TWO = replace(RULES, clbs=CLBS)
FROM_PARENT = FORM.replace(
    "E-mail aanmelder: an.peeters@vclbleuven.be\n", f"E-mail aanmelder: {PARENT}\nJe bent: ouder\n"
)
NOT_ENROLLED = (
    FROM_PARENT.replace("School: Sint-Voorbeeld Leuven\n", "").replace("CLB: Vrij CLB Leuven\n", "")
    + "Ingeschreven: nee\nLaatste school: Sint-Voorbeeld Leuven\n"
)


@lived_once
def awaiting(form=FROM_PARENT):
    """A parent's referral, of which two CLBs are known."""
    life = Life()
    life.rules = OF_TWO
    life.mail(form, sender=PARENT)
    life.send()
    assert life.state is State.AWAITING_CLB
    return life


def at(state):
    """A case in that state, with the same two CLBs."""
    life = at_state(state)
    life.rules = OF_TWO
    return life


def refused(life):
    """The words of the friendly answer, or ""."""
    last = life.last.letters[-1:]
    return str(last[0].values["why"]) if last and last[0].kind == "unclear" else ""


def test_the_desk_is_asked_at_once_with_a_tap_for_each_likely_clb():
    """By the place and the form; no name of the pupil in it."""
    life = awaiting()

    letter = life.letters[-1]

    assert [tap.word for tap in letter.taps] == ["wijs toe aan Vrij CLB Leuven", "laat kiezen", "negeer"]
    assert "Voorbeeld" not in str([row.value for row in letter.values["rows"] if row.label != "School"])


def test_start_already_is_offered_where_the_pupil_is_not_enrolled():
    """And only there."""
    assert "start al" in [tap.word for tap in awaiting(NOT_ENROLLED).letters[-1].taps]


def test_an_assigned_clb_is_asked_without_a_name():
    """Time, initials and birth year; the term runs in the CLB's days."""
    life = awaiting()

    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap="assign")

    letter = life.last.letters[0]
    assert (letter.kind, letter.to, letter.address) == ("take_over", "clb", "onthaal@vclbleuven.be")
    assert (letter.values["initials"], letter.values["birth_year"]) == ("N.V.", "2011")
    assert "Voorbeeld" not in str(letter.values)
    assert life.kinds() == ["take_over"]
    assert life.case.assigned_clb == "clb-leuven"
    assert watch(life.case, life.rules).party is Party.CLB


def test_an_order_in_free_text_is_read_back():
    """A tap is not."""
    life = awaiting()

    life.says("CLB: Vrij CLB Leuven", role="desk")

    assert life.kinds() == ["take_over", "echo"]


def test_a_clb_without_contact_is_forwarded_by_the_desk():
    """With its telephone number."""
    life = awaiting()

    life.says("wijs toe aan GO! CLB Leuven", role="desk", tap="assign")

    assert life.kinds() == ["take_over_by_hand"]
    assert life.last.letters[0].values["phone"] == "016 00 00 09"


def test_another_clb_can_be_asked_instead():
    """The same one a second time is not."""
    life = awaiting()
    life.says("wijs toe aan Vrij CLB Leuven", role="desk")
    life.says("wijs toe aan Vrij CLB Leuven", role="desk")
    assert "al gevraagd" in refused(life)

    life.says("wijs toe aan GO! CLB Leuven", role="desk")

    assert life.case.assigned_clb == "go"


@each_row("state", [State.UNCONFIRMED, State.NEEDS_DESK])
def test_a_referral_that_its_referrer_denied_can_go_to_a_clb(state):
    """Whoever was named as referrer is no party any more."""
    life = at(State.UNCONFIRMED)
    if state is State.NEEDS_DESK:
        life.says("dat was ik niet", role="referrer", tap="deny")
    assert life.state is state

    life.says("wijs toe aan Vrij CLB Leuven", role="desk")

    assert life.state is State.AWAITING_CLB
    assert "referrer" not in life.case.parties


@each_row("state", [State.NEEDS_DESK, State.NEEDS_INFO, State.DISPATCHED, State.QUEUED])
def test_a_referral_with_a_proven_referrer_is_not_taken_from_her(state):
    """It has a CLB."""
    life = at(state)

    life.says("wijs toe aan Vrij CLB Leuven", role="desk")

    assert (life.state, life.case.parties["referrer"]) == (state, CLB)
    assert "heeft al een aanmelder" in refused(life)


def test_the_desk_sends_it_to_a_provider():
    """It is placed again; the referrer hears where it goes."""
    life = at(State.NEEDS_DESK)

    life.says("stuur naar NAFT VBO", role="desk")

    assert (life.state, life.case.provider) == (State.QUEUED, "naft-vbo")
    assert life.kinds() == ["received", "echo"]


def test_also_to_one_that_is_full():
    """The desk knows better than a mark."""
    life = at(State.NEEDS_DESK)
    life.full = frozenset({"naft-vbo"})

    life.says("stuur naar NAFT VBO", role="desk")

    assert life.case.values["insist"] == "yes"
    assert life.state is State.QUEUED


def test_a_denied_referral_is_sent_nowhere():
    """No CLB worker stands behind it."""
    life = at(State.UNCONFIRMED)
    life.says("dat was ik niet", role="referrer", tap="deny")

    life.says("stuur naar NAFT VBO", role="desk")

    assert life.state is State.NEEDS_DESK
    assert "wijs ze eerst toe" in refused(life)


@each_row("state", [State.UNCONFIRMED, State.AWAITING_CLB])
def test_ignored_is_closed_without_a_word_to_the_unproven(state):
    """Nothing that waits leaves."""
    life = at(state)

    life.says("negeer", role="desk")

    assert (life.state, life.kinds()) == (State.WITHDRAWN, ["echo"])
    assert life.last.letters[0].to == "desk"


@each_row("state", [State.NEEDS_DESK, State.NEEDS_INFO])
def test_a_proven_referrer_hears_that_it_is_closed(state):
    """She would wait for news."""
    life = at(state)

    life.says("negeer", role="desk")

    assert (life.state, life.kinds()) == (State.WITHDRAWN, ["withdrawn", "echo"])


def test_what_the_provider_has_cannot_be_ignored():
    """It would wait in vain."""
    life = dispatched()

    life.says("negeer", role="desk")

    assert life.state is State.DISPATCHED
    assert "schrijf “sluit”" in refused(life)


def test_a_pupil_who_is_not_enrolled_starts_already():
    """It leaves at the opening, without any referrer; the CLB question stays."""
    life = awaiting(NOT_ENROLLED)

    life.says("start al", role="desk")

    released = life.case.last(Event.DESK_RELEASED)
    assert (released.codes["clb_open"], released.codes["provider"]) == ("yes", "naft-vbo")
    assert life.case.clb_open
    life.later(minutes=15)
    assert life.state is State.DISPATCHED


def test_start_already_can_name_the_provider():
    """When the form does not."""
    life = awaiting(NOT_ENROLLED.replace("NAFT VBO", "geen voorkeur"))
    life.says("start al", role="desk")
    assert "stuur naar" in refused(life)

    life.says("stuur naar NAFT VBO", role="desk")

    assert (life.state, life.case.provider) == (State.QUEUED, "naft-vbo")


@each_row(
    ("form", "why"),
    [(FROM_PARENT, "niet ingeschreven"), (NOT_ENROLLED.replace("Voornaam: Noor\n", ""), "ontbreekt nog: Voornaam")],
)
def test_start_already_has_its_conditions(form, why):
    """Not enrolled, and complete."""
    life = awaiting(form)

    life.says("start al", role="desk")

    assert life.state is State.AWAITING_CLB
    assert why in refused(life)


def test_a_referral_that_left_without_a_clb_survives_everything():
    """Full, provider gone, stopped, a new form line: nobody is written to who is not there."""
    for words in ("stop even", "liever sneller", "bevestig", "Leerjaar: 5", "volzet", "stop"):
        life = awaiting(NOT_ENROLLED)
        life.says("start al", role="desk")
        life.says(words, role="desk")
        life.later(days=1)
        for _ in range(6):
            life.now = life.rules.calendar.add_working_days(life.now, 4)
            life.look()
            life.send()
        assert "referrer" not in life.to("referrer")


@pytest.mark.parametrize("form", [NOT_ENROLLED])
def test_a_full_provider_without_a_referrer_is_the_desks(form):
    """There is nobody else to choose."""
    life = awaiting(form)
    life.now = life.now.replace(hour=20)
    life.says("start al", role="desk")
    life.full = frozenset({"naft-vbo"})
    life.now = life.release_at

    life.release()

    assert life.state is State.NEEDS_DESK


def test_the_family_is_asked_with_the_nearest_of_each_network():
    """It goes to the sender and says nothing of the child; then it is the family's turn."""
    life = awaiting()

    life.says("laat kiezen", role="desk")

    letter = life.last.letters[0]
    assert (letter.kind, letter.to, letter.address) == ("choose_clb", "sender", PARENT)
    assert [row.label for row in letter.values["options"]] == ["Vrij CLB Leuven", "GO! CLB Leuven"]
    assert watch(life.case, life.rules).party is Party.SENDER


def test_without_a_family_nobody_is_asked():
    """A form service reads no mail; a case of the desk has no family."""
    life = Life()
    life.rules = replace(RULES, clbs=CLBS, form_services=(FormService(domain="forms.example"),))
    life.mail(FROM_PARENT, sender="noreply@forms.example")
    life.says("laat kiezen", role="desk")
    assert "geen mailadres" in refused(life)

    life = awaiting()
    life.rules = replace(life.rules, clbs=(replace(GO, network=""),))
    life.says("laat kiezen", role="desk")
    assert "geen CLB met een net" in refused(life)
    life = at(State.NEEDS_DESK)
    life.says("laat kiezen", role="desk")
    assert "wacht niet op een CLB" in refused(life)


def test_an_order_needs_a_seal():
    """A number in the subject is not enough, even of the proven desk; the answer can be replied to."""
    life = awaiting()

    life.mail("wijs toe aan Vrij CLB Leuven", sender=WORKER, subject="[MSI-2026-0042]")

    assert life.case.assigned_clb == ""
    assert "antwoord op een brief" in refused(life)


def test_only_the_proven_desk_orders():
    """Neither its address without proof nor another party."""
    life = awaiting()
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", proof="none")
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", sender=PARENT)
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", sender=NAFT)

    assert life.case.assigned_clb == ""


@each_row("words", ["wijs toe aan Vrij CLB Nergens", "stuur naar NAFT", "start al"])
def test_a_wrong_order_is_answered_with_what_is_possible(words):
    """Nothing moves."""
    life = awaiting()

    life.says(words, role="desk")

    assert (life.state, life.kinds()) == (State.AWAITING_CLB, ["unclear"])
    assert "Hier kan: wijs toe aan" in refused(life)


def test_what_a_held_mail_is_means_nothing_on_a_case():
    """ "Ouder" is answered like any word that is no order; a tap without its word as well."""
    life = awaiting()
    life.says("ouder", role="desk")
    assert life.kinds() == ["unclear"]
    life.says("", role="desk", tap="assign")

    assert (life.state, life.kinds()) == (State.AWAITING_CLB, ["unclear"])


@each_row(("words", "why"), [("stuur naar NAFT VBO", "past niet"), ("start al", "wacht niet op een CLB")])
def test_what_the_provider_has_is_not_sent_again(words, why):
    """Nothing moves."""
    life = dispatched()

    life.says(words, role="desk")

    assert life.state is State.DISPATCHED
    assert why in refused(life)


def test_a_clb_that_left_the_list_cannot_be_asked():
    """The likely ones are of today's list as well."""
    from mailflow.core.assigning import assign  # noqa: PLC0415 - only here
    from mailflow.core.draft import Draft  # noqa: PLC0415 - only here

    life = awaiting()
    draft = Draft(case=life.case, rules=life.rules, now=life.now)

    assert "niet meer in de lijst" in assign(draft, "gone", Party.DESK)


def test_a_confirmed_referrer_is_a_referrer():
    """She keeps her referral, and the desk can place it."""
    life = at(State.UNCONFIRMED)
    life.says("bevestig\nGewenste aanbieder: geen voorkeur", role="referrer")

    assert life.case.has_referrer
    life.says("wijs toe aan Vrij CLB Leuven", role="desk")
    assert "heeft al een aanmelder" in refused(life)


def test_the_desk_lets_a_case_wait():
    """Until a day: it is due then and no sooner, and stands apart in the digest."""
    life = awaiting()

    life.says("wacht tot 20 oktober", role="desk")

    open_ = watch(life.case, life.rules)
    assert waits_until(life.case) == date(2026, 10, 20)
    assert open_.due.date() == open_.look_at.date() == date(2026, 10, 20)
    assert life.kinds() == ["echo"]


@each_row("typed", ["wacht tot straks", "wacht tot gisteren", "wacht tot 5 oktober"])
def test_a_day_that_is_none_is_asked_for(typed):
    """Nothing moves."""
    life = awaiting()

    life.says(typed, role="desk")

    assert "tot welke dag" in refused(life)
    assert waits_until(life.case) is None


def test_without_a_day_it_waits_for_the_term_of_the_configuration():
    """Five working days of the desk."""
    life = awaiting()

    life.says("wacht", role="desk")

    assert waits_until(life.case) == date(2026, 10, 12)


def test_a_case_that_moved_waits_no_longer():
    """Whoever moves it knew better."""
    life = awaiting(NOT_ENROLLED + "Gewenste aanbieder: NAFT VBO\n")
    life.says("wacht tot 20 oktober", role="desk")

    life.says("start al", role="desk")

    assert waits_until(life.case) is None


def test_a_held_referral_that_waits_does_not_leave():
    """The referrer hears that it does not leave yet; "opnieuw" lets it go after all."""
    life = at(State.QUEUED)

    life.says("wacht tot 20 oktober", role="desk")
    assert life.state is State.NEEDS_DESK
    assert life.last.letters[0].kind == "received"
    assert not life.last.letters[0].values["leaves"]

    life.says("opnieuw", role="desk")

    assert life.state is State.QUEUED


@each_row(
    ("state", "then", "to"),
    [
        (State.NEEDS_DESK, State.WITHDRAWN, ["referrer"]),
        (State.DISPATCHED, State.WITHDRAWN, ["referrer", "provider"]),
        (State.FULL, State.CLOSED, ["referrer"]),
        (State.COMPLETED, State.CLOSED, []),
    ],
)
def test_the_desk_closes_a_case(state, then, to):
    """Whoever has it hears so."""
    life = at(state)

    life.says("sluit", role="desk")

    assert life.state is then
    assert [letter.to for letter in life.last.letters if letter.kind == "withdrawn"] == to


def test_what_the_desk_closes_before_anybody_counted_on_it_is_no_referral():
    """As when it is ignored: figures do not count it, and whoever did not confirm hears nothing."""
    life = at_state(State.UNCONFIRMED)

    life.says("sluit", role="desk")

    assert life.case.last(Event.VOIDED)
    assert [letter.to for letter in life.last.letters] == ["desk"]


def test_a_referral_that_could_not_be_delivered_goes_again():
    """Once the desk has mended what stopped it."""
    life = at(State.QUEUED)
    life.now = life.release_at
    life.release()
    (number,) = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "referral"]
    life.send(number, fails="550 5.1.1")
    assert life.state is State.NEEDS_DESK

    life.says("opnieuw", role="desk")

    assert life.state is State.QUEUED


def test_again_is_refused_where_a_provider_must_be_chosen():
    """Or where it is not the desk's turn."""
    choosing, out = at(State.NEEDS_DESK), dispatched()

    choosing.says("opnieuw", role="desk")
    out.says("opnieuw", role="desk")

    assert "stuur naar" in refused(choosing)
    assert "past niet" in refused(out)


def test_what_is_noted_is_what_a_party_said():
    """ "Noteer" before it, or not."""
    life = dispatched()

    life.says("noteer aanvaard", role="desk")

    assert life.state is State.ACCEPTED


@each_row("typed", ["toon", "Tijdlijn."])
def test_the_desk_reads_what_happened(typed):
    """Moments and words without a name; nothing moves, also when it has ended."""
    life, ended = dispatched(), at(State.WITHDRAWN)

    life.says(typed, role="desk")
    ended.says(typed, role="desk")

    (letter,) = life.last.letters
    assert letter.kind == "timeline"
    assert any("bezorgd aan de aanbieder (NAFT VBO)" in row.value for row in letter.values["rows"])
    assert "Voorbeeld" not in str(letter.values)
    assert life.state is State.DISPATCHED
    assert [one.kind for one in ended.last.letters] == ["timeline"]
    assert ended.state is State.WITHDRAWN


@each_row("typed", ["aanvaard", "toon"])
def test_without_a_seal_the_desk_reports_nothing_and_reads_nothing(typed):
    """Its number in a subject is no proof that it had our letter."""
    life = dispatched()

    life.mail(typed, sender=WORKER, subject="[MSI-2026-0042]")

    assert life.state is State.DISPATCHED
    assert "antwoord op een brief" in refused(life)


@each_row("order", ["wacht tot 30 oktober", "oeps, wacht tot 30 oktober", "oeps"])
def test_an_order_settles_what_the_desk_was_asked_back(order):
    """An unclear word of the desk holds the case up until it says what it meant."""
    life = at_state(State.QUEUED)

    life.says("hm, daar moet ik nog eens over denken", role="desk")
    assert life.case.unsettled
    life.says(order, role="desk")

    assert not life.case.unsettled


def test_wait_stops_a_referral_that_is_on_its_way_out():
    """Its letter and the one that tells her so do not leave."""
    life = Life()
    life.mail(FORM)
    life.now += timedelta(minutes=1)
    life.release()

    life.says("wacht tot 12 januari", role="desk")

    assert life.state is State.NEEDS_DESK
    assert len(life.last.voids) == 2
    assert "referral" not in [codes["letter"] for codes in life.case.waiting_letters().values()]


def test_without_a_clb_behind_it_nothing_is_placed_again():
    """A pupil without CLB whose provider reported full meanwhile."""
    life = awaiting(NOT_ENROLLED)
    life.says("start al", role="desk")
    life.full = frozenset({"naft-vbo"})
    life.now = life.release_at
    life.release()
    assert life.state is State.NEEDS_DESK

    life.says("opnieuw", role="desk")

    assert "wijs ze eerst toe" in refused(life)


def test_once_it_is_out_the_order_to_start_already_is_not_taken_back():
    """The provider is to be phoned."""
    life = awaiting(NOT_ENROLLED)
    life.says("start al", role="desk")
    life.now = life.release_at
    life.release()

    life.says("oeps", role="desk")

    assert "bel de aanbieder" in str(life.last.letters[-1].values["sentence"])


@each_row(("tap", "waits"), [(None, RULES.terms.pause), ("assign", timedelta())])
def test_a_written_order_waits_as_long_as_it_can_be_taken_back(tap, waits):
    """A tap was asked for and leaves at once."""
    life = awaiting()
    before = set(life.waiting)

    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap=tap)

    asked = min(set(life.waiting) - before)
    assert life.waiting[asked] - life.now == waits


@each_row("form", [FORM, FROM_PARENT])
def test_what_is_ignored_takes_back_what_waits_to_leave(form):
    """Only what tells of it is written after."""
    life = Life()
    life.rules = OF_TWO
    life.mail(form, sender=CLB if form is FORM else PARENT)
    waited = set(life.waiting)
    assert waited

    life.says("negeer", role="desk")

    assert life.state is State.WITHDRAWN
    assert set(life.last.voids) == waited


def on_its_way():
    """A referral whose letter was written and has not left yet."""
    life = Life()
    life.mail(FORM)
    life.send()
    life.now = life.release_at
    life.release()
    assert "referral" in [codes["letter"] for codes in life.case.waiting_letters().values()]
    return life


def test_a_referral_on_its_way_out_is_not_ignored():
    """The provider may have it by now."""
    life = on_its_way()

    life.says("negeer", role="desk")

    assert life.state is not State.WITHDRAWN
    assert "schrijf “sluit”" in refused(life)


def test_a_referral_on_its_way_out_is_closed_as_one_that_was_there():
    """It counts as withdrawn, not as what nobody counted on."""
    life = on_its_way()

    life.says("sluit", role="desk")

    assert life.state is State.WITHDRAWN
    assert not life.case.last(Event.VOIDED)


def test_a_case_without_a_referrer_waits_in_silence():
    """Whoever denied it hears nothing of it."""
    life = at(State.UNCONFIRMED)
    life.says("dat was ik niet", role="referrer", tap="deny")

    life.says("wacht tot 20 oktober", role="desk")

    assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["echo"])


def test_a_referral_that_is_out_waits_without_a_word_to_the_referrer():
    """She would read that it has not left."""
    life = dispatched()

    life.says("wacht tot 20 oktober", role="desk")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["echo"])


def test_oeps_needs_a_seal():
    """The order stands."""
    life = awaiting()
    life.says("wijs toe aan Vrij CLB Leuven", role="desk")

    life.mail("oeps", sender=WORKER, subject="[MSI-2026-0042]")

    assert life.case.assigned_clb == "clb-leuven"
    assert "antwoord op een brief" in refused(life)


def test_the_timeline_says_where_it_stands_and_who_is_waited_for():
    """Since when, at whom and until when."""
    life = dispatched()

    life.says("toon", role="desk")

    values = life.last.letters[0].values
    assert values["provider"] == "NAFT VBO"
    assert values["since"] == "05/10/2026"
    assert values["state"]
    assert ", tot " in values["waits"]
    assert life.last.letters[0].answers_mail


@each_row("typed", ["Noteer dat ze belden", "  noteer: ze belden", "noteer ze belden"])
def test_what_is_noted_keeps_the_words_of_whoever_said_it(typed):
    """Without "noteer"."""
    assert as_said(typed) == "ze belden"


@each_row(
    ("make", "order"),
    [(lambda: at(State.NEEDS_DESK), "stuur naar NAFT VBO"), (lambda: awaiting(NOT_ENROLLED), "start al")],
)
def test_what_the_desk_lets_go_leaves_after_the_pause(make, order):
    """As long as its order can be taken back."""
    life = make()

    life.says(order, role="desk")

    assert life.release_at - life.now == RULES.terms.pause


def test_that_the_desk_closed_it_is_told_after_the_pause():
    """Whose doing it was; as long as the order can be taken back."""
    life = at(State.NEEDS_DESK)
    before = set(life.waiting)

    life.says("negeer", role="desk")

    told = min(set(life.waiting) - before)
    assert life.last.letters[0].values["by"] == "desk"
    assert life.waiting[told] - life.now == RULES.terms.pause


def test_what_is_ignored_still_says_that_a_letter_did_not_arrive():
    """That is of the house, whatever becomes of the case."""
    life = on_its_way()
    (number,) = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "referral"]
    life.send(number, fails="550 5.1.1")
    told = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "undeliverable"]
    assert told

    life.says("negeer", role="desk")

    assert life.state is State.WITHDRAWN
    assert not set(told) & set(life.last.voids)


@each_row(
    ("typed", "then", "kinds"),
    [
        ("niet doorsturen", State.NEEDS_INFO, ["echo"]),
        ("liever een andere aanbieder", State.NEEDS_INFO, ["choose_provider"]),
        ("dat was ik niet", State.NEEDS_DESK, []),
        ("status", State.QUEUED, ["status"]),
        ("bevestig", State.QUEUED, []),
    ],
)
def test_the_desk_says_it_in_the_name_of_the_referrer(typed, then, kinds):
    """Who phoned is heard as if she had written."""
    life = at(State.QUEUED)

    life.says(typed, role="desk")

    assert (life.state, life.kinds()) == (then, kinds)


def test_the_desk_asks_a_copy_in_the_name_of_the_referrer():
    """It is asked for, not refused."""
    life = dispatched()

    life.says("kopie", role="desk")

    assert life.happened(Event.COPY_ASKED) == 1
    assert refused(life) == ""


@each_row(
    ("state", "possible"),
    [
        (State.UNCONFIRMED, "wijs toe aan CLB …, bevestig, wacht tot …, negeer, toon"),
        (State.NEEDS_INFO, "stuur naar …, wacht tot …, negeer, toon"),
        (State.NEEDS_DESK, "stuur naar …, wijs toe aan CLB …, opnieuw, wacht tot …, negeer, toon"),
        (State.QUEUED, "wacht, negeer, toon"),
        (State.DISPATCHED, "gestart …), wacht tot …, sluit, toon"),
    ],
)
def test_a_question_of_the_desk_is_no_order_and_is_answered_with_what_is_possible(state, possible):
    """The other party is not asked it."""
    life = at(state)

    life.says("wanneer start dit?", role="desk")

    assert (life.state, life.kinds()) == (state, ["unclear"])
    assert refused(life).startswith("daar staat geen opdracht in die we kennen")
    assert refused(life).endswith(possible)


def test_the_desk_sends_what_lacks_something_to_a_provider():
    """It lacks it still; where it will go is kept."""
    life = at(State.NEEDS_INFO)

    life.says("stuur naar Time-in Klaswerking", role="desk")

    assert life.case.values["provider"] != "naft-vbo"
    assert refused(life) == ""


def test_an_order_taken_back_does_not_say_that_nothing_changed():
    """Too late it does."""
    life = at(State.QUEUED)
    life.says("wacht tot 20 oktober", role="desk")
    life.says("oeps", role="desk")
    first = str(life.last.letters[-1].values)
    life.now += 2 * RULES.terms.pause
    life.says("oeps", role="desk")

    assert "er is niets veranderd" not in first
    assert "er is niets veranderd" in str(life.last.letters[-1].values)


def test_what_is_ignored_still_brings_a_mail_that_nobody_read():
    """A person reads it, whatever becomes of the case."""
    life = at(State.UNCONFIRMED)
    life.says("liever een andere aanbieder", role="desk")
    unread = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "other_mail"]
    assert unread

    life.says("negeer", role="desk")

    assert life.state is State.WITHDRAWN
    assert not set(unread) & set(life.last.voids)

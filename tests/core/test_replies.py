"""A mail on a case: may this person speak on it, and what becomes of it when not?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from mailbag import (
    BOUNCED,
    CLB,
    COLLEAGUE,
    FORM,
    MONDAY,
    NAFT,
    PARENT,
    RULES,
    WORKER,
    Life,
    at_state,
    dispatched,
)
from rows import each_row

from mailflow.core.case import Happened
from mailflow.core.known_senders import Clb
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import Address, Bounce, Machine
from mailflow.core.replies import asked_of, party_of
from mailflow.core.successor import SUCCESSOR
from mailflow.core.understand import understand

LOU = FORM.replace("Noor", "Lou").replace("Achternaam: Voorbeeld", "Achternaam: Staal").replace("2011", "2010")
UNSURE = "misschien volgende week, we zien nog wel"


def party(life, **kind):
    """Who wrote it, by the case."""
    return party_of(life.case, life.came("x", **kind), life.rules)[0]


# fmt: off
WHO = [
    # sender                            sealed to    proof    who it is
    (CLB,                               "referrer",  "pass",  Party.REFERRER),
    (CLB,                               "referrer",  "none",  None),  # it could be proven when it referred
    (COLLEAGUE,                         "referrer",  "none",  None),
    (CLB,                               None,        "pass",  Party.REFERRER),
    (CLB,                               None,        "none",  None),
    (COLLEAGUE,                         "referrer",  "pass",  Party.REFERRER),
    (COLLEAGUE,                         None,        "none",  None),
    ("bram@vrijclbbro.be",              "referrer",  "pass",  None),
    (NAFT,                              "provider",  "pass",  Party.PROVIDER),
    (NAFT,                              "provider",  "none",  Party.PROVIDER),
    (NAFT,                              None,        "none",  None),
    ("coach@naft-vbo.example",          "provider",  "pass",  Party.PROVIDER),
    ("aanmelding@naft-ahv.example",     "provider",  "pass",  None),
    ("coach@prive.example",             "provider",  "pass",  None),
    (PARENT,                            "referrer",  "pass",  None),
    (WORKER,                            None,        "pass",  Party.DESK),
    (WORKER,                            "provider",  "pass",  Party.DESK),
    (WORKER,                            "desk",      "none",  None),
]
# fmt: on


@each_row(("sender", "role", "proof", "who"), WHO)
def test_who_may_speak(sender, role, proof, who):
    """A party's own address, or a colleague at an exclusive domain; sealed, or proven where only the number stands.

    A referrer that was proven once is so again, or is asked.
    """
    assert party(dispatched(), sender=sender, role=role, proof=proof) is who


def replayed(life, text, *, sender, subject="[MSI-2026-0042]"):
    """A signed mail that its author sent to somebody else, who sends it on to us."""
    came = life.came(text, sender=sender, subject=subject)
    mail = replace(came.reading.mail, to=(Address("school@elders.example"),))
    read = replace(came.reading, mail=mail, proof=replace(came.reading.proof, method="dkim"))
    return replace(came, reading=read, understanding=understand(read, life.rules, MONDAY.date()))


@each_row("sender", [CLB, NAFT, WORKER])
def test_what_was_sent_to_somebody_else_speaks_for_nobody(sender):
    """The signature is true, and whoever got the mail can have sent it on: the desk reads it."""
    life = dispatched()
    before = life.case

    decision = life.decide(replayed(life, "stop", sender=sender), life.case)

    assert decision.outcome == "held"
    assert life.kinds() == ["held"]
    assert life.case == before


# fmt: off
OF_A_PROVIDER = [
    # sender                       sealed       proof    who it is
    ("coach@naft-vbo.example",     "provider",  "none",  Party.PROVIDER),
    ("coach@naft-noord.example",   "provider",  "none",  Party.PROVIDER),
    ("Coach@NAFT-Noord.example",   None,        "pass",  Party.PROVIDER),
    ("coach@naft-noord.example",   None,        "none",  None),
    ("naft.vbo@telenet.be",        "provider",  "none",  Party.PROVIDER),
    ("naft.vbo@telenet.be",        None,        "pass",  Party.PROVIDER),
    ("naft.oost@telenet.be",       "provider",  "pass",  None),
    ("x@sub.naft-noord.example",   "provider",  "pass",  None),
    ("x@naft-noord.example.test",  "provider",  "pass",  None),
    ("x@eigen-naft-noord.example", "provider",  "pass",  None),
]
# fmt: on


@each_row(("sender", "role", "proof", "who"), OF_A_PROVIDER)
def test_a_provider_answers_from_each_of_its_domains_and_addresses(sender, role, proof, who):
    """Any colleague at a domain that is its alone; at a domain that others share only the address on the list."""
    life = dispatched()
    mine = life.rules.providers["naft-vbo"]
    mine = replace(mine, domains=(*mine.domains, "naft-noord.example"), addresses=("naft.vbo@telenet.be",))
    life.rules = replace(life.rules, providers={**life.rules.providers, "naft-vbo": mine})

    assert party(life, sender=sender, role=role, proof=proof) is who


def test_at_a_shared_domain_only_the_exact_address_counts():
    """g-o.be belongs to schools as well."""
    life = dispatched()
    shared = Clb(key="go", name="GO! CLB", addresses=("an@g-o.example", "bea@g-o.example"))
    life.rules = replace(RULES, clbs=(shared,))
    life.case = replace(life.case, parties={"referrer": "an@g-o.example"})

    assert party(life, sender="an@g-o.example", role="referrer") is Party.REFERRER
    assert party(life, sender="bea@g-o.example", role="referrer") is None


def test_two_authors_are_nobody():
    """A seal does not help."""
    assert party(dispatched(), sender=CLB, role="referrer", from_fields=2) is None


def test_two_addresses_in_one_from_are_nobody():
    """Neither of them is certain to have written it."""
    life = dispatched()
    came = life.came("stop", role="referrer")
    mail = replace(came.reading.mail, from_=(Address(CLB), Address(PARENT)))

    assert party_of(life.case, replace(came, reading=replace(came.reading, mail=mail)), life.rules)[0] is None


def test_who_is_asked_to_take_over_speaks_only_by_the_referrers_seal():
    """What was sent to the provider gives her no word."""
    life = dispatched()
    life.case = replace(life.case, parties={**life.case.parties, SUCCESSOR: "els@vrijclbbro.be"})

    assert party(life, sender="els@vrijclbbro.be", role="referrer") is Party.REFERRER
    assert party(life, sender="els@vrijclbbro.be", role="provider") is None


# fmt: off
BARE_YES = [
    # who             where it stands          what a bare yes means
    (Party.REFERRER,  State.WAITLIST_OFFERED,  "keep"),
    (Party.REFERRER,  State.UNCONFIRMED,       "confirm"),
    (Party.REFERRER,  State.NEEDS_INFO,        None),  # fields are asked for: a yes is none
    (Party.REFERRER,  State.DISPATCHED,        None),
    (Party.PROVIDER,  State.WAITLIST_OFFERED,  None),
    (Party.PROVIDER,  State.UNCONFIRMED,       None),
    (Party.DESK,      State.WAITLIST_OFFERED,  None),
    (Party.DESK,      State.UNCONFIRMED,       None),
]
# fmt: on


@each_row(("who", "state", "means"), BARE_YES)
def test_what_a_bare_yes_means(who, state, means):
    """Only to whom that question was put."""
    assert asked_of(at_state(state).case, who) == means


@each_row(
    ("who", "means"), [(Party.REFERRER, "confirm"), (Party.PROVIDER, None), (Party.DESK, None), (Party.CLB, None)]
)
def test_who_stopped_it_lets_it_go_on_with_a_bare_yes(who, means):
    """Her yes, and nobody else's; nor once it is out."""
    life = at_state(State.QUEUED)
    life.says("stop even", role="referrer")
    stopped = life.case

    assert asked_of(stopped, who) == means
    assert asked_of(replace(stopped, state=State.DISPATCHED), who) is None


def test_only_the_desk_is_shown_what_happened():
    """The same word of a provider or a referrer is no order."""
    for role in ("provider", "referrer"):
        life = dispatched()
        life.says("toon", role=role)
        assert "timeline" not in life.kinds()
    life = dispatched()

    life.says("toon", role="desk")

    assert (life.kinds(), life.last.letters[0].address) == (["timeline"], WORKER)


def test_without_proof_a_colleague_gets_no_answer_herself():
    """The referral came without proof: what is asked back goes to the address that it named."""
    life = at_state(State.UNCONFIRMED)

    life.says(UNSURE, role="referrer", sender=COLLEAGUE, proof="none")

    assert [(str(one.kind), one.address) for one in life.last.letters] == [("unclear", CLB)]


@each_row(
    ("stand_in", "codes"),
    [("", {"mail": "2"}), (WORKER.upper(), {"mail": "2", "stand_in": "yes"}), (CLB, {"mail": "2"})],
)
def test_what_the_stand_in_of_the_desk_writes_is_noted_as_such(stand_in, codes):
    """Only of a mail of the desk that comes from that address."""
    life = dispatched()
    life.rules = replace(RULES, desk=replace(RULES.desk, stand_in=stand_in))

    life.says("noteer gesproken", role="desk")

    assert life.case.last(Event.MAIL_CAME).codes == codes


def test_a_line_that_was_typed_is_no_mail():
    """It is noted as typed, and has no number."""
    life = dispatched()

    life.decide(replace(life.came("noteer gesproken", sender=WORKER, role="desk"), mail_id=0), life.case)

    assert life.case.last(Event.MAIL_CAME).codes == {"typed": "yes"}


def test_a_forged_reply_is_put_in_quarantine():
    """The seal is right, the domain disowns the mail: nothing is decided."""
    life = dispatched()

    decision = life.says("aanvaard", proof="fail")

    assert (decision.outcome, decision.events, life.state) == ("quarantined", (), State.DISPATCHED)


def test_a_plain_number_from_a_stranger_reaches_only_the_desk():
    """Nothing is written on the case."""
    life = dispatched()
    seen = life.case.seen

    decision = life.mail("hoe zit het?", sender=PARENT, subject="[MSI-2026-0042]")

    assert (decision.outcome, life.kinds()) == ("held", ["held"])
    assert life.case.seen == seen


def test_a_stop_from_a_robot_holds_the_referral_up():
    """Sealed, but of nobody's address: the desk looks before it leaves."""
    life = at_state(State.QUEUED)

    life.says("stop even", role="referrer", sender="noreply@prive.example", proof="none")
    life.later(days=3)

    assert life.state is State.NEEDS_DESK
    assert life.to("provider") == []


def test_beyond_twenty_letters_a_day_a_person_reads_it():
    """And a referral that has not left waits for that."""
    life, held = dispatched(), at_state(State.QUEUED)

    life.says("aanvaard", lately=20)
    held.says("stop even", role="referrer", lately=20)

    assert "dit adres kreeg vandaag al te veel brieven: lees deze mail zelf" in life.last.trace
    assert (life.state, life.kinds(), life.last.outcome) == (State.DISPATCHED, ["other_mail"], "held")
    assert held.state is State.NEEDS_DESK
    assert life.says("aanvaard", lately=19).outcome == "reply"


@each_row("form", [LOU, FORM.replace("Noor", "Mika"), FORM.replace("Noor", "Lou").replace("12/03", "1/9")])
def test_another_childs_form_in_a_reply_is_a_new_referral(form):
    """Linked to the case that it came with; a twin or sibling is another child too."""
    life = dispatched()
    before = life.case

    decision = life.says(form, role="referrer")

    assert decision.opens
    assert decision.events[0].codes["linked"] == "MSI-2026-0042"
    assert life.case == before


@each_row("form", [FORM, FORM.replace("Noor", "Nour"), FORM.replace("12/03/2011", "21/03/2011")])
def test_the_same_childs_form_in_a_reply_is_a_correction(form):
    """A letter or a digit of it."""
    life = dispatched()

    decision = life.says(form, role="referrer")

    assert not decision.opens
    assert life.state is State.DISPATCHED


def test_another_class_is_another_referral():
    """Schools are told apart by school and class."""
    school = FORM.replace(
        "Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\n", "Aanmelding voor: klas\nKlas: 3B\n"
    )
    life = Life()
    life.mail(school)
    other = school.replace("3B", "5 Latijn").replace("Sint-Voorbeeld Leuven", "Atheneum Ergens")

    assert life.case.values["subject_kind"] == "school"
    assert life.says(other, role="referrer").opens
    assert not life.says(school.replace("3B", "3C"), role="referrer").opens


def test_the_right_number_with_another_childs_form_is_held():
    """Without a seal it may be a mistake: only the desk can tell."""
    life = dispatched()

    decision = life.mail(LOU, subject="[MSI-2026-0042]")

    assert (decision.outcome, life.kinds()) == ("held", ["held"])


def test_a_clb_worker_who_is_no_party_sends_a_new_referral():
    """Another CLB found our letter with a parent and mails the form."""
    life = at_state(State.AWAITING_CLB)

    decision = life.says(FORM, role="sender", sender=CLB)

    assert decision.opens
    assert decision.case.parties == {"referrer": CLB}


def test_a_form_of_a_stranger_in_a_reply_opens_nothing():
    """Sealed, but of no CLB: whose seal it bears is asked whether it was hers."""
    life = dispatched()

    decision = life.says(FORM.replace(f"E-mail aanmelder: {CLB}\n", ""), role="referrer", sender=PARENT)

    assert (decision.opens, decision.outcome, life.kinds()) == (False, "held", ["was_it_you"])


def test_a_form_of_another_clb_in_a_reply_is_linked_to_that_case():
    """What it came with is known of it."""
    life = at_state(State.AWAITING_CLB)

    decision = life.says(FORM, role="sender", sender=CLB)

    assert decision.events[0].codes["linked"] == "MSI-2026-0042"


def test_a_parent_who_writes_again_is_read_by_the_desk():
    """No answer by itself, and nothing moves."""
    life = at_state(State.AWAITING_CLB)

    life.says("Is er al nieuws?", role="sender", sender=PARENT)

    assert (life.state, life.kinds(), life.last.outcome) == (State.AWAITING_CLB, ["other_mail"], "held")


def test_a_family_that_chooses_after_the_end_is_read_by_the_desk():
    """The case was closed meanwhile: no CLB hears of it."""
    life = at_state(State.AWAITING_CLB)
    life.says("laat kiezen", role="desk")
    assert life.case.family_chooses
    life.says("negeer", role="desk")

    life.says("Vrij CLB Leuven", role="sender", sender=PARENT)

    assert (life.last.outcome, life.kinds()) == ("held", ["other_mail"])


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CLOSED])
class TestAfterTheEnd:
    """A case that has ended: nothing is lost, and within 60 days it can go on."""

    def test_a_thank_you_is_noted(self, state):
        """Nobody is bothered."""
        life = at_state(state)
        life.says("bedankt", role="referrer")
        assert (life.state, life.kinds()) == (state, [])

    @pytest.mark.parametrize("words", ["stop", "wat is de stand van zaken?"])
    def test_its_state_is_told(self, state, words):
        """Also to who stops it a second time."""
        life = at_state(state)
        life.says(words, role="referrer")
        assert (life.state, life.kinds()) == (state, ["status"])

    def test_what_is_unclear_is_read_by_the_desk(self, state):
        """And the case stays as it is."""
        life = at_state(state)
        life.says(UNSURE, role="referrer")
        assert (life.state, life.kinds()) == (state, ["other_mail", "status"])

    def test_a_decision_reopens_it_for_the_desk(self, state):
        """Within 60 days: there is a place after all."""
        life = at_state(state)
        life.now += timedelta(days=59)
        life.says("aanvaard")
        assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["other_mail"])

    def test_after_sixty_days_the_desk_only_reads_it(self, state):
        """A new referral is what it then takes."""
        life = at_state(state)
        life.now += timedelta(days=61)
        life.says("aanvaard")
        assert (life.state, life.kinds()) == (state, ["other_mail", "status"])

    def test_the_desk_reopens_it_or_is_asked_what_it_means(self, state):
        """It gets no copy of its own mail."""
        life = at_state(state)
        life.says("kijk hier nog eens naar", role="desk")
        assert (life.state, life.kinds()) == (state, ["unclear"])
        life.says("liever sneller", role="desk")
        assert (life.state, life.kinds()) == (state, ["unclear"])
        life.says("bevestig", role="desk")
        assert (life.state, life.kinds()) == (State.NEEDS_DESK, [])

    def test_a_whole_form_is_a_new_referral(self, state):
        """Linked to the one that ended."""
        life = at_state(state)
        decision = life.says(FORM, role="referrer")
        assert decision.opens
        assert decision.events[0].codes["linked"] == "MSI-2026-0042"

    @pytest.mark.parametrize("role", ["provider", "desk"])
    def test_a_whole_form_of_anybody_else_opens_nothing(self, state, role):
        """A provider or the desk refers nobody."""
        assert not at_state(state).says(FORM, role=role).opens


def test_oeps_after_stopping_keeps_it_from_the_provider():
    """Within the pause: the provider has not heard it, and the desk helps to put it right."""
    life = dispatched()
    life.says("stop", role="referrer")
    assert life.state is State.WITHDRAWN

    life.says("oeps, niet deze", role="referrer")
    life.later(minutes=16)

    assert life.state is State.NEEDS_DESK
    sent = {(h.codes["letter"], h.codes["n"]) for h in life.case.history if h.kind is Event.LETTER_SENT}
    assert sum(letter == "withdrawn" for letter, _ in sent) <= 1


def test_a_bounce_is_told_to_the_desk_at_once():
    """A permanent one; a delay is only noted."""
    life = dispatched()

    life.says("", machine=Machine.BOUNCE, bounce=BOUNCED, sender="mailer-daemon@naft-vbo.example")
    assert (life.kinds(), life.last.letters[0].values["why"]) == (["undeliverable"], "5.1.1")
    assert (life.last.letters[0].values["party"], life.last.letters[0].values["name"]) == ("provider", "NAFT VBO")
    assert life.case.last(Event.BOUNCED).codes["permanent"] == "yes"
    life.says("", machine=Machine.BOUNCE, bounce=Bounce(recipient="x", permanent=False))
    assert life.kinds() == []
    life.says("", machine=Machine.BOUNCE, bounce=Bounce(recipient="x", permanent=True))

    assert "mailserver" in life.last.letters[0].values["why"]
    assert life.state is State.DISPATCHED


def noted(role, text="", *, machine=Machine.OUT_OF_OFFICE, bounce=None, subject=""):
    """What is written down of a machine's mail at the seal of that party: kind, by whom, codes."""
    life = dispatched()
    life.says(text, role=role, sender="robot@elders.example", machine=machine, bounce=bounce, subject=subject)
    [event] = [h for h in life.last.events if h.kind in (Event.NOTE, Event.BOUNCED)]
    return event.kind, event.by, dict(event.codes)


@each_row(
    ("role", "by"),
    [
        ("provider", Party.PROVIDER),
        ("referrer", Party.REFERRER),
        ("clb", Party.CLB),
        ("sender", Party.MAILFLOW),
        ("desk", Party.MAILFLOW),
    ],
)
def test_who_is_away_is_known_by_the_seal(role, by):
    """With the last day, so that the clock of that party stands still; nobody waits for the others."""
    until = {} if by is Party.MAILFLOW else {"until": "2026-10-16"}

    read = noted(role, "Ik ben afwezig tot en met 16 oktober.")

    assert read == (Event.NOTE, by, {"why": "out_of_office", "mail": "2", **until})


def test_a_day_away_may_stand_in_the_subject():
    """Which is read as a sentence of its own; without a day only the absence is noted."""
    named = noted("provider", "Ik lees je mail later.", subject="Afwezig tot en met 16 oktober")

    assert named[2] == {"why": "out_of_office", "mail": "2", "until": "2026-10-16"}
    assert noted("provider", "Ik ben even afwezig.")[2] == {"why": "out_of_office", "mail": "2"}


def test_another_machine_tells_of_no_absence():
    """A confirmation of receipt may name any day."""
    read = noted("provider", "Wij zijn gesloten tot en met 16 oktober.", machine=Machine.AUTO_REPLY)

    assert read == (Event.NOTE, Party.MAILFLOW, {"why": "auto_reply", "mail": "2"})


@each_row(("permanent", "code"), [(True, "yes"), (False, "no")])
def test_what_is_noted_of_a_bounce(permanent, code):
    """For good or not; of which letter only when that is known."""
    read = noted("provider", machine=Machine.BOUNCE, bounce=Bounce(recipient="x@y.example", permanent=permanent))

    assert read == (Event.BOUNCED, Party.MAILFLOW, {"why": "bounce", "mail": "2", "permanent": code})


def test_a_machine_that_only_names_the_number_writes_nothing():
    """Without our seal anybody could."""
    life = dispatched()

    decision = life.mail("afwezig", machine=Machine.OUT_OF_OFFICE, subject="[MSI-2026-0042]")

    assert (decision.outcome, decision.events) == ("machine", ())


def test_a_mail_of_our_own_that_comes_back_is_dropped():
    """On a case too, and without a note where no machine is seen."""
    life = dispatched()

    decision = life.says("x", sender=RULES.desk.address)

    assert (decision.outcome, decision.events) == ("machine", ())


def test_unsettled_is_only_what_the_referrer_or_the_desk_left_open():
    """A provider that was asked back holds no release up."""
    case = dispatched().case

    def asked(*events):
        return replace(case, history=tuple(Happened(at=MONDAY, kind=kind, by=by) for kind, by in events))

    assert not asked((Event.ASKED_BACK, Party.PROVIDER)).unsettled
    assert asked((Event.ASKED_BACK, Party.REFERRER)).unsettled
    assert asked((Event.ASKED_BACK, Party.REFERRER), (Event.UNDERSTOOD, Party.PROVIDER)).unsettled
    assert not asked((Event.ASKED_BACK, Party.REFERRER), (Event.UNDERSTOOD, Party.DESK)).unsettled
    assert not asked((Event.ASKED_BACK, Party.DESK), (Event.REFERRAL_COMPLETE, Party.MAILFLOW)).unsettled
    assert asked((Event.ASKED_BACK, Party.PROVIDER), (Event.REFERRAL_COMPLETE, Party.MAILFLOW)).unanswered


def test_the_trace_says_who_spoke_and_what_was_read():
    """For `mailflow mail N`."""
    life = dispatched()

    life.says("aanvaard, we hebben elkaar gesproken")

    assert "party: provider, an address of the provider of this case" in life.last.trace
    assert life.last.trace[-1] == "answer: accept and contacted"
    assert life.says(UNSURE).trace[-1].startswith("answer: unclear, ")

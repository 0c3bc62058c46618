"""A mail that only the desk can judge: one letter to the desk, one line back, and never a step on trust."""

from dataclasses import replace

from mailbag import CLB, DESK, FORM, MONDAY, NAFT, PARENT, RULES, WORKER, Life, dispatched
from rows import each_row
from test_desk_says import CLBS

from mailflow.core.decide import decide
from mailflow.core.decision import Outcome, Settled
from mailflow.core.holding import mail_decided
from mailflow.core.known_senders import Meaning, Remembered
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import Address, Machine
from mailflow.core.pupil import Earlier, pupil_of
from mailflow.core.remembering import remembering
from mailflow.core.sender import Disposition
from mailflow.core.thread import digest_address, mail_address
from mailflow.core.understand import understand

FALSE = "an.peeters@vclbleuvem.be"
ABOUT_7 = mail_address(DESK, 7, RULES.seal)
DIGEST = digest_address(DESK, "2026-10-05", RULES.seal)
NAMES_NOBODY = FORM.replace("E-mail aanmelder: an.peeters@vclbleuven.be\n", "")


class Pen(Life):
    """A life in which a mail waits for the desk."""

    rules = replace(RULES, clbs=CLBS)

    def waits(self, text=NAMES_NOBODY, *, sender=FALSE, **kind):
        """That mail, number 7, as it is read when the desk decides."""
        self.held = replace(self.came(text, sender=sender, **kind), mail_id=7)
        return self

    def orders(self, words, *, to=ABOUT_7, sender=WORKER, **kind):
        """The desk's answer to the letter about it."""
        return self.decide(replace(self.came(words, sender=sender, to=to, **kind), held=self.held), None)


def why(life):
    """What the desk is told."""
    return str(life.last.letters[-1].values["why"])


@each_row(
    ("kind", "told"),
    [
        ({"sender": FALSE}, "het domein vclbleuvem.be lijkt op vclbleuven.be, en is het niet"),
        ({"sender": "an@vсlbleuven.be"}, "met letters uit een ander alfabet"),
        ({"sender": WORKER, "proof": "none"}, "niets bewijst dat het daarvandaan komt"),
        ({"sender": '"x@evil.example> <an"@vclbleuven.be', "proof": "none"}, "in een gewoon adres niet voorkomen"),
        ({"from_fields": 2}, "we lezen niet met zekerheid wie dit schreef"),
        ({"sender": "an.peeters+vclbleuven.be@prive.example"}, "toont een adres van vclbleuven.be"),
    ],
)
def test_the_desk_hears_why_a_mail_is_held(kind, told):
    """In one letter, with what it can answer; the author hears nothing, and no address stands in the trace."""
    decision = Pen().mail(NAMES_NOBODY, **kind)

    [letter] = decision.letters
    assert (decision.outcome, letter.kind, letter.address, letter.about_mail) == (Outcome.HELD, "held", WORKER, 1)
    assert told in letter.values["why"]
    assert decision.trace[-1] == f"the desk is told: {letter.values['why']}"
    assert [tap.word for tap in letter.taps] == ["CLB: Vrij CLB Leuven", "ouder", "negeer"]


def test_a_list_and_a_false_full_address_are_told_too():
    """Each in its own words."""
    listed = replace(RULES.clbs[0], domains=(), addresses=("clb@scholen.example",))
    life = Pen()
    life.rules = replace(RULES, clbs=(listed,))
    life.mail("dag", sender="c1b@scholen.example")
    assert "lijkt op een adres dat we kennen" in why(life)
    came = life.came("dag", sender="lijst@forum.example")
    mail = replace(came.reading.mail, from_=(Address("lijst@forum.example", "An via Lijst"),))
    read = replace(came.reading, mail=mail)
    life.decide(replace(came, reading=read, understanding=understand(read, life.rules, life.now.date())), None)
    assert "een mailinglijst stuurde dit door" in why(life)
    assert [tap.word for tap in life.last.letters[0].taps] == ["ouder", "negeer"]


def test_a_held_referral_of_a_clb_is_put_to_that_clb():
    """Not to the address that it came from: the CLB takes it over, or does not."""
    life = Pen().waits()

    decision = life.orders("CLB: Vrij CLB Leuven")

    assert (life.state, life.case.assigned_clb) == (State.AWAITING_CLB, "clb-leuven")
    assert [(one.kind, one.address) for one in decision.letters] == [
        ("take_over", "onthaal@vclbleuven.be"),
        ("echo", WORKER),
    ]
    assert life.case.parties == {"sender": FALSE}
    assert decision.settles == (Settled(7, Outcome.REFERRAL),)
    assert decision.outcome is Outcome.REPLY


def test_the_case_of_a_held_referral_begins_with_what_was_held():
    """Its form, its mail, whose it is said to be, and why it was held; the desk's own mail answers nobody else."""
    life = Pen().waits()

    decision = life.orders("CLB: Vrij CLB Leuven")

    first, asked = decision.events[:2]
    echo = decision.letters[-1]
    assert decision.opens
    assert life.case.values["first_name"] == "Noor"
    assert (first.kind, first.by, first.codes) == (Event.MAIL_CAME, Party.REFERRER, {"mail": "7"})
    assert (asked.kind, asked.by) == (Event.CLB_MISSING, Party.DESK)
    assert decision.trace[-1] == "mail 7: AssignClb"
    assert "Vrij CLB Leuven krijgt de vraag om over te nemen" in echo.values["sentence"]
    assert not echo.answers_mail


def test_the_case_of_a_held_referral_knows_the_others_of_its_pupil():
    """As any other referral does."""
    older = Life()
    older.mail(FORM)
    life = Pen().waits()
    life.held = replace(life.held, pupils={pupil_of(older.case.values): (Earlier(case=older.case, sure=True),)})

    decision = life.orders("CLB: Vrij CLB Leuven")

    assert Event.SAME_PUPIL in [one.kind for one in decision.events]


@each_row(
    ("words", "settles"),
    [
        ("dossier MSI-2026-0042", (Settled(7, Outcome.REPLY),)),
        ("mail 7 dossier MSI-2026-0042", (Settled(7, Outcome.REPLY),)),
        ("dossier MSI-2026-0099", ()),
    ],
)
def test_the_desk_says_of_which_case_a_held_mail_is(words, settles):
    """It is read as an answer on that case, of whoever wrote it."""
    life, case = Pen().waits("volzet", sender=NAFT), dispatched().case

    came = replace(life.came(words, sender=WORKER, to=ABOUT_7), held=life.held, others={case.reference: case})
    decision = decide(None, came, life.rules, life.now)

    assert decision.settles == settles
    assert decision.outcome is Outcome.REPLY
    if settles:
        assert decision.case.state is State.FULL
        assert decision.trace == (*came.understanding.trace, "mail 7: OfCase")
    else:
        assert (decision.case, decision.trace[-1]) == (None, "dat dossier bestaat niet")


def test_a_held_mail_of_no_party_of_that_case_is_no_answer_on_it():
    """The desk cannot lend its own word to a stranger."""
    life, case = Pen().waits("volzet", sender=PARENT), dispatched().case

    came = replace(life.came("dossier MSI-2026-0042", sender=WORKER, to=ABOUT_7), held=life.held)
    decision = life.decide(replace(came, others={case.reference: case}), None)

    assert "geen bewezen partij" in why(life)
    assert (decision.case, decision.settles) == (None, ())


@each_row("text", [FORM, NAMES_NOBODY])
def test_where_it_names_an_address_of_that_clb_that_one_confirms(text):
    """By its form, or by its Reply-To; the look-alike gets not even a line."""
    life = Pen().waits(text, reply_to=CLB)

    decision = life.orders("CLB: Vrij CLB Leuven")

    assert life.state is State.UNCONFIRMED
    assert [(one.kind, one.address) for one in decision.letters] == [("confirm", CLB), ("echo", WORKER)]


def test_a_proven_clb_worker_is_taken_at_her_word():
    """It was held for its subject only: the desk says that it is a new referral."""
    life = Pen().waits(FORM, sender=CLB)

    life.orders("CLB: Vrij CLB Leuven")

    assert (life.state, life.case.parties) == (State.QUEUED, {"referrer": CLB})


def test_a_proven_worker_of_another_clb_is_not():
    """The desk names one, the proof another: that one is asked."""
    life = Pen().waits(NAMES_NOBODY, sender=CLB)

    life.orders("wijs toe aan GO! CLB Leuven")

    assert (life.state, life.case.assigned_clb) == (State.AWAITING_CLB, "go")


def test_a_held_mail_of_a_parent_goes_the_familys_way():
    """The neutral answer to the author, and the question which CLB to the desk."""
    life = Pen().waits()

    decision = life.orders("ouder")

    assert [(one.kind, one.address) for one in decision.letters] == [("family", FALSE), ("which_clb", WORKER)]
    assert (life.state, life.case.parties) == (State.AWAITING_CLB, {"sender": FALSE})
    assert decision.settles == (Settled(7, Outcome.REFERRAL),)


def test_a_worker_of_whom_the_desk_says_parent_is_a_parent():
    """Her CLB proves whose mailbox it is; here she writes about her own child, so that CLB is not the referrer."""
    life = Pen().waits(FORM, sender=CLB)

    decision = life.orders("ouder")

    assert [(one.kind, one.address) for one in decision.letters] == [("family", CLB), ("which_clb", WORKER)]
    assert (life.state, life.case.parties) == (State.AWAITING_CLB, {"sender": CLB})


def test_without_a_form_a_parents_mail_is_the_desks_to_answer():
    """No case is made."""
    life = Pen().waits("Kan u ons helpen?")

    decision = life.orders("voorziening")

    assert [one.kind for one in decision.letters] == ["family", "other_mail"]
    assert (decision.case, decision.settles) == (None, (Settled(7, Outcome.OTHER),))


def test_whom_nobody_can_read_is_not_written_to():
    """Two From fields: the referral waits for a CLB, and no family hears of it."""
    life = Pen().waits(from_fields=2)

    decision = life.orders("ouder")

    assert (life.state, life.case.parties) == (State.AWAITING_CLB, {})
    assert {one.address for one in decision.letters} <= {WORKER}


def test_what_is_ignored_is_done():
    """Nobody hears of it; a mail in quarantine goes the same way, from the digest as well."""
    for to, words in ((ABOUT_7, "negeer"), (DIGEST, "mail 7 negeer"), (ABOUT_7, "Mail 7: negeren.")):
        life = Pen().waits(proof="fail")

        decision = life.orders(words, to=to)

        assert (decision.case, decision.letters, decision.settles) == (None, (), (Settled(7, Outcome.SETTLED),))


def test_a_forgery_that_was_none_after_all_is_confirmed():
    """The desk phoned the CLB; still it is the CLB that says so."""
    life = Pen().waits(FORM, sender=CLB, proof="fail")

    life.orders("mail 7 CLB: Vrij CLB Leuven", to=DIGEST)

    assert (life.state, life.case.parties) == (State.UNCONFIRMED, {"referrer": CLB})


@each_row(
    ("words", "told"),
    [
        ("CLB: Vrij CLB Nergens", "ik ken geen CLB"),
        ("dank je", "geen opdracht"),
        ("wie is dit?\n\nCLB: Vrij CLB Leuven\nVoornaam: Noor", "geen opdracht"),
        ("start al", "nog geen dossier"),
        ("laat kiezen", "nog geen dossier"),
        ("mail 8 negeer", "je noemt mail 8"),
        ("mail 7 negeer\nmail 8 negeer", "apart antwoord"),
        ("mail 7 negeer\n0042 negeer", "apart antwoord"),
    ],
)
def test_a_wrong_order_moves_nothing(words, told):
    """And is answered with what is possible."""
    life = Pen().waits()

    decision = life.orders(words)

    [letter] = decision.letters
    assert told in why(life)
    assert (decision.case, decision.settles, decision.outcome) == (None, (), Outcome.REPLY)
    assert (letter.kind, letter.about_mail) == ("unclear", 7)
    assert decision.trace[-1] == letter.values["why"]
    assert len(decision.trace) > 1


def test_a_mail_without_a_form_is_no_referral():
    """The desk answers its author itself."""
    life = Pen().waits("Kan u ons helpen?")

    life.orders("CLB: Vrij CLB Leuven")

    assert "geen aanmeldingsformulier" in why(life)


def test_what_was_decided_before_is_not_decided_again():
    """The first answer counts."""
    life = Pen()
    life.held = None

    life.orders("negeer")

    assert "wacht niet (meer)" in why(life)
    assert life.last.letters[0].about_mail == 0


@each_row(
    "kind",
    [
        {"sender": FALSE},
        {"sender": PARENT},
        {"sender": CLB},
        {"proof": "none"},
        {"proof": "fail"},
        {"to": DESK},
        {"machine": Machine.AUTO_REPLY},
    ],
)
def test_only_the_proven_desk_decides_and_only_as_an_answer(kind):
    """Neither a stranger with the address, nor the desk without a letter of ours."""
    life = Pen()

    came = life.came("mail 7 negeer", **{"sender": WORKER, "to": ABOUT_7} | kind)

    assert mail_decided(came) is None


def test_on_a_case_a_mail_is_named_with_a_seal_or_not_at_all():
    """The case is not ignored by mistake."""
    life = Life()
    life.mail(NAMES_NOBODY, sender=PARENT)

    assert mail_decided(life.came("mail 7 negeer", sender=WORKER, role="desk")) == 7
    life.mail("mail 7 negeer", sender=WORKER, subject="[MSI-2026-0042]")
    assert life.state is State.AWAITING_CLB
    assert "als antwoord op de brief" in why(life)


def test_a_whole_form_in_the_desks_answer_is_its_quote():
    """It makes no second referral: the order does."""
    life = Pen().waits()

    decision = life.orders(f"ouder\n{FORM}")

    assert [one.kind for one in decision.letters] == ["family", "which_clb"]


@each_row(
    ("words", "kept"),
    [
        ("ouder onthoud", Remembered(who=FALSE, meaning=Meaning.FAMILY)),
        ("negeer, onthoud het domein", Remembered(who="@vclbleuvem.be", meaning=Meaning.IGNORE)),
        ("CLB: GO! CLB Leuven en onthoud", Remembered(who=FALSE, meaning=Meaning.CLB, clb="go")),
    ],
)
def test_a_sender_is_remembered_on_the_desks_word(words, kept):
    """Its address, or all of its domain; what it orders is done as well."""
    decision = Pen().waits().orders(words)

    assert decision.remembers == kept
    assert decision.settles


@each_row(
    ("kind", "words", "told"),
    [
        ({"sender": "an@gmail.com"}, "ouder onthoud het domein", "bij gmail.com kan iedereen"),
        ({"sender": CLB, "proof": "fail"}, "negeer onthoud", "staat al in de lijsten"),
        ({"sender": WORKER, "proof": "none"}, "negeer onthoud", "staat al in de lijsten"),
        ({"from_fields": 2}, "negeer onthoud", "niet met zekerheid"),
        ({}, "start al onthoud", "onthouden kan met"),
    ],
)
def test_some_senders_are_never_remembered(kind, words, told):
    """And then nothing moves, so that the desk can say it otherwise."""
    life = Pen().waits(**kind)

    decision = life.orders(words)

    assert told in why(life)
    assert (decision.remembers, decision.settles) == (None, ())


def test_an_order_that_cannot_be_remembers_nothing():
    """There is no form in it."""
    life = Pen().waits("Kan u ons helpen?")

    assert life.orders("CLB: Vrij CLB Leuven onthoud").remembers is None


def test_on_a_case_nobody_is_remembered():
    """It is said where it can be."""
    life = Life()
    life.mail(NAMES_NOBODY, sender=PARENT)

    life.says("negeer onthoud", role="desk")

    assert life.state is State.AWAITING_CLB
    assert "onthouden kan enkel" in why(life)


def judged(remembered, *, text=NAMES_NOBODY, sender=FALSE, proof="pass"):
    """The verdict on a mail of somebody whom we remember."""
    rules = remembering(Pen.rules, remembered)
    read = Life().came(text, sender=sender, proof=proof).reading
    return understand(read, rules, MONDAY.date(), remembered=remembered).verdict


def test_a_remembered_clb_still_needs_proof():
    """With it the referral is taken, by address and by domain; without it that address confirms."""
    one = Remembered(who=FALSE, meaning=Meaning.CLB, clb="go")
    all_ = Remembered(who="@vclbleuvem.be", meaning=Meaning.CLB, clb="go")

    assert [judged(who).disposition for who in (one, all_)] == [Disposition.ACCEPT] * 2
    assert [judged(who).organisation for who in (one, all_)] == ["go"] * 2
    unproven = judged(one, proof="none")
    assert (unproven.disposition, unproven.address) == (Disposition.CONFIRM, FALSE)
    assert judged(one, proof="fail").disposition is Disposition.REJECT
    assert "remembered by the desk: clb go" in unproven.reasons


def test_a_remembered_family_is_looked_at_no_more():
    """Its domain or name may look like a CLB's; a CLB worker whom its form names is still asked."""
    family = Remembered(who=FALSE, meaning=Meaning.FAMILY)
    shown = "an.peeters+vclbleuven.be@prive.example"

    assert judged(family).disposition is Disposition.INVOLVE_CLB
    assert judged(replace(family, who=shown), sender=shown).disposition is Disposition.INVOLVE_CLB
    assert judged(family, text=FORM).disposition is Disposition.CONFIRM


def test_whom_the_desk_ignores_is_not_answered():
    """A forged one stays in sight, and a listed party is never ignored."""
    ignored = Remembered(who="@prive.example", meaning=Meaning.IGNORE)

    assert judged(ignored, sender=PARENT).disposition is Disposition.DISCARD
    assert judged(ignored, sender=PARENT, proof="fail").disposition is Disposition.REJECT
    assert judged(ignored, sender=CLB).disposition is Disposition.ACCEPT

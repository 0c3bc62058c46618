"""A mail with our seal from an address that nobody knows: the party is asked whether it was its own."""

from dataclasses import replace
from datetime import date, timedelta

from mailbag import CLB, COLLEAGUE, FORM, NAFT, PARENT, Life, at_state, dispatched
from rows import each_row

from mailflow.core.known_senders import Meaning
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.occasions import LookDue
from mailflow.core.thread import message_id
from mailflow.core.watches import watch

PHONE = "coach.jan@prive.example"


def asked(life=None, words="gesproken", *, role="provider", sender=PHONE, **kind):
    """A case on which a mail came from a private phone; that mail as it is read now."""
    life = life or dispatched()
    came = life.came(words, sender=sender, role=role, proof="none", **kind)
    life.decide(came, life.case)
    return life, came


def answers(life, came, words="", *, tap=None, role="provider", sender=None, to_letter=0):
    """The party answers the question, by a tap or by a reply to that letter."""
    known = {"provider": NAFT, "referrer": CLB}
    made = life.came(words, sender=sender or known[role], role=role, tap=tap)
    if to_letter:
        our = message_id(life.rules.desk.domain, life.case.reference, to_letter, role, life.rules.seal)
        made = replace(made, reading=replace(made.reading, mail=replace(made.reading.mail, in_reply_to=(our,))))
    return life.decide(replace(made, asked=came if life.case.asked_who else None), life.case)


def test_a_coach_on_a_private_phone_is_asked_at_the_known_address():
    """Nothing is done with the words yet, and the question repeats none of them."""
    life, _ = asked(words="aanvaard, bel me op 0470")

    (question,) = life.last.letters
    assert (question.kind, question.to, question.address) == (Kind.WAS_IT_YOU, "provider", NAFT)
    assert dict(question.values) == {"arrived": "maandag 5 oktober 2026 om 10:01"}
    assert (life.state, life.last.outcome, life.case.asked_who.by) == (State.DISPATCHED, "held", Party.PROVIDER)


def test_after_yes_the_words_count_as_that_partys_own():
    """They are read, written down and echoed to the known address, not to the phone."""
    life, came = asked(words="aanvaard")

    decision = answers(life, came, "ja", tap="mine_1")

    assert life.state is State.ACCEPTED
    assert {one.address for one in decision.letters} == {NAFT, CLB}
    assert [h.codes["mail"] for h in decision.events if h.kind is Event.MAIL_CAME] == ["3", "2"]


def test_after_no_the_desk_reads_the_mail():
    """As if nobody had been asked."""
    life, came = asked(words="aanvaard")

    answers(life, came, "nee", tap="not_mine_1")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["other_mail"])
    assert life.last.letters[0].values["text"] == "aanvaard"
    assert life.case.asked_who is None


@each_row(
    ("words", "state"),
    [
        ("Ja", State.ACCEPTED),
        ("Ja, dat was ik.\n\nMet vriendelijke groeten", State.ACCEPTED),
        ("Nee, dat was ik niet", State.DISPATCHED),
        ("dat was ik niet", State.DISPATCHED),
    ],
)
def test_a_typed_answer_to_that_letter_counts_too(words, state):
    """Only as an answer to the question itself."""
    life, came = asked(words="aanvaard")

    answers(life, came, words, to_letter=life.case.letters)

    assert (life.state, life.case.asked_who) == (state, None)


@each_row("letter", [0, 2])
def test_a_yes_to_another_letter_answers_nothing(letter):
    """It may be about anything: it is asked back, and the question stays open."""
    life, came = asked(words="aanvaard")

    answers(life, came, "ja", to_letter=letter)

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["unclear"])
    assert life.case.asked_who


def test_other_words_in_answer_to_the_question_are_the_partys_words():
    """Whoever says "volzet" there says that, and not whether the mail was its own."""
    life, came = asked(words="aanvaard")

    answers(life, came, "volzet", to_letter=life.case.letters)

    assert life.state is State.FULL
    assert life.case.asked_who


def test_a_tap_and_words_against_it_go_to_the_desk():
    """And the question stays open."""
    life, came = asked()

    answers(life, came, "nee", tap="mine_1")

    assert (life.kinds(), life.happened(Event.WHO_ANSWERED)) == (["other_mail"], 0)


def test_words_beside_the_answer_are_read_by_the_desk():
    """They are not lost; a greeting is nothing to read."""
    life, came = asked()

    answers(life, came, "ja\n\nmaar ze verhuist volgende maand naar Gent", tap="mine_1")

    assert life.to("desk") == ["other_mail"]
    assert life.happened(Event.CONTACT_MADE) == 1


def test_the_phone_cannot_say_for_itself_that_it_is_hers():
    """The tap counts only from the party's own address: from the phone the desk reads it."""
    life, came = asked(words="aanvaard")

    answers(life, came, "ja", tap="mine_1", sender=PHONE)

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["other_mail"])


def test_the_same_tap_twice_changes_nothing_and_another_one_goes_to_the_desk():
    """What was answered stays answered."""
    life, came = asked(words="aanvaard")
    answers(life, came, "ja", tap="mine_1")

    answers(life, came, "ja", tap="mine_1")
    again = life.kinds()
    answers(life, came, "nee", tap="not_mine_1")

    assert (again, life.kinds(), life.state) == ([], ["other_mail"], State.ACCEPTED)


def test_a_tap_of_an_earlier_question_answers_no_new_one():
    """Each question has its own seal."""
    life, came = asked()
    answers(life, came, "nee", tap="not_mine_1")
    life, second = asked(life, "aanvaard", sender="iemand@elders.example")

    answers(life, second, "ja", tap="mine_1")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["other_mail"])
    assert life.case.asked_who.codes["question"] == "2"


def test_meanwhile_the_contact_clock_stands_still():
    """Three working days for the answer; after it the days that passed are given back."""
    life = dispatched()
    before = watch(life.case, life.rules)
    life, came = asked(life, "we bekijken het")

    meanwhile = watch(life.case, life.rules)
    life.now += timedelta(days=2)
    answers(life, came, "nee", tap="not_mine_1")
    afterwards = watch(life.case, life.rules)

    assert (before.what, before.due.date()) == ("contact", date(2026, 10, 12))
    assert (meanwhile.what, meanwhile.party, meanwhile.due.date()) == ("who", Party.PROVIDER, date(2026, 10, 8))
    assert not meanwhile.reminds
    assert (afterwards.what, afterwards.due.date()) == ("contact", date(2026, 10, 14))


def test_without_an_answer_the_desk_reads_the_mail():
    """No reminder; and the clock goes on."""
    life, came = asked(words="aanvaard")

    life.now += timedelta(days=3)
    life.decide(LookDue(asked=came), life.case)

    assert (life.kinds(), life.state) == (["other_mail"], State.DISPATCHED)
    assert watch(life.case, life.rules).what == "contact"
    answers(life, came, "ja", tap="mine_1")
    assert (life.kinds(), life.state) == (["other_mail"], State.DISPATCHED)


def test_when_the_mail_was_erased_meanwhile_only_the_answer_is_kept():
    """There is nothing left to read."""
    silent, _ = asked(words="aanvaard")
    said, _ = asked(words="aanvaard")

    silent.now += timedelta(days=3)
    silent.look()
    answers(said, None, "ja", tap="mine_1")

    assert (silent.kinds(), silent.state, silent.case.asked_who) == ([], State.DISPATCHED, None)
    assert (said.kinds(), said.state, said.case.asked_who) == ([], State.DISPATCHED, None)


def test_what_lies_with_the_desk_stays_with_it_and_the_question_ends_all_the_same():
    """Nothing is forgotten behind the desk's own turn."""
    life = at_state(State.NEEDS_DESK)
    before = watch(life.case, life.rules)
    life, came = asked(life, "stop even", role="referrer", sender="an@prive.example")

    turn = watch(life.case, life.rules)
    life.now += timedelta(days=3)
    life.decide(LookDue(asked=came), life.case)

    assert (before.what, turn.what, turn.party) == ("desk", "desk", Party.DESK)
    assert life.happened(Event.DESK_TOLD) + life.happened(Event.WHO_ANSWERED) == 1


def test_a_stop_from_her_phone_keeps_the_referral_here_until_she_answers():
    """Saturday; on Monday it does not leave, and a no puts it before the desk."""
    life, came = asked(at_state(State.QUEUED), "stop even", role="referrer", sender="an@prive.example")

    life.later(days=2, hours=1)
    held = (life.state, life.to("provider"), watch(life.case, life.rules).due.date())
    answers(life, came, "nee", tap="not_mine_1", role="referrer")

    assert held == (State.QUEUED, [], date(2026, 10, 13))
    assert (life.state, life.to("provider")) == (State.NEEDS_DESK, [])


def test_a_question_to_the_provider_keeps_no_referral_here():
    """It left: there is nothing to hold."""
    life, _ = asked()

    assert not life.case.unsettled


# fmt: off
NOT_ASKED = [
    {"sender": "noreply@prive.example"},
    {"sender": "bounces-17@lijst.example"},
    {"sender": "aanmelding@naft-ahv.example"},
    {"sender": "bram@vrijclbbro.be"},
    {"sender": PARENT, "role": "sender"},
    {"sender": "ouder@familie.example", "role": "desk"},
    {"sender": "an.peeters@vc1bleuven.be", "role": "referrer"},
]
# fmt: on


@each_row("kind", NOT_ASKED)
def test_who_is_not_asked_about(kind):
    """A machine, another organisation, a parent's seal, a look-alike: the desk reads it as before."""
    life, _ = asked(**kind)

    assert (life.to("desk"), life.happened(Event.ASKED_WHO)) == (["other_mail"], 0)


def test_the_parent_whom_the_form_names_is_not_asked_about():
    """Who that is is certain; nor a sender of whom the desk said that it is a family."""
    life, told = Life(), dispatched()
    life.mail(FORM + f"E-mail ouder: {PARENT}\n")
    life.later(minutes=1)
    remembered = told.came("gesproken", sender=PHONE, role="provider", proof="none")
    verdict = replace(remembered.understanding.verdict, remembered=Meaning.FAMILY)
    remembered = replace(remembered, understanding=replace(remembered.understanding, verdict=verdict))

    asked(life, role="referrer", sender=PARENT)
    told.decide(remembered, told.case)

    assert life.case.values["guardian_email"] == PARENT
    assert (life.happened(Event.ASKED_WHO), told.happened(Event.ASKED_WHO)) == (0, 0)


def test_an_unproven_referrer_is_not_asked_either():
    """Her own address still has to confirm."""
    life, _ = asked(at_state(State.UNCONFIRMED), "bevestig", role="referrer", sender="an@prive.example")

    assert life.happened(Event.ASKED_WHO) == 0


def test_after_the_end_the_desk_reads_it():
    """As any mail on a case that is closed."""
    life, _ = asked(at_state(State.WITHDRAWN))

    assert life.happened(Event.ASKED_WHO) == 0


def test_a_provider_that_left_the_list_is_not_asked():
    """We know no address of it."""
    life = dispatched()
    life.rules = replace(life.rules, providers={k: p for k, p in life.rules.providers.items() if k != "naft-vbo"})

    asked(life)

    assert life.happened(Event.ASKED_WHO) == 0


def test_an_address_is_asked_about_once_a_day():
    """And while one question is open no other is put."""
    life, came = asked()

    asked(life, "nog iets")
    asked(life, "nog iets", sender="iemand@elders.example")
    answers(life, came, "nee", tap="not_mine_1")
    asked(life, "en nog iets")
    same_day = life.happened(Event.ASKED_WHO)
    life.now += timedelta(days=1)
    asked(life, "en nog iets")

    assert (same_day, life.happened(Event.ASKED_WHO)) == (1, 2)


def test_two_machines_never_make_more_than_five_questions():
    """Whatever the addresses are: the sixth mail goes to the desk, in the whole life of a case."""
    life = dispatched()

    for number in range(1, 9):
        life, came = asked(life, "x", sender=f"coach{number}@prive.example")
        answers(life, came, "nee", tap=f"not_mine_{min(number, 5)}")

    assert (life.happened(Event.ASKED_WHO), life.to("provider").count("was_it_you")) == (5, 5)


def test_a_colleague_answers_for_the_party():
    """Whoever may speak for it may say so."""
    life, came = asked(at_state(State.WAITLIST_OFFERED), "behouden", role="referrer", sender="an@prive.example")

    answers(life, came, "ja", tap="mine_1", role="referrer", sender=COLLEAGUE)

    assert life.state is State.WAITLISTED

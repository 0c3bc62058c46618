"""A signal for the working group is taken out of a mail; the rest of it means what it means."""

from dataclasses import replace

from mailbag import CLB, FORM, NAFT, PARENT, RULES, WORKER, Life, dispatched
from rows import each_row

from mailflow.core.letters import Kind
from mailflow.core.lifecycle import State
from mailflow.core.signals import holds_a_signal

WORDS = "Er is niets voor kleuters in Halle."


def kinds(decision):
    return [(one.kind, one.to) for one in decision.letters]


@each_row(
    ("text", "subject", "kept"),
    [
        (WORDS, "Signaal: kleuters", f"kleuters\n{WORDS}"),
        (f"Signaal: {WORDS}", "Signaal", WORDS),
        ("Dag allemaal,\n\nSignaal: Er is niets voor kleuters\nin Halle.\n\nGroeten,\nAn", "Iets anders", WORDS),
        (f"Beleidssignaal: {WORDS}", "", WORDS),
    ],
)
def test_a_mail_that_is_a_signal_makes_no_case(text, subject, kept):
    """It is kept, its writer thanked, and the desk can leave it out with one tap."""
    life = Life()

    decision = life.mail(text, subject=subject)

    assert [one.text for one in decision.signals] == [kept]
    assert decision.case is None
    assert kinds(decision) == [(Kind.SIGNAL_KEPT, "sender"), (Kind.SIGNAL, "desk")]
    assert [one.word for one in decision.letters[1].taps] == ["signaal 1 weg"]


def test_beside_a_referral_it_is_kept_too():
    """The case is opened as if the signal were not there."""
    decision = Life().mail(f"signaal: {WORDS}\n\n{FORM}")

    assert decision.opens
    assert decision.case.state is State.QUEUED
    [beside] = decision.others
    assert [one.text for one in beside.signals] == [WORDS]


def test_beside_an_answer_it_is_kept_too():
    """The provider accepts, and says more."""
    life = dispatched()

    decision = life.says(f"Aanvaard.\n\nSignaal: {WORDS}")

    assert life.state is State.ACCEPTED
    assert [one.text for one in decision.others[0].signals] == [WORDS]


def test_beside_a_question_without_a_case_its_letters_stand_with_the_others():
    """One mail, one decision."""
    decision = Life().mail(f"Kunnen jullie mij eens bellen over een aanmelding?\n\nSignaal: {WORDS}", sender=NAFT)

    assert [one.role for one in decision.signals] == ["provider"]
    assert (Kind.OTHER_MAIL, "desk") in kinds(decision)
    assert kinds(decision)[-2:] == [(Kind.SIGNAL_KEPT, "sender"), (Kind.SIGNAL, "desk")]


def test_what_is_about_somebody_only_is_not_kept():
    """Without the name too little is left: its writer is asked for other words, the desk is not bothered."""
    decision = Life().mail("Noor Peeters!", subject="Signaal")

    assert decision.signals == ()
    assert kinds(decision) == [(Kind.SIGNAL_KEPT, "sender")]
    assert decision.letters[0].values["kept"] is False


def test_the_desk_itself_is_only_thanked():
    """It need not read its own words again."""
    decision = Life().mail(f"Signaal: {WORDS}", sender=WORKER)

    assert kinds(decision) == [(Kind.SIGNAL_KEPT, "desk")]


def test_whoever_got_enough_letters_today_gets_no_more():
    """The signal is kept all the same."""
    decision = Life().mail(f"Signaal: {WORDS}", lately=RULES.brakes.letters_a_day)

    assert kinds(decision) == []
    assert [one.text for one in decision.signals] == [WORDS]


@each_row(
    ("text", "kind"),
    [
        (WORDS, {"sender": PARENT, "subject": "Signaal"}),
        ("Geen woord hierover.", {}),
        ("Signaal:", {}),
    ],
)
def test_of_a_stranger_or_without_words_there_is_no_signal(text, kind):
    """Only whom we know speaks to the working group."""
    assert not holds_a_signal(Life().came(text, **kind))


def test_a_mail_without_anything_new_holds_none():
    """What somebody quotes was said before."""
    came = Life().came(f"Signaal: {WORDS}", sender=CLB)

    assert not holds_a_signal(replace(came, reading=replace(came.reading, nothing_new=True)))

"""How a trajectory ends: its day, what came of it, the feedback; and then the case closes."""

from dataclasses import replace

from mailbag import FORM, Life, at_state, lived_once
from rows import each_row

from mailflow.core.ending import HANDOVER_TO, feedback_done, outcome_of, outcome_words
from mailflow.core.lifecycle import Event, Party, State


@lived_once
def ended(words="afgerond"):
    """A case whose trajectory ended with these words."""
    life = at_state(State.STARTED)
    life.later(days=30)
    life.says(words)
    return life


def told(life, kind):
    """The values of the newest letter of that kind."""
    return next(one for one in reversed(life.letters) if one.kind == kind).values


def test_outcome_and_feedback_close_the_case():
    """What came of it is told with the end; once the feedback is said done by either side, nothing is open."""
    life = ended("Het traject is afgerond, Noor is terug naar school.")
    assert life.state is State.COMPLETED
    assert outcome_of(life.case) == "back_to_school"
    assert told(life, "ended")["outcome"] == "terug naar school"

    life.says("terugkoppeling gedaan", role="referrer")

    assert life.state is State.CLOSED
    assert life.case.last(Event.FEEDBACK_DONE).by is Party.REFERRER


@each_row(
    ("words", "outcome"),
    [
        ("afgerond, doel bereikt", "goal_reached"),
        ("Afgerond. Het doel is bereikt: Noor is terug naar school.", "back_to_school"),
        ("Afgerond, maar het doel is niet bereikt.", ""),
    ],
)
def test_a_goal_that_was_reached_is_an_outcome(words, outcome):
    """Unless what is said says more."""
    assert outcome_of(ended(words).case) == outcome


def test_a_class_does_not_go_back_to_school():
    """It was never away: its provider is offered another good end, while it runs and when it ended before."""
    life = at_state(State.STARTED)
    life.case = replace(life.case, values={**life.case.values, "subject_kind": "school"})
    running = taps(life)
    life.says("afgerond")

    assert next(one.word for one in running) == "vandaag afgerond, doel bereikt"
    assert next(one.word for one in taps(life)) == "afgerond, doel bereikt"
    assert not any("terug naar school" in one.word for one in (*running, *taps(life)))


def test_feedback_alone_does_not_close_it():
    """What came of it must be known too; it can be told later, by itself."""
    life = ended()
    life.says("De school is op de hoogte: we hebben teruggekoppeld.")
    life.says("", tap="feedback")
    assert life.state is State.COMPLETED
    assert [one.label for one in taps(life)] == ["Terug naar school", "Overgedragen", "Vroegtijdig gestopt"]

    life.says("vroegtijdig gestopt")

    assert life.state is State.CLOSED
    assert outcome_of(life.case) == "stopped_early"


def taps(life):
    """What the provider would be offered now."""
    from mailflow.core.provider_taps import taps_for  # noqa: PLC0415 - beside the letters that show them

    return taps_for(life.case)


def test_a_handover_says_to_whom_and_whether_it_is_confirmed():
    """The name stands with the referral, not in an event; it can be confirmed later."""
    life = ended("Afgerond op 2 november. Overgedragen aan CGG Passant.")
    assert life.case.values[HANDOVER_TO] == "CGG Passant"
    assert outcome_words(life.case) == "overgedragen aan CGG Passant"
    assert all("Passant" not in value for h in life.case.history for value in h.codes.values())

    life.says("Overdracht aan CGG Passant, zij hebben dat bevestigd.")

    assert outcome_words(life.case) == "overgedragen aan CGG Passant, en dat is bevestigd"
    assert life.state is State.COMPLETED


def test_a_handover_that_is_not_confirmed_yet_is_not():
    """ "Nog niet bevestigd" says the opposite."""
    life = ended("afgerond, overgedragen aan het CAW")

    life.says("Overgedragen aan het CAW, maar ze hebben dat nog niet bevestigd.")

    assert "bevestigd" not in outcome_words(life.case)


def test_an_end_by_tap_says_the_outcome_and_nobody_is_asked_more():
    """One tap: the day, what came of it, one letter to the referrer."""
    life = ended()
    other = at_state(State.STARTED)

    other.says("vandaag afgerond, overgedragen", tap="completed")

    assert other.kinds() == ["ended"]
    assert outcome_words(other.case) == "overgedragen aan een andere organisatie"
    assert outcome_words(life.case) == ""


def test_how_it_went_before_it_ended_is_asked_about():
    """ "Deeltijds terug naar school" may be part of the trajectory: nobody may guess."""
    life = at_state(State.STARTED)

    life.says("Ze gaat deeltijds terug naar school.")

    assert life.state is State.STARTED
    assert life.kinds() == ["unclear"]


def test_two_outcomes_are_no_outcome():
    """It ended; what came of it stays open."""
    life = ended("Afgerond. Vroegtijdig gestopt. Terug naar school.")

    assert life.state is State.COMPLETED
    assert outcome_of(life.case) == ""


def test_a_day_that_is_told_later_is_told_to_the_referrer():
    """The school needs it: she gets the letter anew, with the day in the text to forward."""
    life = at_state(State.STARTED)
    assert told(life, "started")["day"] == ""

    life.says("gestart op 2 oktober")

    assert told(life, "started")["day"] == "vrijdag 2 oktober 2026"
    assert life.case.last(Event.DAY_NOTED).codes["day"] == "2026-10-02"


def test_a_tap_that_is_tapped_again_does_not_change_the_day():
    """It says "vandaag": two days later that is another day, and not what is meant."""
    life = at_state(State.ACCEPTED)
    life.says("vandaag gestart", tap="started")
    life.later(days=2)

    life.says("vandaag gestart", tap="started")

    assert life.kinds() == []
    assert life.happened(Event.DAY_NOTED) == 0


def test_the_referrers_word_closes_it():
    """ "Mag afgesloten worden" ends a trajectory that is over, and withdraws nothing."""
    life = ended()

    life.says("Dit mag voor ons afgesloten worden.", role="referrer")

    assert life.state is State.CLOSED
    assert life.kinds() == []


def test_an_end_without_a_start_had_a_start():
    """A provider that forgot to say that it began is not asked for it."""
    life = at_state(State.ACCEPTED)

    life.says("Het traject is afgerond.")

    assert life.state is State.COMPLETED
    assert life.happened(Event.TRAJECTORY_STARTED) == 1


def test_a_second_trajectory_begins_without_the_first_ones_outcome():
    """What was said of the first one does not close the second."""
    life = ended("afgerond, terug naar school")
    life.says("Ze is opnieuw gestart bij ons: traject gestart")
    assert life.state is State.STARTED

    assert outcome_of(life.case) == ""
    assert not feedback_done(life.case)


@each_row("words", ["Graag heropenen.", "Kunnen jullie dit dossier heropenen?", "Kan dit dossier terug open?"])
def test_a_reply_reopens_within_sixty_days(words):
    """Then the desk decides; later it only reads the mail."""
    life = ended("afgerond, terug naar school")
    life.says("", tap="feedback")
    assert life.state is State.CLOSED
    life.later(days=59)
    again, life.case = life.case, life.case
    life.says(words, role="referrer")
    assert life.state is State.NEEDS_DESK

    life.case = again
    life.later(days=2)
    life.says(words, role="referrer")

    assert life.state is State.CLOSED
    assert life.kinds() == ["other_mail", "status"]
    assert not life.last.letters[1].taps


def test_whoever_writes_after_the_end_hears_that_a_person_reads_it():
    """And how it can go on."""
    life = ended()
    life.says("mag afgesloten worden", role="referrer")

    life.says("Wie van jullie kan ik hierover nog bellen?", role="referrer")

    told = life.last.letters[1]
    assert (told.kind, told.to, told.values["read_by_desk"]) == ("status", "referrer", True)
    assert [tap.word for tap in told.taps] == ["heropen"]


def test_feedback_after_the_end_needs_nobody():
    """It is written down and no letter goes out."""
    life = ended()
    life.says("mag afgesloten worden", role="referrer")

    life.says("terugkoppeling gedaan")

    assert life.kinds() == []
    assert feedback_done(life.case)


def test_a_class_has_no_code_p():
    """The text for the school is about a pupil: with a school as subject the letter leaves it out."""
    life = Life()
    school = FORM.replace(
        "Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\n", "Aanmelding voor: een klas\n"
    )
    life.mail(school.replace("NAFT VBO", "Time-in"))
    assert life.state is State.QUEUED
    life.later(minutes=1)

    life.says("gestart", sender="info@time-in.example")

    assert told(life, "started")["pupil"] is False

"""Whose turn is it, until when, and when to look? Terms run in the working days of the party that is waited for."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from mailbag import BRUSSELS, MONDAY, RULES, Life, at_state, dispatched
from rows import each_row
from test_watch_properties import at

from mailflow.core.case import Case, Happened, replay
from mailflow.core.lifecycle import ENDS, OPEN, Event, Party, State
from mailflow.core.school_year import Closure
from mailflow.core.watches import WATCHES, calendar_of, waits_until, watch

UNSURE = "misschien volgende week, we zien nog wel"


def open_(life):
    """The watch on its case."""
    return watch(life.case, life.rules)


def test_every_open_state_but_the_passing_one_has_a_row():
    """Nothing open is forgotten."""
    assert WATCHES.keys() == OPEN - {State.NEW}
    assert watch(Case(), RULES) is None


# fmt: off
TERMS = [
    (State.UNCONFIRMED,      "confirmation", Party.REFERRER, "2026-10-08T10:00"),
    (State.AWAITING_CLB,     "clb",          Party.DESK,     "2026-10-08T10:00"),
    (State.NEEDS_INFO,       "info",         Party.REFERRER, "2026-10-08T10:00"),
    (State.NEEDS_DESK,       "desk",         Party.DESK,     "2026-10-05T10:00"),
    (State.QUEUED,           "release",      Party.MAILFLOW, "2026-10-13T09:00"),
    (State.DISPATCHED,       "contact",      Party.PROVIDER, "2026-10-12T10:01"),
    (State.WAITLIST_OFFERED, "keep",         Party.REFERRER, "2026-10-19T10:01"),
    (State.ACCEPTED,         "start",        Party.PROVIDER, "2026-11-02T10:01"),
    (State.FULL,             "choice",       Party.REFERRER, "2026-10-19T10:01"),
    (State.NO_MATCH,         "choice",       Party.REFERRER, "2026-10-19T10:01"),
    (State.WAITLISTED,       "callback",     Party.PROVIDER, "2026-11-02T10:17"),
]
# fmt: on


@each_row(("state", "what", "party", "due"), TERMS)
def test_each_state_waits_for_one_party_until_a_day(state, what, party, due):
    """From Monday 5 October 2026 (the queued one from Saturday 10)."""
    promise = open_(at_state(state))

    assert (promise.what, promise.party) == (what, party)
    assert promise.due == datetime.fromisoformat(due).replace(tzinfo=BRUSSELS)


@each_row("state", sorted(ENDS - {State.REPLACED}))
def test_an_ended_case_waits_for_nobody(state):
    """No promise is left."""
    assert open_(at_state(state)) is None


def test_the_calendar_is_that_of_the_party():
    """The provider's own, the CLBs', and ours."""
    life = dispatched()
    away = Closure(first=date(2026, 10, 6), last=date(2026, 10, 16))
    provider = RULES.providers["naft-vbo"]
    life.rules = replace(
        RULES, providers={"naft-vbo": replace(provider, calendar=replace(provider.calendar, closures=(away,)))}
    )

    assert open_(life).due.date() == date(2026, 10, 23)
    assert calendar_of(Party.REFERRER, life.case, RULES) is RULES.clb_calendar
    assert calendar_of(Party.CLB, life.case, RULES) is RULES.clb_calendar
    assert calendar_of(Party.DESK, life.case, RULES) is RULES.calendar
    assert calendar_of(Party.PROVIDER, Case(provider="weg"), RULES) is RULES.calendar


@each_row("role", ["provider", "referrer", "desk"])
def test_contact_by_any_side_stops_the_contact_clock(role):
    """Then the decision is waited for."""
    life = dispatched()
    life.later(days=2)

    life.says("gesproken", role=role)

    promise = open_(life)
    assert promise.what == "decision"
    assert promise.since == life.now
    assert promise.due > life.now + timedelta(days=9)


@each_row("role", ["provider", "referrer", "desk"])
def test_the_contact_clock_runs_on_while_nobody_answers(role):
    """However often somebody phoned in vain."""
    life = dispatched()
    due = open_(life).due
    for _ in range(3):
        life.later(days=1)
        life.says("gebeld, geen gehoor", role=role)

    assert life.happened(Event.CONTACT_ATTEMPTED) == 3
    assert (open_(life).what, open_(life).due, open_(life).look_at) == ("contact", due, due)


def test_contact_of_an_earlier_round_counts_no_more():
    """Only what happened since it was dispatched."""
    life = dispatched()
    before = replace(life.case.history[0], kind=Event.CONTACT_MADE, at=MONDAY - timedelta(days=1))
    life.case = replace(life.case, history=(before, *life.case.history))

    assert open_(life).what == "contact"


def test_one_reminder_then_the_desk():
    """Five working days, a reminder, five more, the digest; then nothing."""
    life = dispatched()
    assert (open_(life).reminds, open_(life).look_at) == (True, open_(life).due)
    life.now = open_(life).look_at
    life.look()
    assert not open_(life).reminds
    assert open_(life).look_at.date() == date(2026, 10, 19)
    life.now = open_(life).look_at
    life.look()

    assert open_(life).look_at is None
    assert open_(life).due.date() == date(2026, 10, 12)


def test_what_has_no_reminder_goes_straight_to_the_digest():
    """Everything that neither is contact nor blocks a referral."""
    life = at_state(State.ACCEPTED)

    assert not open_(life).reminds
    life.now = open_(life).look_at
    life.look()

    assert open_(life).look_at is None


def test_being_asked_for_more_starts_the_term_anew():
    """One of two fields came: the other is waited for as long."""
    life = Life()
    life.mail(
        "Voornaam: Noor\nAchternaam: Voorbeeld\nWoonplaats: 3000 Leuven\nSchool: X\nE-mail aanmelder: an.peeters@vclbleuven.be"
    )
    life.later(days=2)
    life.says("Geboortedatum: 12/3/2011", role="referrer")

    assert life.state is State.NEEDS_INFO
    assert open_(life).since == life.now


def test_news_about_the_waitlist_starts_its_four_weeks_anew():
    """And once told, the desk hears again four weeks after the news."""
    life = at_state(State.WAITLISTED)
    life.now = open_(life).look_at
    life.look()
    assert open_(life).look_at is None
    life.later(days=3)

    life.says("we bellen terug zodra er plaats is")

    assert open_(life).look_at > life.now + timedelta(weeks=3)


def test_phoning_in_vain_is_no_news_about_the_waitlist():
    """Repeated for weeks it would postpone the desk's turn for ever."""
    life = at_state(State.WAITLISTED)
    due = open_(life).due
    for _ in range(3):
        life.later(days=7)
        life.says("Papa gebeld, geen gehoor. Ik probeer morgen opnieuw.")

    assert life.happened(Event.CONTACT_ATTEMPTED) == 3
    assert open_(life).due == due


def test_only_the_provider_itself_gives_a_sign_of_life():
    """A thank-you of the referrer is no news about the waitlist."""
    life = at_state(State.WAITLISTED)
    life.now = open_(life).look_at
    life.look()
    life.later(days=3)

    life.says("bedankt", role="referrer")

    assert life.case.history[-1].kind is Event.NOTE
    assert open_(life).look_at is None


def test_four_weeks_end_on_a_working_day():
    """Not on a Sunday, nor in the holidays."""
    life = at_state(State.WAITLISTED)
    life.now += timedelta(days=75)
    life.says("we bellen terug zodra er plaats is")

    promise = open_(life)

    assert calendar_of(Party.PROVIDER, life.case, RULES).is_open(promise.due)


@each_row(("role", "party"), [("provider", Party.PROVIDER), ("referrer", Party.REFERRER)])
def test_whoever_was_asked_back_is_waited_for_first(role, party):
    """Three working days of theirs, then it stands in the digest until it is clear."""
    life = dispatched()
    life.says(UNSURE, role=role)
    promise = open_(life)
    assert (promise.what, promise.party, promise.due.date()) == ("clarity", party, date(2026, 10, 8))
    life.now = promise.look_at
    life.look()
    assert life.last.events[0].codes == {"what": "clarity"}
    assert (open_(life).what, open_(life).look_at) == ("clarity", None)

    life.says("gesproken", role=role)

    assert open_(life).what == "decision"


def test_what_lies_with_the_desk_stays_with_the_desk():
    """An open question to the referrer does not hide that."""
    life = at_state(State.NEEDS_DESK)

    life.says(UNSURE, role="referrer")

    assert open_(life).what == "desk"


def test_what_the_desk_lets_wait_waits_until_the_case_moves():
    """Its day counts for what stood there when it said so, and for nothing that comes after."""
    life = dispatched()

    life.says("wacht tot 30 oktober", role="desk")
    assert waits_until(life.case) == date(2026, 10, 30)
    assert open_(life).due.date() == date(2026, 10, 30)
    life.says("wachtlijst", role="provider")

    assert waits_until(life.case) is None
    assert open_(life).due.date() < date(2026, 10, 30)


def test_only_the_referral_itself_starts_the_term_of_contact():
    """Another letter that leaves later brings no new one."""
    life = dispatched()
    began = open_(life).since

    life.says("wat is de stand van zaken?", role="referrer")
    life.later(hours=3)

    assert life.case.last(Event.LETTER_SENT).codes["letter"] != "referral"
    assert open_(life).since == began


LATER = MONDAY + timedelta(days=1)


def since_monday(state, *facts):
    """A case in that state since Monday at ten, and these facts of since: (kind, codes[, by[, at]])."""
    case = at(state, MONDAY)
    return replay([fact(*one) for one in facts], case)


def fact(kind, codes=None, by=Party.MAILFLOW, moment=LATER):
    """Something that happened on Tuesday at ten."""
    return Happened(at=moment, kind=kind, by=by, codes=codes or {})


# fmt: off
COUNTED_FROM = [
    (State.AWAITING_CLB,     "clb",       Party.DESK,     fact(Event.CLB_DECLINED)),
    (State.AWAITING_CLB,     "take_over", Party.CLB,      fact(Event.CLB_ASSIGNED, {"clb": "vclb-leuven"})),
    (State.AWAITING_CLB,     "family",    Party.SENDER,   fact(Event.FAMILY_ASKED)),
    (State.DISPATCHED,       "contact",   Party.PROVIDER, fact(Event.LETTER_SENT, {"letter": "referral", "n": "2"})),
    (State.WAITLIST_OFFERED, "keep",      Party.REFERRER, fact(Event.ELSEWHERE_ASKED, by=Party.REFERRER)),
    (State.WAITLIST_OFFERED, "keep",      Party.REFERRER, fact(Event.FOLLOW_ON_LINKED, by=Party.REFERRER)),
    (State.FULL,             "choice",    Party.REFERRER, fact(Event.PAUSED, {"what": "think"}, Party.REFERRER)),
    (State.NO_MATCH,         "choice",    Party.REFERRER, fact(Event.PAUSED, {"what": "think"}, Party.REFERRER)),
]
# fmt: on


@each_row(("state", "what", "party", "happened"), COUNTED_FROM)
def test_a_term_is_counted_from_what_was_asked_or_heard_last(state, what, party, happened):
    """Not from the day on which the case came to stand there."""
    open_ = watch(replay([happened], at(state, MONDAY)), RULES)

    assert (open_.what, open_.party, open_.since) == (what, party, LATER)


def test_contact_while_a_pupil_waits_is_no_decision_to_wait_for():
    """The weeks of the waitlist begin again, and it stays a waitlist."""
    open_ = watch(since_monday(State.WAITLISTED, (Event.CONTACT_MADE, {}, Party.PROVIDER)), RULES)

    assert (open_.what, open_.since) == ("callback", LATER)


BACK = (
    (Event.LETTER_WRITTEN, {"n": "1", "letter": "referral", "to": "provider"}),
    (Event.BOUNCED, {"n": "1", "permanent": "yes"}),
)


def test_a_referral_that_came_back_is_the_desks_turn_at_once():
    """Counted from the bounce, whatever the referrer was asked meanwhile."""
    asked = (Event.ASKED_BACK, {}, Party.REFERRER)

    open_ = watch(since_monday(State.DISPATCHED, asked, *BACK), RULES)

    assert (open_.what, open_.party) == ("unreached", Party.DESK)
    assert (open_.since, open_.due) == (LATER, LATER)


def test_a_referral_that_is_ordered_again_is_counted_from_that_order():
    """It lies here until it leaves."""
    ordered = LATER + timedelta(hours=2)

    open_ = watch(since_monday(State.DISPATCHED, *BACK, (Event.NOTE, {"why": "again"}, Party.DESK, ordered)), RULES)

    assert (open_.what, open_.party, open_.since) == ("release", Party.MAILFLOW, ordered)


def test_at_the_desks_turn_whose_mail_it_was_is_looked_at_when_it_comes_first():
    """The desk's own turn first; once that stands in the digest, the three days of the party that is asked."""
    asked = (Event.ASKED_WHO, {"question": "1"}, Party.REFERRER)
    told = (Event.DESK_TOLD, {"what": "desk"})

    turn = watch(since_monday(State.NEEDS_DESK, asked), RULES)
    after = watch(since_monday(State.NEEDS_DESK, asked, told), RULES)

    assert (turn.what, turn.look_at) == ("desk", MONDAY)
    assert (after.what, after.look_at) == ("desk", datetime(2026, 10, 9, 10, 0, tzinfo=BRUSSELS))


def test_what_the_desk_was_told_and_lets_wait_is_not_looked_at_again():
    """It stands in the digest from its day on."""
    told = (Event.DESK_TOLD, {"what": "start"})
    wait = (Event.PAUSED, {"what": "wait", "until": "2026-12-01"}, Party.DESK)

    open_ = watch(since_monday(State.ACCEPTED, told, wait), RULES)

    assert (open_.due, open_.look_at) == (datetime(2026, 12, 1, 9, 0, tzinfo=BRUSSELS), None)
    assert waits_until(Case()) is None


def test_only_the_days_of_the_question_itself_are_given_back():
    """Asked two days after the referral left and answered a day later: one day on top, not three."""
    asked = (Event.ASKED_WHO, {"question": "1"}, Party.PROVIDER, MONDAY + timedelta(days=2))
    answered = (Event.WHO_ANSWERED, {"question": "1"}, Party.PROVIDER, MONDAY + timedelta(days=3))

    usual = watch(since_monday(State.DISPATCHED), RULES)
    later = watch(since_monday(State.DISPATCHED, asked, answered), RULES)

    assert (usual.due.date(), later.due.date()) == (date(2026, 10, 12), date(2026, 10, 13))


def test_a_question_after_the_reminder_gives_its_days_back_too():
    """The desk hears of it so much later."""
    due = MONDAY + timedelta(days=7)
    reminded = (Event.REMINDER_SENT, {"what": "contact"}, Party.MAILFLOW, due)
    asked = (Event.ASKED_WHO, {"question": "1"}, Party.PROVIDER, due)
    answered = (Event.WHO_ANSWERED, {"question": "1"}, Party.PROVIDER, due + timedelta(days=1))

    open_ = watch(since_monday(State.DISPATCHED, reminded, asked, answered), RULES)

    assert open_.look_at.date() == date(2026, 10, 20)


@each_row(("days", "told"), [(3, date(2026, 10, 13)), (0, date(2026, 10, 9))])
def test_after_a_reminder_the_desk_hears_after_as_many_days_as_the_term_has(days, told):
    """At least one: nobody answers a reminder of the same minute."""
    rules = replace(RULES, terms=replace(RULES.terms, info=days))
    reminded = (Event.REMINDER_SENT, {"what": "info"}, Party.MAILFLOW, MONDAY + timedelta(days=3))

    open_ = watch(since_monday(State.NEEDS_INFO, reminded), rules)

    assert (open_.reminds, open_.look_at.date()) == (False, told)


def test_whoever_was_asked_back_about_a_referral_that_is_to_leave_has_one_day():
    """It leaves soon; elsewhere there are three."""
    asked = (Event.ASKED_BACK, {}, Party.REFERRER)

    assert watch(since_monday(State.QUEUED, asked), RULES).due == LATER + timedelta(days=1)
    assert watch(since_monday(State.FULL, asked), RULES).due == LATER + timedelta(days=3)


def test_a_provider_that_left_the_list_is_due_at_once():
    """It has no term of its own any more: somebody has to look."""
    case = replace(at(State.DISPATCHED, MONDAY), provider="weg")

    assert watch(case, RULES).due == MONDAY


def test_what_the_desk_was_told_of_another_promise_says_nothing_of_this_one():
    """The digest said that somebody was asked back; the contact is still to be reminded of."""
    told = (Event.DESK_TOLD, {"what": "clarity"})

    open_ = watch(since_monday(State.DISPATCHED, told), RULES)

    assert (open_.reminds, open_.look_at) == (True, open_.due)


def test_told_at_the_moment_that_it_came_to_stand_there_is_told():
    """A case that comes before the desk within a digest is not told twice."""
    told = (Event.DESK_TOLD, {"what": "desk"}, Party.MAILFLOW, MONDAY)

    assert watch(since_monday(State.NEEDS_DESK, told), RULES).look_at is None

"""Somebody away until a day that is told: the clock of that party stands still, and nobody else's."""

from datetime import date, datetime, timedelta

from mailbag import RULES
from rows import each_row

from mailflow.core.absence import absence_of, away_until
from mailflow.core.case import Case, Happened, replay
from mailflow.core.lifecycle import Event, Party
from mailflow.core.watches import watch

TODAY = date(2026, 11, 10)  # a Tuesday
SENT = datetime(2026, 11, 9, 9, 0, tzinfo=RULES.calendar.zone)


@each_row(
    ("notice", "last"),
    [
        ("Ik ben afwezig tot en met vrijdag 13 november.", date(2026, 11, 13)),
        ("Ik ben met verlof tot en met 20/11. Bij dringende vragen bel 016 00 00 00.", date(2026, 11, 20)),
        ("Wij zijn gesloten t.e.m. 3 januari 2027, daarna lezen we je mail.", date(2027, 1, 3)),
        ("Ik ben terug op maandag 16 november.", date(2026, 11, 15)),
        ("Ik ben afwezig tot 16 november en terug bereikbaar op 16 november om 9u.", date(2026, 11, 15)),
        ("I am out of the office until 16 November. Kind regards", date(2026, 11, 16)),
        ("Je suis absent jusqu'au 16 novembre.", date(2026, 11, 16)),
        ("Ik ben opnieuw aanwezig vanaf 1 december.", date(2026, 11, 30)),
        ("Ik ben even afwezig.", None),
        ("Ik ben afwezig tot na de kerstvakantie.", None),
        ("Ik ben afwezig tot en met 13 november, mijn collega tot en met 20 november.", None),
        ("Ik ben terug op 2 november.", None),
        ("Afwezig tot en met 1 september 2027.", None),
        ("Richt je tot onze dienst, wij antwoorden vanaf 16 november.", None),
    ],
)
def test_the_last_day_away(notice, last):
    """A day that is named for certain and is still to come; else nothing stands still."""
    assert away_until(notice, TODAY) == last


def dispatched(*more):
    """A case that lies with its provider since Monday morning, and what happened then."""
    events = [
        Happened(at=SENT, kind=Event.MAIL_CAME, by=Party.REFERRER),
        Happened(at=SENT, kind=Event.REFERRAL_COMPLETE, codes={"provider": "naft-vbo"}),
        Happened(at=SENT, kind=Event.REFERRAL_SENT, codes={"provider": "naft-vbo"}),
        *more,
    ]
    return replay(events, Case())


def away(party, until, at=SENT + timedelta(minutes=1)):
    """An out-of-office notice came in."""
    return Happened(at=at, kind=Event.NOTE, by=party, codes={"why": "out_of_office", "until": until})


def test_the_clock_of_whoever_is_away_stands_still():
    """A provider that is away for the whole week gets its term from the Monday after."""
    usual, later = watch(dispatched(), RULES), watch(dispatched(away(Party.PROVIDER, "2026-11-15")), RULES)

    assert RULES.calendar.working_days_between(usual.due, later.due) == 4  # 11 November is a holiday
    assert later.look_at == later.due


def test_the_last_day_of_an_absence_counts_and_the_day_after_does_not():
    """Away until Friday is as long as away until Sunday; until Thursday is a day less."""
    days = [
        RULES.calendar.working_days_between(
            watch(dispatched(), RULES).due, watch(dispatched(away(Party.PROVIDER, until)), RULES).due
        )
        for until in ("2026-11-12", "2026-11-13", "2026-11-15")
    ]

    assert days == [3, 4, 4]


@each_row("hours", [0, 1, 24])
def test_an_absence_that_is_told_when_the_term_is_over_moves_it_no_more(hours):
    """It was due already."""
    due = watch(dispatched(), RULES).due
    late = away(Party.PROVIDER, "2026-11-27", at=due + timedelta(hours=hours))

    assert watch(dispatched(late), RULES).due == due


@each_row(
    "note",
    [
        away(Party.REFERRER, "2026-11-15"),
        away(Party.PROVIDER, "2026-11-06"),
        Happened(at=SENT, kind=Event.NOTE, by=Party.PROVIDER, codes={"why": "auto_reply", "until": "2026-11-15"}),
        Happened(at=SENT, kind=Event.NOTE, by=Party.PROVIDER),
    ],
)
def test_nobody_elses_absence_stops_the_clock(note):
    """The absence of another, one that is over, and a note of another kind change nothing."""
    assert watch(dispatched(note), RULES).due == watch(dispatched(), RULES).due


def test_what_is_known_of_an_absence():
    """Since when we know, and the last day."""
    assert absence_of(dispatched(away(Party.PROVIDER, "2026-11-15")), Party.PROVIDER) == (
        SENT + timedelta(minutes=1),
        date(2026, 11, 15),
    )


def test_an_absence_is_no_sign_of_life():
    """While a pupil waits for a call, the weeks are counted from what a person said last."""
    offered = Happened(at=SENT, kind=Event.WAITLIST_AGREED, by=Party.PROVIDER)
    later = away(Party.PROVIDER, "2026-11-15", at=SENT + timedelta(days=3))
    called = Happened(at=SENT + timedelta(days=4), kind=Event.CONTACT_MADE, by=Party.PROVIDER)

    assert watch(dispatched(offered, later), RULES).since == SENT
    assert watch(dispatched(offered, later, called), RULES).since == called.at

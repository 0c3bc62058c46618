"""What the desk writes on a case: an order, or what a party said by phone."""

import re
from datetime import date, datetime, time, timedelta

from mailflow.core import case_letters, letters, reply_letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.asking import clear_up
from mailflow.core.assigning import assign, let_the_family_choose
from mailflow.core.case import can
from mailflow.core.clb_letters import clb_named
from mailflow.core.commands import (
    AssignClb,
    CloseCase,
    Command,
    FromFamily,
    Ignore,
    LetFamilyChoose,
    Misread,
    Order,
    SendTo,
    Show,
    StartAlready,
    TryAgain,
    Wait,
    read_command,
)
from mailflow.core.desk_sends import (
    may_go_elsewhere,
    move_on,
    name_of,
    once_more,
    place_again,
    send_to,
    start_already,
)
from mailflow.core.draft import Draft
from mailflow.core.dutch_dates import day_in
from mailflow.core.letters import Kind, When
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.provider_says import provider_says
from mailflow.core.referrer_decides import withdraw
from mailflow.core.referrer_says import referrer_says
from mailflow.core.taking_back import OEPS, take_back
from mailflow.core.telling import told
from mailflow.core.thread import REPLY
from mailflow.core.unreached import came_back
from mailflow.core.watches import WAITS, watch
from mailflow.core.wording import PARTIES, STATES, day_text, short_day

HERS = frozenset({"keep", "withdraw", "stop_release", "elsewhere", "confirm", "deny", "status", "copy", "hand_over"})
"""What the desk says in the referrer's name; the rest is the provider's."""
PLACEABLE = (State.NEEDS_DESK, State.NEEDS_INFO)
NOT_OUT_YET = (State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)
# What the desk can order, by where the case stands.
POSSIBLE: dict[State, str] = {
    State.UNCONFIRMED: "wijs toe aan CLB …, bevestig, wacht tot …, negeer, toon",
    State.AWAITING_CLB: "wijs toe aan CLB …, laat kiezen, start al (als de leerling niet ingeschreven is), "
    "wacht tot …, negeer, toon",
    State.NEEDS_INFO: "stuur naar …, wacht tot …, negeer, toon",
    State.NEEDS_DESK: "stuur naar …, wijs toe aan CLB …, opnieuw, wacht tot …, negeer, toon",
    State.QUEUED: "wacht, negeer, toon",
}
OUT = (
    "noteer en wat een partij zei (aanvaard, wachtlijst, volzet, geen match, gesproken, gestart …), "
    "wacht tot …, sluit, toon"
)
"""The same once the provider has it."""
NOT_SEALED = "een opdracht telt alleen als antwoord op een brief over dit dossier, of op een overzicht"
_NOTED = re.compile(r"^[ \t]*noteer\b[ \t:]*(?:dat[ \t]+)?", re.IGNORECASE | re.MULTILINE)


def as_said(written: str) -> str:
    """What the desk notes, in the words of whoever said it: without "noteer"."""
    return _NOTED.sub("", written)


def shows(draft: Draft, came: MailCame, answer_to: str) -> bool:
    """Whether the desk only wants to read what happened to the case: then it gets that, wherever the case stands."""
    if came.reading.nothing_new or not came.understanding.thread.sealed:
        return False
    command = read_command(came.reading.written, draft.rules.clbs, draft.rules.providers)
    if not isinstance(command, Command) or not isinstance(command.order, Show):
        return False
    case, rules = draft.case, draft.rules
    open_ = watch(case, rules)
    provider = rules.providers.get(case.provider)
    values = {
        "state": STATES[case.state],
        "since": short_day(case.since.astimezone(rules.calendar.zone).date()) if case.since else "",
        "provider": provider.name if provider else "",
        "waits": f"{PARTIES[open_.party]}, tot {short_day(open_.due.astimezone(rules.calendar.zone).date())}"
        if open_
        else "",
        "rows": told(case, rules),
    }
    draft.write(letters.Letter(kind=Kind.TIMELINE, to="desk", address=answer_to, values=values, answers_mail=True))
    return True


def desk_says(draft: Draft, read: Understood | Unclear, came: MailCame, answer_to: str) -> None:
    """Obey an order; else write down what a party said by phone: the same events, in the desk's name."""
    written = "" if came.reading.nothing_new else came.reading.written
    command = read_command(written, draft.rules.clbs, draft.rules.providers)
    if OEPS.match(written) and came.understanding.thread.sealed:
        return _taken_back(draft, came, answer_to)
    match command:
        case Command(mail=int()) | Misread(mail=int()):
            return _refused(draft, answer_to, "over een mail beslis je als antwoord op de brief over die mail")
        case _ if not came.understanding.thread.sealed:
            return _refused(draft, answer_to, NOT_SEALED)
        case Command(order=FromFamily()):
            pass  # says what a held mail is; on a case it is one of its fields
        case Command(remember=scope) if scope:
            return _refused(draft, answer_to, "een afzender onthouden kan enkel in de brief over een mail die wacht")
        case Command(order=order):
            return _ordered(draft, order, came, answer_to)
        case Misread(why=why):
            return _refused(draft, answer_to, why)
    if isinstance(read, Unclear) or read.action in ("question", "acknowledge", "supply", "assign"):
        return _refused(
            draft, answer_to, read.why if isinstance(read, Unclear) else "daar staat geen opdracht in die we kennen"
        )
    speaks = referrer_says if read.action in HERS else provider_says
    return speaks(draft, read, came, answer_to, by=Party.DESK)


def _taken_back(draft: Draft, came: MailCame, answer_to: str) -> None:
    """ "Oeps": the last order, as far as that can be; what stands behind it is an order of its own."""
    done = take_back(draft, came.full)
    rest = OEPS.sub("", came.reading.written, count=1)
    command = read_command(rest, draft.rules.clbs, draft.rules.providers)
    if isinstance(command, Command) and not command.remember:
        return _ordered(draft, command.order, came, answer_to)
    clear_up(draft, Party.DESK)
    sentence = done.sentence if done.undone else f"{done.sentence}; er is niets veranderd"
    draft.write(reply_letters.echo("desk", answer_to, sentence, "", ()))
    return None


def _ordered(draft: Draft, order: Order, came: MailCame, answer_to: str) -> None:
    done, why = _obey(draft, order, came)
    if why:
        return _refused(draft, answer_to, why)
    clear_up(draft, Party.DESK)
    if came.understanding.thread.action in (None, REPLY):
        draft.write(reply_letters.echo("desk", answer_to, done, "", ()))
    return None


def _refused(draft: Draft, answer_to: str, why: str) -> None:
    """A friendly answer, with what is possible here."""
    possible = POSSIBLE.get(draft.case.state, OUT)
    draft.write(reply_letters.unclear("desk", answer_to, f"{why}. Hier kan: {possible}", ()))
    draft.happen(Event.ASKED_BACK, Party.DESK)


def _obey(draft: Draft, order: Order, came: MailCame) -> tuple[str, str]:
    """(what was done, why it cannot be): one of them is ""; both are Dutch, for the desk."""
    when = None if came.understanding.thread.action not in (None, REPLY) else When.AFTER_PAUSE
    draft.hold = draft.rules.terms.pause if when else timedelta()
    match order:
        case AssignClb(clb=key):
            clb = clb_named(key, draft.rules)
            name = clb.name if clb else "dit CLB"
            return f"{name} krijgt de vraag om over te nemen", assign(draft, key, Party.DESK, when)
        case LetFamilyChoose():
            return "de afzender krijgt de vraag welk CLB het wordt", let_the_family_choose(draft, when)
        case SendTo(provider=key) if draft.case.state in PLACEABLE:
            return f"deze aanmelding gaat naar {name_of(draft, key)}", send_to(draft, key, came)
        case SendTo(provider=key) if draft.case.state is State.AWAITING_CLB:
            return f"de aanmelding vertrekt al, naar {name_of(draft, key)}", start_already(draft, key, came)
        case SendTo(provider=key) if may_go_elsewhere(draft, key):
            done = f"er komt een nieuwe aanmelding bij {name_of(draft, key)}, en dit dossier sluit"
            return done, move_on(draft, key, came)
        case StartAlready():
            return "de aanmelding vertrekt al, de vraag welk CLB blijft open", start_already(draft, "", came)
        case Ignore():
            return "dit dossier is gesloten", _ignore(draft)
        case CloseCase():
            return "dit dossier is gesloten", _close(draft, came)
        case Wait(until=until):
            return _wait(draft, until)
        case TryAgain() if came_back(draft.case):
            return "deze aanmelding gaat opnieuw op weg", once_more(draft)
        case TryAgain() if draft.case.state is State.NEEDS_DESK:
            return "deze aanmelding gaat opnieuw op weg", place_again(draft, came)
        case _:
            return "", "dat past niet bij waar het dossier nu staat"


def _ignore(draft: Draft) -> str:
    """It needs nothing more; a proven referrer hears so, nobody else."""
    on_its_way = any(codes["letter"] == Kind.REFERRAL for codes in draft.case.waiting_letters().values())
    if draft.case.state not in NOT_OUT_YET or on_its_way or not can(draft.case, Event.VOIDED):
        return "de aanbieder heeft deze aanmelding al: schrijf “sluit”"
    told = draft.case.has_referrer
    draft.void_waiting(*(kind for kind in Kind if kind not in (Kind.OTHER_MAIL, Kind.UNDELIVERABLE)))
    draft.happen(Event.VOIDED, Party.DESK)
    if told:
        letter = letters.to_referrer(Kind.WITHDRAWN, draft.case, by="desk", party="referrer")
        draft.write(letter, when=When.AFTER_PAUSE)
    return ""


def _close(draft: Draft, came: MailCame) -> str:
    """It ends here, wherever it stands; whoever has it hears so."""
    on_its_way = any(codes["letter"] == Kind.REFERRAL for codes in draft.case.waiting_letters().values())
    if draft.case.state in NOT_OUT_YET and not on_its_way:
        return _ignore(draft)
    if draft.case.state is State.COMPLETED:
        draft.happen(Event.LOOP_SETTLED, Party.DESK)
    else:
        withdraw(draft, came, Party.DESK)
    return ""


def _wait(draft: Draft, typed: str) -> tuple[str, str]:
    """Nothing leaves and nobody is asked before that day; without one, for the desk's own term."""
    rules = draft.rules
    until = day_in(f"op {typed}", draft.today).day if typed else _after(draft, rules.terms.wait)
    if until is None or until <= draft.today:
        return "", "tot welke dag? Schrijf bijvoorbeeld “wacht tot 12 januari”"
    if draft.case.state is State.QUEUED:
        draft.void_waiting(Kind.REFERRAL, Kind.RECEIVED)
        draft.happen(Event.DESK_NEEDED, Party.DESK, why="wait")
    if draft.case.state is State.NEEDS_DESK and draft.case.has_referrer:  # she was told something else
        draft.write(
            case_letters.received(draft.case, None, rules, leaves=None, now=draft.now, warnings=(), until=until)
        )
    draft.happen(Event.PAUSED, Party.DESK, what=WAITS, until=until.isoformat())
    return f"dit wacht tot {day_text(until)}; het staat intussen apart in je overzicht", ""


def _after(draft: Draft, days: int) -> date:
    today = datetime.combine(draft.today, time.min, draft.rules.calendar.zone)
    return draft.rules.calendar.add_working_days(today, days).date()

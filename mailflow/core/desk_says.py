"""What the desk writes on a case: an order, or what a party said by phone."""

from mailflow.core import letters, shown
from mailflow.core.answer import Unclear, Understood
from mailflow.core.asking import settle
from mailflow.core.assigning import assign, let_the_family_choose
from mailflow.core.case import can
from mailflow.core.commands import (
    KNOWN,
    AssignClb,
    Command,
    FromFamily,
    Ignore,
    LetFamilyChoose,
    Misread,
    Order,
    SendTo,
    StartAlready,
    read_command,
)
from mailflow.core.decision import Draft, MailCame
from mailflow.core.form import complete
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.placing import facts, place
from mailflow.core.provider_says import provider_says
from mailflow.core.referrer_says import referrer_says
from mailflow.core.region import Chosen, choose_provider
from mailflow.core.thread import REPLY
from mailflow.core.wording import listing

HERS = frozenset({"keep", "withdraw", "stop_release", "elsewhere", "confirm", "deny", "status", "hand_over"})
"""What the desk says in the referrer's name; the rest is the provider's."""
PLACEABLE = (State.NEEDS_DESK, State.NEEDS_INFO)
NOT_OUT_YET = (State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)
# What the desk can order, by where the case stands.
POSSIBLE: dict[State, str] = {
    State.UNCONFIRMED: "wijs toe aan CLB …, bevestig, negeer",
    State.AWAITING_CLB: "wijs toe aan CLB …, laat kiezen, start al (als de leerling niet ingeschreven is), negeer",
    State.NEEDS_INFO: "stuur naar …, negeer",
    State.NEEDS_DESK: "stuur naar …, wijs toe aan CLB …, negeer",
}


def desk_says(draft: Draft, read: Understood | Unclear, came: MailCame, author: str) -> None:
    """Obey an order; else write down what a party said by phone: the same events, in the desk's name."""
    written = "" if came.reading.nothing_new else came.reading.written
    command = read_command(written, draft.rules.clbs, draft.rules.providers)
    match command:
        case Command(mail=int()) | Misread(mail=int()):
            return _refused(draft, author, "over een mail beslis je als antwoord op de brief over die mail")
        case Command(order=FromFamily()):
            pass  # says what a held mail is; on a case it is one of its fields
        case Command(remember=scope) if scope:
            return _refused(draft, author, "een afzender onthouden kan enkel in de brief over een mail die wacht")
        case Command(order=order):
            return _ordered(draft, order, came, author)
        case Misread(why=why):
            return _refused(draft, author, why)
    if isinstance(read, Unclear) or read.action in ("question", "acknowledge", "supply", "assign"):
        why = read.why if isinstance(read, Unclear) else "daar staat geen opdracht in die we kennen"
        draft.write(letters.unclear("desk", author, why, ()))
        draft.happen(Event.ASKED_BACK, Party.DESK)
        return None
    speaks = referrer_says if read.action in HERS else provider_says
    return speaks(draft, read, came, author, by=Party.DESK)


def _ordered(draft: Draft, order: Order, came: MailCame, author: str) -> None:
    if not came.understanding.thread.sealed:
        return _refused(draft, author, "een opdracht telt alleen als antwoord op een brief over dit dossier")
    done, why = _obey(draft, order, came)
    if why:
        return _refused(draft, author, why)
    settle(draft, Party.DESK)
    if came.understanding.thread.action in (None, REPLY):
        draft.write(letters.echo("desk", author, done, "", ()))
    return None


def _refused(draft: Draft, author: str, why: str) -> None:
    """A friendly answer, with what is possible here."""
    possible = POSSIBLE.get(draft.case.state, KNOWN)
    draft.write(letters.unclear("desk", author, f"{why}. Hier kan: {possible}", ()))
    draft.happen(Event.ASKED_BACK, Party.DESK)


def _obey(draft: Draft, order: Order, came: MailCame) -> tuple[str, str]:
    """(what was done, why it cannot be): one of them is ""; both are Dutch, for the desk."""
    match order:
        case AssignClb(clb=key):
            return "dit CLB krijgt de vraag om over te nemen", assign(draft, key, Party.DESK)
        case LetFamilyChoose():
            return "de afzender krijgt de vraag welk CLB het wordt", let_the_family_choose(draft)
        case SendTo(provider=key) if draft.case.state in PLACEABLE:
            return "we kiezen deze aanbieder", _send_to(draft, key, came)
        case SendTo(provider=key) if draft.case.state is State.AWAITING_CLB:
            return "de aanmelding vertrekt al, naar deze aanbieder", _start_already(draft, key, came)
        case StartAlready():
            return "de aanmelding vertrekt al, de vraag welk CLB blijft open", _start_already(draft, "", came)
        case Ignore():
            return "dit dossier is gesloten", _ignore(draft)
        case _:
            return "", "dat past niet bij waar het dossier nu staat"


def _send_to(draft: Draft, key: str, came: MailCame) -> str:
    if not draft.case.has_referrer:
        return "er staat nog geen CLB-medewerker achter deze aanmelding: wijs ze eerst toe"
    draft.void_waiting(Kind.RECEIVED, Kind.REFERRAL, Kind.MISSING, Kind.CHOOSE_PROVIDER)
    draft.keep({**draft.case.values, "provider": key, "insist": "yes" if key in came.full else ""})
    draft.happen(Event.INFO_ADDED, Party.DESK, fields="provider")
    settle(draft, Party.DESK)
    place(draft, None, came.full)
    return ""


def _start_already(draft: Draft, key: str, came: MailCame) -> str:
    """A pupil who is not enrolled leaves on the desk's word, while the CLB question stays (FAQ)."""
    rules, values = draft.rules, dict(draft.case.values)
    if draft.case.state is not State.AWAITING_CLB:
        return "deze aanmelding wacht niet op een CLB"
    if values.get("enrolled") != "no":
        return "dat kan alleen voor een leerling die niet ingeschreven is, en dat staat niet in het formulier"
    missing = [one for one in complete(values, rules.fields)[0] if one != "clb"]  # that is the open question
    if missing:
        return f"er ontbreekt nog: {listing(shown.labels(missing, rules))}"
    if key:
        values |= {"provider": key, "insist": "yes" if key in came.full else ""}
    choice = choose_provider(values, rules.providers, rules.places, today=draft.today, full=came.full)
    if not isinstance(choice, Chosen):
        return "we weten niet naar welke aanbieder: antwoord met “stuur naar” en zijn naam"
    draft.keep(values)
    draft.release_at = rules.calendar.next_open(draft.now)
    draft.happen(Event.DESK_RELEASED, Party.DESK, provider=choice.key, clb_open="yes", **facts(draft))
    return ""


def _ignore(draft: Draft) -> str:
    """It needs nothing more; a proven referrer hears so, nobody else."""
    on_its_way = any(codes["letter"] == Kind.REFERRAL for codes in draft.case.waiting_letters().values())
    if draft.case.state not in NOT_OUT_YET or on_its_way or not can(draft.case, Event.VOIDED):
        return "de aanbieder heeft deze aanmelding al: schrijf “stop”"
    told = draft.case.has_referrer
    draft.void_waiting(*(kind for kind in Kind if kind not in (Kind.OTHER_MAIL, Kind.UNDELIVERABLE)))
    draft.happen(Event.VOIDED, Party.DESK)
    if told:
        draft.write(letters.to_referrer(Kind.WITHDRAWN, draft.case, by="desk", party="referrer"))
    return ""

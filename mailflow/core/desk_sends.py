"""Where does the desk send a referral: to a provider, to another one, once more? Each says why not, "" when it did."""

from dataclasses import replace

from mailflow.core import shown
from mailflow.core.asking import clear_up
from mailflow.core.case import can
from mailflow.core.draft import Draft
from mailflow.core.elsewhere import moves_on
from mailflow.core.fitting import Chosen
from mailflow.core.form import complete
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.misfits import provider_is_gone
from mailflow.core.occasions import MailCame
from mailflow.core.placing import choice_of, facts, place
from mailflow.core.unreached import AGAIN, came_back
from mailflow.core.wording import listing


def may_go_elsewhere(draft: Draft, key: str) -> bool:
    """Whether the provider that should have it does not: then another one can get it."""
    lost = provider_is_gone(draft.case, draft.rules) or (came_back(draft.case) and key != draft.case.provider)
    return bool(lost) and can(draft.case, Event.FOLLOW_ON_MADE)


def name_of(draft: Draft, key: str) -> str:
    """How people know that provider."""
    return draft.rules.providers[key].name


def move_on(draft: Draft, key: str, came: MailCame) -> str:
    """As a linked referral, for the provider that had it is gone or cannot be reached."""
    if not draft.case.has_referrer:
        return "er staat nog geen CLB-medewerker achter deze aanmelding: wijs ze eerst toe"
    moves_on(draft, came, key)
    return ""


def send_to(draft: Draft, key: str, came: MailCame) -> str:
    """The provider that the desk names, of a referral that has not left."""
    if not draft.case.has_referrer:
        return "er staat nog geen CLB-medewerker achter deze aanmelding: wijs ze eerst toe"
    draft.void_waiting(Kind.RECEIVED, Kind.REFERRAL, Kind.MISSING, Kind.CHOOSE_PROVIDER)
    draft.keep({**draft.case.values, "provider": key, "insist": "yes" if key in came.full else ""})
    draft.happen(Event.INFO_ADDED, Party.DESK, fields="provider")
    clear_up(draft, Party.DESK)
    place(draft, None, came.full)
    return ""


def start_already(draft: Draft, key: str, came: MailCame) -> str:
    """A pupil who is not enrolled leaves on the desk's word, while the CLB question stays (FAQ)."""
    rules, values = draft.rules, dict(draft.case.values)
    if draft.case.state is not State.AWAITING_CLB:
        return "deze aanmelding wacht niet op een CLB"
    if values.get("enrolled") != "no":
        return "dat kan alleen voor een leerling die niet ingeschreven is, en dat staat niet in het formulier"
    missing = [
        one for one in complete(values, rules.fields, draft.today)[0] if one != "clb"
    ]  # that is the open question
    if missing:
        return f"er ontbreekt nog: {listing(shown.labels(missing, rules))}"
    if key:
        values |= {"provider": key, "insist": "yes" if key in came.full else ""}
    choice = choice_of(replace(draft.case, values=values), rules, draft.today, came.full)
    if not isinstance(choice, Chosen):
        return "we weten niet naar welke aanbieder: antwoord met “stuur naar” en zijn naam"
    draft.keep(values)
    draft.release_at = rules.calendar.next_open(draft.now + draft.hold)
    draft.happen(Event.DESK_RELEASED, Party.DESK, provider=choice.key, clb_open="yes", **facts(draft))
    return ""


def once_more(draft: Draft) -> str:
    """To the address as it now stands in the list, at the next opening."""
    if draft.case.provider not in draft.rules.providers:
        return "deze aanbieder staat niet meer in de lijst: antwoord met “stuur naar” en de naam van een andere"
    draft.happen(Event.NOTE, Party.DESK, why=AGAIN)
    draft.release_at = draft.rules.calendar.next_open(draft.now + draft.hold)
    return ""


def place_again(draft: Draft, came: MailCame) -> str:
    """What stopped it is mended, as the desk says: it is placed once more."""
    needed = draft.case.last(Event.DESK_NEEDED)
    if not draft.case.has_referrer:
        return "er staat nog geen CLB-medewerker achter deze aanmelding: wijs ze eerst toe"
    if needed is None or needed.codes.get("why") == "provider":
        return "we weten niet naar welke aanbieder: antwoord met “stuur naar” en zijn naam"
    clear_up(draft, Party.DESK)
    place(draft, None, came.full)
    return ""

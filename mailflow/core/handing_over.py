"""A CLB worker hands her cases to a colleague, or to the CLB of a new school: who takes over says yes once, and from
the day on they are hers."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from mailflow.core import case_letters, reply_letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.asking import ask_back, clear_up
from mailflow.core.case import Case
from mailflow.core.clb_says import takes_over
from mailflow.core.decision import Outcome
from mailflow.core.draft import Draft
from mailflow.core.dutch_dates import Direction, day_in
from mailflow.core.known_senders import clb_of
from mailflow.core.lifecycle import Event, Party
from mailflow.core.needs import clb_behind
from mailflow.core.occasions import MailCame
from mailflow.core.referrer_decides import taps_for
from mailflow.core.rules import Rules
from mailflow.core.successor import AGREED, ASKED, REFUSED, SUCCESSOR, as_of, asked_to_take_over
from mailflow.core.supplementing import tell_the_provider
from mailflow.core.taps import CONFIRM, DENY
from mailflow.core.wording import day_text

PERSON = ("referrer_name", "referrer_function", "referrer_phone", "referrer_reachable", "referrer_stand_in")
"""What the form says of the worker herself, beside her address."""
WHETHER = "we lezen niet of je dit overneemt"
WHICH_ADDRESS = "naar wie gaat dit? Schrijf het e-mailadres van je collega er volledig bij"
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_ALL = re.compile(
    r"\b(?:al )?(?:mijn|alle) (?:\w+ )?(?:dossiers|leerlingen|aanmeldingen|scholen|werk|taken)\b", re.IGNORECASE
)


def names_all(written: str) -> bool:
    """Is it about all her cases, not only about this one?"""
    return _ALL.search(written) is not None


def worth_gathering(case: Case | None, came: MailCame) -> bool:
    """Whether the other open cases of the same worker may be meant: they are looked up then."""
    if case is None or came.understanding.form:
        return False
    return asked_to_take_over(case) is not None or names_all(came.reading.written)


def belongs_with(one: Case, case: Case, author: str) -> bool:
    """Whether *one* is another case of the worker who writes on *case*, or waits for her yes as that one does."""
    if one.reference == case.reference:
        return False
    if asked_to_take_over(case) is not None:
        return one.parties.get(SUCCESSOR) == case.parties.get(SUCCESSOR)
    return one.parties.get("referrer") == author


def is_colleague(case: Case, address: str, rules: Rules) -> bool:
    """Whether this address is of the CLB that has the case."""
    return clb_of(address, rules.clbs) == clb_behind(case, rules)


def hand_over(draft: Draft, came: MailCame, evidence: str, by: Party) -> str | None:
    """Ask the colleague whom she names, from the day in *evidence*; what is to be asked back when that is not certain.

    Of her own CLB, or of the one that is now responsible (a new school): it is she who may tell another CLB.
    None when it was asked; "" when it is for the desk: somebody of no CLB, more than one, or an unproven mail.
    """
    case, rules = draft.case, draft.rules
    referrer = case.parties.get("referrer", "")
    nobody_else = {referrer, came.reading.mail.author.key, rules.desk.address.lower()}
    found = {one.lower() for one in _ADDRESS.findall(came.reading.written)} - nobody_else
    if not found:
        return WHICH_ADDRESS
    colleagues = [one for one in sorted(found) if clb_of(one, rules.clbs) is not None]
    if by is not Party.REFERRER or not came.understanding.verdict.proven or len(found) > 1 or not colleagues:
        return ""
    read = day_in(evidence, draft.today, Direction.AHEAD)
    if read.day is None and not read.why:  # "Ik verander van job. Vanaf 19 oktober neemt mijn collega over."
        read = day_in(came.reading.written, draft.today, Direction.AHEAD)
    if read.why:
        return f"vanaf welke dag? {read.why}"
    since = max(read.day or draft.today, draft.today)
    whole = [case.reference]
    _ask(draft, colleagues[0], since, by)
    if names_all(came.reading.written):
        for one in came.hers:
            other = Draft(case=one, rules=rules, now=draft.now)
            _ask(other, colleagues[0], since, by)
            draft.others.append(other.decided(Outcome.REPLY))
            whole.append(one.reference)
    name = case.values.get("referrer_name", "")
    draft.write(reply_letters.hand_over(colleagues[0], name=name, since=day_text(since), references=whole))
    told = f"je geeft {_so_many(whole)} door aan {colleagues[0]} vanaf {day_text(since)}, als die collega bevestigt"
    draft.write(reply_letters.echo("referrer", referrer, told, "", ()))
    return None


def answers_hand_over(draft: Draft, came: MailCame, read: Understood | Unclear, answer_to: str) -> bool:
    """Whether this is the colleague's yes or no to the question, and then do what follows from it."""
    asked, colleague = asked_to_take_over(draft.case), draft.case.parties.get(SUCCESSOR, "")
    if asked is None or answer_to != colleague or not came.understanding.verdict.proven:
        return False
    action = read.action if isinstance(read, Understood) else ""
    if action in ("", "supply", "acknowledge", "hand_over"):  # "Oké, ik neem ze over. Mijn nummer is ..."
        action = takes_over(came.reading.written) or action
    if action in ("", "supply", "hand_over") and is_colleague(draft.case, colleague, draft.rules):
        ask_back(draft, came, WHETHER, answer_to, Party.REFERRER, taps=(CONFIRM, DENY), unheard=())
        return True
    if action not in ("confirm", "deny"):
        return False
    clear_up(draft, Party.REFERRER)
    old, agrees = draft.case.parties.get("referrer", ""), action == "confirm"
    whole = [draft.case.reference, *(one.reference for one in came.hers)]
    _answered(draft, came, colleague, agrees=agrees, since=asked.codes["since"])
    for one in came.hers:
        other = Draft(case=one, rules=draft.rules, now=draft.now)
        _answered(other, came, colleague, agrees=agrees, since=asked.codes["since"])
        draft.others.append(other.decided(Outcome.REPLY))
    since = day_text(date.fromisoformat(asked.codes["since"]))
    if agrees:
        draft.write(reply_letters.echo("referrer", answer_to, f"je neemt {_so_many(whole)} over vanaf {since}", "", ()))
    answer = "yes" if agrees else "no"
    draft.write(reply_letters.hand_over(old, since=since, references=whole, colleague=colleague, said=answer))
    return True


def _ask(draft: Draft, colleague: str, since: date, by: Party) -> None:
    draft.case = replace(draft.case, parties={**draft.case.parties, SUCCESSOR: colleague})
    draft.happen(Event.NOTE, by, why=ASKED, since=since.isoformat())


def _answered(draft: Draft, came: MailCame, colleague: str, *, agrees: bool, since: str) -> None:
    draft.happen(Event.NOTE, Party.REFERRER, why=AGREED if agrees else REFUSED, since=since)
    if agrees:
        _is_hers_now(draft, came, colleague)
        draft.case = as_of(draft.case, draft.today)
    else:
        others = {party: address for party, address in draft.case.parties.items() if party != SUCCESSOR}
        draft.case = replace(draft.case, parties=others)


def _is_hers_now(draft: Draft, came: MailCame, colleague: str) -> None:
    """The form names her, so that the provider phones the right person; another CLB gets the whole of it."""
    rules, case = draft.rules, draft.case
    clb, old = clb_of(colleague, rules.clbs), clb_behind(case, rules)
    given = came.understanding.supplement.values if came.understanding.supplement else {}
    about_her = {"referrer_name": came.reading.mail.author.name, **{key: given.get(key, "") for key in PERSON}}
    about_her["referrer_name"] = about_her["referrer_name"] or came.reading.mail.author.name
    about_her["referrer_email"] = colleague
    if clb and clb != old:
        about_her |= {"clb": clb.name, "network": clb.network if case.values.get("network") else ""}
    values = {**case.values, **about_her}
    draft.keep({key: value for key, value in values.items() if value})
    draft.happen(Event.INFO_ADDED, Party.REFERRER, fields="referrer_name,referrer_phone,referrer_email")
    tell_the_provider(draft)
    if clb != old:
        letter = case_letters.taken_over(draft.case, rules, from_clb=True, taps=taps_for(draft.case))
        draft.write(replace(letter, address=colleague))


def _so_many(references: Iterable[str]) -> str:
    listed = list(references)
    return f"dossier {listed[0]}" if len(listed) == 1 else f"{len(listed)} dossiers"

"""A mail of no case that only the desk can judge: it answers the letter about it with one line, and that is done."""

import re
from collections.abc import Mapping
from dataclasses import replace

from mailflow.core import case_letters, reply_letters
from mailflow.core.assigning import assign
from mailflow.core.case import Case
from mailflow.core.clb_letters import clb_named
from mailflow.core.commands import (
    AssignClb,
    Command,
    FromFamily,
    Ignore,
    Misread,
    OfCase,
    Order,
    mails_named,
    read_command,
)
from mailflow.core.decision import Decision, Outcome, Settled
from mailflow.core.draft import Drafts
from mailflow.core.form import Form
from mailflow.core.known_senders import clb_of
from mailflow.core.lifecycle import Event, Party
from mailflow.core.new_mail import certain_author, new_mail
from mailflow.core.occasions import MailCame
from mailflow.core.remembering import NotRemembered, to_remember
from mailflow.core.replies import party_of, reply
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import link
from mailflow.core.sender import Disposition
from mailflow.core.thread import Thread
from mailflow.core.understand import Understanding

_IN_LINE = re.compile(r"\b\d{4,7}\b")
"""The number of a case."""
POSSIBLE = "Hier kan: CLB: en zijn naam, dossier en zijn nummer, ouder, negeer"


def mail_decided(came: MailCame) -> int | None:
    """The number of the mail that the desk decides on with *came*, None when it does not.

    It counts from the proven desk only, and as an answer to a letter of ours.
    """
    return decides_on(came.understanding, _written(came))


def decides_on(understanding: Understanding, written: str) -> int | None:
    """The same for what was read so far."""
    verdict, thread = understanding.verdict, understanding.thread
    if verdict.role != "desk" or verdict.disposition is not Disposition.ACCEPT:
        return None
    if thread.mail is not None:
        return thread.mail
    if not thread.sealed and thread.digest is None:
        return None
    return next(iter(mails_named(written)), None)


def desk_decides(came: MailCame, drafts: Drafts) -> Decision:
    """Obey what the desk says of a mail that waits for it, or tell it what is possible."""
    rules = drafts.rules
    thread, held = came.understanding.thread, came.held
    command = read_command(_first_words(came), rules.clbs, rules.providers)
    if held is None:
        return _refused(came, "die mail wacht niet (meer) op jou")
    if _mixes(_written(came)):
        return _refused(came, "over een mail graag een apart antwoord van één regel, bijvoorbeeld “mail 17 negeer”")
    match command:
        case Command(mail=int() as number) | Misread(mail=int() as number) if number != held.mail_id:
            return _refused(came, f"je noemt mail {number}, maar dit gaat over mail {thread.mail}")
        case Misread(why=why):
            return _refused(came, f"{why}. {POSSIBLE}")
        case None:
            return _refused(came, f"daar staat geen opdracht in die we kennen. {POSSIBLE}")
        case Command(order=order):  # pragma: no branch - as it is read, it is one of these
            made = settled(held, command, drafts, came.others)
            if isinstance(made, str):
                return _refused(came, made)
            why = f"mail {held.mail_id}: {type(order).__name__}"
            return replace(made, outcome=Outcome.REPLY, trace=(*came.understanding.trace, why))


def settled(held: MailCame, command: Command, drafts: Drafts, known: Mapping[str, Case]) -> Decision | str:
    """What the desk's order does with a mail that waits for it; a str says why it cannot be (Dutch).

    *known* are the cases that its words name, by reference.
    """
    if isinstance(command.order, OfCase):
        return _of_case(held, known.get(command.order.reference), drafts)
    if not command.remember:
        return _made(held, command.order, drafts)
    remembers = to_remember(certain_author(held.reading.mail), command.remember, command.order, drafts.rules)
    if isinstance(remembers, NotRemembered):
        return remembers.why
    made = _made(held, command.order, drafts)
    return made if isinstance(made, str) else replace(made, remembers=remembers)


def _made(held: MailCame, order: Order, drafts: Drafts) -> Decision | str:
    match order:
        case Ignore():
            return Decision(settles=(Settled(held.mail_id, Outcome.SETTLED),))
        case FromFamily():
            return _settles(held, new_mail(_judged(held, Disposition.INVOLVE_CLB, "other", None), drafts))
        case AssignClb(clb=key):
            form = held.understanding.form
            if form is None:
                return "er zit geen aanmeldingsformulier in: antwoord zelf aan de afzender, en schrijf dan “negeer”"
            return _settles(held, _of_clb(held, key, form, drafts))
        case _:
            return f"dat kan niet met een mail die nog geen dossier is. {POSSIBLE}"


def _of_case(held: MailCame, case: Case | None, drafts: Drafts) -> Decision | str:
    """The mail as an answer on that case: only from one of its parties, and as proven as it came."""
    if case is None:
        return "dat dossier bestaat niet"
    thread = Thread(reference=case.reference, by="subject")
    about = replace(held, understanding=replace(held.understanding, thread=thread))
    if party_of(case, about, drafts.rules)[0] is None:
        return "de afzender is geen bewezen partij in dat dossier: antwoord zelf, en schrijf dan “negeer”"
    return _settles(held, reply(case, about, drafts))


def _of_clb(held: MailCame, key: str, form: Form, drafts: Drafts) -> Decision:
    """A referral of that CLB: taken when it is proven, else confirmed at a listed address of it, else taken over."""
    rules = drafts.rules
    verdict = held.understanding.verdict
    if verdict.disposition is Disposition.ACCEPT and (verdict.role, verdict.organisation) == ("clb", key):
        return new_mail(held, drafts)
    named = (form.values.get("referrer_email", ""), *(one.address for one in held.reading.mail.reply_to))
    author = certain_author(held.reading.mail)
    address = next((one for one in (author, *map(str.lower, named)) if _is_of(one, key, rules)), "")
    case = drafts.on(Case(values=dict(form.values), parties=_parties(address, author)))
    case.opens = True
    case.trace += held.understanding.trace
    case.happen(Event.MAIL_CAME, Party.REFERRER, mail=str(held.mail_id))
    link(case)
    clb = clb_named(key, rules)
    name = clb.name if clb else key
    if address:
        case.happen(Event.SENDER_UNPROVEN, Party.DESK)
        case.write(case_letters.confirm(case.case, form, rules, arrived=case.now))
        said = f"mail {held.mail_id} is een aanmelding van {name}: dat adres krijgt de vraag om te bevestigen"
    else:
        case.happen(Event.CLB_MISSING, Party.DESK)
        assign(case, key, Party.DESK)
        said = f"mail {held.mail_id} is een aanmelding: {name} krijgt de vraag om over te nemen"
    case.write(replace(reply_letters.echo("desk", rules.desk.workers[0], said, "", ()), answers_mail=False))
    return case.decided(Outcome.REFERRAL)


def _is_of(address: str, key: str, rules: Rules) -> bool:
    clb = clb_of(address, rules.clbs)
    return clb is not None and clb.key == key


def _parties(referrer: str, author: str) -> dict[str, str]:
    if referrer:
        return {"referrer": referrer}
    return {"sender": author} if author else {}


def _judged(held: MailCame, done: Disposition, role: str, organisation: str | None) -> MailCame:
    verdict = replace(held.understanding.verdict, disposition=done, role=role, organisation=organisation)
    return replace(held, understanding=replace(held.understanding, verdict=verdict))


def _settles(held: MailCame, decision: Decision) -> Decision:
    return replace(decision, settles=(Settled(held.mail_id, decision.outcome or Outcome.SETTLED),))


def _refused(came: MailCame, why: str) -> Decision:
    """Nothing moves; the desk reads why."""
    answer = replace(
        reply_letters.unclear("desk", came.reading.mail.author.key, why, ()),
        about_mail=came.held.mail_id if came.held else 0,
    )
    return Decision(outcome=Outcome.REPLY, letters=(answer,), trace=(*came.understanding.trace, why))


def _mixes(written: str) -> bool:
    """Whether one line is about a mail and another one about something else: what it does to which is not certain."""
    others = [line for line in written.splitlines() if not mails_named(line)]
    named = mails_named(written)
    return len({*named}) > 1 or (bool(named) and any(_IN_LINE.search(line) for line in others))


def _first_words(came: MailCame) -> str:
    """What stands above the first empty line: below it may be the held mail, whose form has a line "CLB: ..." too."""
    return _written(came).strip().partition("\n\n")[0]


def _written(came: MailCame) -> str:
    return "" if came.reading.nothing_new else came.reading.written

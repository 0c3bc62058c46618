"""A mail that belongs to no case: a referral, or something that a person must see."""

from datetime import date

from mailflow.core import case_letters, desk_letters, reply_letters
from mailflow.core.assigning import ask_the_desk
from mailflow.core.blank_form import blank_form
from mailflow.core.case import Case
from mailflow.core.clb_letters import MOST_CLBS, clb_named
from mailflow.core.decision import Decision, Outcome
from mailflow.core.desk_verbs import NO_ORDER, help_letter
from mailflow.core.draft import Drafts
from mailflow.core.form import Form
from mailflow.core.guessing import guesses, is_unproven_answer
from mailflow.core.known_senders import clb_of, provider_of
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event, Party
from mailflow.core.likely_clb import likely_clbs
from mailflow.core.lookalikes import imitation, is_plain, shows
from mailflow.core.mail import MAY_BE_MARKED, QUOTED, Machine, Mail
from mailflow.core.occasions import MailCame
from mailflow.core.placing import place
from mailflow.core.requests import asked_for, given, needs_a_person
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import link
from mailflow.core.sender import Disposition
from mailflow.core.trace_lines import TOLD

MARKED = "het is gemerkt als automatische mail, en er zit een ingevulde aanmelding in"
TOO_MANY = "we schreven vandaag al te veel naar dit adres"
UNPROVEN_ANSWER = "reads as an answer, but its sender is not proven and it names no case"


def new_mail(came: MailCame, drafts: Drafts, *, linked: str = "") -> Decision:
    """Decide on a mail of no case; *linked* is the reference of an earlier case that it came with."""
    rules = drafts.rules
    verdict = came.understanding.verdict
    match verdict.disposition:
        case Disposition.DISCARD if _is_marked_referral(came, rules):
            return held(came, rules, MARKED)
        case Disposition.DISCARD:
            return _kept(came, Outcome.MACHINE)
        case Disposition.REJECT:
            return _kept(came, Outcome.QUARANTINED)
        case Disposition.HOLD:
            return held(came, rules, held_because(came, rules))
        case _:
            today = drafts.today
            if (kind := asked_for(came)) and (answered := _request(kind, came, rules, today)):
                return answered
            form = came.understanding.form
            return _other(came, rules, today) if form is None else _referral(came, form, drafts, linked)


def held(came: MailCame, rules: Rules, why: str) -> Decision:
    """Only the desk can say what this is: kept, and put to it with the reason (Dutch); nobody else hears of it.

    Of one sender the desk gets a few such letters a day: a flood of look-alikes stands in its digest.
    """
    understanding = came.understanding
    if came.held_lately >= rules.brakes.held_a_day or came.held_in_all >= rules.brakes.held_in_all_a_day:
        return Decision(outcome=Outcome.HELD, trace=(*understanding.trace, f"{TOLD}{why}"))
    letter = desk_letters.held(
        rules,
        came.reading.mail,
        number=came.mail_id,
        reference=understanding.thread.reference or "",
        why=why,
        guesses=guesses(came, rules),
        clbs=_likely_names(understanding.form, rules) if understanding.form else None,
    )
    return Decision(outcome=Outcome.HELD, letters=(letter,), trace=(*understanding.trace, f"{TOLD}{why}"))


def held_because(came: MailCame, rules: Rules) -> str:
    """Why a mail is held for its sender: Dutch, for the desk; it holds a domain at most, never an address."""
    author, listed = came.reading.mail.author, rules.senders.listed
    match came.understanding.verdict.question:
        case "is_unreadable":
            return "we lezen niet met zekerheid wie dit schreef"
        case "is_the_desk":
            return "het draagt een adres van het meldpunt, maar niets bewijst dat het daarvandaan komt"
        case "is_rewritten_by_a_list":
            return "een mailinglijst stuurde dit door en staat zelf als afzender"
        case "is_an_unproven_clb":
            return "er staan tekens in het adres die in een gewoon adres niet voorkomen, en niets bewijst het"
        case "shows_a_listed_address":
            return f"de naam toont een adres van {shows(author, listed)}, het echte adres is een ander"
    found = imitation(author.key, listed)
    if found is None or not found.domain:
        return "het adres lijkt op een adres dat we kennen, en is het niet"
    letters_ = "" if found.domain.isascii() else " (met letters uit een ander alfabet)"
    return f"het domein {found.domain}{letters_} lijkt op {found.own}, en is het niet"


def _is_marked_referral(came: MailCame, rules: Rules) -> bool:
    """Whether a person may have filled in a form that a website, a list or a gateway then marked as machine mail.

    Such a mark alone must not lose a referral, and no machine may be answered: the desk looks. What bears the mark of a
    mailflow, or whose sender the desk said to ignore, is none; nor what a machine of the desk or of a provider sends
    back with our own letter in it: the letter about that would make it go on.
    """
    reading, form, author = came.reading, came.understanding.form, came.reading.mail.author.key
    return (
        came.understanding.verdict.question != "is_to_be_ignored"
        and came.understanding.thread.by is None
        and author not in rules.senders.desk
        and provider_of(author, rules.providers) is None
        and reading.notice.kind in MAY_BE_MARKED
        and not (reading.notice.kind is Machine.OUT_OF_OFFICE and reading.mail.header("auto-submitted"))
        and not reading.mail.headers_named("x-mailflow-instance")
        and form is not None
        and bool(form.values.get("last_name") or form.values.get("school_name"))
        and any(not found.quoted and found.name != QUOTED for found in reading.found)
    )


def certain_author(mail: Mail) -> str:
    """The one plain address that wrote *mail*, lower case; "" where there is none, or more than one."""
    sure = mail.from_fields == 1 and len(mail.from_) == 1 and is_plain(mail.author.key)
    return mail.author.key if sure else ""


def _likely_names(form: Form, rules: Rules) -> list[str]:
    found = likely_clbs(form.values, rules.clbs, rules.places)[:MOST_CLBS]
    return [clb.name for one in found if (clb := clb_named(one.key, rules))]


def _kept(came: MailCame, outcome: Outcome) -> Decision:
    """Never answered; the digest counts it."""
    return Decision(outcome=outcome, trace=came.understanding.trace)


def _referral(came: MailCame, form: Form, drafts: Drafts, linked: str) -> Decision:
    rules = drafts.rules
    verdict, author = came.understanding.verdict, certain_author(came.reading.mail)
    is_clb = verdict.role in ("clb", "form_service") and verdict.organisation is not None
    named = form.values.get("referrer_email", "").lower()
    desk_names_clb = verdict.role == "desk" and clb_of(named, rules.clbs) is not None
    referrer = verdict.address if is_clb else named if desk_names_clb else ""
    brakes = rules.brakes
    most = brakes.letters_a_day if author == referrer else brakes.answers_a_day
    if referrer and verdict.disposition is not Disposition.ACCEPT and came.lately >= most:
        # Whoever mails form after form in another's name does not make us write to her each time, nor to the desk.
        return Decision(outcome=Outcome.HELD, trace=(*came.understanding.trace, f"{TOLD}{TOO_MANY}"))
    parties = {"referrer": referrer} if referrer else {"sender": author} if author else {}
    case = drafts.on(Case(values=dict(form.values), parties=parties))
    case.opens = True
    case.trace += came.understanding.trace
    codes = {"mail": str(came.mail_id), **({"linked": linked} if linked else {})}
    case.happen(Event.MAIL_CAME, Party.REFERRER, **codes)
    link(case)
    if "referrer" not in parties:
        case.happen(Event.CLB_MISSING)
        stranger = verdict.role not in ("desk", "form_service")
        if stranger and _may_answer(came, rules):
            case.write(reply_letters.family(author))
        if not stranger or _may_answer(came, rules):
            ask_the_desk(case)  # beyond that the digest tells it
    elif verdict.disposition is Disposition.ACCEPT and is_clb and came.lately >= brakes.letters_a_day:
        # A mailbox that somebody took over is proven as ever: so many in a day are looked at by a person first.
        case.happen(Event.DESK_NEEDED, why="many")
    elif verdict.disposition is Disposition.ACCEPT and is_clb:
        place(case, form, came.full)
    else:
        case.happen(Event.SENDER_UNPROVEN)
        case.write(case_letters.confirm(case.case, form, rules, arrived=case.now, unread=case.unread))
        if author != referrer and verdict.role == "clb" and _may_answer(came, rules):
            case.write(reply_letters.neutral(author))
    return case.decided(Outcome.REFERRAL)


def _request(kind: Kind, came: MailCame, rules: Rules, today: date) -> Decision | None:
    """The blank form or the offer, whoever asks for it; None when the author got enough letters today."""
    known = came.understanding.verdict.disposition is Disposition.ACCEPT
    most = rules.brakes.letters_a_day if known else rules.brakes.answers_a_day
    if came.lately >= most or "@" not in came.reading.mail.author.address:
        return None
    told = (
        (passed_to_desk(came, rules, f"{WISHES[kind]}, en schrijft er nog iets bij"),) if needs_a_person(came) else ()
    )
    return Decision(
        outcome=Outcome.ANSWERED,
        letters=(given(kind, came, rules, today), *told),
        trace=(*came.understanding.trace, f"asks for: {kind}"),
    )


WISHES = {Kind.BLANK_FORM: "vraagt het formulier", Kind.OFFER: "vraagt het aanbod"}


def _other(came: MailCame, rules: Rules, today: date) -> Decision:
    """No form in it: the meldpunt worker gets the mail, the author hears that a person reads it."""
    verdict, author = came.understanding.verdict, came.reading.mail.author
    if verdict.role == "desk":
        why = "we vonden hier geen dossier en geen formulier in"
        to_digest = came.understanding.thread.digest is not None
        answer = help_letter(author.key, NO_ORDER) if to_digest else reply_letters.unclear("desk", author.key, why, ())
        return Decision(outcome=Outcome.OTHER, letters=(answer,), trace=came.understanding.trace)
    if came.maybe:
        return held(came, rules, "dit lijkt een antwoord, maar het noemt geen dossier")
    unproven = (UNPROVEN_ANSWER,) if is_unproven_answer(came, rules, today) else ()
    trace = (*came.understanding.trace, *unproven)
    if came.answered:
        # A machine that answers us would go on for ever: once a day is enough, the digest names what follows.
        why = "an earlier mail of today was answered and passed on: this one is named in the digest"
        return Decision(outcome=Outcome.HELD, trace=(*trace, why))
    answers: tuple[Letter, ...] = ()
    if _may_answer(came, rules):
        known = verdict.disposition is Disposition.ACCEPT and verdict.role in ("clb", "provider")
        blank = blank_form(rules.fields, rules.providers) if verdict.role == "clb" else ""
        unread = came.reading.unread
        answers = (
            reply_letters.no_form(author.key, verdict.role, blank, unread=unread)
            if known
            else reply_letters.family(author.key),
        )
    passed = passed_to_desk(came, rules, "er zit geen aanmeldingsformulier in")
    return Decision(outcome=Outcome.OTHER, letters=(*answers, passed), trace=trace)


def passed_to_desk(came: MailCame, rules: Rules, why: str) -> Letter:
    """The whole mail to the meldpunt worker, who answers its author."""
    reference = came.understanding.thread.reference or ""
    return desk_letters.other_mail(rules, came.reading.mail, reference=reference, why=why)


def _may_answer(came: MailCame, rules: Rules) -> bool:
    return came.lately < rules.brakes.answers_a_day and bool(certain_author(came.reading.mail))

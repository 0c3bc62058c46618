"""A mail on a case: may this person speak on it, and what do its words do?"""

from dataclasses import replace

from mailflow.core import desk_letters
from mailflow.core.absence import away_until
from mailflow.core.after_the_end import after_the_end
from mailflow.core.another_pupil import another_pupil
from mailflow.core.answer import Unclear, Understood
from mailflow.core.asking import set_aside, to_the_desk
from mailflow.core.case import Case
from mailflow.core.clb_letters import clb_named
from mailflow.core.clb_says import clb_says, family_says
from mailflow.core.decision import Decision, Outcome
from mailflow.core.desk_says import as_said, desk_says, shows
from mailflow.core.draft import Draft, Drafts
from mailflow.core.erasing import WHY, after_erasing
from mailflow.core.handing_over import answers_hand_over, is_colleague
from mailflow.core.invited import calendar_answered
from mailflow.core.known_senders import clb_of, provider_of
from mailflow.core.lifecycle import ENDS, Event, Party, State
from mailflow.core.mail import Machine
from mailflow.core.new_mail import held, new_mail
from mailflow.core.occasions import MailCame
from mailflow.core.provider_says import provider_says
from mailflow.core.referrer_says import referrer_says
from mailflow.core.round_table import call_off
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.standing_in import kind_of, stands_in
from mailflow.core.successor import is_asked_to_take_over
from mailflow.core.talk import heard_out, listen
from mailflow.core.understand import answer_of, as_of_a_pupil, in_own_words, names_in, said_beside_the_form
from mailflow.core.who_wrote import answers_who, asks_who, may_be_asked, who_answered


def reply(case: Case, came: MailCame, drafts: Drafts) -> Decision:
    """Decide on a mail that names *case*."""
    rules = drafts.rules
    understanding = came.understanding
    if case.knows(came.mail_id):
        return replace(drafts.on(case).decided(Outcome.REPLY), trace=(*understanding.trace, "it was applied before"))
    if understanding.verdict.disposition is Disposition.DISCARD:
        return _machine(case, came, drafts)
    if understanding.verdict.disposition is Disposition.REJECT:
        return Decision(outcome=Outcome.QUARANTINED, trace=understanding.trace)
    if case.erased:
        return _on_an_erased_case(case, came, drafts)
    form = understanding.form
    if form and another_pupil(case, form):
        if understanding.thread.sealed:
            return new_mail(came, drafts, linked=case.reference)
        return held(came, rules, "het onderwerp noemt een dossier, het formulier gaat over iemand anders")
    party, why = party_of(case, came, rules)
    if party is None:
        if understanding.verdict.role == "clb" and form:
            return new_mail(came, drafts, linked=case.reference)
        return _unknown(case, came, drafts, why)
    if case.state in ENDS and party in (Party.CLB, Party.SENDER):
        return _aside(case, came, drafts, party=party, why="dit dossier is al afgesloten")
    if came.lately >= rules.brakes.letters_a_day:
        why = "dit adres kreeg vandaag al te veel brieven: lees deze mail zelf"
        return _aside(case, came, drafts, party=party, why=why)
    if case.state in ENDS and form and party is Party.REFERRER:
        return new_mail(came, drafts, linked=case.reference)
    return _spoken(case, came, drafts, party=party, why=why)


def _unknown(case: Case, came: MailCame, drafts: Drafts, why: str) -> Decision:
    """Of nobody's address: the party whose seal it bears is asked whether it was hers, else the desk looks."""
    draft = drafts.on(case)
    if not asks_who(draft, came):
        return _aside(case, came, drafts, party=Party.MAILFLOW, why=why)
    draft.trace = [*came.understanding.trace, why, *draft.trace]
    return draft.decided(Outcome.HELD)


def _on_an_erased_case(case: Case, came: MailCame, drafts: Drafts) -> Decision:
    """A new form is a new referral, linked; anything else is read by the desk."""
    understanding = came.understanding
    if understanding.form and understanding.thread.sealed:
        return new_mail(came, drafts, linked=case.reference)
    if not understanding.thread.sealed:
        return held(came, drafts.rules, WHY)
    return after_erasing(case, came, drafts)


def _aside(case: Case, came: MailCame, drafts: Drafts, *, party: Party, why: str) -> Decision:
    """For the desk to read. Only what our seal ties to the case is written down there, and holds a referral up."""
    if not came.understanding.thread.sealed:
        return held(came, drafts.rules, why)
    draft = listen(drafts.on(case))
    draft.trace += (*came.understanding.trace, why)
    set_aside(draft, came, party, why)
    return heard_out(draft, came, party, Outcome.HELD)


def party_of(case: Case, came: MailCame, rules: Rules) -> tuple[Party | None, str]:
    """Who of the case wrote this, or None; and why (a seal is no passport: the writer must be a party too)."""
    author = came.reading.mail.author.key
    # A pass that was meant for somebody else is none: whoever had that mail can have sent it on to us.
    proven, sealed = came.understanding.verdict.proven, came.understanding.thread.sealed
    if came.reading.mail.from_fields != 1 or len(came.reading.mail.from_) != 1:
        return None, "de afzender is niet met zekerheid te lezen"
    if author in rules.senders.desk:
        return (Party.DESK, "the desk") if proven else (None, "het adres van het meldpunt, maar zonder bewijs")
    if not sealed and not proven:
        return None, "het dossiernummer staat er los in, en niets bewijst wie dit schreef"
    referrer = case.parties.get("referrer", "")
    if referrer and not proven and may_be_asked(case, came, rules):
        return None, "het adres van de aanmelder, maar zonder het bewijs waarmee deze aanmelding kwam"
    if referrer and author == referrer:
        return Party.REFERRER, "the referrer's own address"
    if provider_of(author, {k: p for k, p in rules.providers.items() if k == case.provider}):
        return Party.PROVIDER, "an address of the provider of this case"
    clb, own = clb_of(author, rules.clbs), clb_of(referrer, rules.clbs)
    if clb and clb == own and author.rpartition("@")[2] in clb.domains:
        return Party.REFERRER, "a colleague at the same CLB"
    sealed_for = came.understanding.thread.party
    if is_asked_to_take_over(case, author) and sealed_for == Party.REFERRER:
        return Party.REFERRER, "the worker of another CLB who was asked to take it over"
    if clb and clb.key == case.assigned_clb and (proven or sealed_for == Party.CLB):
        return Party.CLB, "the CLB that was asked to take it over"
    if case.family_chooses and author == case.parties.get("sender") and sealed_for == Party.SENDER:
        return Party.SENDER, "the sender, who was asked to choose a CLB"
    return None, "dit adres is geen partij in dit dossier"


def asked_of(case: Case, party: Party) -> str | None:
    """What a bare "ja" of this party would mean now."""
    match party, case.state:
        case Party.REFERRER, State.WAITLIST_OFFERED:
            return "keep"
        case Party.REFERRER, State.UNCONFIRMED:
            return "confirm"
        case Party.REFERRER, State.NEEDS_INFO if _stopped(case):
            return "confirm"
        case _:
            return None


def _spoken(case: Case, came: MailCame, drafts: Drafts, *, party: Party, why: str) -> Decision:
    rules = drafts.rules
    answer_to = _where_to_answer(case, came, rules, party)
    draft = listen(drafts.on(case), party)
    draft.trace += (*came.understanding.trace, f"party: {party}, {why}")
    codes = {"mail": str(came.mail_id)} if came.mail_id else {"typed": "yes"}
    stands_in = party is Party.DESK and came.reading.mail.author.key == rules.desk.stand_in.lower()
    draft.happen(Event.MAIL_CAME, party, **codes, **({"stand_in": "yes"} if stands_in else {}))
    if party in (Party.CLB, Party.SENDER):
        (clb_says if party is Party.CLB else family_says)(draft, came, answer_to)
        return heard_out(draft, came, party, Outcome.REPLY)
    if answer := answers_who(draft, came, party):
        own = who_answered(draft, came, party, *answer)
        if own is not None:
            draft.happen(Event.MAIL_CAME, party, mail=str(own.mail_id))
            draft.trace += own.understanding.trace
            _heard(draft, own, answer_to, party, came.reading.mail.author.key)
        return heard_out(draft, came, party, Outcome.REPLY)
    _heard(draft, came, answer_to, party, came.reading.mail.author.key)
    call_off(draft)
    return heard_out(draft, came, party, Outcome.REPLY)


def _heard(draft: Draft, came: MailCame, answer_to: str, party: Party, author: str) -> None:
    """What these words of that party do to the case; *author* is the address that wrote or confirmed them."""
    case, rules = draft.case, draft.rules
    if party is Party.DESK and shows(draft, came, answer_to):
        return
    written = said_beside_the_form(came.reading, came.understanding.supplement, rules)
    written = as_said(written) if party is Party.DESK else written
    read = answer_of(
        as_of_a_pupil(written, case.values),
        party.value,
        came.understanding.thread,
        asked=asked_of(case, party),
        rules=rules,
        today=draft.today,
        names=names_in(case.values),
    )
    read = in_own_words(read, written, case.values)
    if came.others:  # and could not be taken apart: "aanvaard voor 0043" in an answer on 0042
        read = Unclear("de mail noemt meerdere dossiers: schrijf per dossier een regel die met het nummer begint")
    draft.trace.append(_answer_trace(read))
    if party is Party.REFERRER and answers_hand_over(draft, came, read, answer_to):
        return
    if party is Party.REFERRER and is_asked_to_take_over(case, author) and not is_colleague(case, author, rules):
        to_the_desk(draft, came, "wie dit dossier zou overnemen, zegt geen ja en geen nee")
        return
    match party:
        case _ if case.state in ENDS:
            after_the_end(draft, read, came, answer_to, party)
        case Party.PROVIDER:
            provider_says(draft, read, came, answer_to)
        case Party.REFERRER:
            referrer_says(draft, read, came, answer_to)
        case _:
            desk_says(draft, read, came, answer_to)


def _stopped(case: Case) -> bool:
    return (asked := case.last(Event.INFO_MISSING)) is not None and asked.codes.get("why") == "stopped"


def _where_to_answer(case: Case, came: MailCame, rules: Rules, party: Party) -> str:
    """Where the writer gets our answer: without proof, only at the party's known address."""
    author = came.reading.mail.author.key
    if came.understanding.verdict.proven:
        return author
    asked = clb_named(case.assigned_clb, rules)
    known = {Party.REFERRER: case.parties.get("referrer", ""), Party.CLB: asked.contact if asked else ""}
    if case.provider in rules.providers:
        known[Party.PROVIDER] = rules.providers[case.provider].address
    return known.get(party) or author


def _machine(case: Case, came: MailCame, drafts: Drafts) -> Decision:
    """Bounces, auto-replies and out-of-office become a note on the case; never a change of state."""
    draft = drafts.on(case)
    notice = came.reading.notice
    if not came.understanding.thread.sealed or notice.kind is None:
        return Decision(outcome=Outcome.MACHINE, trace=came.understanding.trace)
    kind = Event.BOUNCED if notice.bounce else Event.NOTE
    sealed_for = came.understanding.thread.party
    if notice.kind is Machine.CALENDAR_REPLY:
        calendar_answered(draft, came, sealed_for or "", own=party_of(case, came, drafts.rules)[0] == sealed_for)
        return replace(draft.decided(Outcome.MACHINE), trace=came.understanding.trace)
    by, until = Party.MAILFLOW, {}
    if notice.kind is Machine.OUT_OF_OFFICE and sealed_for in (Party.PROVIDER, Party.REFERRER, Party.CLB):
        by = Party(sealed_for)
        last = away_until(f"{came.reading.mail.subject}. {came.reading.written}", draft.today)
        until = {"until": last.isoformat()} if last else {}
    permanent = {"permanent": "yes" if notice.bounce.permanent else "no"} if notice.bounce else {}
    number = came.understanding.thread.letter
    bounced = kind_of(draft, number)
    which = {"n": str(number), "letter": bounced} if notice.bounce and bounced else {}
    draft.happen(kind, by, why=notice.kind, mail=str(came.mail_id), **permanent, **which, **until)
    if notice.bounce and notice.bounce.permanent:
        told = desk_letters.undeliverable(
            case,
            draft.rules,
            kind=bounced,
            to=came.understanding.thread.party or "",
            why=notice.bounce.status or "de mailserver meldde dat hij niet bezorgd kon worden",
            stand_in=stands_in(draft, bounced, came.attachments),
        )
        draft.write(told)
    decision = draft.decided(Outcome.MACHINE)
    return replace(decision, trace=came.understanding.trace)


def _answer_trace(read: Understood | Unclear) -> str:
    if isinstance(read, Unclear):
        return f"answer: unclear, {read.why}"
    return f"answer: {read.action}{f' and {chr(44).join(read.also)}' if read.also else ''}"

"""Our seal is right, the address unknown: was it the party, from another mailbox? We ask where we know it."""

import re

from mailflow.core import reply_letters
from mailflow.core.asking import set_aside, to_the_desk
from mailflow.core.case import Case, Happened
from mailflow.core.draft import Draft
from mailflow.core.known_senders import Meaning, clb_of, provider_of
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.taps import Tap
from mailflow.core.thread import WHO_QUESTIONS, by_message_id
from mailflow.core.trace_lines import TOLD
from mailflow.core.wording import PARTIES

ASKABLE = frozenset({Disposition.INVOLVE_CLB, Disposition.CONFIRM})
"""A look-alike, a list or an unreadable From is never asked about: the desk looks."""
NOT_PROVEN = (Event.SENDER_UNPROVEN, Event.SENDER_CONFIRMED, Event.CLB_MISSING, Event.CLB_ASSIGNED)
"""A referral on which any of these happened did not come from a proven CLB."""
_MACHINE = re.compile(
    r"(?:no|do?no?t|niet|geen|ne)[-._]?(?:reply|answer|antwoord\w*|repond\w*)|(?:mailer|daemon|bounce|robot|autoreply)"
    r"|(?:postmaster|root|notif\w*|alert\w*|scanner|printer|kopier\w*|system\w*|automat\w*)",
    re.IGNORECASE,
)
_YES = re.compile(r"ja(?:[, ]+(?:dat|het|die|ze) (?:was ik|is van mij|was van mij|komt van mij))?[.! ]*", re.IGNORECASE)
_NO = re.compile(
    r"(?:neen?|(?:neen?[, ]+)?(?:(?:dat|het) was ik niet|(?:dat|het|die|ze) (?:is|was|komt) niet van mij))[.! ]*",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"\s*(?:(?:met )?(?:vriendelijke |beste |hartelijke )?groet\w*|mvg|bedankt|dank\w*|)[,.!\s]*(?:\n.{0,60}){0,4}",
    re.IGNORECASE,
)
"""A greeting and a name below it: nothing to read."""


def asks_who(draft: Draft, came: MailCame) -> bool:
    """Ask the party whose seal a mail bears whether it wrote it; False when that is not to be asked."""
    case, rules = draft.case, draft.rules
    party, author = _party(came, case), came.reading.mail.author.key
    known = known_address(case, party, rules) if party else ""
    if party is None or not known or not _askable(draft, came, author):
        return False
    number = str(len(_all(case, Event.ASKED_WHO)) + 1)
    who = rules.seal.mint("who", case.reference, author)
    draft.happen(Event.ASKED_WHO, party, mail=str(came.mail_id), question=number, who=who)
    draft.write(reply_letters.was_it_you(party.value, known, rules, arrived=draft.now, taps=_taps(number)))
    draft.trace.append(f"{TOLD}de {PARTIES[party]} krijgt de vraag of deze mail van daar komt")
    if case.state is State.QUEUED and party is Party.REFERRER:  # it may say "stop": the release waits for the answer
        draft.void_waiting(Kind.REFERRAL)
        draft.release_at = rules.calendar.next_open(draft.now)
    return True


def may_be_asked(case: Case, came: MailCame, rules: Rules) -> bool:
    """Whether this mail without proof, to the seal of a referrer that was proven when it referred, may be another's.

    A seal travels along when she forwards our letter, and From is only words; her domain could prove it before. Her
    answer to the question whether it was hers bears a seal that only she got.
    """
    author, referrer = came.reading.mail.author.key, case.parties.get("referrer", "")
    clb = clb_of(referrer, rules.clbs)
    hers = author == referrer or (clb is not None and clb == clb_of(author, rules.clbs))
    first = case.history[0] if case.history else None
    came_proven = first is not None and "mail" in first.codes and case.last(*NOT_PROVEN) is None
    return hers and came_proven and not _answers_question(case, came, rules)


def answers_who(draft: Draft, came: MailCame, party: Party) -> tuple[str, str] | None:
    """(number of the question, "yes", "no" or "" for a tap that its words contradict); None: it answers no question."""
    thread, case = came.understanding.thread, draft.case
    said, _ = _first_words(came)
    tapped = next((one for one in WHO_QUESTIONS if one == thread.action and thread.party == party), "")
    if tapped:
        answer, _, number = tapped.rpartition("_")
        meant = "yes" if answer == "mine" else "no"
        return number, meant if said in (meant, "") else ""
    replied = _replied_question(case, came, draft.rules, party)
    return (str(replied), said) if replied and said else None


def _replied_question(case: Case, came: MailCame, rules: Rules, party: Party) -> int:
    """Which of our questions to that party this answers by its sealed Message-ID, 0 for none."""
    replied = by_message_id(came.reading.mail.in_reply_to, rules.desk.address, rules.seal)
    asked = [int(h.codes["n"]) for h in _all(case, Event.LETTER_WRITTEN) if h.codes["letter"] == Kind.WAS_IT_YOU]
    return asked.index(replied[1]) + 1 if replied and replied[2] == party and replied[1] in asked else 0


def _answers_question(case: Case, came: MailCame, rules: Rules) -> bool:
    """By a tap of it, or as a reply to it: either was sent to the referrer alone."""
    return came.understanding.thread.action in WHO_QUESTIONS or bool(
        _replied_question(case, came, rules, Party.REFERRER)
    )


def who_answered(draft: Draft, came: MailCame, party: Party, number: str, said: str) -> MailCame | None:
    """Write down the answer; the mail whose words count now, if they do."""
    case, name = draft.case, PARTIES[party]
    open_ = case.asked_who
    if not said:
        to_the_desk(draft, came, f"de {name} koos een knop, maar de tekst zegt iets anders")
        return None
    if open_ is None or open_.codes["question"] != number:
        if (number, said) not in {(h.codes["question"], h.codes["said"]) for h in _all(case, Event.WHO_ANSWERED)}:
            to_the_desk(draft, came, f"de {name} antwoordt nu anders, of te laat, op de vraag of een mail van hem kwam")
        return None
    draft.happen(Event.WHO_ANSWERED, party, question=number, said=said)
    if not _POLITE.fullmatch(_first_words(came)[1]):
        to_the_desk(draft, came, f"de {name} schrijft iets bij zijn ja of nee op de vraag of een mail van hem kwam")
    if said == "yes":
        return came.asked
    nobody_wrote(draft, came.asked, f"de {name} zegt dat deze mail niet van hem komt")
    return None


def nobody_answered(draft: Draft, question: Happened, asked: MailCame | None) -> None:
    """The term is over: the desk reads the mail that was asked about, and the clock of the case goes on."""
    draft.happen(Event.WHO_ANSWERED, question=question.codes["question"], said="nothing")
    nobody_wrote(draft, asked, f"de {PARTIES[question.by]} antwoordt niet op de vraag of deze mail van hem komt")


def nobody_wrote(draft: Draft, asked: MailCame | None, why: str) -> None:
    """The mail that was asked about is the desk's to read; None when it was erased meanwhile."""
    if asked is not None:
        set_aside(draft, asked, Party.MAILFLOW, why)


def known_address(case: Case, party: Party, rules: Rules) -> str:
    """Where we know this party of the case, "" when we do not: an unproven referrer is not known."""
    if party is Party.PROVIDER:
        return rules.providers[case.provider].address if case.provider in rules.providers else ""
    return case.parties.get("referrer", "") if case.has_referrer else ""


def _party(came: MailCame, case: Case) -> Party | None:
    sealed_for = came.understanding.thread.party if came.understanding.thread.sealed else None
    return next((one for one in (Party.REFERRER, Party.PROVIDER) if one == sealed_for), None)


def _askable(draft: Draft, came: MailCame, author: str) -> bool:
    """Whether this mail can be the party's own at all, and nobody was asked too often."""
    case, rules, verdict = draft.case, draft.rules, came.understanding.verdict
    listed = clb_of(author, rules.clbs) or provider_of(author, rules.providers) or author in rules.senders.desk
    hers = not verdict.proven and may_be_asked(case, came, rules)
    if (
        case.state in ENDS
        or (listed and not hers)
        or verdict.disposition not in ASKABLE
        or verdict.role == "form_service"
    ):
        return False
    if came.others or verdict.remembered is Meaning.FAMILY or author in _families(case):
        return False
    before, zone = _all(case, Event.ASKED_WHO), rules.calendar.zone
    if _MACHINE.match(author.partition("@")[0]) or case.asked_who or len(before) >= len(WHO_QUESTIONS) // 2:
        return False
    today = (one for one in before if one.at.astimezone(zone).date() == draft.today)
    return not any(rules.seal.holds(one.codes["who"], "who", case.reference, author) for one in today)


def _families(case: Case) -> set[str]:
    """The addresses of parents and schools that the case knows: who they are is certain, and they are no party."""
    told = (case.values.get(key, "") for key in ("guardian_email", "school_email", "school_contact"))
    return {word.strip("<>(),;").lower() for words in told for word in words.split()} | {case.parties.get("sender", "")}


def _taps(number: str) -> tuple[Tap, ...]:
    return Tap("Ja, dat was ik", f"mine_{number}", "ja"), Tap("Nee, dat was ik niet", f"not_mine_{number}", "nee")


def _first_words(came: MailCame) -> tuple[str, str]:
    """("yes", "no" or "" by the first lines, what else stands there)."""
    written = "" if came.reading.nothing_new else came.reading.written.strip()
    first, _, rest = written.partition("\n\n")
    plain = " ".join(first.split())
    said = "yes" if _YES.fullmatch(plain) else "no" if _NO.fullmatch(plain) else ""
    return said, rest if said else written


def _all(case: Case, kind: Event) -> list[Happened]:
    return [happened for happened in case.history if happened.kind is kind]

"""What a provider mails about itself, on no case: who is on its waitlist, full for everybody, places again."""

import re
from collections.abc import Sequence
from datetime import datetime

from mailflow.core.answer import Understood, for_one_case, read_answer
from mailflow.core.case import Case
from mailflow.core.decision import Decision, Outcome, ProviderMark
from mailflow.core.known_senders import provider_of
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event, State
from mailflow.core.mail import ProofResult
from mailflow.core.occasions import MailCame
from mailflow.core.rules import Rules
from mailflow.core.said import says_places_again
from mailflow.core.school_year import school_year_bounds, school_year_of
from mailflow.core.shown import Row
from mailflow.core.wording import initials, short_day

WAITING = (State.WAITLISTED, State.WAITLIST_OFFERED)
_ASKS = re.compile(r"(?:(?:re|antw|fw)\s*:\s*)*(?:wie staat op )?(?:de |onze |mijn )?wachtlijst\s*\?+", re.IGNORECASE)
_WANTS = re.compile(
    r"(?:(?:wie|hoeveel)(?: \w+){0,3} op (?:de|onze|mijn) wachtlijst\b[^.?!]{0,20}\?"
    r"|(?:kan|kun|kunt|kunnen|mag|mogen|graag|stuur|bezorg|geef)"
    r"(?: (?:je|u|jij|jullie|ik|we|wij|me|mij|ons|even|eens|aub|nog|graag|een overzicht van))*"
    r" (?:de|onze|mijn)(?: huidige| actuele| laatste)? wachtlijst"
    r"(?: (?:bezorgen|sturen|doorsturen|geven|krijgen|zien|hebben|ontvangen|aub|alsjeblieft|even|eens|nog))*)[ .?!]*",
    re.IGNORECASE,
)
"""A sentence that asks for it: it names nobody, and moves nothing."""


def asks_for_its_waitlist(came: MailCame, rules: Rules) -> str:
    """Key of the provider whose proven address asks who is on its waitlist, "" for anything else."""
    mail, reading = came.reading.mail, came.reading
    lines = [line.strip() for line in reading.written.splitlines() if line.strip()]
    asked = [mail.subject.strip(), *(() if reading.nothing_new else lines[:3])]
    wants = any(_ASKS.fullmatch(one) for one in asked) or any(_WANTS.fullmatch(one) for one in asked)
    return _own_mail(came, rules) if wants else ""


def provider_mail(came: MailCame, rules: Rules, now: datetime, ended: Case | None = None) -> Decision | None:
    """The answer to a provider's mail about itself; None for anything else, and for an address that is not proven.

    *ended* is the case that it replied on. With "er is weer plaats" a provider that told us that it is full for
    everybody speaks of everybody: that case is over.
    """
    key, author = _own_mail(came, rules, ended), came.reading.mail.author.key
    if not key or (ended and key not in came.full):
        return None
    if not ended and asks_for_its_waitlist(came, rules):
        letter = waitlist(came.waiting, rules, key, now, to=author)
        return Decision(outcome=Outcome.REPLY, letters=(letter,), trace=came.understanding.trace)
    today = now.astimezone(rules.calendar.zone).date()
    written = "" if came.reading.nothing_new else came.reading.written
    read = read_answer(written, "provider", rules.words, today=today)
    if not isinstance(read, Understood):
        return None
    read = for_one_case(read)
    if says_places_again(read):
        until = None
    elif not ended and "full_for_school_year" in (read.action, *read.also):
        until = school_year_bounds(school_year_of(today))[1]
    else:
        return None
    letter = Letter(
        kind=Kind.PROVIDER_STATE,
        to="provider",
        address=author,
        values={"provider": rules.providers[key].name, "until": short_day(until) if until else ""},
        answers_mail=True,
    )
    mark = ProviderMark(key, until)
    return Decision(outcome=Outcome.REPLY, letters=(letter,), marks=(mark,), trace=came.understanding.trace)


def waitlist(cases: Sequence[Case], rules: Rules, key: str, now: datetime, *, to: str) -> Letter:
    """Who waits for this provider and for how long; the order of its list is its own, ours is that of the dates."""
    rows = [Row(one.reference, f"{_name(one)}, {_since(one, rules, now)}") for one in by_date(cases)]
    return Letter(
        kind=Kind.WAITLIST,
        to="provider",
        address=to,
        values={"provider": rules.providers[key].name, "rows": rows},
        answers_mail=True,
    )


def by_date(cases: Sequence[Case]) -> list[Case]:
    """The longest waiting first."""
    return sorted(cases, key=lambda one: (waits_since(one), one.reference))


def waits_since(case: Case) -> datetime:
    """Since when it waits: from the first offer after its referral was sent, whatever was said in between."""
    first: datetime | None = None
    for happened in case.history:
        if happened.kind is Event.REFERRAL_SENT:
            first = None
        elif happened.kind in (Event.WAITLIST_OFFERED, Event.WAITLIST_AGREED) and first is None:
            first = happened.at
    if first is None:  # pragma: no cover - nothing else leads to the list
        raise ValueError("a case that waits was put on the list")
    return first


def _own_mail(came: MailCame, rules: Rules, ended: Case | None = None) -> str:
    """Key of the provider that this mail is surely from, on no case or on one that *ended*; "" for anything else."""
    made = came.understanding
    if (
        made.form
        or (made.thread.reference and not ended)
        or came.reading.notice.kind
        or came.reading.proof.result is not ProofResult.PASS
    ):
        return ""
    if made.verdict.role != "provider" or came.reading.mail.from_fields != 1:
        return ""
    provider = provider_of(came.reading.mail.author.key, rules.providers)
    return provider.key if provider else ""


def _name(case: Case) -> str:
    return case.values.get("first_name") or initials(case.values)


def _since(case: Case, rules: Rules, now: datetime) -> str:
    since = waits_since(case)
    weeks = (now - since).days // 7
    how_long = f"{weeks} {'week' if weeks == 1 else 'weken'}" if weeks else "minder dan een week"
    offered = "; de aanmelder antwoordde nog niet" if case.state is State.WAITLIST_OFFERED else ""
    return f"sinds {short_day(since.astimezone(rules.calendar.zone).date())} ({how_long}){offered}"

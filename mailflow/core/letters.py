"""Which letters there are: template, to whom, with which values, and not before when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

from mailflow.core import shown
from mailflow.core.case import Case
from mailflow.core.form import Form
from mailflow.core.lifecycle import ENDS, Event
from mailflow.core.mail import Mail
from mailflow.core.region import Fit, age_on
from mailflow.core.rules import Rules
from mailflow.core.shown import Guess, Row, Unread
from mailflow.core.taps import AGAIN, CONFIRM, DENY, FAMILY, IGNORE, PROVIDER_TAPS, STOP_RELEASE, WITHDRAW, Tap
from mailflow.core.wording import STATES, day_text, initials, moment_text

if TYPE_CHECKING:
    from mailflow.core.copying import Copy


class When(StrEnum):
    """Not before when a letter may leave."""

    AT_ONCE = "at once"
    AFTER_PAUSE = "after the pause"
    """What was understood from free text reaches the other party only then."""
    AT_OPENING = "at opening"


NOT_HERS = "not_hers"
"""Key of a value of a case that is no field: names of attachments that came along and are about somebody else."""


class Kind(StrEnum):
    """Each letter is templates/KIND.md.j2."""

    RECEIVED = "received"
    MISSING = "missing"
    CHOOSE_PROVIDER = "choose_provider"
    ELSEWHERE = "elsewhere"
    FOLLOW_ON = "follow_on"
    CONFIRM = "confirm"
    NEUTRAL = "neutral"
    FAMILY = "family"
    WHICH_CLB = "which_clb"
    TAKE_OVER = "take_over"
    TAKE_OVER_BY_HAND = "take_over_by_hand"
    CHOOSE_CLB = "choose_clb"
    SCHOOL_TEXT = "school_text"
    NO_FORM = "no_form"
    BLANK_FORM = "blank_form"
    OFFER = "offer"
    REFERRAL = "referral"
    SUPPLEMENTED = "supplemented"
    SUPPLEMENT = "supplement"
    WAITLIST_OFFERED = "waitlist_offered"
    WAITLIST_KEPT = "waitlist_kept"
    WAITLIST_AGREED = "waitlist_agreed"
    ACCEPTED = "accepted"
    AFTER_ACCEPT = "after_accept"
    FULL = "full"
    NO_MATCH = "no_match"
    CALLED = "called"
    ROUND_TABLE = "round_table"
    CANNOT_COME = "cannot_come"
    STARTED = "started"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    STATUS = "status"
    PASSED_ON = "passed_on"
    REPORTED = "reported"
    ECHO = "echo"
    UNCLEAR = "unclear"
    WAS_IT_YOU = "was_it_you"
    HAND_OVER = "hand_over"
    REMINDER_CONTACT = "reminder_contact"
    WAITLIST = "waitlist"
    PROVIDER_STATE = "provider_state"
    OVERVIEW = "overview"
    DIGEST = "digest"
    DESK_HELP = "desk_help"
    STUCK = "stuck"
    TIMELINE = "timeline"
    OTHER_MAIL = "other_mail"
    HELD = "held"
    DANGER = "danger"
    UNDELIVERABLE = "undeliverable"
    ERASED = "erased"
    SAME_PUPIL = "same_pupil"
    AGAIN = "again"
    SIGNAL_KEPT = "signal_kept"
    SIGNAL = "signal"
    SURVEY = "survey"
    SURVEY_KEPT = "survey_kept"
    FIGURES = "figures"
    CAME_OF_AGE = "came_of_age"
    LEAVES_LATER = "leaves_later"
    MOVED = "moved"
    TAKEN_OVER = "taken_over"
    COPY = "copy"


# Kind -> not before when. To whom a letter goes stands with each letter below, since some go to either side.
# fmt: off
LETTERS: dict[Kind, When] = {
    Kind.RECEIVED:         When.AT_ONCE,
    Kind.MISSING:          When.AT_ONCE,
    Kind.CHOOSE_PROVIDER:  When.AT_ONCE,
    Kind.ELSEWHERE:        When.AT_ONCE,
    Kind.FOLLOW_ON:        When.AT_ONCE,
    Kind.CONFIRM:          When.AT_ONCE,
    Kind.NEUTRAL:          When.AT_ONCE,
    Kind.FAMILY:           When.AT_ONCE,
    Kind.WHICH_CLB:        When.AT_ONCE,
    Kind.TAKE_OVER:        When.AT_ONCE,
    Kind.TAKE_OVER_BY_HAND: When.AT_ONCE,
    Kind.CHOOSE_CLB:       When.AT_ONCE,
    Kind.SCHOOL_TEXT:      When.AT_ONCE,
    Kind.NO_FORM:          When.AT_ONCE,
    Kind.BLANK_FORM:       When.AT_ONCE,
    Kind.OFFER:            When.AT_ONCE,
    Kind.REFERRAL:         When.AT_OPENING,
    Kind.SUPPLEMENTED:     When.AT_ONCE,
    Kind.SUPPLEMENT:       When.AFTER_PAUSE,
    Kind.WAITLIST_OFFERED: When.AFTER_PAUSE,
    Kind.WAITLIST_KEPT:    When.AFTER_PAUSE,
    Kind.WAITLIST_AGREED:  When.AFTER_PAUSE,
    Kind.ACCEPTED:         When.AFTER_PAUSE,
    Kind.AFTER_ACCEPT:     When.AFTER_PAUSE,
    Kind.FULL:             When.AFTER_PAUSE,
    Kind.NO_MATCH:         When.AFTER_PAUSE,
    Kind.CALLED:           When.AT_ONCE,
    Kind.ROUND_TABLE:      When.AFTER_PAUSE,
    Kind.CANNOT_COME:      When.AFTER_PAUSE,
    Kind.STARTED:          When.AFTER_PAUSE,
    Kind.ENDED:            When.AFTER_PAUSE,
    Kind.WITHDRAWN:        When.AT_ONCE,
    Kind.STATUS:           When.AT_ONCE,
    Kind.PASSED_ON:        When.AFTER_PAUSE,
    Kind.REPORTED:         When.AFTER_PAUSE,
    Kind.ECHO:             When.AT_ONCE,
    Kind.UNCLEAR:          When.AT_ONCE,
    Kind.WAS_IT_YOU:       When.AT_ONCE,
    Kind.HAND_OVER:        When.AT_ONCE,
    Kind.REMINDER_CONTACT: When.AT_OPENING,
    Kind.WAITLIST:         When.AT_ONCE,
    Kind.PROVIDER_STATE:   When.AT_ONCE,
    Kind.OVERVIEW:         When.AT_ONCE,
    Kind.DIGEST:           When.AT_ONCE,
    Kind.DESK_HELP:        When.AT_ONCE,
    Kind.STUCK:            When.AT_ONCE,
    Kind.TIMELINE:         When.AT_ONCE,
    Kind.OTHER_MAIL:       When.AT_ONCE,
    Kind.HELD:             When.AT_ONCE,
    Kind.DANGER:           When.AT_ONCE,
    Kind.UNDELIVERABLE:    When.AT_ONCE,
    Kind.ERASED:           When.AT_ONCE,
    Kind.SAME_PUPIL:       When.AT_ONCE,
    Kind.AGAIN:            When.AT_ONCE,
    Kind.SIGNAL_KEPT:      When.AT_ONCE,
    Kind.SIGNAL:           When.AT_ONCE,
    Kind.SURVEY:           When.AT_OPENING,
    Kind.SURVEY_KEPT:      When.AT_ONCE,
    Kind.FIGURES:          When.AT_ONCE,
    Kind.CAME_OF_AGE:      When.AT_ONCE,
    Kind.LEAVES_LATER:     When.AT_ONCE,
    Kind.MOVED:            When.AT_ONCE,
    Kind.TAKEN_OVER:       When.AT_ONCE,
    Kind.COPY:             When.AT_ONCE,
}
# fmt: on
TO_FILL_IN = ("docx", "pdf")
"""The blank forms that come along where a form could not be read."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A round table for a calendar (RFC 5546): it says no name of the pupil."""

    reference: str
    day: date
    at: time | None
    """None: the hour is not known, so that the day is named."""
    minutes: int
    sequence: int
    """Rises with every change."""
    cancelled: bool = False


@dataclass(frozen=True)
class Enclosed:
    """A file that comes along with a letter: an ASCII name and type (RFC 2045)."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter that was decided upon, not yet rendered; *values* are what its template knows beside the frame's."""

    kind: Kind
    to: str
    """referrer, provider, desk, sender or clb."""
    address: str
    values: Mapping[str, object] = field(default_factory=dict)
    not_before: datetime | None = None
    taps: tuple[Tap, ...] = ()
    answers_mail: bool = False
    """Whether it answers the mail that came just now (Auto-Submitted: auto-replied)."""
    about_mail: int = 0
    """Of no case: the number of the mail that an answer to it decides on."""
    invitation: Invitation | None = None
    """What a calendar makes of it."""
    documents: tuple[str, ...] = ()
    """The kinds of blank form that come along: docx, odt, pdf."""
    survey: tuple[int, str] | None = None
    """The survey and CLB that an answer to it is about."""
    files: tuple[Enclosed, ...] = ()
    """What comes along, made for this letter."""
    chart: tuple[int, ...] = ()
    """The numbers of the picture that its template names as `(#chart)`."""
    copy: "Copy | None" = None
    """What the PDF says that comes along."""


def received(
    case: Case,
    form: Form | None,
    rules: Rules,
    *,
    leaves: datetime | None,
    now: datetime,
    warnings: Sequence[str],
    unread: Unread = (),
    same: Sequence[Row] = (),
    until: date | None = None,
) -> Letter:
    """The confirmation: what was understood, when it leaves and to whom; *leaves* None: the desk decides first.

    *until*: the desk lets it wait till then. *same* are the cases of this pupil that she may know of: the day and the
    reference. A second confirmation says what became of it, and asks for nothing again.
    A referral that leaves at once cannot be stopped any more, so that is not offered.
    """
    provider, again = rules.providers.get(case.provider), _has_left(case, Kind.RECEIVED)
    return to_referrer(
        Kind.RECEIVED,
        case,
        rows=shown.rows(case.values, rules),
        origins=shown.origins(form, rules),
        unread=shown.unread_rows(unread),
        leaves=moment_text(leaves, rules.calendar.zone) if leaves else "",
        provider=provider.name if provider and leaves else "",
        warnings=list(warnings),
        same=list(same),
        again=again,
        until=day_text(until) if until else "",
        opens=moment_text(opens, rules.calendar.zone) if (opens := rules.calendar.next_open(now)) > now else "",
        wanted=shown.labels(form.wanted, rules) if form and not again else [],
        odd=shown.odd_rows(form, rules) if form else [],
        receipt_minutes=int(rules.terms.receipt.total_seconds() // 60),
        taps=(STOP_RELEASE, WITHDRAW) if leaves and leaves > now else (WITHDRAW,),
    )


def _has_left(case: Case, kind: Kind) -> bool:
    """Whether a letter of that kind left on this case."""
    return any(h.kind is Event.LETTER_SENT and h.codes["letter"] == kind for h in case.history)


def missing(case: Case, form: Form, rules: Rules, *, reminder: str = "", unread: Unread = ()) -> Letter:
    """What is missing or odd, asked once, together with what was understood; the blank form where one was not read."""
    letter = to_referrer(
        Kind.MISSING,
        case,
        rows=shown.rows(case.values, rules),
        origins=shown.origins(form, rules),
        unread=shown.unread_rows(unread),
        missing=shown.labels(form.missing, rules),
        wanted=shown.labels(form.wanted, rules),
        odd=shown.odd_rows(form, rules),
        reminder=reminder,
        taps=(WITHDRAW,),
    )
    return replace(letter, documents=TO_FILL_IN if unread else ())


def choose_provider(
    case: Case, why: str, fits: Sequence[Fit], form: Form | None, rules: Rules, *, unread: Unread = ()
) -> Letter:
    """The referrer chooses among providers by one reply."""
    return to_referrer(
        Kind.CHOOSE_PROVIDER,
        case,
        why=why,
        options=shown.options(fits, rules),
        wanted=shown.labels(form.wanted, rules) if form else [],
        unread=shown.unread_rows(unread),
        taps=(WITHDRAW,),
    )


def confirm(
    case: Case, form: Form, rules: Rules, *, arrived: datetime, reminder: str = "", unread: Unread = ()
) -> Letter:
    """Was this you? Only time, initials, birth year and wished provider: the address is not proven yet.

    Of attachments that were not read only the number: a name is a stranger's words.
    """
    wished = rules.providers.get(case.values.get("provider", ""))
    return to_referrer(
        Kind.CONFIRM,
        case,
        arrived=moment_text(arrived, rules.calendar.zone),
        initials=initials(case.values),
        birth_year=case.values.get("birth_date", "")[:4],
        provider=wished.name if wished else "",
        missing=shown.labels(form.missing, rules),
        unread=len(unread),
        reminder=reminder,
        taps=(CONFIRM, DENY),
    )


def neutral(address: str) -> Letter:
    """One line without content to a sender at another address than the one that confirms."""
    return Letter(kind=Kind.NEUTRAL, to="sender", address=address, answers_mail=True)


def family(address: str) -> Letter:
    """The kind answer to a parent, facility or school: the same whether we know the child or not."""
    return Letter(kind=Kind.FAMILY, to="sender", address=address, answers_mail=True)


def erased(address: str, to: str) -> Letter:
    """To whoever writes on an erased case: it says nothing of the case, for who wrote this cannot be known."""
    return Letter(kind=Kind.ERASED, to=to, address=address, answers_mail=True)


def no_form(address: str, role: str, blank: str, *, unread: Unread = ()) -> Letter:
    """To a proven CLB worker or provider whose mail holds no form: a person reads it, and here is the form."""
    return Letter(
        kind=Kind.NO_FORM,
        to="sender",
        address=address,
        values={"role": role, "form": blank, "unread": shown.unread_rows(unread)},
        answers_mail=True,
        documents=TO_FILL_IN if blank and unread else (),
    )


def referral(
    case: Case, rules: Rules, *, attachments: Sequence[str], today: date, reply_by: date, to: str = ""
) -> Letter:
    """The referral to its provider (at *to*): what it sees before accepting, and what is asked of it."""
    provider = rules.providers[case.provider]
    not_hers = case.values.get(NOT_HERS, "").split("\n")
    age = age_on(case.values.get("birth_date", ""), today)
    ages = [Row("Leeftijd", f"{age} jaar")] if age is not None else []
    letter = to_provider(
        Kind.REFERRAL,
        case,
        rules,
        provider=provider.name,
        rows=[*shown.rows(case.values, rules, shown=("always",)), *ages],
        attachments=[name for name in attachments if name not in not_hers],
        contact_by=day_text(reply_by),
        round_table_by=provider.round_table_by,
        taps=PROVIDER_TAPS,
    )
    return replace(letter, address=to) if to else letter


def reminder_contact(case: Case, rules: Rules, *, since: str, contact_by: str) -> Letter:
    """The provider's one reminder: has anybody phoned the referrer yet?"""
    name = rules.providers[case.provider].name
    return to_provider(
        Kind.REMINDER_CONTACT, case, rules, provider=name, since=since, contact_by=contact_by, taps=PROVIDER_TAPS
    )


def again(case: Case, rules: Rules, taps: tuple[Tap, ...]) -> Letter:
    """To a referrer who mailed the same form once more: no second case was made, and where the first one stands."""
    opened = day_text(case.opened_at.astimezone(rules.calendar.zone).date()) if case.opened_at else ""
    values = dict(status(case, "referrer", "", rules).values) | {"opened": opened}
    return replace(to_referrer(Kind.AGAIN, case, taps=taps, **values), answers_mail=True)


def same_pupil(case: Case, rows: Sequence[Row], rules: Rules, *, other_clb: bool) -> Letter:
    """To the desk: *rows* are the cases that go on for the same pupil; *other_clb*: not all of one CLB."""
    values = {"rows": list(rows), "other_clb": other_clb}
    return Letter(kind=Kind.SAME_PUPIL, to="desk", address=rules.desk.workers[0], values=values, taps=(WITHDRAW,))


def echo(to: str, address: str, sentence: str, other: str, taps: tuple[Tap, ...], *, day: str = "") -> Letter:
    """One line on what free text was understood to say; *other* names who hears it after the pause, "" nobody.

    *day* says why a day that stands there could not be taken: it is asked for, and what is certain counts already.
    """
    return Letter(
        kind=Kind.ECHO,
        to=to,
        address=address,
        values={"sentence": sentence, "other": other, "rows": [], "day": day},
        taps=taps,
        answers_mail=True,
    )


def echoes(to: str, address: str, rows: Sequence[Row]) -> Letter:
    """What was understood on several cases, a row each with its reference, in one letter of no case."""
    values = {"sentence": "", "other": "", "rows": list(rows), "day": ""}
    return Letter(kind=Kind.ECHO, to=to, address=address, values=values, answers_mail=True)


def unclear(to: str, address: str, why: str, taps: tuple[Tap, ...], *, unread: Unread = ()) -> Letter:
    """Asked back once: what we could not read, and the words that are certain."""
    values = {"why": why, "unread": shown.unread_rows(unread)}
    return Letter(kind=Kind.UNCLEAR, to=to, address=address, values=values, taps=taps, answers_mail=True)


def was_it_you(to: str, address: str, rules: Rules, *, arrived: datetime, taps: tuple[Tap, ...]) -> Letter:
    """Did this party write a mail that came from an address that we do not know? It repeats only when that came."""
    values = {"arrived": moment_text(arrived, rules.calendar.zone)}
    return Letter(kind=Kind.WAS_IT_YOU, to=to, address=address, values=values, taps=taps)


def hand_over(
    address: str, *, name: str = "", since: str, references: Sequence[str], colleague: str = "", said: str = ""
) -> Letter:
    """Does this colleague take these cases over? With *said* "yes" or "no": her answer, to whoever hands them over.

    *name* is the old worker's, *colleague* an address: of her we know no name yet.
    """
    return Letter(
        kind=Kind.HAND_OVER,
        to="referrer",
        address=address,
        values={"name": name, "since": since, "references": list(references), "colleague": colleague, "said": said},
        taps=() if said else (Tap("Ja, ik neem over", "confirm", "bevestig"), Tap("Nee", "deny", "dat was ik niet")),
    )


def taken_over(case: Case, rules: Rules, *, from_clb: bool, taps: tuple[Tap, ...]) -> Letter:
    """To the CLB worker whose case it now is, and who never saw it: where it stands, and the whole form."""
    provider = rules.providers.get(case.provider)
    return to_referrer(
        Kind.TAKEN_OVER,
        case,
        state=STATES[case.state],
        provider=provider.name if provider else "",
        from_clb=from_clb,
        rows=shown.rows(case.values, rules),
        phone=case.values.get("referrer_phone", ""),
        taps=taps,
    )


def copy(case: Case, of: "Copy", rules: Rules) -> Letter:
    """The case as a PDF, for the CLB dossier of its referrer."""
    kept = {"letters_kept": rules.retention.mails_months, "form_kept": rules.retention.form_months}
    values = {"state": STATES[case.state], "ended": case.state in ENDS, "file": f"kopie-{case.reference}.pdf", **kept}
    return Letter(kind=Kind.COPY, to="referrer", address=case.parties["referrer"], values=values, copy=of)


def status(
    case: Case, to: str, address: str, rules: Rules, *, read_by_desk: bool = False, taps: tuple[Tap, ...] = ()
) -> Letter:
    """Where the case stands, for one of its parties; *read_by_desk*: a person reads what it wrote."""
    provider = rules.providers.get(case.provider)
    return Letter(
        kind=Kind.STATUS,
        to=to,
        address=address,
        values={
            "state": STATES[case.state],
            "since": day_text(case.since.astimezone(rules.calendar.zone).date()) if case.since else "",
            "provider": provider.name if provider else "",
            "read_by_desk": read_by_desk,
        },
        taps=taps,
        answers_mail=True,
    )


def passed_on(
    case: Case, to: str, address: str, rules: Rules, *, by: str, words: str, taps: tuple[Tap, ...] = ()
) -> Letter:
    """A question or remark of the other party of the same case, in its own words."""
    provider = rules.providers.get(case.provider)
    name = provider.name if by == "provider" and provider else "de aanmelder"
    return Letter(
        kind=Kind.PASSED_ON,
        to=to,
        address=address,
        values={"by": name, "words": words},
        taps=taps,
    )


def other_mail(rules: Rules, mail: Mail, *, reference: str, why: str) -> Letter:
    """Mail that makes no case is passed on to the meldpunt worker; it answers the author itself."""
    return Letter(kind=Kind.OTHER_MAIL, to="desk", address=rules.desk.workers[0], values=_whole(mail, reference, why))


def held(
    rules: Rules,
    mail: Mail,
    *,
    number: int,
    reference: str,
    why: str,
    clbs: Sequence[str] | None,
    guesses: Sequence[Guess] = (),
) -> Letter:
    """A mail that only the desk can judge; *clbs* names those whose referral it may be, None: it holds no form.

    *guesses* are the cases that it may be about.
    """
    taps = [Tap(f"Van {name}", "reply", f"CLB: {name}") for name in clbs or ()]
    taps += [Tap(f"Hoort bij {one.reference}", "reply", f"dossier {one.reference}") for one in guesses]
    return Letter(
        kind=Kind.HELD,
        to="desk",
        address=rules.desk.workers[0],
        values=_whole(mail, reference, why) | {"number": number, "form": clbs is not None, "guesses": list(guesses)},
        taps=(*taps, FAMILY, IGNORE),
        about_mail=number,
    )


def danger(rules: Rules, mail: Mail, *, words: Sequence[str], lines: Sequence[str]) -> Letter:
    """Somebody must read this now: words that point to danger, and the lines that hold them."""
    values = {"author": mail.author.address, "words": list(words), "lines": list(lines)}
    return Letter(kind=Kind.DANGER, to="desk", address=rules.desk.workers[0], values=values)


def _whole(mail: Mail, reference: str, why: str) -> dict[str, object]:
    return {
        "author": mail.author.address,
        "mail_subject": mail.subject,
        "text": mail.text,
        "attachments": [one.name for one in mail.attachments],
        "why": why,
        "about": reference,
    }


def undeliverable(case: Case, rules: Rules, *, kind: str, to: str, why: str, stand_in: str = "") -> Letter:
    """A letter was refused for good, or bounced: the desk hears at once, also where it goes instead (*stand_in*).

    A referral that nobody got goes once more on the desk's word.
    """
    provider = rules.providers.get(case.provider) if to == "provider" else None
    values = {"about": case.reference, "letter": kind, "party": to, "why": why, "stand_in": stand_in}
    values |= {"name": provider.name if provider else "", "phone": provider.phone if provider else ""}
    nobody = kind == Kind.REFERRAL and not stand_in
    taps = (AGAIN,) if nobody else ()
    return Letter(kind=Kind.UNDELIVERABLE, to="desk", address=rules.desk.workers[0], values=values, taps=taps)


def to_referrer(kind: Kind, case: Case, *, taps: tuple[Tap, ...] = (), **values: object) -> Letter:
    """A letter to the referrer of the case; to no address, so that it is not written, while there is none."""
    return Letter(kind=kind, to="referrer", address=case.parties.get("referrer", ""), values=values, taps=taps)


def to_provider(kind: Kind, case: Case, rules: Rules, *, taps: tuple[Tap, ...] = (), **values: object) -> Letter:
    """A letter to the provider of the case, at the address that its configuration names."""
    address = rules.providers[case.provider].address
    return Letter(kind=kind, to="provider", address=address, values=values, taps=taps)

"""The letters of a referral on its way, to its referrer and its provider: what each of them says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from mailflow.core import shown
from mailflow.core.case import Case
from mailflow.core.checks import age_on
from mailflow.core.copying import Copy
from mailflow.core.fitting import Fit
from mailflow.core.form import Form
from mailflow.core.letters import TO_FILL_IN, Kind, Letter, to_provider, to_referrer
from mailflow.core.lifecycle import ENDS, Event
from mailflow.core.rules import Rules
from mailflow.core.shown import Row, Unread
from mailflow.core.taps import CONFIRM, DENY, PROVIDER_TAPS, STOP_RELEASE, WITHDRAW, Tap
from mailflow.core.wording import STATES, day_text, initials, moment_text

NOT_HERS = "not_hers"
"""Key of a value of a case that is no field: names of attachments that came along and are about somebody else."""


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

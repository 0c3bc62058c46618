"""Gives each letter of a decision its header: sealed addresses, Message-IDs and threading; then renders it."""

from mailflow.core import thread
from mailflow.core.case import Case
from mailflow.core.decision import Decision
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event
from mailflow.core.rules import Rules
from mailflow.core.taps import ABOUT
from mailflow.core.wording import initials
from mailflow.means import Means
from mailflow.outgoing.render import Header
from mailflow.storage.letters import ToKeep

REFERENCES = 10
"""Message-IDs in a References field: enough to thread, short enough to send."""


def render_all(means: Means, decision: Decision, *, key: str = "", answering: str | None = None) -> list[ToKeep]:
    """Every letter of *decision*, rendered. *key* names letters of no case ("mail-12"), *answering* is the Message-ID
    of the mail that came, if one did."""
    if decision.case is None:
        return [
            _loose(means, letter, f"{key}.{number}", answering)
            for number, letter in enumerate(decision.letters, start=1)
        ]
    written = [h for h in decision.events if h.kind is Event.LETTER_WRITTEN]
    return [
        _of_case(means, letter, int(happened.codes["n"]), decision.case, answering)
        for letter, happened in zip(decision.letters, written, strict=True)
    ]


def _of_case(means: Means, letter: Letter, number: int, case: Case, answering: str | None) -> ToKeep:
    desk, seal, role = means.rules.desk, means.rules.seal, letter.to
    earlier = [
        thread.message_id(desk.domain, case.reference, n, role, seal) for n in case.letter_numbers(role) if n < number
    ]
    answered = answering if letter.answers_mail else None
    before = [*earlier, *([answered] if answered else [])][-REFERENCES:]

    def address(action: str) -> str:
        return desk.or_plain(thread.reply_address(desk.address, case.reference, role, seal, action=action))

    header = Header(
        reference=case.reference,
        message_id=thread.message_id(desk.domain, case.reference, number, role, seal),
        reply_to=_author(letter) or address(thread.REPLY),
        tap_addresses={tap.action: address(tap.action) for tap in letter.taps},
        in_reply_to=before[-1] if before else None,
        references=tuple(before),
        at=means.now,
        initials=initials(case.values),
    )
    return _kept(means, letter, number, header)


def _loose(means: Means, letter: Letter, key: str, answering: str | None) -> ToKeep:
    rules, desk = means.rules, means.rules.desk
    answered = answering if letter.answers_mail else None
    header = Header(
        reference="",
        message_id=thread.loose_id(desk.domain, key, rules.seal),
        reply_to=_author(letter) or desk.or_plain(_answered_at(means, letter)),
        # One address for all of them cannot tell which choice it was: then the words alone do.
        tap_addresses={**_about_mails(letter, rules), **_about_cases(letter, rules)} if desk.plus_addressing else {},
        in_reply_to=answered,
        references=(answered,) if answered else (),
        at=means.now,
        initials="",
    )
    return _kept(means, letter, 0, header)


def _answered_at(means: Means, letter: Letter) -> str:
    """The address that takes an answer to a letter of no case for what it is."""
    desk, seal = means.rules.desk.address, means.rules.seal
    if letter.survey:
        return thread.survey_address(desk, *letter.survey, seal)
    if letter.about_mail:
        return thread.mail_address(desk, letter.about_mail, seal)
    if letter.kind in (Kind.DIGEST, Kind.STUCK):
        return thread.digest_address(desk, means.today.isoformat(), seal)
    return desk


def _about_cases(letter: Letter, rules: Rules) -> dict[str, str]:
    """Each tap of an overview or digest goes to its own case: its action is `MSI-2026-0042/accept`."""
    if letter.kind not in (Kind.OVERVIEW, Kind.DIGEST):
        return {}
    named = {tap.action: tap.action.partition("/") for tap in letter.taps if "/" in tap.action}
    return {
        tap: thread.reply_address(rules.desk.address, reference, letter.to, rules.seal, action=action)
        for tap, (reference, _, action) in named.items()
    }


def _about_mails(letter: Letter, rules: Rules) -> dict[str, str]:
    """Taps that name a mail (Tap.about) go to that mail's own address."""
    named = {tap.action: tap.action.removeprefix(ABOUT) for tap in letter.taps if tap.action.startswith(ABOUT)}
    return {
        action: thread.mail_address(rules.desk.address, int(number), rules.seal) for action, number in named.items()
    }


def _author(letter: Letter) -> str:
    """Mail that is passed on to the meldpunt worker is answered to its author."""
    author = letter.values.get("author", "") if letter.kind is Kind.OTHER_MAIL else ""
    return str(author) if "@" in str(author) else ""


def _kept(means: Means, letter: Letter, number: int, header: Header) -> ToKeep:
    return ToKeep(
        number=number,
        kind=letter.kind,
        role=letter.to,
        address=letter.address,
        content=means.renderer.render(letter, header),
        not_before=letter.not_before,
    )

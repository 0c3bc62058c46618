"""What a CLB answers that was asked to take a referral over, and what the family answers that chooses one."""

import re
from collections.abc import Mapping
from dataclasses import replace

from mailflow.core import case_letters, clb_letters, letters, reply_letters, shown
from mailflow.core.answer import Understood, read_answer
from mailflow.core.asking import ask_back, clear_up, to_the_desk
from mailflow.core.assigning import ask_the_desk, assign
from mailflow.core.choosing import clb_chosen
from mailflow.core.clb_letters import NOT_OURS, TAKES_OVER, clb_named
from mailflow.core.draft import Draft
from mailflow.core.form import merge
from mailflow.core.known_senders import Clb
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.placing import place
from mailflow.core.referrer_decides import taps_for
from mailflow.core.same_pupil import link
from mailflow.core.thread import REPLY
from mailflow.core.understand import said_beside_the_form

TAKES = re.compile(r"\b(?:nemen|neem)\b[^.!?\n]{0,60}\bover\b|\b(?:zullen|zal|kunnen|kan)\b[^.!?\n]{0,60}\bovernemen\b")
REFUSES = re.compile(
    r"\bniet (?:voor|van) ons\b|\bniet (?:onze|over)|\bgeen leerling van ons\b"
    r"|\bniet bevoegd\b|\bander clb\b|\bwij niet\b|\bniet bij ons\b"
)
DOUBTS = frozenset({"als", "indien", "tenzij", "misschien", "eventueel", "eerst", "nog", "voordat", "vooraleer", "of"})
"""With one of these beside it, taking over is no plain yes."""
_WORD = re.compile(r"[^\W_]+")
FIRST_TELLER = (
    "referrer_name", "referrer_function", "referrer_email", "referrer_phone", "referrer_reachable", "referrer_stand_in",
)  # fmt: skip


def clb_says(draft: Draft, came: MailCame, answer_to: str) -> None:
    """Takes over, or does not; anything else is asked back once, then the desk reads it."""
    match _meant(draft, came):
        case "confirm":
            _takes_over(draft, came)
        case "deny":
            _declines(draft, came)
        case why:
            ask_back(draft, came, why, answer_to, Party.CLB, taps=(TAKES_OVER, NOT_OURS), unheard=())


def family_says(draft: Draft, came: MailCame, answer_to: str) -> None:
    """The sender names one CLB: it is asked. Whatever else the family writes is read by the desk."""
    written = "" if came.reading.nothing_new else came.reading.written
    key = clb_chosen(written, draft.rules.clbs)
    if key is None:
        to_the_desk(draft, came, "de afzender antwoordt op de vraag welk CLB het wordt")
    else:
        assign(draft, key, Party.SENDER)
    if came.lately < draft.rules.brakes.answers_a_day:
        draft.write(reply_letters.neutral(answer_to))


def _meant(draft: Draft, came: MailCame) -> str:
    """`confirm`, `deny`, or why it is not certain (Dutch)."""
    thread = came.understanding.thread
    tapped = thread.action if thread.party == Party.CLB and thread.action in ("confirm", "deny") else None
    said = _said(draft, came)
    if tapped and said in (tapped, ""):
        return tapped
    if tapped:
        return "je koos een knop, maar de tekst zegt iets anders"
    return said or "we lezen niet of jullie deze aanmelding overnemen"


def _said(draft: Draft, came: MailCame) -> str:
    written = said_beside_the_form(came.reading, came.understanding.supplement, draft.rules)
    if (said := takes_over(written)) is not None:
        return said
    plain = " ".join(written.casefold().split())
    read = read_answer(written, Party.REFERRER, draft.rules.words, today=draft.today, asked="confirm")
    if isinstance(read, Understood) and read.action in ("confirm", "deny"):
        return read.action
    return "deny" if re.fullmatch(r"(?:nee|neen)[ ,.!]*", plain) else ""


def takes_over(written: str) -> str | None:
    """`confirm` or `deny` where somebody writes of taking over, "" where that is not certain; None: nothing of it."""
    plain = " ".join(written.casefold().split())[:5000]
    # "We nemen dit niet over" only refuses; what holds both, say our own letter quoted in an odd way, is no answer.
    refuses, takes = bool(REFUSES.search(plain)), bool(TAKES.search(REFUSES.sub(" ", plain)))
    if refuses:
        return "" if takes else "deny"
    if "?" in plain or DOUBTS & {*_WORD.findall(plain)}:
        return ""
    return "confirm" if takes else None


def _takes_over(draft: Draft, came: MailCame) -> None:
    """She becomes the referrer; it is placed as if she had mailed it, and she gets a text for the school."""
    worker, case = came.reading.mail.author.key, draft.case
    clb = clb_named(case.assigned_clb, draft.rules)
    if clb is None:  # pragma: no cover - the writer is a party only as long as this CLB is listed
        return
    values = taken_over(case.values, clb, worker)
    supplement = came.understanding.supplement
    if supplement:
        values, _ = merge(values, supplement, places=draft.rules.places)
    draft.case = replace(case, parties={**case.parties, "referrer": worker})
    draft.keep(values)
    draft.happen(Event.SENDER_CONFIRMED, Party.CLB, clb=clb.key)
    link(draft)
    clear_up(draft, Party.CLB)
    if draft.case.state in (State.AWAITING_CLB, State.NEEDS_DESK, State.NEEDS_INFO):
        place(draft, supplement, came.full)
    else:
        _introduce(draft)
    if draft.case.values.get("enrolled") != "no":
        draft.write(clb_letters.school_text(draft.case, draft.rules))


def _introduce(draft: Draft) -> None:
    """It left already: the provider hears who its referrer is, and she where it stands."""
    case, rules = draft.case, draft.rules
    draft.write(case_letters.taken_over(case, rules, from_clb=False, taps=taps_for(case)))
    hers = {key: case.values[key] for key in ("clb", *FIRST_TELLER) if case.values.get(key)}
    hears = case.reached or any(codes["letter"] == Kind.REFERRAL for codes in case.waiting_letters().values())
    if hears and case.provider in rules.providers:
        rows = shown.rows(hers, rules, shown=("always",))
        draft.write(letters.to_provider(Kind.SUPPLEMENT, case, rules, rows=rows))


def taken_over(values: Mapping[str, str], clb: Clb, worker: str) -> dict[str, str]:
    """The form's values with this CLB worker as referrer; who told first stays, where a provider sees it later."""
    kept = {key: value for key, value in values.items() if key not in FIRST_TELLER}
    first = {key: values.get(f"referrer_{key}", "") for key in ("name", "phone", "email")}
    if values.get("referrer_kind") == "parent" and not any(kept.get(f"guardian_{key}") for key in first):
        kept |= {f"guardian_{key}": value for key, value in first.items() if value}
    elif any(first.values()):
        told = f"Eerste melding door: {', '.join(filter(None, first.values()))}"
        kept["partners"] = "\n".join(filter(None, (kept.get("partners"), told)))
    return (
        kept
        | {"referrer_kind": "clb", "referrer_email": worker, "clb": clb.name}
        | ({"network": clb.network} if clb.network else {})
    )


def _declines(draft: Draft, came: MailCame) -> None:
    clb = clb_named(draft.case.assigned_clb, draft.rules)
    name = clb.name if clb else "het gevraagde CLB"
    draft.void_waiting(Kind.TAKE_OVER)
    draft.happen(Event.CLB_DECLINED, Party.CLB, clb=draft.case.assigned_clb)
    clear_up(draft, Party.CLB)
    ask_the_desk(draft, why=f"{name} antwoordt dat deze aanmelding niet voor hen is", words=_words(came))


def _words(came: MailCame) -> str:
    certain = came.understanding.thread.action not in (None, REPLY)
    return "" if certain or came.reading.nothing_new else came.reading.written.strip()

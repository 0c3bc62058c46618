"""What a referrer's words do to her case: more data, a choice, a stop."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mailflow.core import case_letters
from mailflow.core.answer import read_answer
from mailflow.core.asking import ask_back, clear_up, likely_first, to_the_desk
from mailflow.core.assigning import ask_the_desk
from mailflow.core.case import can
from mailflow.core.choosing import provider_named
from mailflow.core.disagreeing import disagree, disagrees
from mailflow.core.draft import Draft
from mailflow.core.elsewhere import asks_elsewhere, chooses_elsewhere, show_others, wish_in
from mailflow.core.form import merge
from mailflow.core.handing_over import hand_over
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.placing import fits_of, place
from mailflow.core.provider_says import note_fact, provider_says
from mailflow.core.provider_taps import taps_for as provider_taps
from mailflow.core.referrer_decides import RESEND, keep, may_keep, stop_release, taps_for, think, withdraw
from mailflow.core.said import SAID
from mailflow.core.same_pupil import link, tell_the_desk
from mailflow.core.supplementing import pass_supplement, says_that_the_pupil_agrees
from mailflow.core.taps import Tap
from mailflow.core.understand import names_in, said_beside_the_form
from mailflow.core.understood import BARE_YES, Unclear, Understood

BEFORE_RELEASE = (State.UNCONFIRMED, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)
UNHEARD = (Kind.WAITLIST_KEPT, Kind.SUPPLEMENT, Kind.REPORTED)
"""What the provider does not get after "oeps" within the pause."""
THEIRS = ("callback", "round_table", "paused", "no_show", "feedback", "outcome")


def referrer_says(
    draft: Draft, read: Understood | Unclear, came: MailCame, answer_to: str, by: Party = Party.REFERRER
) -> None:
    """Write down what the referrer (or the desk in her name) said, and do what follows from it."""
    if by is Party.REFERRER and (agreed := disagrees(draft.case, came)):
        return disagree(draft, came, answer_to, agreed)
    if isinstance(read, Understood) and read.action == "deny":
        return _deny(draft, came, by)
    read = wish_in(draft, read, came) if by is Party.REFERRER else read
    changed = _supplement(draft, came, by) or _choice(draft, came, by)
    if chooses_elsewhere(draft, read, came, answer_to, by):
        return clear_up(draft, by)
    if says_that_the_pupil_agrees(draft, came, by):
        return clear_up(draft, by)
    if not changed and by is Party.REFERRER and _answers_the_other(draft, read, came):
        draft.happen(Event.NOTE, by, why="answer")
        return _ask_the_other(draft, came)
    if isinstance(read, Unclear):
        if changed:
            _use(draft, came, changed, by)
        if (changed or came.understanding.supplement) and _says_no_more(draft, read, came, by):
            if not changed:
                draft.happen(Event.NOTE, by)
            return None  # fields or a choice, and beside them nothing that could be an answer
        return _ask_back(draft, came, read.why, answer_to, by, likely=read.likely)
    places = read.action in ("confirm", "keep") and draft.case.state in (State.UNCONFIRMED, State.NEEDS_INFO)
    if changed and not places and read.action not in ("withdraw", "stop_release"):
        _use(draft, came, changed, by)
    if read.action in SAID or read.action in THEIRS:
        return provider_says(draft, read, came, answer_to, by=by)
    for fact in read.also:
        note_fact(draft, fact, read, by)
    if not _do(draft, read, came, answer_to=answer_to, by=by, changed=changed):
        return _ask_back(draft, came, "dat past niet bij waar het dossier nu staat", answer_to, by)
    if "question" in read.also:
        _ask_the_other(draft, came)
    return None


def _do(draft: Draft, read: Understood, came: MailCame, *, answer_to: str, by: Party, changed: tuple[str, ...]) -> bool:
    """What she asks for, in the state the case is in; False when that cannot be."""
    state = draft.case.state
    match read.action:
        case "withdraw" if state is State.COMPLETED:
            draft.happen(Event.LOOP_SETTLED, by)
        case "withdraw":
            withdraw(draft, came, by)
        case "stop_release" if state in BEFORE_RELEASE:
            stop_release(draft, by, answer_to)
        case "keep" if may_keep(draft):
            keep(draft, came, by, answer_to)
        case "contacted":
            note_fact(draft, "contacted", read, by)
        case "think" if state in (State.FULL, State.NO_MATCH, State.WAITLIST_OFFERED):
            think(draft, came, by, answer_to)
        case "copy" if draft.copy(by):
            pass
        case "status":
            draft.write(case_letters.status(draft.case, by.value, answer_to, draft.rules))
        case "confirm" | "keep" if state in (State.UNCONFIRMED, State.NEEDS_INFO):
            _place_again(draft, came, changed, by)
        case "confirm" if state is State.NEEDS_DESK and by is Party.DESK:
            _place_again(draft, came, changed, by)
        case "elsewhere" if state in (State.QUEUED, State.NEEDS_INFO) and "provider" not in changed:
            _choose_again(draft, by)
        case "elsewhere" if "provider" in changed:
            return True
        case "hand_over" if (why := hand_over(draft, came, read.evidence, by)) != "":
            if why:
                _ask_back(draft, came, why, answer_to, by)
                return True
        case "elsewhere" if asks_elsewhere(draft, read, by) and show_others(draft, came):
            pass
        case "elsewhere" | "hand_over":
            _for_a_person(draft, came, read.action, by)
        case "question":
            draft.happen(Event.NOTE, by, why="question")
            _ask_the_other(draft, came)
            return True
        case "acknowledge":
            draft.happen(Event.NOTE, by)
            return True
        case "confirm" | "keep":
            draft.happen(Event.NOTE, by)
        case _:
            return bool(changed)
    clear_up(draft, by)
    return True


def _supplement(draft: Draft, came: MailCame, by: Party) -> tuple[str, ...]:
    """Merge new values into the case; the keys that changed. Once it left, another provider is another referral."""
    form = came.understanding.supplement
    if form is None:
        return ()
    fixed = ("provider",) if draft.case.state not in BEFORE_RELEASE else ()
    form = replace(form, values={key: value for key, value in form.values.items() if key not in fixed})
    values, changed = merge(draft.case.values, form, places=draft.rules.places)
    if changed:
        draft.keep(values)
        draft.happen(Event.INFO_ADDED, by, fields=",".join(changed))
        link(draft)
    return changed


def _use(draft: Draft, came: MailCame, changed: tuple[str, ...], by: Party) -> None:
    """What follows from new data: before it leaves it is placed anew, afterwards both sides hear of it."""
    why = draft.case.last(Event.DESK_NEEDED)
    with_the_desk = draft.case.state is State.NEEDS_DESK and why and why.codes.get("why") not in CHOICES
    if draft.case.state in BEFORE_RELEASE and not with_the_desk:
        _place_again(draft, came, changed, by)
    else:
        tell_the_desk(draft)
        pass_supplement(draft)


CHOICES = ("provider", "provider_gone")
"""Why a case lies with the desk that the referrer can settle herself, by naming a provider."""


def _deny(draft: Draft, came: MailCame, by: Party) -> None:
    """It was not she who wrote the referral: nothing goes on until a person has looked."""
    draft.void_waiting(Kind.REFERRAL, *UNHEARD)
    if can(draft.case, Event.DESK_NEEDED):
        draft.happen(Event.DESK_NEEDED, by, why="denied")
    else:
        draft.happen(Event.NOTE, by, why="denied")
        to_the_desk(draft, came, "de aanmelder schrijft dat deze aanmelding niet van haar komt")


def _says_no_more(draft: Draft, read: Unclear, came: MailCame, by: Party) -> bool:
    """Whether her words beside the fields are greetings only: none is an answer, and none sounds like "wait"."""
    beside = said_beside_the_form(came.reading, came.understanding.supplement, draft.rules)
    nothing = read_answer("", by.value, draft.rules.words, today=draft.today)
    return read in (nothing, BARE_YES) and not CAUTION & {*_WORD.findall(beside.casefold())}


def _answers_the_other(draft: Draft, read: Understood | Unclear, came: MailCame) -> bool:
    """Whether these words answer the provider's question that we passed on to her, and decide nothing."""
    letters_ = [h for h in draft.case.history if h.kind is Event.LETTER_WRITTEN and h.codes["to"] == Party.REFERRER]
    if not letters_ or letters_[-1].codes["letter"] != Kind.PASSED_ON:
        return False
    since = [h for h in draft.case.history if h.kind is Event.MAIL_CAME and h.by is Party.REFERRER]
    if any(h.at > letters_[-1].at and h.codes["mail"] != str(came.mail_id) for h in since):
        return False
    if isinstance(read, Understood):
        return read.action == "acknowledge" and len(_WORD.findall(came.reading.written)) > BARE_THANKS
    told = _YES_OR_NO.sub("", came.reading.written)
    nothing = read_answer("", Party.REFERRER.value, draft.rules.words, today=draft.today)
    again = read_answer(
        told, Party.REFERRER.value, draft.rules.words, today=draft.today, names=names_in(draft.case.values)
    )
    decides = again != nothing and not (isinstance(again, Understood) and again.action == "acknowledge")
    return not decides and not CAUTION & {*_WORD.findall(told.casefold())}


BARE_THANKS = 4
"""Words: "bedankt voor je bericht" tells the other side nothing."""
_YES_OR_NO = re.compile(
    r"\A\W*(?:(?:ja|jawel|jazeker|zeker|uiteraard|prima|goed|ok[eé]?|nee|neen|nope|oui|non)\b\W*)+", re.IGNORECASE
)
# fmt: off
# Words that we could not read and that may still mean that it should not leave.
CAUTION = frozenset({
    "wacht", "wachten", "even", "stop", "stoppen", "stopt", "annuleer", "annuleren", "geannuleerd", "intrekken",
    "ingetrokken", "uitstellen", "uitgesteld", "misschien", "bezorgen", "bezorg", "doorsturen", "sturen", "oeps",
})
# fmt: on
_WORD = re.compile(r"[^\W_]+")


def _choice(draft: Draft, came: MailCame, by: Party) -> tuple[str, ...]:
    """The provider that she names in answer to our question which; naming the full one again is insisting."""
    asked = draft.case.last(Event.INFO_MISSING)
    if draft.case.state is not State.NEEDS_INFO or asked is None or asked.codes.get("why") != "provider":
        return ()
    key = provider_named(came.reading.written, draft.rules.providers)
    if key is None:
        return ()
    insists = "yes" if key == draft.case.values.get("provider") else ""
    draft.keep({**draft.case.values, "provider": key, "insist": insists})
    draft.happen(Event.INFO_ADDED, by, fields="provider")
    return ("provider",)


def _place_again(draft: Draft, came: MailCame, changed: tuple[str, ...], by: Party) -> None:
    """Before release new data simply counts; whoever answers our letter, or is proven, confirms by that."""
    if draft.case.state is State.UNCONFIRMED:
        draft.happen(Event.SENDER_CONFIRMED, by)
    on_its_way = any(codes["letter"] == Kind.REFERRAL for codes in draft.case.waiting_letters().values())
    if on_its_way and "provider" not in changed:
        # Already handed to the sender: the provider gets an addition rather than a second letter.
        pass_supplement(draft)
        return
    draft.void_waiting(Kind.RECEIVED, Kind.REFERRAL)
    clear_up(draft, by)
    if "referrer" not in draft.case.parties:
        draft.happen(Event.CLB_MISSING, by)
        ask_the_desk(draft)
        return
    place(draft, came.understanding.supplement, came.full)


def _choose_again(draft: Draft, by: Party) -> None:
    """She wants another provider than the one it would go to: it waits until she names one."""
    draft.void_waiting(Kind.RECEIVED, Kind.REFERRAL)
    draft.happen(Event.INFO_MISSING, by, why="provider")
    fits = [fit for fit in fits_of(draft.case, draft.rules, draft.today) if fit.fits]
    why = "Je vraagt een andere aanbieder."
    draft.write(case_letters.choose_provider(draft.case, why, fits, None, draft.rules))


def _for_a_person(draft: Draft, came: MailCame, action: str, by: Party) -> None:
    """What only the meldpunt worker can arrange; a referral that has not left waits for it."""
    draft.happen(Event.NOTE, by, why=action)
    to_the_desk(draft, came, WISHES[action])
    if draft.case.state is State.QUEUED:
        draft.void_waiting(Kind.REFERRAL)
        draft.happen(Event.DESK_NEEDED, by, why=action)


WISHES = {
    "elsewhere": "de aanmelder zoekt een andere aanbieder",
    "hand_over": "de aanmelder wil dit dossier doorgeven aan iemand anders",
}


def _ask_the_other(draft: Draft, came: MailCame) -> None:
    """A question goes to the provider once it has the referral; before that the desk answers."""
    provider = draft.rules.providers.get(draft.case.provider)
    if provider and draft.case.reached and draft.case.state not in ENDS:
        words = came.reading.written.strip()
        draft.write(
            case_letters.passed_on(
                draft.case,
                "provider",
                provider.address,
                draft.rules,
                by="referrer",
                words=words,
                taps=provider_taps(draft.case),
            )
        )
    else:
        to_the_desk(draft, came, "een vraag van de aanmelder")


def _ask_back(draft: Draft, came: MailCame, why: str, answer_to: str, by: Party, *, likely: Sequence[str] = ()) -> None:
    if draft.case.state is State.QUEUED:
        draft.void_waiting(Kind.REFERRAL)
        draft.release_at = draft.rules.calendar.next_open(draft.now)
    ask_back(draft, came, why, answer_to, by, taps=likely_first(_taps_of(draft, by), likely), unheard=UNHEARD)


def _taps_of(draft: Draft, by: Party) -> tuple[Tap, ...]:
    if by is not Party.REFERRER:
        return ()
    return (RESEND, *taps_for(draft.case)) if draft.case.state is State.QUEUED else taps_for(draft.case)

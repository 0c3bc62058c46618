"""What a provider's answer does to its case, and who hears of it."""

from collections.abc import Sequence
from dataclasses import replace

from mailflow.core import case_letters, letters, reply_letters, shown
from mailflow.core.answer import Unclear, Understood, for_one_case
from mailflow.core.asking import ask_back, clear_up, likely_first, to_the_desk
from mailflow.core.case import Case, Happened, can
from mailflow.core.decision import ProviderMark
from mailflow.core.draft import Draft
from mailflow.core.ending import note_handover, outcome_of, settle_loop
from mailflow.core.letters import Kind, When
from mailflow.core.lifecycle import MOVES, Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.provider_taps import taps_for
from mailflow.core.round_table import tell_round_table
from mailflow.core.said import (
    AFTER_A_TALK,
    FACTS,
    NOT_YET,
    SAID,
    TOLD_TO_REFERRER,
    Said,
    Told,
    called,
    says_places_again,
    school_year_end,
)
from mailflow.core.taps import CONTACTED, Tap
from mailflow.core.thread import REPLY
from mailflow.core.understood import ATTEMPTED
from mailflow.core.wording import day_text, listing


def provider_says(
    draft: Draft, read: Understood | Unclear, came: MailCame, answer_to: str, by: Party = Party.PROVIDER
) -> None:
    """Write down what the provider said (or the referrer or desk report of it), tell the others, echo free text."""
    if draft.case.state is State.QUEUED:
        # An answer proves that the letter arrived, whatever the sending host still has to report.
        if not any(codes["letter"] == Kind.REFERRAL for codes in draft.case.waiting_letters().values()):
            return _ask_back(draft, came, "deze aanmelding is nog niet bezorgd", answer_to, by)
        draft.happen(Event.REFERRAL_SENT, provider=draft.case.provider)
    if isinstance(read, Unclear) and _not_called(draft.case, came, by):
        draft.happen(Event.NOTE, by, why="not_called")
        return None
    if isinstance(read, Unclear):
        return _ask_back(draft, came, read.why, answer_to, by, likely=read.likely)
    read = for_one_case(read)
    for fact in dict.fromkeys((*read.also, read.action)):
        note_fact(draft, fact, read, by)
    if says_places_again(read) and by is not Party.REFERRER and draft.case.provider in came.full:
        draft.marks.append(ProviderMark(draft.case.provider, None))
    if read.action == "outcome":
        return _outcome(draft, read, came, answer_to, by)
    if read.action in FACTS or read.action == "round_table":
        tell_round_table(draft, read, came.reading.written, by)
        return _only_facts(draft, read, came, answer_to, by)
    said = SAID.get(read.action)
    if said is None:
        return _ask_back(draft, came, "dat antwoord kennen we niet van een aanbieder", answer_to, by)
    event = _event(draft.case, said.event)
    if event is Event.TRAJECTORY_ENDED and draft.case.state is State.ACCEPTED:
        # Whoever says that it ended has not said that it started: then it did.
        draft.happen(Event.TRAJECTORY_STARTED, by, provider=draft.case.provider)
    if (draft.case.state, event) in ALREADY and _adds(draft, said, read, came, answer_to=answer_to, by=by):
        return None
    if _repeats(draft.case, event, read, came, by):
        draft.happen(Event.NOTE, by)
        return None
    if not can(draft.case, event):
        return _ask_back(draft, came, "dat past niet bij waar het dossier nu staat", answer_to, by)
    if draft.case.provider not in draft.rules.providers:
        return to_the_desk(draft, came, "de aanbieder van dit dossier staat niet meer in de lijst")
    before = draft.case.state
    if read.action == "no_match" and not called(draft.case) and AFTER_A_TALK.search(came.reading.written):
        draft.happen(Event.CONTACT_MADE, by)
    _take_back_mark(draft)
    draft.happen(event, by, **_codes(draft, read), **_mark(draft, read, came, by))
    note_handover(draft, came.reading.written, by)
    for party in dict.fromkeys((by, Party.PROVIDER)):
        clear_up(draft, party)
    tell_round_table(draft, read, came.reading.written, by)
    _tell(draft, said, read, came=came, answer_to=answer_to, by=by, before=before)
    settle_loop(draft)
    return None


def note_fact(draft: Draft, action: str, read: Understood, by: Party) -> None:
    """Write down a fact that may stand beside a decision: contact, a promise, a question."""
    if action == "copy":
        draft.copy(by)
    attempted = action == "callback" and ATTEMPTED in read.codes
    if kind := Event.CONTACT_ATTEMPTED if attempted else FACTS.get(action):
        day = read.day.isoformat() if read.day else ""
        draft.happen(kind, by, **({"day": day} if day and action != "contacted" else {}))


def _outcome(draft: Draft, read: Understood, came: MailCame, answer_to: str, by: Party) -> None:
    """What came of it, said by itself: certain once the trajectory ended, and before that it may be something else."""
    code = read.codes.get("outcome")
    if draft.case.state is not State.COMPLETED or not code:
        return _ask_back(draft, came, "is het traject daarmee afgerond, en hoe", answer_to, by)
    _note_outcome(draft, code, came, by)
    clear_up(draft, by)
    settle_loop(draft)
    return None


def _note_outcome(draft: Draft, code: str, came: MailCame, by: Party) -> None:
    draft.happen(Event.OUTCOME_NOTED, by, outcome=code)
    note_handover(draft, came.reading.written, by)


def _adds(draft: Draft, said: Said, read: Understood, came: MailCame, *, answer_to: str, by: Party) -> bool:
    """Whether a start or an end that is told again brings a day or an outcome that we did not have.

    The referrer gets the letter anew when its day changed, for she forwards it to the school. A tap says the day on
    which it was tapped: tapped again it changes nothing.
    """
    known, tapped = _day_of(draft.case), came.understanding.thread.action not in (None, REPLY)
    day = read.day.isoformat() if read.day and not (known and tapped) else known
    code = read.codes.get("outcome") or outcome_of(draft.case)
    if (day, code) == (known, outcome_of(draft.case)):
        return False
    if code != outcome_of(draft.case):
        _note_outcome(draft, code, came, by)
    for party in dict.fromkeys((by, Party.PROVIDER)):
        clear_up(draft, party)
    if day != known:
        draft.happen(Event.DAY_NOTED, by, day=day)
        _tell(draft, said, read, came=came, answer_to=answer_to, by=by, before=draft.case.state)
    settle_loop(draft)
    return True


def _day_of(case: Case) -> str:
    """The day (ISO) of the start or end that was told last, "" when none was."""
    last = case.last(Event.TRAJECTORY_STARTED, Event.TRAJECTORY_ENDED, Event.DAY_NOTED)
    return last.codes.get("day", "") if last else ""


def _only_facts(draft: Draft, read: Understood, came: MailCame, answer_to: str, by: Party) -> None:
    if "question" in (read.action, *read.also):
        _pass_on(draft, came, by)
    if read.action == "round_table" and (unclear := read.codes.get("day_unclear")):
        return _ask_back(draft, came, f"op welke dag is de rondetafel? {unclear}", answer_to, by)
    untold = _last_of(draft.case, TOLD_TO_REFERRER) is Event.LETTER_VOIDED
    if read.action not in ("question", "acknowledge") and not untold:
        clear_up(draft, by)
    settle_loop(draft)
    return None


def _tell(
    draft: Draft, said: Said, read: Understood, *, came: MailCame, answer_to: str, by: Party, before: State
) -> None:
    """Replace what the referrer has not heard yet; certain words go at once, free text after the pause."""
    certain, case = came.understanding.thread.action not in (None, REPLY), draft.case
    when = When.AT_ONCE if certain else None
    told = "referrer" in case.parties and not (before is case.state is State.WAITLISTED and read.action == "waitlist")
    if told or before is not case.state:
        draft.void_waiting(*TOLD_TO_REFERRER, Kind.WAITLIST_KEPT, Kind.REPORTED)
    if told:
        words = came.reading.written.strip() if by is Party.PROVIDER and not certain else ""
        draft.write(said.letter(draft, read, Told(words, came.full)), when=when)
    _hand_over_the_rest(draft, when)
    day = f" op {day_text(read.day)}" if read.day else ""
    if by is not Party.PROVIDER:
        name = "De aanmelder" if by is Party.REFERRER else "Het meldpunt"
        sentence = said.echo.format(day=day)
        taps = taps_for(draft.case)
        draft.write(letters.to_provider(Kind.REPORTED, case, draft.rules, by=name, sentence=sentence, taps=taps))
    if read.action == "no_match" and by is Party.PROVIDER and not called(case):
        sentence = "" if certain else said.echo
        others = "de aanmelder" if told and not certain else ""
        letter = letters.to_provider(
            Kind.CALLED, draft.case, draft.rules, sentence=sentence, other=others, taps=CALLED_TAPS
        )
        draft.write(replace(letter, address=answer_to, answers_mail=True))
    elif not certain:
        sentence = (said.echo if by is Party.PROVIDER else said.reported).format(day=day)
        hear = {Party.REFERRER: "de aanmelder" if told else "", Party.PROVIDER: "de aanbieder"}
        others = listing(name for party, name in hear.items() if name and party is not by)
        unclear = read.codes.get("day_unclear", "")
        draft.write(reply_letters.echo(by.value, answer_to, sentence, others, _taps_of(draft, by), day=unclear))
    elif "question" in read.also:
        _pass_on(draft, came, by)


def _hand_over_the_rest(draft: Draft, when: When | None) -> None:
    """Once accepted, the provider sees the other fields: one time, in whatever words it said so."""
    case = draft.case
    written = _last_of(case, (Kind.AFTER_ACCEPT,), after=case.last(Event.REFERRAL_SENT))
    if case.state in (State.ACCEPTED, State.STARTED) and written in (None, Event.LETTER_VOIDED):
        rows = shown.rows(case.values, draft.rules, shown=("accepted",))
        letter = letters.to_provider(Kind.AFTER_ACCEPT, case, draft.rules, rows=rows, taps=taps_for(case))
        draft.write(letter, when=when)
    elif case.state not in (State.ACCEPTED, State.STARTED, State.COMPLETED):
        draft.void_waiting(Kind.AFTER_ACCEPT)


def _not_called(case: Case, came: MailCame, by: Party) -> bool:
    """Whether this is the no to our "al gebeld?": there is no match all the same, and it is not asked again."""
    asked = (
        by is Party.PROVIDER and _last_of(case, (Kind.CALLED,), after=case.last(Event.PROVIDER_NO_MATCH)) is not None
    )
    return asked and case.state is State.NO_MATCH and bool(NOT_YET.match(came.reading.written.strip()))


def _repeats(case: Case, event: Event, read: Understood, came: MailCame, by: Party) -> bool:
    """Whether this only repeats what was said last, and its letter left: nobody gets the same news twice."""
    if by in case.unanswered:
        return False
    if (case.state, event) in ALREADY:
        return True
    bare = by is Party.DESK and not (read.also or read.codes or read.day)
    if came.understanding.thread.action in (None, REPLY) and not bare:
        return False
    moved = case.last(*MOVES)
    waits = any(codes["letter"] in TOLD_TO_REFERRER for codes in case.waiting_letters().values())
    return moved is not None and moved.kind is event and not waits


def _taps_of(draft: Draft, by: Party) -> tuple[Tap, ...]:
    return taps_for(draft.case) if by is Party.PROVIDER else ()


def _last_of(case: Case, kinds: Sequence[Kind], after: Happened | None = None) -> Event | None:
    """What became of the newest letter of these kinds (since *after*): written, sent, refused or voided."""
    for happened in reversed(case.history):
        if happened is after:
            return None
        if happened.codes.get("letter") in kinds:
            return happened.kind
    return None


def _event(case: Case, event: Event) -> Event:
    """A place for somebody on the waitlist is its own event (terugbellen)."""
    return Event.PLACE_FREE if event is Event.PROVIDER_ACCEPTED and case.state is State.WAITLISTED else event


def _codes(draft: Draft, read: Understood) -> dict[str, str]:
    codes = {"provider": draft.case.provider, **read.codes}
    codes.pop(ATTEMPTED, None)  # a fact of its own
    if read.day:
        codes["day"] = read.day.isoformat()
    if read.action == "full_for_school_year":
        codes["until"] = school_year_end(draft).isoformat()
    return codes


def _mark(draft: Draft, read: Understood, came: MailCame, by: Party) -> dict[str, str]:
    """Full for everybody marks the provider, on its own word or the desk's; never on a referrer's report."""
    if read.action != "full_for_school_year" or by is Party.REFERRER or draft.case.provider in came.full:
        return {}
    draft.marks.append(ProviderMark(draft.case.provider, school_year_end(draft)))
    return {"marked": "yes"}


def _take_back_mark(draft: Draft) -> None:
    """Within the pause nobody has heard that it is full for everybody: then it is not ("oeps")."""
    full = draft.case.last(Event.PROVIDER_FULL)
    unheard = _last_of(draft.case, (Kind.FULL,), after=full) is Event.LETTER_WRITTEN
    if full and full.codes.get("marked") and unheard:
        draft.marks.append(ProviderMark(draft.case.provider, None))


def _pass_on(draft: Draft, came: MailCame, by: Party) -> None:
    referrer = draft.case.parties.get("referrer")
    if by is Party.PROVIDER and referrer:
        words = came.reading.written.strip()
        draft.write(case_letters.passed_on(draft.case, "referrer", referrer, draft.rules, by="provider", words=words))
    else:
        to_the_desk(draft, came, "een vraag bij dit dossier")


def _ask_back(draft: Draft, came: MailCame, why: str, answer_to: str, by: Party, *, likely: Sequence[str] = ()) -> None:
    _take_back_mark(draft)
    unheard = (*TOLD_TO_REFERRER, Kind.AFTER_ACCEPT, Kind.REPORTED, Kind.ROUND_TABLE)
    ask_back(draft, came, why, answer_to, by, taps=likely_first(_taps_of(draft, by), likely), unheard=unheard)


CALLED_TAPS = (CONTACTED, Tap("Nog niet gebeld", REPLY, "nog niet gebeld"))
ALREADY = frozenset({(State.STARTED, Event.TRAJECTORY_STARTED), (State.COMPLETED, Event.TRAJECTORY_ENDED)})
"""A second time is no contradiction, though the table has no row for it."""

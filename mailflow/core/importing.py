"""A meldpunt begins with a list: what does one row of it mean, and which case does it make? Nothing is mailed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from mailflow.core.case import Case
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.form import labels, read_form
from mailflow.core.form_dates import read_date
from mailflow.core.form_labels import label_key
from mailflow.core.known_senders import clb_of
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import Found, Pair
from mailflow.core.moments import NEXT_YEAR, next_moment
from mailflow.core.placing import facts
from mailflow.core.rules import Rules
from mailflow.core.watches import watch

STATE_COLUMN, SINCE_COLUMN = ("stand", "toestand", "status", "state"), ("sinds", "datum", "since")

# What the list may call a state -> the events that lead there, after the case was opened.
# fmt: off
TO: dict[State, tuple[Event, ...]] = {
    State.NEEDS_DESK: (Event.DESK_NEEDED,),
    State.DISPATCHED: (Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT),
    State.WAITLISTED: (Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT, Event.WAITLIST_AGREED),
    State.ACCEPTED:   (Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT, Event.PROVIDER_ACCEPTED),
    State.STARTED:    (Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT, Event.TRAJECTORY_STARTED),
}
CALLED: dict[str, State] = {
    "te bekijken": State.NEEDS_DESK, "meldpunt": State.NEEDS_DESK, "wacht op het meldpunt": State.NEEDS_DESK,
    "bezorgd": State.DISPATCHED, "bezorgd aan de aanbieder": State.DISPATCHED, "doorgestuurd": State.DISPATCHED,
    "wachtlijst": State.WAITLISTED, "op de wachtlijst": State.WAITLISTED,
    "aanvaard": State.ACCEPTED,
    "gestart": State.STARTED, "opgestart": State.STARTED, "lopend": State.STARTED,
}
# fmt: on


class NoList(Exception):
    """A file that cannot be read as a list; the words say why."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the list, understood as far as it goes."""

    number: int
    """Of the row in the sheet, from 1."""
    state: State | None
    since: datetime | None
    values: Mapping[str, str]
    problems: tuple[str, ...]
    """Why no case can be made of it, without what is in it; empty when one can."""


def understood(number: int, cells: Sequence[tuple[str, str]], rules: Rules, today: date) -> Entry:
    """A row as (heading, text): the headings are labels of the form, and Stand and Sinds."""
    own = dict.fromkeys(("state", "since"), "")
    pairs = []
    for heading, words in cells:
        key = label_key(heading)
        if key in STATE_COLUMN:
            own["state"] = words.strip()
        elif key in SINCE_COLUMN:
            own["since"] = words.strip()
        elif words.strip():
            pairs.append(Pair(heading, words))
    form = read_form(
        (Found(source="xlsx", pairs=tuple(pairs)),),
        rules.fields,
        providers=rules.providers,
        places=rules.places,
        today=today,
    )
    values = dict(form.values) if form else {}
    state = CALLED.get(" ".join(own["state"].casefold().split())) or _code(own["state"])
    since = _moment(own["since"], rules, today)
    problems = [*_wrong(state, since, values, rules)]
    if form is None:
        problems = ["too few columns with a label of the form that say something about a pupil"]
    else:
        problems += [f"{one.field}: {one.why}" for one in form.odd]
    return Entry(number=number, state=state, since=since, values=values, problems=tuple(problems))


def unknown_headings(headings: Sequence[str], rules: Rules) -> list[str]:
    """The headings that are no label of the form and none of ours: what stands under them is left out."""
    known = labels(rules.fields)
    return [h for h in headings if h.strip() and label_key(h) not in (*STATE_COLUMN, *SINCE_COLUMN) and not known(h)]


def make(entry: Entry, rules: Rules, now: datetime) -> Decision:
    """The case of a row without problems, as if it had come about at its own time; no letter, and no reminder of it."""
    assert entry.state is not None and entry.since is not None  # noqa: S101, PT018 - a row without problems
    draft = Draft(case=Case(values=entry.values, parties=_parties(entry.values)), rules=rules, now=entry.since)
    draft.opens = True
    draft.happen(Event.NOTE, Party.DESK, why="imported")
    for event in TO[entry.state]:
        codes = {"provider": entry.values["provider"], **facts(draft)} if event is Event.REFERRAL_COMPLETE else {}
        codes |= {"why": "imported"} if event is Event.DESK_NEEDED else {}
        draft.happen(event, Party.DESK, **codes)
    draft.now = now
    open_ = watch(draft.case, rules)
    if open_ is not None and open_.look_at is not None and open_.look_at <= now:
        draft.happen(Event.DESK_TOLD, what=open_.what)  # long overdue: the digest shows it, nobody is mailed about it
    while (moment := next_moment(draft.case, rules)) and moment.at <= now:
        codes = {"age": str(moment.age)} if moment.age else {"what": NEXT_YEAR}
        draft.happen(Event.CAME_OF_AGE if moment.age else Event.DESK_TOLD, **codes)
    return draft.decided()


def _parties(values: Mapping[str, str]) -> dict[str, str]:
    address = values.get("referrer_email", "").lower()
    return {"referrer": address} if address else {}


def _code(words: str) -> State | None:
    return next((state for state in TO if state.value == words.strip().lower()), None)


def _moment(words: str, rules: Rules, today: date) -> datetime | None:
    """Opening time's morning of that day; None when it is no date, or one that has yet to come."""
    read = read_date(words, today, future=False).text
    return datetime.combine(date.fromisoformat(read), time(9), tzinfo=rules.calendar.zone) if read else None


def _wrong(state: State | None, since: datetime | None, values: Mapping[str, str], rules: Rules) -> list[str]:
    problems = []
    if state is None:
        known = "te bekijken, bezorgd, wachtlijst, aanvaard, gestart"
        problems.append(f"Stand: not known; write one of: {known}")
    if since is None:
        problems.append("Sinds: no date, or one in the future; write it as 23/11/2026")
    if values.get("subject_kind") != "school" and not (values.get("first_name") and values.get("last_name")):
        problems.append("the first or last name is missing")
    referrer = values.get("referrer_email", "")
    if clb_of(referrer.lower(), rules.clbs) is None and (referrer or state is not State.NEEDS_DESK):
        problems.append("the referrer's address is missing, or not at a CLB of clbs.toml")
    if state not in (None, State.NEEDS_DESK) and values.get("provider", "none") not in rules.providers:
        problems.append("the provider is missing, or not in providers.toml")
    return problems

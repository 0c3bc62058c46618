"""A case is what happened to it: replay the events and you have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from mailflow.core.lifecycle import MOVES, Event, Party, State, after
from mailflow.core.retention import What


class CannotHappen(ValueError):
    """The lifecycle's table has no row for this event in this state."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A fact in the past tense: only added, never changed; *codes* hold ids and codes, no personal data."""

    at: datetime
    kind: Event
    by: Party = Party.MAILFLOW
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A value of the form that was replaced: personal, kept with the values."""

    field: str
    was: str
    at: datetime
    """When it was replaced."""
    mail: str
    """The number of the mail that did so, "" for none."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A referral's life so far. *values* and *parties* are personal and come from the referral row, not from events."""

    reference: str = ""
    state: State = State.NEW
    since: datetime | None = None
    """When it came into this state."""
    opened_at: datetime | None = None
    provider: str = ""
    """Key of the provider it goes, or went, to."""
    history: tuple[Happened, ...] = ()
    letters: int = 0
    """How many letters were written: the next one is number letters + 1."""
    values: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[Replaced, ...] = ()
    """What the form said before it was corrected, oldest first; personal, as *values*."""
    parties: Mapping[str, str] = field(default_factory=dict)
    """Party -> the full address it is known by, lower case: referrer."""

    @property
    def seen(self) -> int:
        """How many events this case is made of: the guard against a second decision at the same time."""
        return len(self.history)

    def last(self, *kinds: Event, by: Party | None = None) -> Happened | None:
        """The newest event of these kinds (by that party), or None."""
        for happened in reversed(self.history):
            if happened.kind in kinds and by in (None, happened.by):
                return happened
        return None

    def letter_numbers(self, role: str) -> tuple[int, ...]:
        """The numbers of the letters to that role that were not voided, oldest first."""
        voided = {h.codes["n"] for h in self.history if h.kind is Event.LETTER_VOIDED}
        written = (h.codes for h in self.history if h.kind is Event.LETTER_WRITTEN)
        return tuple(int(c["n"]) for c in written if c["to"] == role and c["n"] not in voided)

    def waiting_letters(self) -> Mapping[int, Mapping[str, str]]:
        """Number -> codes of every letter that was written and has not left, been refused or voided."""
        waiting: dict[int, Mapping[str, str]] = {}
        for happened in self.history:
            match happened.kind:
                case Event.LETTER_WRITTEN:
                    waiting[int(happened.codes["n"])] = happened.codes
                case Event.LETTER_SENT | Event.LETTER_REFUSED | Event.LETTER_VOIDED:
                    waiting.pop(int(happened.codes["n"]), None)
        return waiting

    @property
    def unanswered(self) -> Mapping[Party, Happened]:
        """Who was asked back and has not made it clear since; what the desk understood settles it for everybody."""
        asked: dict[Party, Happened] = {}
        for happened in self.history:
            match happened.kind:
                case Event.ASKED_BACK:
                    asked.setdefault(happened.by, happened)
                case Event.UNDERSTOOD if happened.by is Party.DESK:
                    asked.clear()
                case Event.UNDERSTOOD:
                    asked.pop(happened.by, None)
                case Event.REFERRAL_COMPLETE:
                    asked.pop(Party.REFERRER, None)
                    asked.pop(Party.DESK, None)
        return asked

    @property
    def unsettled(self) -> bool:
        """Whether the referrer or the desk said something, or perhaps did, that nobody has cleared since."""
        asked = self.asked_who
        return bool(self.unanswered.keys() & {Party.REFERRER, Party.DESK}) or (
            asked is not None and asked.by is Party.REFERRER
        )

    @property
    def asked_who(self) -> Happened | None:
        """The question to a party whether a mail was its own, as long as that is open: one at a time."""
        last = self.last(Event.ASKED_WHO, Event.WHO_ANSWERED)
        return last if last and last.kind is Event.ASKED_WHO else None

    @property
    def reached(self) -> bool:
        """Whether the provider that it goes to has the referral."""
        last = self.last(Event.REFERRAL_SENT, Event.REFERRAL_COMPLETE)
        return last is not None and last.kind is Event.REFERRAL_SENT

    @property
    def assigned_clb(self) -> str:
        """Key of the CLB that was asked to take it over and has not answered yet, "" for none."""
        last = self.last(*ABOUT_THE_CLB)
        return last.codes["clb"] if last and last.kind is Event.CLB_ASSIGNED else ""

    @property
    def family_chooses(self) -> bool:
        """Whether the family was asked which CLB it wants, and that is still open."""
        last = self.last(*ABOUT_THE_CLB)
        return last is not None and last.kind is Event.FAMILY_ASKED

    @property
    def has_referrer(self) -> bool:
        """Whether a CLB worker stands behind it: proven, or confirmed, and not denied since."""
        for happened in reversed(self.history if "referrer" in self.parties else ()):
            if happened.kind is Event.SENDER_CONFIRMED:
                return True
            if happened.codes.get("why") == "denied" or happened.kind is Event.SENDER_UNPROVEN:
                return False
        return "referrer" in self.parties

    @property
    def follow_on(self) -> str:
        """The reference of the follow-on referral that was made beside this one, "" for none."""
        last = self.last(Event.FOLLOW_ON_LINKED, Event.FOLLOW_ON_MADE)
        return last.codes.get("follow_on", "") if last else ""

    @property
    def clb_open(self) -> bool:
        """Whether it left on the desk's word and no CLB has taken it over yet."""
        last = self.last(Event.DESK_RELEASED, Event.CLB_MISSING)
        return last is not None and last.kind is Event.DESK_RELEASED and "referrer" not in self.parties

    @property
    def erased(self) -> bool:
        """Whether nobody can tell any more whom it was about."""
        return any(h.kind is Event.ERASED and h.codes["what"] != What.MAILS for h in self.history)

    @property
    def legal_hold(self) -> Happened | None:
        """The order that nothing of it may be erased, as long as that stands."""
        last = self.last(Event.LEGAL_HOLD, Event.LEGAL_HOLD_LIFTED)
        return last if last and last.kind is Event.LEGAL_HOLD else None

    def knows(self, mail_id: int) -> bool:
        """Whether that mail was applied to this case already; 0 is a line that was typed, and no mail."""
        return bool(mail_id) and any(h.codes.get("mail") == str(mail_id) for h in self.history)


ABOUT_THE_CLB = (
    Event.CLB_MISSING, Event.FAMILY_ASKED, Event.CLB_ASSIGNED, Event.CLB_DECLINED, Event.SENDER_CONFIRMED,
)  # fmt: skip


def then(case: Case, happened: Happened) -> Case:
    """The case after one more event; raises CannotHappen when the table has no such row."""
    return replay((happened,), case)


def replay(events: Iterable[Happened], start: Case) -> Case:
    """*start* after all of these, in time linear in them; raises CannotHappen when the table has no such row.

    From a case without events: the cache of its row must equal this.
    """
    state, since, opened_at = start.state, start.since, start.opened_at
    provider, letters, added = start.provider, start.letters, tuple(events)
    for happened in added:
        reached = after(state, happened.kind)
        if reached is None:
            raise CannotHappen(f"{happened.kind} cannot happen to a case that is {state}")
        if happened.kind in MOVES:
            since = happened.at if reached != state or since is None else since
            provider = happened.codes.get("provider", provider)
        state, opened_at = reached, opened_at or happened.at
        letters += happened.kind is Event.LETTER_WRITTEN
    return replace(
        start,
        state=state,
        since=since,
        opened_at=opened_at,
        provider=provider,
        letters=letters,
        history=(*start.history, *added),
    )


def filled_in(case: Case, values: Mapping[str, str], at: datetime) -> Case:
    """The case with these values; what they replace is noted, with the mail that came last."""
    came = case.last(Event.MAIL_CAME)
    mail = came.codes.get("mail", "") if came else ""
    gone = tuple(
        Replaced(field=key, was=was, at=at, mail=mail)
        for key, was in case.values.items()
        if was and values.get(key) != was
    )
    return replace(case, values=dict(values), replaced=(*case.replaced, *gone))


def can(case: Case, event: Event) -> bool:
    """Whether the table lets this event happen to the case now."""
    return after(case.state, event) is not None


def timeline(case: Case, zone: tzinfo | None = None) -> tuple[str, ...]:
    """A line per event, `2026-11-23T08:00:00+00:00 provider provider_accepted mail=3`: in that zone."""
    return tuple(
        " ".join(
            [
                (h.at.astimezone(zone) if zone else h.at).isoformat(timespec="seconds"),
                *(h.by, h.kind),
                *(f"{k}={v}" for k, v in sorted(h.codes.items())),
            ]
        )
        for h in case.history
    )

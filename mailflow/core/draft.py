"""A decision being put together: each step goes through the lifecycle's table."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from mailflow.core.case import Case, Happened, filled_in, then
from mailflow.core.copying import AFTER_ALL_LEFT, comes_at_its_end, may_have
from mailflow.core.decision import Decision, Outcome, ProviderMark
from mailflow.core.letters import LETTERS, Kind, Letter, When
from mailflow.core.lifecycle import ENDS, Event, Party
from mailflow.core.pupil import Earlier, Pupil
from mailflow.core.rules import Rules
from mailflow.core.successor import as_of


@dataclass(frozen=True)
class Echo:
    """What was understood on one of several cases."""

    reference: str
    letter: Letter


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """Begins the decisions of one occasion, one for each case: by the same rules, at the same moment."""

    rules: Rules
    now: datetime
    unread: tuple[tuple[str, str], ...] = ()
    pupils: Mapping[Pupil, tuple[Earlier, ...]] = field(default_factory=dict)
    echoes: list[Echo] | None = None
    """These three as in Draft."""

    @property
    def today(self) -> date:
        """The local date of these decisions."""
        return self.now.astimezone(self.rules.calendar.zone).date()

    def on(self, case: Case) -> "Draft":
        """The decision on that case, of which nothing is decided yet."""
        return Draft(
            case=as_of(case, self.today),
            rules=self.rules,
            now=self.now,
            unread=self.unread,
            pupils=self.pupils,
            echoes=self.echoes,
        )


@dataclass
class Draft:
    """A decision being put together: each step goes through the lifecycle's table."""

    case: Case
    rules: Rules
    now: datetime
    opens: bool = False
    letters: list[Letter] = field(default_factory=list)
    voids: list[int] = field(default_factory=list)
    marks: list[ProviderMark] = field(default_factory=list)
    release_at: datetime | None = None
    copy_at: datetime | None = None
    hold: timedelta = timedelta()
    """How long a referral that may leave now waits all the same, so that "oeps" works for the desk as well."""
    trace: list[str] = field(default_factory=list)
    unread: tuple[tuple[str, str], ...] = ()
    """Attachments of the mail that came, that could not be read: name and why."""
    pupils: Mapping[Pupil, tuple[Earlier, ...]] = field(default_factory=dict)
    """The cases there are of each pupil that this occasion may be about."""
    others: list[Decision] = field(default_factory=list)
    """What else this occasion decides, on other cases."""
    echoes: list[Echo] | None = None
    """Where one answer tells what was understood on several cases: the echoes are gathered here instead."""
    muted: frozenset[Kind] = frozenset()
    """Letters of these kinds are not written; *kept_back* says that there was one."""
    kept_back: bool = False
    before: Mapping[str, str] = field(init=False)  # the values before this decision
    _start: int = field(init=False)
    _had_ended: bool = field(init=False)

    def __post_init__(self) -> None:
        self._start, self.before, self._had_ended = self.case.seen, self.case.values, self.case.state in ENDS

    @property
    def today(self) -> date:
        """The local date of this decision."""
        return self.now.astimezone(self.rules.calendar.zone).date()

    def happen(self, kind: Event, by: Party = Party.MAILFLOW, /, **codes: str) -> None:
        """Add an event; raises CannotHappen when the table has no such row."""
        self.case = then(self.case, Happened(at=self.now, kind=kind, by=by, codes=codes))

    def keep(self, values: Mapping[str, str]) -> None:
        """Replace the referral's values; what they were stays with the case, and by which mail they changed."""
        self.case = filled_in(self.case, values, self.now)

    def write(self, letter: Letter, *, when: When | None = None) -> None:
        """Add a letter, not before the moment that its row of LETTERS says (or *when*).

        One to nobody is left out: while the CLB question is open a case has no referrer.
        """
        if not letter.address:
            self.trace.append(f"no letter {letter.kind}: there is no {letter.to} yet")
            return
        if letter.kind in self.muted:
            self.kept_back = True
            self.trace.append(f"no letter {letter.kind}: there was too much talk on this case today")
            return
        if self.echoes is not None and (letter.kind is Kind.ECHO or (letter.kind, letter.to) == (Kind.UNCLEAR, "desk")):
            self.echoes.append(Echo(self.case.reference, letter))
            return
        match when or LETTERS[letter.kind].when:
            case When.AFTER_PAUSE:
                letter = replace(letter, not_before=self.now + self.rules.terms.pause)
            case When.AT_OPENING:
                letter = replace(letter, not_before=self.rules.calendar.next_open(self.now))
        self.happen(Event.LETTER_WRITTEN, n=str(self.case.letters + 1), letter=letter.kind, to=letter.to)
        self.letters.append(letter)

    def void_waiting(self, *kinds: Kind) -> None:
        """Letters of these kinds that have not left will not leave."""
        for number, codes in self.case.waiting_letters().items():
            if codes["letter"] in kinds:
                self.happen(Event.LETTER_VOIDED, n=str(number), letter=codes["letter"])
                self.voids.append(number)

    def copy(self, by: Party, at: datetime | None = None) -> bool:
        """Its referrer gets a copy of the case, made at that moment or now; False when there is nobody to have it."""
        if by is Party.PROVIDER or not may_have(self.case):
            return False
        self.happen(Event.COPY_ASKED, by)
        self.copy_at = at or self.now
        return True

    def decided(self, outcome: Outcome | None = None) -> Decision:
        """The decision as it now stands."""
        if not self._had_ended and self.copy_at is None and comes_at_its_end(self.case, self.rules):
            self.copy(Party.MAILFLOW, self.now + self.rules.terms.pause + AFTER_ALL_LEFT)
        return Decision(
            case=self.case,
            opens=self.opens,
            seen=self._start,
            events=self.case.history[self._start :],
            letters=tuple(self.letters),
            voids=tuple(self.voids),
            release_at=self.release_at,
            copy_at=self.copy_at,
            marks=tuple(self.marks),
            outcome=outcome,
            trace=tuple(self.trace),
            others=tuple(self.others),
        )

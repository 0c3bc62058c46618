"""A provider (aanbieder): what it offers, to whom, and how it is reached."""

from dataclasses import dataclass, field

from mailflow.core.workdays import Calendar


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider (aanbieder): what it offers, to whom, and how it is reached."""

    key: str
    name: str
    address: str
    """The address that referrals go to."""
    addresses: tuple[str, ...] = ()
    """Other full addresses that answer for it: each coach."""
    stand_in: str = ""
    """Where a referral goes when its own address bounces; "" nowhere."""
    domains: tuple[str, ...] = ()
    """Domains that belong to this organisation alone (the colleague rule)."""
    synonyms: tuple[str, ...] = ()
    regions: frozenset[str] = frozenset()
    """Empty: every region."""
    minimum_age: int | None = None
    maximum_age: int | None = None
    subjects: frozenset[str] = frozenset({"pupil"})
    place: str = ""
    about: str = ""
    phone: str = ""
    contact_days: int = 5
    """Working days between dispatch and the first contact with the referrer (an agreement, not a law)."""
    round_table_by: str = "provider"
    """Who calls the first round table: provider or clb."""
    invitation_minutes: int = 0
    """How long a round table takes in the invitation that both sides get for their calendars; 0: none is sent."""
    calendar: Calendar = field(default_factory=Calendar)

"""Is a provider closed for long while a referral waits for its first contact? (zomersluiting)"""

from datetime import datetime, timedelta

from mailflow.core.provider import Provider
from mailflow.core.wording import day_text

LONG = 7
"""So many days in a row without a working day are no weekend: the referrer would wait, and not know why."""


def closed_meanwhile(provider: Provider, leaves: datetime) -> tuple[str, ...]:
    """What its referrer is told (Dutch) of a referral that leaves then; nothing where the provider is at work."""
    calendar = provider.calendar
    first, due = calendar.day_of(leaves), calendar.add_working_days(leaves, provider.contact_days).date()
    days = [first + timedelta(days=n) for n in range((due - first).days + 1)]
    working = [day for day in days if calendar.is_working_day(day)]
    before = [first - timedelta(days=1), *working[:-1]]
    gaps = ((a, b) for a, b in zip(before, working, strict=True) if (b - a).days > LONG)
    return tuple(
        f"{provider.name} is gesloten van {day_text(a + timedelta(days=1))} tot en met "
        f"{day_text(b - timedelta(days=1))}: een eerste telefoon komt ten laatste op {day_text(due)}."
        for a, b in gaps
    )

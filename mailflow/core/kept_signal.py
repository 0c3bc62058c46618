"""A signal for the working group, as it is kept: words without people."""

from dataclasses import dataclass
from datetime import datetime

WHO = {"clb": "een CLB", "provider": "een aanbieder", "desk": "het meldpunt"}
"""Whose a signal is, as people read it: never who."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One signal; its number is that of the mail that brought it."""

    mail: int
    role: str
    """Whose it is: clb, provider or desk."""
    text: str
    at: datetime | None = None
    """When it came, once it is kept."""

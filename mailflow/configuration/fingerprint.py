"""Has anything changed that terms are reckoned by? One hash over calendars, terms and what providers agreed to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailflow.core.provider import Provider
from mailflow.core.rules import Rules


def fingerprint(rules: Rules) -> str:
    """64 hexadecimal digits: the same as long as every term ends at the same moment."""
    agreed = {
        "calendars": [rules.calendar, rules.clb_calendar],
        "terms": rules.terms,
        "providers": {
            key: [one.contact_days, one.round_table_by, one.calendar, *_offer(one)]
            for key, one in sorted(rules.providers.items())
        },
        "next_year_on": rules.next_year_on,
    }
    text = json.dumps(_plain(agreed), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _offer(provider: Provider) -> tuple[object, ...]:
    """What a case can stop to fit by: open ones are looked at again when it changes."""
    return (provider.regions, provider.subjects, provider.minimum_age, provider.maximum_age)


def _plain(value: Any) -> Any:  # noqa: ANN401 - anything a rule is made of
    """*value* as JSON knows it, the same in every process: sets have no order of their own."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, ZoneInfo):
        return value.key
    return value

"""Is this a national register number, and whose birth date does it hold? (rijksregisternummer)"""

import re
from datetime import date

_REGISTER = re.compile(r"(?<![\d+])(\d{2})[ ./-]?(\d{2})[ ./-]?(\d{2})[ ./-]{0,3}(\d{3})[ ./-]{0,3}(\d{2})(?!\d)")


def register_births(text: str) -> set[str]:
    """The ISO birth dates of the national register numbers in *text* (mod 97; bis numbers hold no sure date)."""
    return {born for found in _REGISTER.finditer(text) if (born := _born(found)) is not None}


def without_register_numbers(text: str) -> str:
    """*text* with every valid national register number taken out: it is never kept."""
    return _REGISTER.sub(lambda found: found[0] if _born(found) is None else "[weggelaten]", text)


def _born(found: re.Match[str]) -> str | None:
    """The birth date in a national register number, "" when it is valid and holds none, None when it is not valid."""
    first, check = "".join(found.groups()[:4]), int(found[5])
    year, month, day = (int(found[part]) for part in (1, 2, 3))
    century = 1900 if 97 - int(first) % 97 == check else 2000 if 97 - int("2" + first) % 97 == check else None
    if century is None:
        return None
    try:
        return date(century + year, month, day).isoformat()
    except ValueError:
        return ""

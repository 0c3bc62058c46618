"""Which provider does a referrer name in answer to "welke aanbieder kies je?": one, or no choice at all."""

import re
from collections.abc import Iterable, Mapping

from mailflow.core.known_senders import Clb
from mailflow.core.provider import Provider

LONGEST = 600
"""A choice is a line or two; more than this is for a person."""
_WORD = re.compile(r"[^\W_]+")
# fmt: off
# With one of these in it a mail is no plain choice: "liever niet Time-in", "Time-in of iets anders".
DOUBTS = frozenset({
    "niet", "geen", "nee", "noch", "zonder", "behalve", "nooit", "of", "misschien", "eventueel", "als", "indien",
    "tenzij", "maakt", "belde", "belden", "gebeld", "sprak", "spraken", "gesproken", "zei", "volgens",
})
# fmt: on


def provider_named(written: str, providers: Mapping[str, Provider]) -> str | None:
    """The key of the only provider that *written* names, in words that leave no doubt; else None."""
    if len(written) > LONGEST or "?" in written:
        return None
    words = _words(written)
    if DOUBTS & {*words}:
        return None
    named = {one.key for one in providers.values() if any(_holds(words, name) for name in _names(one))}
    return named.pop() if len(named) == 1 else None


def clb_chosen(written: str, clbs: Iterable[Clb]) -> str | None:
    """The key of the only CLB that *written* names, under the same conditions; the longer of two names that overlap."""
    if len(written) > LONGEST or "?" in written:
        return None
    words = _words(written)
    if DOUBTS & {*words}:
        return None
    named = {one.key: _words(one.name) for one in clbs if _holds(words, one.name)}
    longest = {
        key
        for key, name in named.items()
        if not any(len(other) > len(name) and {*name} < {*other} for other in named.values())
    }
    return longest.pop() if len(longest) == 1 else None


def _names(provider: Provider) -> Iterable[str]:
    return (provider.name, *provider.synonyms)


def _holds(words: list[str], name: str) -> bool:
    wanted = _words(name)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())

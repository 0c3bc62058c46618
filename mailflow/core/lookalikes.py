"""Does a stranger's domain, address or display name look like that of somebody we know?"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from mailflow.core.mail import Address

SHORTEST_NAME = 6
"""A shorter name is one letter off from too many honest ones, and stands in too many others."""
LONGEST_ADDRESS = 320
"""RFC 3696 3: 64 before the @, 255 after it."""
MOST_READ = 500
MOST_TOLD = 100

# Signs that the eye takes for a Latin letter (after Unicode's confusables), and pairs that look like one letter.
# fmt: off
_ALIKE = str.maketrans({
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k", "ӏ": "i",
    "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w", "х": "x",
    "у": "y", "ь": "b",
    # Greek
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u",
    "χ": "x", "γ": "y", "ω": "w", "ϲ": "c",
    # Armenian
    "ց": "g", "հ": "h", "ո": "n", "օ": "o", "ս": "u", "ԍ": "g",
    # Latin letters that no accent explains
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ɑ": "a", "ƅ": "b", "ɡ": "g", "ɩ": "i", "ɪ": "i",
    "ƒ": "f", "ɢ": "g", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ʏ": "y", "ᴠ": "v", "ᴜ": "u", "ᴄ": "c", "ᴇ": "e", "ʙ": "b",
    "ŋ": "n", "ƙ": "k", "ʋ": "v", "ᴏ": "o", "æ": "ae", "œ": "oe",
    # Digits and signs
    "0": "o", "1": "i", "l": "i", "|": "i", "ǀ": "i", "3": "e", "5": "s", "‐": "-", "‑": "-", "–": "-", "_": "-",
})
# fmt: on
_PAIRS = (("rn", "m"), ("vv", "w"))
_DOTS = str.maketrans(dict.fromkeys("。．｡․", "."))
_MAILBOX = re.compile(r"[^\s<>\"(),:;@\[\]\\]{1,64}@[^\s<>\"(),:;@\[\]\\]{1,255}")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;@]{1,64}@([^\s<>\"'(),:;@]{1,255})")


@dataclass(frozen=True)
class Listed:
    """Those whom a stranger can be taken for."""

    domains: tuple[str, ...] = ()
    """That are one organisation's alone, lower case."""
    clb_domains: tuple[str, ...] = ()
    """Those of them that a CLB has."""
    addresses: tuple[str, ...] = ()
    """Full addresses, also at domains that others share."""
    names: tuple[str, ...] = ()
    """Of CLBs, as people write them."""

    @classmethod
    def of(
        cls, clb_domains: Iterable[str], domains: Iterable[str], addresses: Iterable[str], names: Iterable[str]
    ) -> "Listed":
        """These, each once and in lower case; *domains* are those of others."""
        clbs = tuple(dict.fromkeys(map(str.lower, clb_domains)))
        every = dict.fromkeys((*clbs, *map(str.lower, domains)))
        return cls(tuple(every), clbs, tuple(dict.fromkeys(map(str.lower, addresses))), tuple(names))


def canonical(domain: str) -> str:
    """*domain* to compare: lower case, and its xn-- labels read; one that is no true A-label stays as it is.

    "xn--clb-" would read as "clb" and is another domain (RFC 5890 2.3.2.1).
    """
    domain = domain.lower()
    if "xn--" not in domain:
        return domain
    return ".".join(_read_label(label, label) for label in domain.split("."))


def is_in(address: str, listed: Iterable[str]) -> bool:
    """Whether *address* is one of these full addresses, capitals apart."""
    return address.lower() in map(str.lower, listed)


def is_at(address: str, domains: Iterable[str]) -> bool:
    """Whether the domain of *address* is one of these, never one below."""
    domain = canonical(address.rpartition("@")[2])
    return any(domain == canonical(own) for own in domains)


def is_below(address: str, domains: Iterable[str]) -> bool:
    """Whether the domain of *address* ends in a dot and one of these."""
    domain = canonical(address.rpartition("@")[2])
    return any(domain.endswith(f".{canonical(own)}") for own in domains)


def without_tag(address: str) -> str:
    """*address* in lower case, without quotes that mean nothing and without what follows a + before the @."""
    local, _, domain = address.lower().rpartition("@")
    return local.strip('"').partition("+")[0] + f"@{domain}"


def is_plain(address: str) -> bool:
    """Whether *address* is one plain address: what a form names may hold two, or a quoted one within another."""
    return address.isprintable() and _MAILBOX.fullmatch(address) is not None


@dataclass(frozen=True)
class Imitation:
    """An address that can be taken for a listed one: *own* is the listed domain, *how* is English."""

    domain: str
    how: str
    own: str


def imitates(address: str, listed: Listed) -> str:
    """Why the domain of *address*, or all of it, looks like a listed one; "" when it does not, or is one."""
    found = imitation(address, listed)
    if found is None:
        return ""
    return f"the domain {found.domain} {found.how} {found.own}" if found.domain else f"{found.how} {found.own}"


def imitation(address: str, listed: Listed) -> Imitation | None:
    """The same as a value; *domain* is "" where the whole address looks like one at a shared domain."""
    address = address[-LONGEST_ADDRESS:]
    if _is_listed(address, listed):
        return None
    domain = canonical(address.rpartition("@")[2])
    for own in listed.domains:
        if how := _domain_imitates(domain, canonical(own)):
            return Imitation(domain[:MOST_TOLD], how, own)
    for one in listed.addresses:
        if _skeleton(address) == _skeleton(one):
            return Imitation("", "the address looks like a listed one at", one.rpartition("@")[2])
    for own in listed.clb_domains:
        name = _name_of(canonical(own))
        if len(name) >= SHORTEST_NAME and not is_below(address, (own,)) and name in _words(domain):
            return Imitation(domain[:MOST_TOLD], "holds the name of", own)
    return None


def shows(author: Address, listed: Listed) -> str:
    """The listed domain that the display name or the part before the @ shows, though the address lies elsewhere."""
    name = _plain(author.name).replace(author.key, " ")  # many programs show the address as the name
    words = f"{name} {_plain(author.key.rpartition('@')[0])}"
    for own in (*listed.domains, *listed.addresses):
        if own in words:
            return own.rpartition("@")[2]
    return ""


def oddities(author: Address, sender: Address | None, named: Iterable[str], listed: Listed) -> Iterator[str]:
    """What the desk should see beside the verdict, in English and without a full address: none of it decides."""
    if sender and sender.key != author.key:
        where = f"at {sender.domain[:MOST_TOLD]}" if sender.domain else "that cannot be read"
        yield f"Sender is another address than From, {where}"
    name = _plain(author.name)
    other = next((one for one in _ADDRESS.finditer(name) if one[0].strip(".") != author.key), None)
    if other:
        yield f"the display name shows another address, at {other[1][:MOST_TOLD]}"
    if own := next((own for own in listed.domains if is_below(author.key, (own,))), ""):
        yield f"the domain {canonical(author.domain)[:MOST_TOLD]} lies below {own}"
    elif not _is_listed(author.key, listed) and (known := _name_in(name, listed.names)):
        yield f"the display name is that of {known}, the address is not"
    for address in named:
        if why := imitates(address, listed):
            yield f"the form or Reply-To names an address that is not listed: {why}"


def _domain_imitates(domain: str, own: str) -> str:
    if domain == own or domain.endswith(f".{own}"):
        return ""
    if domain.strip(".").endswith(own):
        return "ends like"
    if f".{own}." in f".{domain}" or f".{own}-" in f".{domain}":
        return "begins like"
    tail = ".".join(domain.strip(".").split(".")[-own.count(".") - 1 :])
    for part in dict.fromkeys((domain, tail)):
        ours, theirs = _skeleton(own), _skeleton(part)
        if ours == theirs:
            return "looks like"
        if len(_name_of(own)) >= SHORTEST_NAME and OSA.distance(ours, theirs, score_cutoff=1) <= 1:
            return "is one letter off from"
    return ""


def _is_listed(address: str, listed: Listed) -> bool:
    return is_in(address, listed.addresses) or is_at(address, listed.domains)


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words[:MOST_READ]).casefold()


def _name_of(own: str) -> str:
    """The telling label of a domain: its longest one, the ending apart."""
    return max(own.split(".")[:-1], key=len, default="")


def _words(domain: str) -> frozenset[str]:
    return frozenset(domain.replace("-", ".").split(".")) | frozenset(domain.split("."))


def _name_in(name: str, names: Iterable[str]) -> str:
    return next((one for one in names if len(one) >= SHORTEST_NAME and one.casefold() in name), "")


@lru_cache(maxsize=512)
def _skeleton(domain: str) -> str:
    """What the eye sees: accents off, letters of other scripts and digits as the Latin letter they look like."""
    read = ".".join(_read_label(label, "") or label for label in domain.lower().translate(_DOTS).split("."))
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", read).casefold())
    bare = "".join(sign for sign in flat if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    alike = bare.translate(_ALIKE).strip(".")
    for pair, one in _PAIRS:
        alike = alike.replace(pair, one)
    return alike


def _read_label(label: str, otherwise: str) -> str:
    """The Unicode form of an A-label, *otherwise* when it is none or another label would be written so."""
    if not label.startswith("xn--"):
        return otherwise
    try:
        read = label[4:].encode("ascii").decode("punycode")
        again = read.encode("punycode").decode("ascii")
    except (UnicodeError, ValueError, OverflowError):
        return otherwise
    return read if again == label[4:] and not read.isascii() else otherwise

"""What did the hosts before us see, and is their chain of seals whole? RFC 8617; whom to trust is decided elsewhere."""

from dataclasses import dataclass
from enum import StrEnum

from mailflow.reading.authentication.resolver import Resolver
from mailflow.reading.authentication.signature import Checked, Outcome, signed_names, text, verify, verify_data
from mailflow.reading.authentication.signed_mail import RawField, SignedMail, canonical_field
from mailflow.reading.authentication.tag_list import parse_tags, without_signature

RESULTS, MESSAGE, SEAL = "arc-authentication-results", "arc-message-signature", "arc-seal"
MOST_SETS = 50


class Chain(StrEnum):
    """The state of a chain (RFC 8617 4.4), and the one the DNS keeps from us."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - a result
    FAIL = "fail"
    TEMPORARY = "temporary"


@dataclass(frozen=True)
class ArcSet:
    """What one host added: three fields of the same instance."""

    results: RawField
    message: RawField
    seal: RawField
    message_tags: dict[str, bytes]
    seal_tags: dict[str, bytes]

    @property
    def sealer(self) -> str:
        """The domain of the seal, lower case."""
        return text(self.seal_tags, "d").lower()

    @property
    def signer(self) -> str:
        """The domain that signed the message beside it, lower case."""
        return text(self.message_tags, "d").lower()


def chain_of(mail: SignedMail) -> tuple[ArcSet, ...] | None:
    """The sets, oldest first; empty when there are none, None when they do not form a chain (RFC 8617 5.2, step 3)."""
    fields = [(name, field) for name in (RESULTS, MESSAGE, SEAL) for field in mail.named(name)]
    if not fields:
        return ()
    found: dict[tuple[int, str], RawField] = {}
    for name, field in fields:
        number = _instance(name, field)
        if number is None or (number, name) in found:
            return None
        found[number, name] = field
    last = max(number for number, _ in found)
    if len(found) != 3 * last:
        return None
    sets = [_set(found, number) for number in range(1, last + 1)]
    whole = [one for one in sets if one is not None]
    return tuple(whole) if len(whole) == last else None


def check_arc(mail: SignedMail, sets: tuple[ArcSet, ...] | None, resolver: Resolver) -> Chain:
    """Whether the newest signature over the message and every seal are right (RFC 8617 5.2, steps 4 to 6)."""
    if sets is None:
        return Chain.FAIL
    if not sets:
        return Chain.NONE
    newest = sets[-1]
    made = verify(mail, newest.message, newest.message_tags, resolver, form="relaxed")
    if isinstance(made, Checked):
        return _failed(made)
    for number in range(len(sets), 0, -1):
        sealed = verify_data(_sealed_data(sets[:number]), sets[number - 1].seal_tags, resolver)
        if isinstance(sealed, Checked):
            return _failed(sealed)
    return Chain.PASS


def results_of(one: ArcSet) -> str:
    """The set's Authentication-Results, without the instance in front."""
    return one.results.value.partition(b";")[2].decode("utf-8", "replace")


def _failed(checked: Checked) -> Chain:
    return Chain.TEMPORARY if checked.outcome is Outcome.TEMPORARY else Chain.FAIL


def _instance(name: str, field: RawField) -> int | None:
    if name == RESULTS:
        head, semicolon, _ = field.value.partition(b";")
        tags = parse_tags(head) if semicolon else None
    else:
        tags = parse_tags(field.value)
    number = tags.get("i", b"") if tags else b""
    return int(number) if number.isdigit() and len(number) <= 2 and 1 <= int(number) <= MOST_SETS else None


def _set(found: dict[tuple[int, str], RawField], number: int) -> ArcSet | None:
    message, seal = found[number, MESSAGE], found[number, SEAL]
    message_tags, seal_tags = parse_tags(message.value) or {}, parse_tags(seal.value) or {}
    names = signed_names(message_tags) or [SEAL]
    right = (
        all(tag in message_tags for tag in ("a", "b", "bh", "d", "h", "s"))
        and all(tag in seal_tags for tag in ("a", "b", "cv", "d", "s"))
        and SEAL not in names
        and "from" in names
        and "h" not in seal_tags
        and seal_tags["cv"].lower() == (b"none" if number == 1 else b"pass")
    )
    return ArcSet(found[number, RESULTS], message, seal, message_tags, seal_tags) if right else None


def _sealed_data(sets: tuple[ArcSet, ...]) -> bytes:
    """What the seal of the last of *sets* covers (RFC 8617 5.1.1): every set so far, relaxed, its own b= left empty."""
    fields = [field for one in sets for field in (one.results.whole, one.message.whole, one.seal.whole)]
    fields[-1] = without_signature(fields[-1])
    return b"".join(canonical_field(whole, "relaxed") for whole in fields).removesuffix(b"\r\n")

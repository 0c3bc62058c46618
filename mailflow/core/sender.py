"""Who wrote this, and may they? A table of small questions; the answer keeps its reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.known_senders import Clb, FormService, Meaning, Remembered, Senders, clb_of, provider_of
from mailflow.core.lookalikes import imitates, is_plain, oddities, shows, without_tag
from mailflow.core.mail import Address, Machine, Notice, Proof, ProofResult


class Disposition(StrEnum):
    """What is done with a mail because of its sender."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    INVOLVE_CLB = "involve_clb"
    HOLD = "hold"
    REJECT = "reject"
    """Quarantine: kept, shown to the desk, never answered."""
    DISCARD = "discard"


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What the questions look at."""

    author: Address
    authors: int
    from_fields: int
    proof: Proof
    notice: Notice
    named: tuple[str, ...]
    """Addresses that the form or Reply-To names, lower case."""
    senders: Senders
    sender: Address | None = None
    """The Sender field: it never proves anybody, the desk sees that it differs."""
    website: bool = False
    """Whether a web form made this mail, so that the domain proves a site and not who filled in its form."""
    reply_to: tuple[str, ...] = ()
    """Lower case."""
    addressees: tuple[str, ...] | None = None
    """Whom To and Cc name; None: not told."""
    remembered: Remembered | None = None
    """What the desk said of this author, or its domain, before."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is done, as whom the sender counts, and why (reasons in English, for `mail N` and `inspect`)."""

    disposition: Disposition
    role: str
    """clb, provider, desk, form_service, school, other or machine."""
    organisation: str | None = None
    """Key of the CLB or provider."""
    address: str = ""
    """Whom the verdict is about: the author, or the CLB address that a form named. Lower case."""
    question: str = ""
    """The name of the question that decided."""
    proven: bool
    """Whether the author is proven, and wrote to us."""
    remembered: Meaning | None = None
    """What the desk said of this sender before."""
    reasons: tuple[str, ...] = ()


Question = Callable[[Writer], "Answer | None"]
Answer = tuple[Disposition, str, str | None, str, str]
"""(what is done, role, organisation, address, reason)."""


def is_our_own_letter(writer: Writer) -> Answer | None:
    """Our own mail came back to us (RFC 3834 2: never answer yourself)."""
    if _is_own(writer) or writer.notice.kind is Machine.LOOP:
        return Disposition.DISCARD, "machine", None, writer.author.key, "our own letter came back"
    return None


def is_machine_mail(writer: Writer) -> Answer | None:
    """Nobody wrote it: never answered, never changes a state."""
    if writer.notice.kind is not None:
        return Disposition.DISCARD, "machine", None, writer.author.key, f"machine mail: {writer.notice.why}"
    return None


def is_unreadable(writer: Writer) -> Answer | None:
    """Without exactly one author nobody can be proven (RFC 5322 3.6 allows one From field; DMARC needs one mailbox)."""
    if (writer.from_fields, writer.authors) != (1, 1):
        why = f"{writer.from_fields} From fields, {writer.authors} addresses in them: the author is not certain"
        return Disposition.HOLD, "other", None, "", why
    if not all(writer.author.address.rpartition("@")) or not writer.author.address.isprintable():
        return Disposition.HOLD, "other", None, "", "the From address cannot be read"
    return None


def proof_fails(writer: Writer) -> Answer | None:
    """The domain's owner says that this is forged (DMARC fails under quarantine or reject)."""
    if writer.proof.result is not ProofResult.FAIL:
        return None
    reason = f"the sender's domain disowns this mail: {writer.proof.reason}"
    clb = clb_of(writer.author.key, writer.senders.clbs)
    return Disposition.REJECT, "clb" if clb else "other", clb.key if clb else None, writer.author.key, reason


def is_the_desk(writer: Writer) -> Answer | None:
    """A meldpunt worker's full address: judged before the CLB list, since it may lie on a CLB domain."""
    if writer.author.key not in writer.senders.desk:
        return None
    if _doubt(writer) is None:
        return Disposition.ACCEPT, "desk", None, writer.author.key, "the desk's address, proven"
    return Disposition.HOLD, "desk", None, writer.author.key, f"the desk's address without proof: {_doubt(writer)}"


def is_rewritten_by_a_list(writer: Writer) -> Answer | None:
    """A list put itself in From ("An via Lijst"): its proof is not hers, also where it lies at a CLB's domain."""
    author, known = writer.author, writer.senders
    if " via " not in author.name.casefold() or _service_of(author, known) or provider_of(author.key, known.providers):
        return None
    if author.domain not in known.lists or writer.proof.result is not ProofResult.PASS:
        return Disposition.HOLD, "other", None, author.key, "somebody via a list that is not listed or not proven"
    for address, clb in _named_clbs(writer):
        return Disposition.CONFIRM, "clb", clb.key, address, "a listed list passed on the mail of a listed CLB address"
    return Disposition.HOLD, "other", None, author.key, "a listed list, and no CLB address is named"


def is_a_form_on_a_clb_site(writer: Writer) -> Answer | None:
    """A public form on a CLB's own site: anybody can have filled it in, so the CLB worker whom it names confirms."""
    clb = clb_of(writer.author.key, writer.senders.clbs)
    if clb is None or not writer.website:
        return None
    for address, named in _named_clbs(writer):
        why = "a form on a CLB's site names the address of a listed CLB"
        return Disposition.CONFIRM, "form_service", named.key, address, why
    why = "a form on a CLB's site names no CLB worker"
    return Disposition.INVOLVE_CLB, "form_service", None, writer.author.key, why


def is_a_proven_clb(writer: Writer) -> Answer | None:
    """A listed CLB domain with an aligned pass: only a CLB worker may refer (FAQ, stated twice)."""
    clb = clb_of(writer.author.key, writer.senders.clbs)
    if clb and _doubt(writer) is None:
        if any(clb_of(address, writer.senders.clbs) is None for address in writer.reply_to):
            # So does a site's form, with its visitor in Reply-To; a worker with a second mailbox says so with one tap.
            why = "address of a listed CLB, proven, but the answer is wanted at an address of no CLB"
            return Disposition.CONFIRM, "clb", clb.key, writer.author.key, why
        why = f"address of a listed CLB, proven by {writer.proof.method}"
        return Disposition.ACCEPT, "clb", clb.key, writer.author.key, why
    return None


def is_an_unproven_clb(writer: Writer) -> Answer | None:
    """A listed CLB domain, and nothing proves it: that address is asked to confirm."""
    clb = clb_of(writer.author.key, writer.senders.clbs)
    if clb and not is_plain(writer.author.key):
        # "x@evil.example> <an"@clb.example: some server on the way may deliver what is within the quotes.
        why = "address of a listed CLB without proof, and no plain one: nothing is written to it"
        return Disposition.HOLD, "clb", clb.key, writer.author.key, why
    if clb:
        reason = f"address of a listed CLB without proof: {_doubt(writer)}"
        return Disposition.CONFIRM, "clb", clb.key, writer.author.key, reason
    return None


def is_a_form_service(writer: Writer) -> Answer | None:
    """A listed form service: the CLB address it names is the referrer, and confirms unless its login is trusted."""
    if not (service := _service_of(writer.author, writer.senders)):
        return None
    found = dict(_named_clbs(writer))
    trusted = service.trusted_login and _doubt(writer) is None and len(found) == 1
    for address, clb in found.items():
        done = Disposition.ACCEPT if trusted else Disposition.CONFIRM
        return done, "form_service", clb.key, address, "a listed form service names the address of a listed CLB"
    return Disposition.INVOLVE_CLB, "form_service", None, writer.author.key, "a form service that names no CLB address"


def is_a_provider(writer: Writer) -> Answer | None:
    """A provider's address; whether it may answer on a case is judged with that case."""
    if provider := provider_of(writer.author.key, writer.senders.providers):
        return Disposition.ACCEPT, "provider", provider.key, writer.author.key, "address of a listed provider"
    return None


def is_to_be_ignored(writer: Writer) -> Answer | None:
    """The desk said so before; a listed party is judged above this."""
    if writer.remembered and writer.remembered.meaning is Meaning.IGNORE:
        return Disposition.DISCARD, "other", None, writer.author.key, "the desk said to ignore this sender"
    return None


def looks_like_a_listed_party(writer: Writer) -> Answer | None:
    """A domain made to be taken for a listed one: never confirmed, never answered; a person looks."""
    if _is_family(writer):
        return None
    why = imitates(writer.author.key, writer.senders.listed)
    return (Disposition.HOLD, "other", None, writer.author.key, why) if why else None


def names_a_listed_clb_address(writer: Writer) -> Answer | None:
    """Another domain, but the form names an address at a listed CLB: *that* address is asked to confirm."""
    for address, clb in _named_clbs(writer):
        return Disposition.CONFIRM, "clb", clb.key, address, "the form names an address of a listed CLB"
    return None


def shows_a_listed_address(writer: Writer) -> Answer | None:
    """The display name holds a listed party's address, and the address is another: the eye reads the first."""
    own = "" if _is_family(writer) else shows(writer.author, writer.senders.listed)
    return (Disposition.HOLD, "other", None, writer.author.key, f"the name shows an address at {own}") if own else None


def is_anyone_else(writer: Writer) -> Answer:
    """A parent, a facility, a school, anyone: not refused, the CLB is involved (FAQ)."""
    return Disposition.INVOLVE_CLB, "other", None, writer.author.key, "no CLB, provider or desk address"


def _is_family(writer: Writer) -> bool:
    """The desk looked at this sender before, and said that it is a parent, a facility or a school."""
    return writer.remembered is not None and writer.remembered.meaning is Meaning.FAMILY


def _service_of(author: Address, senders: Senders) -> FormService | None:
    return next((one for one in senders.form_services if one.domain.lower() == author.domain), None)


def _named_clbs(writer: Writer) -> list[tuple[str, Clb]]:
    """The addresses that the form and Reply-To name and a CLB has; each one plain mailbox."""
    return [(one, clb) for one in filter(is_plain, writer.named) if (clb := clb_of(one, writer.senders.clbs))]


def _is_own(writer: Writer) -> bool:
    """One of our addresses, or a + form of it; a meldpunt worker may have such a form for herself."""
    key, own = writer.author.key, writer.senders.own
    return key in own or (without_tag(key) in own and key not in writer.senders.desk)


def _doubt(writer: Writer) -> str | None:
    """Why this may be somebody else's mail, None when the author is proven."""
    if writer.proof.result is not ProofResult.PASS:
        return writer.proof.reason
    # A signature names no recipient: whoever had the mail can have sent it on to us. SPF saw the author's own host.
    if writer.addressees is None or writer.proof.method not in ("dkim", "authentication-results"):
        return None
    to_us = any(without_tag(address) in writer.senders.own for address in writer.addressees)
    return None if to_us else "it is not addressed to us, so that anybody can have sent it on"


# fmt: off
QUESTIONS: dict[Question, tuple[Disposition, ...]] = {
    # asked in this order        what can come of it; without an answer the next one is asked
    is_our_own_letter:           (Disposition.DISCARD,),
    is_machine_mail:             (Disposition.DISCARD,),
    is_unreadable:               (Disposition.HOLD,),
    proof_fails:                 (Disposition.REJECT,),
    is_the_desk:                 (Disposition.ACCEPT, Disposition.HOLD),
    is_rewritten_by_a_list:      (Disposition.CONFIRM, Disposition.HOLD),
    is_a_form_on_a_clb_site:     (Disposition.CONFIRM, Disposition.INVOLVE_CLB),
    is_a_proven_clb:             (Disposition.ACCEPT, Disposition.CONFIRM),
    is_an_unproven_clb:          (Disposition.CONFIRM, Disposition.HOLD),
    is_a_form_service:           (Disposition.ACCEPT, Disposition.CONFIRM, Disposition.INVOLVE_CLB),
    is_a_provider:               (Disposition.ACCEPT,),
    is_to_be_ignored:            (Disposition.DISCARD,),
    looks_like_a_listed_party:   (Disposition.HOLD,),
    names_a_listed_clb_address:  (Disposition.CONFIRM,),
    shows_a_listed_address:      (Disposition.HOLD,),
    is_anyone_else:              (Disposition.INVOLVE_CLB,),
}
# fmt: on


def judge(writer: Writer) -> Verdict:
    """The first question that has an answer; the reasons name what is odd, then every question asked."""
    asked = [f"odd: {what}" for what in oddities(writer.author, writer.sender, writer.named, writer.senders.listed)]
    if writer.remembered:
        asked.append(f"remembered by the desk: {writer.remembered.meaning} {writer.remembered.clb}".strip())
    for question in QUESTIONS:
        answer, name = question(writer), question.__name__.replace("_", " ")
        if answer:
            done, role, organisation, address, reason = answer
            why = (*asked, f"{name}: yes, {reason}")
            return Verdict(
                disposition=done,
                role=role,
                organisation=organisation,
                address=address.lower(),
                question=question.__name__,
                proven=_doubt(writer) is None,
                remembered=writer.remembered.meaning if writer.remembered else None,
                reasons=why,
            )
        asked.append(f"{name}: no")
    raise AssertionError("the last question always has an answer")  # pragma: no cover - unless somebody reorders them

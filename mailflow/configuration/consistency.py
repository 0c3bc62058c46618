"""Do the configuration files agree with each other, and is what they say together safe?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailflow.configuration.config_files import CLBS, MAIN, POSTCODES, PROVIDERS
from mailflow.configuration.draft import Draft, Entry
from mailflow.configuration.kinds import is_loopback
from mailflow.configuration.mistakes import place
from mailflow.configuration.organisations import ProviderTable
from mailflow.configuration.problems import Problem, did_you_mean
from mailflow.configuration.schema import MailboxTable, SendingTable
from mailflow.core.places import plain

# At these anybody, or any school, has an address: whoever proves to write from there has proven nothing (design 3).
SHARED_DOMAINS = frozenset({
    # free mail
    "gmail.com", "googlemail.com", "outlook.com", "outlook.be", "hotmail.com", "hotmail.be", "hotmail.fr", "live.com",
    "live.be", "msn.com", "yahoo.com", "yahoo.fr", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "gmx.com", "gmx.net", "gmx.de", "mail.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "zoho.com",
    # access providers
    "telenet.be", "pandora.be", "skynet.be", "proximus.be", "belgacom.net", "scarlet.be", "voo.be", "base.be",
    "edpnet.be", "mobistar.be", "orange.be", "brutele.be",
    # shared by schools, or the addresses of a website
    "g-o.be", "vrijclb.be", "onderwijs.vlaanderen.be", "vlaanderen.be", "katholiekonderwijs.vlaanderen",
    "smartschool.be",
})  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """An address or a domain that one line of the configuration gives to somebody."""

    value: str
    owner: str
    """Told apart by this: two claims of one owner do not clash."""
    file: str
    where: str
    subdomains: bool = False


def compare(draft: Draft, environment: Mapping[str, str]) -> list[Problem]:
    """Everything that the files say against each other."""
    return [
        *_shared_domains(draft),
        *_used_twice(draft),
        *_shared_names(draft),
        *_clashing_addresses(draft),
        *_clashing_domains(draft),
        *_somebody_elses_domain(draft),
        *_unknown_regions(draft),
        *_neighbours(draft),
        *_nobody_listed(draft),
        *_open_connections(draft),
        *_token_logins(draft),
        *_no_way_in(draft),
        *_mailboxes(draft),
        *_demo_clock(draft, environment),
    ]


def domain_claims(draft: Draft) -> list[Claim]:
    """Every domain that is said to be one organisation's alone."""
    clbs = [
        Claim(domain, f"CLB {one.table.key}", CLBS, place(one.where, "domains", number), one.table.subdomains)
        for one in draft.clbs
        for number, domain in enumerate(one.table.domains)
    ]
    services = [
        Claim(one.table.domain, f"form service {one.table.domain}", CLBS, place(one.where, "domain"))
        for one in draft.form_services
        if one.table.domain
    ]
    providers = [
        Claim(domain, f"provider {one.table.key}", PROVIDERS, place(one.where, "domains", number))
        for one in draft.providers
        for number, domain in enumerate(one.table.domains)
    ]
    return [*clbs, *services, *providers]


def address_claims(draft: Draft) -> list[Claim]:
    """Every full address, and whose it is said to be; our own first, since its owner cannot give way."""
    desk = draft.main.meldpunt
    claims = [Claim(desk.address.lower(), "the meldpunt itself", MAIN, "meldpunt.address")] if desk.address else []
    claims += [
        Claim(address.lower(), "the desk's workers", MAIN, place("meldpunt.workers", number))
        for number, address in enumerate(desk.workers)
    ]
    if desk.stand_in:
        claims.append(Claim(desk.stand_in.lower(), "who stands in for the workers", MAIN, "meldpunt.stand_in"))
    claims += [
        Claim(address.lower(), f"CLB {one.table.key}", CLBS, place(one.where, "addresses", number))
        for one in draft.clbs
        for number, address in enumerate(one.table.addresses)
    ]
    return claims + [
        Claim(address.lower(), f"provider {one.table.key}", PROVIDERS, where)
        for one in draft.providers
        for where, address in _provider_addresses(one)
    ]


def _provider_addresses(one: Entry[ProviderTable]) -> Iterator[tuple[str, str]]:
    if one.table.address:
        yield place(one.where, "address"), one.table.address
    for number, address in enumerate(one.table.addresses):
        yield place(one.where, "addresses", number), address
    if one.table.stand_in:
        yield place(one.where, "stand_in"), one.table.stand_in


def _shared_domains(draft: Draft) -> Iterator[Problem]:
    for claim in domain_claims(draft):
        if claim.value in SHARED_DOMAINS:
            what = f"{claim.value} is shared by many people, so it proves nobody"
            yield Problem(claim.file, claim.where, what, "Take it out and list full addresses under addresses.")


def _used_twice(draft: Draft) -> Iterator[Problem]:
    named: tuple[tuple[str, str, list[tuple[str, str]]], ...] = (
        (MAIN, "name", [(one.where, one.table.name) for one in draft.mailboxes]),
        (CLBS, "key", [(one.where, one.table.key) for one in draft.clbs]),
        (CLBS, "domain", [(one.where, one.table.domain) for one in draft.form_services]),
        (PROVIDERS, "key", [(one.where, one.table.key) for one in draft.providers]),
    )
    for file, key, entries in named:
        first: dict[str, str] = {}
        for where, value in entries:
            if value and first.setdefault(value, where) != where:
                what = f"{value} is already the {key} of {first[value]}"
                yield Problem(file, place(where, key), what, "Give each its own, or take one out.")


def _shared_names(draft: Draft) -> Iterator[Problem]:
    """A name that two providers answer to says on a form nothing at all."""
    first: dict[str, Entry[ProviderTable]] = {}
    for one in draft.providers:
        named = [("key", one.table.key), ("name", one.table.name)]
        named += [(place("synonyms", number), synonym) for number, synonym in enumerate(one.table.synonyms)]
        for key, name in named:
            other = first.setdefault(plain(name), one) if plain(name) else one
            if other is not one and key != "key":
                what = f"{name!r} already means {other.where} ({other.table.key})"
                yield Problem(PROVIDERS, place(one.where, key), what, "Give each provider names of its own.")


def _clashing_addresses(draft: Draft) -> Iterator[Problem]:
    first: dict[str, Claim] = {}
    for claim in address_claims(draft):
        other = first.setdefault(claim.value, claim)
        if other.owner != claim.owner:
            what = f"{claim.value} is also listed for {other.owner} ({other.file}: {other.where})"
            yield Problem(claim.file, claim.where, what, "An address can answer for one party only: keep one.")


def _clashing_domains(draft: Draft) -> Iterator[Problem]:
    seen: list[Claim] = []
    for claim in domain_claims(draft):
        for other in seen:
            if other.owner != claim.owner and (_covers(other, claim.value) or _covers(claim, other.value)):
                what = f"{claim.value} is also listed for {other.owner} ({other.file}: {other.where})"
                yield Problem(
                    claim.file, claim.where, what, "A domain listed here is one organisation's alone: keep one."
                )
                break
        seen.append(claim)


def _somebody_elses_domain(draft: Draft) -> Iterator[Problem]:
    """A provider's address at a CLB's domain would be taken for that CLB, and its answers lost."""
    domains = domain_claims(draft)
    for claim in address_claims(draft):
        if not claim.owner.startswith(("provider ", "CLB ")):
            continue  # the desk is judged before the lists: its people may have an address at a CLB
        domain = claim.value.rpartition("@")[2]
        owner = next((other for other in domains if other.owner != claim.owner and _covers(other, domain)), None)
        if owner:
            what = f"{claim.value} lies at a domain of {owner.owner} ({owner.file}: {owner.where})"
            yield Problem(claim.file, claim.where, what, "Use an address elsewhere, or take that domain out.")


def _covers(claim: Claim, domain: str) -> bool:
    return domain == claim.value or (claim.subdomains and domain.endswith(f".{claim.value}"))


def _unknown_regions(draft: Draft) -> Iterator[Problem]:
    regions = sorted({one.region for one in draft.places})
    for one in draft.providers if regions else ():
        for number, region in enumerate(one.table.regions):
            if region not in regions:
                what = f"{region!r} is no region of {POSTCODES}"
                yield Problem(PROVIDERS, place(one.where, "regions", number), what, did_you_mean(region, regions))


def _neighbours(draft: Draft) -> Iterator[Problem]:
    """A pupil has one meldpunt: no postcode belongs to two neighbours, and only one takes whatever is left."""
    taken: list[tuple[str, str, str]] = []
    unread = {problem.key.partition(".")[0] for problem in draft.problems if ".postcodes" in problem.key}
    for one in (one for one in draft.neighbours if one.where not in unread):
        for text in one.table.postcodes or ("0000-0000",):  # none: what is left
            first, _, last = text.partition("-")
            other = next((where for low, high, where in taken if low <= last and first <= high), "")
            if other:
                what = f"{text} is already among those of {other}" if one.table.postcodes else f"so does {other}"
                said = what if one.table.postcodes else f"names no postcodes, and {what}"
                yield Problem(CLBS, place(one.where, "postcodes"), said, "Each postcode belongs to one meldpunt.")
            taken.append((first, last, one.where))


def _nobody_listed(draft: Draft) -> Iterator[Problem]:
    wrong = {(one.file, one.key.partition(".")[0]) for one in draft.problems}
    if not draft.providers and PROVIDERS not in draft.unread and (PROVIDERS, "provider") not in wrong:
        yield Problem(PROVIDERS, "", "no provider is listed", "Add a [[provider]] with key, name and address.")
    if not draft.clbs and CLBS not in draft.unread and (CLBS, "clb") not in wrong:
        yield Problem(CLBS, "", "no CLB is listed, so nobody can refer", "Add a [[clb]] with key, name and domains.")
    for one in draft.clbs:
        # Where another line of it is wrong, its domain may be that very line.
        if not one.table.domains and not one.table.addresses and (CLBS, one.where) not in wrong:
            what = "neither domains nor addresses, so nobody can write for this CLB"
            yield Problem(CLBS, one.where, what, "List its mail domain, or full addresses.")


def _open_connections(draft: Draft) -> Iterator[Problem]:
    named = [("sending", draft.main.sending.security, draft.main.sending.host)]
    named += [(one.where, one.table.security, one.table.host) for one in draft.mailboxes]
    for where, security, host in named:
        if security == "none" and not is_loopback(host):
            what = "without TLS, mail and password would cross the network in the clear"
            yield Problem(
                MAIN, place(where, "security"), what, 'Write "tls" or "starttls"; "none" is for 127.0.0.1 only.'
            )
    listener = draft.main.listener
    if bool(listener.certificate) != bool(listener.key):
        missing = "key" if listener.certificate else "certificate"
        yield Problem(MAIN, f"listener.{missing}", "is missing", "certificate and key go together: give both or none.")


def _token_logins(draft: Draft) -> Iterator[Problem]:
    tables: list[tuple[str, MailboxTable | SendingTable]] = [("sending", draft.main.sending)]
    tables += [(one.where, one.table) for one in draft.mailboxes]
    for where, table in tables:
        if table.login == "password":
            for key in ("token_url", "client_id", "scope"):
                if getattr(table, key):
                    what = "is for a login with a token"
                    yield Problem(MAIN, place(where, key), what, 'Write login = "xoauth2", or take it out.')
            continue
        for key in ("user", "client_id"):
            if not getattr(table, key):
                yield Problem(MAIN, place(where, key), "is missing", "Fill it in: a login with a token needs it.")
        url = urlsplit(table.token_url)
        if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))):
            what = "is missing" if not table.token_url else "is no address that a secret can be sent to"
            remedy = 'Write "https://...", such as "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token".'
            yield Problem(MAIN, place(where, "token_url"), what, remedy)


def _no_way_in(draft: Draft) -> Iterator[Problem]:
    if not draft.main.listener.enabled and not draft.mailboxes:
        yield Problem(MAIN, "listener.enabled", "no mail can come in", "Write true, or add a [[mailbox]].")


def _mailboxes(draft: Draft) -> Iterator[Problem]:
    for one in draft.mailboxes:
        folders = [one.table.folder, one.table.done, one.table.failed]
        if len({folder.casefold() for folder in folders}) < len(folders):
            what = "folder, done and failed must differ: mail leaves the folder it is read from"
            yield Problem(MAIN, one.where, what, "Give each another name.")


def _demo_clock(draft: Draft, environment: Mapping[str, str]) -> Iterator[Problem]:
    if not draft.main.demo.clock:
        return
    main = draft.main
    reasons = {
        "MAILFLOW_DEMO=1 is not in the environment": environment.get("MAILFLOW_DEMO") != "1",
        "the listener is not on 127.0.0.1": main.listener.enabled and not is_loopback(main.listener.host),
        "letters go to another machine": not is_loopback(main.sending.host),
        "a mailbox is read": bool(draft.mailboxes),
    }
    if against := [reason for reason, holds in reasons.items() if holds]:
        what = f"a clock that can jump is for the demo only ({'; '.join(against)})"
        remedy = (
            "Take [demo] out: real cases run on real time. In the demo's folder: MAILFLOW_DEMO=1 before the command."
        )
        yield Problem(MAIN, "demo.clock", what, remedy)

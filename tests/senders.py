"""Who mails us, truly and by tricks: each mail with its way here, and what is to be made of it, written by hand."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from mailflow.core.known_senders import Clb, FormService
from mailflow.core.mail import Envelope
from mailflow.core.rules import ProofRules, Rules
from mailflow.settings import load

sys.path.append(str(Path(__file__).parent / "reading"))  # pytest adds it only when it collects that folder

from signers import NOW, SIGNED, ed25519_signer, rsa_signer, seal, sign, tiny_signer

KEY, EVIL, FORUM = rsa_signer(), rsa_signer(name="evil"), rsa_signer(name="forum")
WITH_REPLY_TO = (*SIGNED, "reply-to")
AN, PARENT, STRANGER = b"An Peeters <an@vclbleuven.be>", b"ouder@familie.example", b"x@evil.example"
CYRILLIC = "vсlbleuven.be"
"""The second letter is Cyrillic."""

SHIPPED = load(None).rules
RULES = replace(
    SHIPPED,
    desk=replace(SHIPPED.desk, workers=("jo@vclbleuven.be",)),
    clbs=(
        Clb(key="leuven", name="Vrij CLB Leuven", domains=("vclbleuven.be",)),  # asks to reject
        Clb(key="oost", name="Vrij CLB Brabant Oost", domains=("vrijclbbro.be",)),  # asks nothing
        Clb(key="vgc", name="CLB van de VGC", domains=("clbvgc.be",)),  # only watches
        Clb(key="kust", name="CLB Kust", domains=("kust.example",), subdomains=True),
        Clb(key="go", name="GO! CLB", addresses=("clb@scholen.example",)),
    ),
    form_services=(FormService(domain="forms.example"), FormService(domain="login.example", trusted_login=True)),
    proof=ProofRules(
        authserv_id="mx.meldpunt.example", own_hosts=("mx.meldpunt.example",), arc_sealers=("forum.example",)
    ),
)
EXCHANGE = replace(RULES, proof=replace(RULES.proof, exchange_online=True))

# The stranger's domains: each in good order, all sent from one host.
OF_THE_STRANGER = (
    "evil.example", "vclbleuven.be.evil.example", "evil-vclbleuven.be", "vclbleuvem.be", "vclbieuven.be", "vclbleuven.com",
    "xn--vclbleuven-.be", CYRILLIC.encode("idna").decode(), "evil-login.example",
)  # fmt: skip
OPEN_TO = "v=spf1 ip4:{} -all"
ZONE = {
    "vclbleuven.be": {"TXT": [OPEN_TO.format("192.0.2.10")]},
    "_dmarc.vclbleuven.be": {"TXT": ["v=DMARC1; p=reject; sp=none"]},
    "s1._domainkey.vclbleuven.be": {"TXT": [KEY.record()]},
    "ed._domainkey.vclbleuven.be": {"TXT": [ed25519_signer().record()]},
    "tiny._domainkey.vclbleuven.be": {"TXT": [tiny_signer().record()]},
    "vrijclbbro.be": {"TXT": [OPEN_TO.format("192.0.2.20")]},
    "s1._domainkey.vrijclbbro.be": {"TXT": [KEY.record()]},
    "clbvgc.be": {"TXT": [OPEN_TO.format("192.0.2.30")]},
    "_dmarc.clbvgc.be": {"TXT": ["v=DMARC1; p=none"]},
    "_dmarc.kust.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    "s1._domainkey.kust.example": {"TXT": [KEY.record()]},
    **{
        f"s1._domainkey.{domain}": {"TXT": [KEY.record()]}
        for domain in ("scholen.example", "forms.example", "login.example", "naft-vbo.example", "familie.example")
    },
    **{domain: {"TXT": [OPEN_TO.format("203.0.113.66")]} for domain in OF_THE_STRANGER},
    "s1._domainkey.evil.example": {"TXT": [EVIL.record()]},
    "s1._domainkey.be": {"TXT": [EVIL.record()]},
    "s1._domainkey.forum.example": {"TXT": [FORUM.record()]},
    "s1._domainkey.liars.example": {"TXT": [EVIL.record()]},
}

US, DESK = ("meldpunt@meldpunt.example",), b"meldpunt@meldpunt.example"
CLB_HOST = Envelope(client_ip="192.0.2.10", mail_from="an@vclbleuven.be", helo="mx.vclbleuven.be", recipients=US)
ELSEWHERE = Envelope(client_ip="203.0.113.66", mail_from="x@evil.example", helo="mx.evil.example", recipients=US)
FORGED = replace(ELSEWHERE, mail_from="an@vclbleuven.be")
INNER = Envelope(client_ip="127.0.0.1", mail_from="an@vclbleuven.be", recipients=US)
MAILBOX = Envelope(via="imap", recipients=US)

FORM = b"""\
Naam aanmelder: An Peeters\r
CLB: Vrij CLB Leuven\r
Telefoon aanmelder: 016 12 34 56\r
Voornaam: Noor\r
Achternaam: Voorbeeld\r
Geboortedatum: 12/03/2011\r
Woonplaats: 3000 Leuven\r
School: Sint-Voorbeeld Leuven\r
Ouders akkoord: ja\r
Aanleiding: komt sinds september amper nog op school\r
Gewenste aanbieder: NAFT VBO\r
"""
NAMES_AN = FORM + b"E-mail aanmelder: an@vclbleuven.be\r\n"
FORWARDED = (
    b"Zie onder.\r\n\r\n-----Oorspronkelijk bericht-----\r\nVan: An Peeters <an@vclbleuven.be>\r\n"
    b"Verzonden: maandag 23 november 2026 9:00\r\nAan: Bram Claes <bram@vclbleuven.be>\r\nOnderwerp: Aanmelding\r\n\r\n"
) + NAMES_AN


def mail(author=AN, body=FORM, *, more=b"", to=DESK):
    """A mail of *author*, with more fields below the usual ones."""
    return (
        b"From: " + author + b"\r\nTo: " + to + b"\r\nSubject: Aanmelding\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n"
        b"Message-ID: <1@mail.example>\r\n" + more + b"\r\n" + body
    )


def signed(author=AN, body=FORM, *, domain="vclbleuven.be", more=b"", to=DESK, **tags):
    """The same, signed by the key of *domain*."""
    names = WITH_REPLY_TO if b"Reply-To" in more else SIGNED
    return sign(mail(author, body, more=more, to=to), tags.pop("key", KEY), domain=domain, **{"names": names} | tags)


@dataclass(frozen=True)
class Sender:
    """One mail: the name of the case, what comes in, and what must come of it."""

    name: str
    mail: bytes
    done: str
    role: str
    word: str
    """A part of the reason that decided, or of what stands in the trace."""
    envelope: Envelope = ELSEWHERE
    rules: Rules = RULES
    about: str = ""
    """The address that the verdict is about, where it is worth saying."""
    dns: str = "answers"
    """Or it is silent."""


def results(words, host=b"mx.meldpunt.example; "):
    """Authentication-Results."""
    return b"Authentication-Results: " + host + words + b"\r\n"


RECEIVED = b"Received: from mail.vclbleuven.be by mx.meldpunt.example with ESMTPS id 1\r\n"
FOREIGN = b"Received: from pc by mail.vclbleuven.be with ESMTPSA id 2\r\n"
PASSED = results(b"dmarc=pass header.from=vclbleuven.be")
FAILED = results(b"dmarc=fail (p=reject) header.from=vclbleuven.be")
BY_EXCHANGE = results(b"spf=pass smtp.mailfrom=vclbleuven.be; dmarc=pass action=none header.from=vclbleuven.be", b"")
EXCHANGE_RECEIVED = b"Received: from AM0P.prod.outlook.com by DB9P.prod.outlook.com with HTTPS\r\n"
LOGIN, FORMS = b"Formulier <noreply@login.example>", b"Formulier <noreply@forms.example>"
TO_AN = b"Reply-To: an@vclbleuven.be\r\n"
SEALED = seal(mail(), FORUM, results="dmarc=pass header.from=vclbleuven.be")
BY_LIAR = seal(mail(), EVIL, domain="liars.example", results="dmarc=pass header.from=vclbleuven.be")
EVIL_MAIL = sign(mail(STRANGER), EVIL, domain="evil.example")
L = len(FORM)

# fmt: off
TRUE = (
    # Who may refer or command, and shows it: each is accepted.
    Sender("a CLB worker, signed",                  signed(),                                            "accept", "clb", "proven by dkim"),
    Sender("signed with Ed25519",                   signed(key=ed25519_signer(), selector="ed"),         "accept", "clb", "proven by dkim"),
    Sender("signed, by a forwarding host",          signed(),                                            "accept", "clb", "proven by dkim", FORGED),
    Sender("from the CLB's own host, unsigned",     mail(),                                              "accept", "clb", "proven by spf", CLB_HOST),
    Sender("a bounce address below its domain",     mail(b"an@vrijclbbro.be"),                           "accept", "clb", "proven by spf", replace(CLB_HOST, client_ip="192.0.2.20", mail_from="an@vrijclbbro.be")),
    Sender("a domain that asks nothing, signed",    signed(b"els@vrijclbbro.be", domain="vrijclbbro.be"), "accept", "clb", "proven by dkim"),
    Sender("a domain that only watches",            mail(b"els@clbvgc.be"),                              "accept", "clb", "proven by spf", replace(CLB_HOST, client_ip="192.0.2.30", mail_from="els@clbvgc.be")),
    Sender("capitals",                              signed(b"An <AN@VCLBLeuven.BE>"),                    "accept", "clb", "proven by dkim", about="an@vclbleuven.be"),
    Sender("a + behind the name",                   signed(b"els+naft@vclbleuven.be"),                   "accept", "clb", "proven by dkim", about="els+naft@vclbleuven.be"),
    Sender("a quoted local part",                   signed(b'"els claes"@vclbleuven.be'),                "accept", "clb", "proven by dkim"),
    Sender("a comment beside the address",          signed(b"an@vclbleuven.be (x@evil.example)"),        "accept", "clb", "the display name shows another address"),
    Sender("a sub-domain where the list allows it", signed(b"an@noord.kust.example", domain="kust.example"), "accept", "clb", "proven by dkim"),
    Sender("a full address at a shared domain",     signed(b"clb@scholen.example", domain="scholen.example"), "accept", "clb", "proven by dkim"),
    Sender("an encoded display name",               signed(b"=?utf-8?q?An_Peeters=2C_CLB?= <an@vclbleuven.be>"), "accept", "clb", "proven by dkim"),
    Sender("through a list that we trust",          SEALED,                                              "accept", "clb", "proven by arc"),
    Sender("a mailing service signs as well",       sign(signed(), EVIL, domain="evil.example"),         "accept", "clb", "proven by dkim"),
    Sender("below the line of a mail folder",       b"From : x@evil.example\r\n" + signed(),             "accept", "clb", "proven by dkim", about="an@vclbleuven.be"),
    Sender("our host says so, over SMTP",           PASSED + RECEIVED + FOREIGN + mail(),                "accept", "clb", "proven by authentication-results", INNER),
    Sender("our host says so, in the mailbox",      PASSED + RECEIVED + mail(),                          "accept", "clb", "proven by authentication-results", MAILBOX),
    Sender("in the mailbox, signed, no results",    RECEIVED + signed(),                                 "accept", "clb", "proven by dkim", MAILBOX),
    Sender("by LMTP, signed",                       RECEIVED + signed(),                                 "accept", "clb", "proven by dkim", replace(INNER, via="lmtp")),
    Sender("Exchange Online says so",               EXCHANGE_RECEIVED + BY_EXCHANGE + FOREIGN + mail(),  "accept", "clb", "proven by authentication-results", MAILBOX, EXCHANGE),
    Sender("a colleague forwards An's form",        signed(b"bram@vclbleuven.be", FORWARDED),            "accept", "clb", "proven by dkim", about="bram@vclbleuven.be"),
    Sender("the desk, at a CLB's domain",           signed(b"jo@vclbleuven.be"),                         "accept", "desk", "the desk's address, proven"),
    Sender("the desk in capitals",                  signed(b"Jo <JO@vclbleuven.be>"),                    "accept", "desk", "the desk's address, proven"),
    Sender("the desk, our host says so",            PASSED + RECEIVED + mail(b"jo@vclbleuven.be"),       "accept", "desk", "the desk's address, proven", MAILBOX),
    Sender("the desk forwards a form",              signed(b"jo@vclbleuven.be", FORWARDED),              "accept", "desk", "the desk's address, proven"),
    Sender("a login that we trust, by Reply-To",    signed(LOGIN, domain="login.example", more=TO_AN),   "accept", "form_service", "names the address of a listed CLB", about="an@vclbleuven.be"),
    Sender("a login that we trust, by its form",    signed(LOGIN, NAMES_AN, domain="login.example"),     "accept", "form_service", "names the address of a listed CLB", about="an@vclbleuven.be"),
)

KIND = (
    # Honest, and not proven to be a CLB's: asked, helped or put before the desk; nobody is sent away.
    Sender("a CLB without DMARC, unsigned",         mail(b"els@vrijclbbro.be"),                          "confirm", "clb", "without proof", about="els@vrijclbbro.be"),
    Sender("a CLB that only watches, unsigned",     mail(b"els@clbvgc.be"),                              "confirm", "clb", "without proof"),
    Sender("the CLB's DNS does not answer",         signed(),                                            "confirm", "clb", "the DNS did not answer", dns="silent"),
    Sender("from a private address, by the form",   signed(b"an.peeters@familie.example", NAMES_AN, domain="familie.example"), "confirm", "clb", "the form names an address", about="an@vclbleuven.be"),
    Sender("from a private address, by Reply-To",   signed(b"an.peeters@familie.example", domain="familie.example", more=TO_AN), "confirm", "clb", "names an address", about="an@vclbleuven.be"),
    Sender("private, and called by her address",    signed(b'"an@vclbleuven.be" <an@familie.example>', NAMES_AN, domain="familie.example"), "confirm", "clb", "the form names an address", about="an@vclbleuven.be"),
    Sender("a school forwards An's form",           signed(b"els@scholen.example", FORWARDED, domain="scholen.example"), "confirm", "clb", "the form names an address", about="an@vclbleuven.be"),
    Sender("a form on a CLB's own site",            signed(b"webformulier@vclbleuven.be", NAMES_AN),     "confirm", "form_service", "a CLB's site names the address", about="an@vclbleuven.be"),
    Sender("a visitor of a CLB's own site",         signed(b"Website <webformulier@vclbleuven.be>", more=b"Reply-To: ouder@familie.example\r\n"), "involve_clb", "form_service", "names no CLB worker"),
    Sender("a site that writes as its visitor",     signed(AN, FORM + b"\r\nVerzonden via het contactformulier op www.vclbleuven.be\r\n"), "involve_clb", "form_service", "names no CLB worker"),
    Sender("a CLB address, Reply-To elsewhere",     signed(more=b"Reply-To: an.peeters@familie.example\r\n"), "confirm", "clb", "wanted at an address of no CLB", about="an@vclbleuven.be"),
    Sender("a form service",                        signed(FORMS, NAMES_AN, domain="forms.example"),     "confirm", "form_service", "names the address of a listed CLB", about="an@vclbleuven.be"),
    Sender("a form service that writes via",        signed(b"An via Formulier <noreply@forms.example>", NAMES_AN, domain="forms.example"), "confirm", "form_service", "names the address"),
    Sender("a login that we trust, unsigned",       mail(LOGIN, NAMES_AN),                               "confirm", "form_service", "names the address of a listed CLB"),
    Sender("a login that names two CLB workers",    signed(LOGIN, NAMES_AN, domain="login.example", more=b"Reply-To: els@clbvgc.be\r\n"), "confirm", "form_service", "names the address"),
    Sender("a form service for a parent",           signed(FORMS, domain="forms.example", more=b"Reply-To: ouder@familie.example\r\n"), "involve_clb", "form_service", "names no CLB address"),
    Sender("a parent, signed",                      signed(PARENT, domain="familie.example"),            "involve_clb", "other", "no CLB, provider or desk address"),
    Sender("a parent, unsigned",                    mail(PARENT),                                        "involve_clb", "other", "no CLB, provider or desk address"),
    Sender("a teacher at a shared domain",          signed(b"leraar@scholen.example", domain="scholen.example"), "involve_clb", "other", "no CLB, provider or desk address"),
    Sender("a + at a shared domain",                signed(b"clb+x@scholen.example", domain="scholen.example"), "involve_clb", "other", "no CLB, provider or desk address"),
    Sender("a sub-domain that the list leaves out", signed(b"els@school.vclbleuven.be"),                 "involve_clb", "other", "lies below vclbleuven.be"),
    Sender("the desk without proof",                mail(b"jo@vclbleuven.be"),            "hold", "desk", "without proof", INNER),
    Sender("a provider, signed",                    signed(b"coach@naft-vbo.example", domain="naft-vbo.example"), "accept", "provider", "a listed provider"),
    Sender("an absence notice of a CLB",            signed(more=b"Auto-Submitted: auto-replied\r\n"),    "discard", "machine", "machine mail"),
    Sender("a newsletter of a CLB",                 signed(more=b"List-Id: <nieuws.vclbleuven.be>\r\n"), "discard", "machine", "machine mail"),
    Sender("the null sender",                       signed(),                                            "discard", "machine", "machine mail", replace(CLB_HOST, mail_from="")),
    Sender("our own address",                       mail(b"meldpunt@meldpunt.example"),                  "discard", "machine", "our own letter"),
    Sender("our own address in quotes",             mail(b'"meldpunt"@meldpunt.example'),                "discard", "machine", "our own letter"),
)

TRICKS = (
    # From alone.
    Sender("another address within quotes",         mail(b'"x@evil.example> <els"@vrijclbbro.be'),       "hold", "clb", "no plain one"),
    Sender("a CLB as the only one of a group",      sign(mail(b"CLB: an@vclbleuven.be;"), EVIL, domain="evil.example"), "reject", "clb", "disowns this mail"),
    Sender("a route before the address",            sign(mail(b"<@evil.example:an@vclbleuven.be>"), EVIL, domain="evil.example"), "reject", "clb", "disowns this mail"),
    Sender("an empty address before the CLB's",     sign(mail(b",an@vclbleuven.be"), EVIL, domain="evil.example"), "reject", "clb", "disowns this mail"),
    Sender("two addresses in angle brackets",       sign(mail(b"<x@evil.example> <an@vclbleuven.be>"), EVIL, domain="evil.example"), "hold", "other", "cannot be read"),
    Sender("two @ in one address",                  sign(mail(b"<an@vclbleuven.be@evil.example>"), EVIL, domain="evil.example"), "hold", "other", "cannot be read"),
    Sender("the CLB's address within a quoted one", sign(mail(b'"an@vclbleuven.be"@evil.example'), EVIL, domain="evil.example"), "hold", "other", "the name shows an address"),
    Sender("a line feed alone before a second From", sign(mail(b"x@evil.example\nFrom: an@vclbleuven.be"), EVIL, domain="evil.example"), "hold", "other", "2 From fields"),
    Sender("a stranger from the CLB's host, as mapped IPv6",   mail(STRANGER), "involve_clb", "other", "no CLB, provider or desk address", replace(ELSEWHERE, client_ip="::ffff:192.0.2.10")),
    Sender("a forged From",                         mail(),                                              "reject", "clb", "disowns this mail"),
    Sender("a forged From and envelope",            mail(),                                              "reject", "clb", "disowns this mail", FORGED),
    Sender("a forged desk",                         mail(b"jo@vclbleuven.be"),                           "reject", "clb", "disowns this mail", FORGED),
    Sender("a forged login",                        mail(LOGIN, NAMES_AN),                               "confirm", "form_service", "names the address"),
    Sender("the null sender and the CLB's HELO",    mail(),                                              "discard", "machine", "machine mail", replace(FORGED, mail_from="", helo="vclbleuven.be")),
    Sender("an envelope with two at signs",         mail(),                                              "reject", "clb", "disowns this mail", replace(CLB_HOST, client_ip="203.0.113.66", mail_from='"x@evil.example"@vclbleuven.be')),
    # Several authors.
    Sender("a second From above",                   b"From: x@evil.example\r\n" + signed(),              "hold", "other", "2 From fields"),
    Sender("a second From below",                   signed(more=b"From: x@evil.example\r\n"),            "hold", "other", "2 From fields"),
    Sender("the CLB's From on a signed mail",       b"From: an@vclbleuven.be\r\n" + EVIL_MAIL,           "hold", "other", "2 From fields"),
    Sender("From with a blank before the colon",    b"FROM : x@evil.example\r\n" + signed(),             "hold", "other", "2 From fields"),
    Sender("two addresses",                         mail(b"an@vclbleuven.be, x@evil.example"),           "hold", "other", "2 addresses"),
    Sender("two addresses, hers last",              mail(b"x@evil.example, an@vclbleuven.be"),           "hold", "other", "2 addresses"),
    Sender("a group",                               mail(b"CLB: an@vclbleuven.be, x@evil.example;"),     "hold", "other", "2 addresses"),
    Sender("an empty From",                         mail(b""),                                           "hold", "other", "0 addresses"),
    Sender("no From at all",                        mail().replace(b"From:", b"X-From:", 1),             "hold", "other", "0 From fields"),
    Sender("Sender in the place of From",           mail().replace(b"From:", b"Sender:", 1),             "hold", "other", "0 From fields"),
    Sender("a name without an address",             mail(b"an vclbleuven.be"),                           "hold", "other", "cannot be read"),
    Sender("an angle in an angle",                  mail(b"<an@vclbleuven.be><x@evil.example>"),         "hold", "other", "cannot be read"),
    Sender("a NUL in the domain",                   mail(b"an@vclbleuven.be\0.evil.example"),            "hold", "other", "cannot be read"),
    Sender("a control character in the name part",  mail(b"an\x01@vclbleuven.be"),                       "hold", "other", "cannot be read"),
    Sender("a zero-width space",                    mail("an@vclbleuven\u200b.be".encode()),             "hold", "other", "cannot be read"),
    Sender("a right-to-left mark",                  mail("\u202eeb.nevuelblcv@na <x@evil.example>".encode()), "involve_clb", "other", "no CLB"),
    # Display names.
    Sender("her address as the name",               mail(b'"an@vclbleuven.be" <x@evil.example>'),        "hold", "other", "the name shows an address at vclbleuven.be"),
    Sender("her address as an encoded word",        mail(b"=?utf-8?q?an=40vclbleuven=2Ebe?= <x@evil.example>"), "hold", "other", "the name shows an address at vclbleuven.be"),
    Sender("her address in a comment",              mail(b"x@evil.example (an@vclbleuven.be)"),          "hold", "other", "the name shows an address at vclbleuven.be"),
    Sender("her address within the name part",      mail(b'"an@vclbleuven.be"@evil.example'),            "hold", "other", "the name shows an address at vclbleuven.be"),
    Sender("her address with a percent sign",       mail(b"an%vclbleuven.be@evil.example"),              "hold", "other", "the name shows an address at vclbleuven.be"),
    Sender("the CLB's name",                        mail(b'"Vrij CLB Leuven" <x@evil.example>'),         "involve_clb", "other", "the display name is that of Vrij CLB Leuven"),
    Sender("the desk's address as the name",        mail(b'"meldpunt@meldpunt.example" <x@evil.example>'), "hold", "other", "the name shows an address at meldpunt.example"),
    # Domains that look alike, each proven.
    Sender("her domain in front of another",        mail(b"an@vclbleuven.be.evil.example", NAMES_AN),    "hold", "other", "begins like vclbleuven.be", replace(ELSEWHERE, mail_from="an@vclbleuven.be.evil.example")),
    Sender("her domain behind another",             mail(b"an@evil-vclbleuven.be", NAMES_AN),            "hold", "other", "ends like vclbleuven.be", replace(ELSEWHERE, mail_from="an@evil-vclbleuven.be")),
    Sender("one letter off",                        mail(b"an@vclbleuvem.be", NAMES_AN),                 "hold", "other", "one letter off from vclbleuven.be", replace(ELSEWHERE, mail_from="an@vclbleuvem.be")),
    Sender("a capital I for an l",                  mail(b"an@vclbIeuven.be", NAMES_AN),                 "hold", "other", "looks like vclbleuven.be", replace(ELSEWHERE, mail_from="an@vclbIeuven.be")),
    Sender("another ending",                        mail(b"an@vclbleuven.com"),                          "hold", "other", "holds the name of vclbleuven.be", replace(ELSEWHERE, mail_from="an@vclbleuven.com")),
    Sender("a Cyrillic letter",                     mail(f"an@{CYRILLIC}".encode(), NAMES_AN),           "hold", "other", "looks like vclbleuven.be", replace(ELSEWHERE, mail_from=f"an@{CYRILLIC.encode('idna').decode()}")),
    Sender("a Cyrillic letter as xn--",             mail(b"an@" + CYRILLIC.encode("idna")),              "hold", "other", "looks like vclbleuven.be", replace(ELSEWHERE, mail_from=f"an@{CYRILLIC.encode('idna').decode()}")),
    Sender("xn-- of plain letters",                 mail(b"an@xn--vclbleuven-.be"),                      "hold", "other", "holds the name of vclbleuven.be", replace(ELSEWHERE, mail_from="an@xn--vclbleuven-.be")),
    Sender("a dot behind the domain",               mail(b"an@vclbleuven.be."),                          "hold", "other", "ends like vclbleuven.be", FORGED),
    Sender("wide letters",                          mail("an@ｖclbleuven.be".encode()),                   "reject", "other", "disowns this mail", FORGED),
    Sender("a service that looks like ours",        mail(b"noreply@evil-login.example", NAMES_AN),       "hold", "other", "ends like login.example", replace(ELSEWHERE, mail_from="noreply@evil-login.example")),
    Sender("a double at a shared domain",           signed(b"c1b@scholen.example", domain="scholen.example"), "hold", "other", "looks like a listed one"),
    Sender("Reply-To at a double",                  mail(STRANGER, more=b"Reply-To: an@vclbleuvem.be\r\n"), "involve_clb", "other", "names an address that is not listed"),
    Sender("Reply-To with two addresses in one",    mail(STRANGER, more=b'Reply-To: "x@evil.example,an"@vclbleuven.be\r\n'), "involve_clb", "other", "no CLB"),
    Sender("an invented sub-domain",                mail(b"an@hack.vclbleuven.be"),                      "involve_clb", "other", "lies below vclbleuven.be"),
    # Lists.
    Sender("a list puts itself in From",            mail(b"An via Forum <lijst@evil.example>", more=TO_AN), "hold", "other", "via a list"),
    Sender("a list at the CLB's own domain",        signed(b"Piet via Nieuws <nieuws@vclbleuven.be>"),   "hold", "other", "via a list"),
    Sender("a seal of a list that we do not trust", BY_LIAR,                                             "reject", "clb", "disowns this mail"),
    Sender("the same behind one that we trust",     seal(BY_LIAR, FORUM, number=2, results="arc=pass"),  "reject", "clb", "disowns this mail"),
    Sender("a trusted list saw nothing proven",     seal(mail(), FORUM, results="dmarc=fail header.from=vclbleuven.be"), "reject", "clb", "disowns this mail"),
    Sender("a trusted list, told in a comment",     seal(mail(), FORUM, results="spf=none (; dmarc=pass header.from=vclbleuven.be)"), "reject", "clb", "disowns this mail"),
    Sender("a trusted list, words changed after",   SEALED.replace(b"amper", b"altijd"),                 "reject", "clb", "disowns this mail"),
    Sender("a trusted list's name, another key",    seal(mail(), EVIL, results="dmarc=pass header.from=vclbleuven.be"), "reject", "clb", "disowns this mail"),
    # Signatures.
    Sender("signed by another key",                 signed(key=EVIL),                                    "reject", "clb", "disowns this mail"),
    Sender("signed by the stranger",                sign(mail(), EVIL, domain="evil.example"),           "reject", "clb", "disowns this mail"),
    Sender("signed by the public suffix",           sign(mail(), EVIL, domain="be"),                     "reject", "clb", "disowns this mail"),
    Sender("d= hers and i= the stranger's",         sign(mail(), EVIL, domain="evil.example", d="vclbleuven.be", i="@evil.example"), "reject", "clb", "disowns this mail"),
    Sender("words changed",                         signed().replace(b"amper", b"altijd"),               "reject", "clb", "disowns this mail"),
    Sender("words added behind l=",                 signed(length=L) + b"E-mail aanmelder: x@evil.example\r\n", "confirm", "clb", "does not cover the whole body"),
    Sender("l=0",                                   signed(length=0),                                    "confirm", "clb", "does not cover the whole body"),
    Sender("expired",                               signed(t=1, x=int(NOW.timestamp()) - 10),            "reject", "clb", "has expired"),
    Sender("a key of 512 bits",                     signed(key=tiny_signer(), selector="tiny"),          "reject", "clb", "disowns this mail"),
    Sender("rsa-sha1",                              signed(a="rsa-sha1"),                                "reject", "clb", "disowns this mail"),
    Sender("a signature that leaves out From",      signed(names=("to", "subject")),                     "reject", "clb", "does not sign From"),
    Sender("an unsigned Reply-To added",            signed().replace(b"\r\n\r\n", b"\r\nReply-To: x@evil.example\r\n\r\n", 1), "confirm", "clb", "does not sign Reply-To"),
    Sender("a second Subject",                      b"Subject: Stop\r\n" + signed(),                     "confirm", "clb", "more than one Subject"),
    Sender("a second To",                           b"To: x@evil.example\r\n" + signed(),                "confirm", "clb", "more than one To"),
    # Injected and smuggled.
    Sender("a From injected by a lone return",      signed().replace(b"\r\nTo:", b"\r\nX: 1\rFrom: x@evil.example\r\nTo:"), "hold", "other", "2 From fields"),
    Sender("a From injected by a lone feed",        signed().replace(b"\r\nTo:", b"\r\nX: 1\nFrom: x@evil.example\r\nTo:"), "hold", "other", "2 From fields"),
    Sender("her From injected by a lone feed",      EVIL_MAIL.replace(b"\r\nTo:", b"\r\nX: 1\nFrom: an@vclbleuven.be\r\nTo:"), "hold", "other", "2 From fields"),
    Sender("smuggled: a dot between lone feeds",    mail(body=FORM + b"\n.\nMAIL FROM:<an@vclbleuven.be>\r\n"), "reject", "clb", "mixed line ends", CLB_HOST),
    Sender("smuggled: a dot between lone returns",  mail(body=FORM + b"\r.\rMAIL FROM:<an@vclbleuven.be>\r\n"), "reject", "clb", "mixed line ends", CLB_HOST),
    Sender("smuggled: feed, dot, return and feed",  mail(body=FORM + b"\n.\r\nRCPT TO:<x@evil.example>\r\n"), "reject", "clb", "mixed line ends", CLB_HOST),
    # Authentication-Results.
    Sender("our host's results, from outside",      PASSED + mail(),                                     "reject", "clb", "disowns this mail"),
    Sender("with our host's Received as well",      PASSED + RECEIVED + mail(),                          "reject", "clb", "disowns this mail"),
    Sender("results below a foreign Received",      RECEIVED + FOREIGN + PASSED + mail(),                "confirm", "clb", "no Authentication-Results", INNER),
    Sender("results below the real ones",           FAILED + RECEIVED + PASSED + mail(),                 "reject", "clb", "dmarc=fail", INNER),
    Sender("another host's results above",          results(b"dmarc=pass header.from=vclbleuven.be", b"mx.evil.example; ") + RECEIVED + mail(), "confirm", "clb", "no Authentication-Results", INNER),
    Sender("a host whose name begins like ours",    results(b"dmarc=pass header.from=vclbleuven.be", b"mx.meldpunt.example.evil.example; ") + RECEIVED + mail(), "confirm", "clb", "no Authentication-Results", MAILBOX),
    Sender("results about another domain",          results(b"dmarc=pass header.from=evil.example") + RECEIVED + mail(), "confirm", "clb", "another From domain", INNER),
    Sender("results in a comment",                  results(b"spf=none (; dmarc=pass header.from=vclbleuven.be)") + RECEIVED + mail(), "confirm", "clb", "without proof", INNER),
    Sender("our host passed the stranger's double", results(b"dmarc=pass header.from=vclbleuvem.be") + RECEIVED + mail(b"an@vclbleuvem.be", NAMES_AN), "hold", "other", "one letter off", INNER),
    Sender("a host that writes no results",         RECEIVED + mail(),                                   "confirm", "clb", "without proof", INNER),
    Sender("no results and a broken signature",     RECEIVED + signed(key=EVIL),                         "confirm", "clb", "without proof", MAILBOX),
    Sender("the desk through such a host",          RECEIVED + mail(b"jo@vclbleuven.be"),                "hold", "desk", "without proof", MAILBOX),
    Sender("Exchange's shape, not switched on",     EXCHANGE_RECEIVED + BY_EXCHANGE + mail(),            "confirm", "clb", "without proof", MAILBOX),
    Sender("Exchange's shape below a foreign one",  FOREIGN + BY_EXCHANGE + mail(),                      "confirm", "clb", "without proof", MAILBOX, EXCHANGE),
    Sender("Exchange's shape from outside",         BY_EXCHANGE + mail(),                                "reject", "clb", "disowns this mail", FORGED, EXCHANGE),
)

# What is judged by fields that only the judge's own values carry (see test_senders.py).
BESIDE = (
    Sender("a replay to another recipient",         signed(to=b"els@scholen.example"),                   "confirm", "clb", "not addressed to us", about="an@vclbleuven.be"),
    Sender("a replay of the desk's mail",           signed(b"jo@vclbleuven.be", to=b"els@scholen.example"), "hold", "desk", "not addressed to us"),
    Sender("a replay, To cut off",                  sign(mail().replace(b"To: meldpunt@meldpunt.example\r\n", b""), KEY, domain="vclbleuven.be", names=("from", "subject")), "confirm", "clb", "not addressed to us"),
    Sender("our address in Cc",                     signed(to=b"els@scholen.example", more=b"Cc: Meldpunt@meldpunt.example\r\n"), "accept", "clb", "proven by dkim"),
    Sender("her host, blind copy",                  mail(to=b"els@scholen.example"),                     "accept", "clb", "proven by spf", CLB_HOST),
    Sender("her secretary sends for her",           signed(more=b"Sender: bram@vclbleuven.be\r\n"),      "accept", "clb", "Sender is another address than From, at vclbleuven.be"),
    Sender("a CLB's Sender on a stranger's mail",   mail(STRANGER, more=b"Sender: an@vclbleuven.be\r\n"), "involve_clb", "other", "Sender is another address than From, at vclbleuven.be"),
    Sender("a listed list, for An",                 sign(mail(b"An via Forum <lijst@forum.example>", more=TO_AN), FORUM, domain="forum.example", names=WITH_REPLY_TO), "confirm", "clb", "a listed list", about="an@vclbleuven.be"),
    Sender("a listed list, forged",                 mail(b"An via Forum <lijst@forum.example>", more=TO_AN), "hold", "other", "via a list"),
)
# fmt: on

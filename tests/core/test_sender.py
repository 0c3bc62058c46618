"""Who wrote it, and may they? Every row of the table in core/sender.py."""

from dataclasses import replace

from rows import each_row

from mailflow.core.known_senders import Clb, FormService, Meaning, Remembered, Senders, clb_of, provider_of
from mailflow.core.mail import Address, Machine, Notice, Proof, ProofResult
from mailflow.core.provider import Provider
from mailflow.core.sender import QUESTIONS, Disposition, Writer, judge

LEUVEN = Clb(key="leuven", name="Vrij CLB Leuven", domains=("vclbleuven.be",))
COAST = Clb(key="coast", name="CLB Kust", domains=("kust.example",), subdomains=True)
SHARED = Clb(key="shared", name="GO! CLB", addresses=("clb@g-o.example",))
NAFT = Provider(key="naft", name="NAFT", address="In@naft.example", addresses=("coach@begeleiders.example",))
FARM = Provider(key="farm", name="De Linde", address="info@linde.example", domains=("linde.example",))
SENDERS = Senders(
    desk=frozenset({"jo@vclbleuven.be", "meldpunt+jo@meldpunt.example"}),
    clbs=(LEUVEN, COAST, SHARED),
    providers={"naft": NAFT, "farm": FARM},
    form_services=(FormService(domain="forms.example"), FormService(domain="login.example", trusted_login=True)),
    own=frozenset({"meldpunt@meldpunt.example"}),
    lists=frozenset({"forum.example"}),
)
AN = "an@vclbleuven.be"


def verdict(
    address,
    proof="pass",
    *,
    named=(),
    machine=None,
    authors=1,
    from_fields=1,
    name="",
    sender=None,
    senders=SENDERS,
    method="dkim",
    to=None,
    **more,
):
    """What the table says of this writer."""
    return judge(
        Writer(
            author=Address(address, name),
            authors=authors,
            from_fields=from_fields,
            proof=Proof(result=ProofResult(proof), method=method if proof == "pass" else "none"),
            notice=Notice(kind=machine),
            named=named,
            senders=senders,
            sender=Address(sender) if sender is not None else None,
            addressees=to,
            **more,
        )
    )


# fmt: off
ROWS = [
    # who                                proof    names              what is done              as whom
    ("jo@vclbleuven.be",                 "pass",  (),                Disposition.ACCEPT,       "desk",         None),
    ("JO@VCLBleuven.be",                 "pass",  (),                Disposition.ACCEPT,       "desk",         None),
    ("jo@vclbleuven.be",                 "none",  (),                Disposition.HOLD,         "desk",         None),
    ("jo@vclbleuven.be",                 "fail",  (),                Disposition.REJECT,       "clb",          "leuven"),
    ("meldpunt+jo@meldpunt.example",     "pass",  (),                Disposition.ACCEPT,       "desk",         None),
    (AN,                                 "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    (AN,                                 "pass",  ("x@kust.example",), Disposition.ACCEPT,     "clb",          "leuven"),
    (AN,                                 "none",  (),                Disposition.CONFIRM,      "clb",          "leuven"),
    (AN,                                 "fail",  (),                Disposition.REJECT,       "clb",          "leuven"),
    ("x@noord.kust.example",             "pass",  (),                Disposition.ACCEPT,       "clb",          "coast"),
    ("x@noord.vclbleuven.be",            "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("els+x@vclbleuven.be",              "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    ("Els.CLAES@VCLBLEUVEN.BE",          "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    ('"els claes"@vclbleuven.be',        "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    ('"x@evil.example"@vclbleuven.be',   "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    ('"an@vclbleuven.be"@evil.example',  "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an=vclbleuven.be@evil.example",    "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an=vclbleuven.be@evil.example",    "pass",  (AN,),             Disposition.CONFIRM,      "clb",          "leuven"),
    ("jo+x@vclbleuven.be",               "pass",  (),                Disposition.ACCEPT,       "clb",          "leuven"),
    # Domains made to be taken for another: the desk looks, whatever they prove and name.
    ("x@notkust.example",                "pass",  (),                Disposition.HOLD,         "other",        None),
    ("x@vclbleuven.be.evil.example",     "pass",  (),                Disposition.HOLD,         "other",        None),
    ("x@evil-vclbleuven.be",             "pass",  (AN,),             Disposition.HOLD,         "other",        None),
    ("an@vclbleuvem.be",                 "pass",  (AN,),             Disposition.HOLD,         "other",        None),
    ("an@vclbIeuven.be",                 "none",  (),                Disposition.HOLD,         "other",        None),
    ("an@vclbleuven.be.",                "none",  (),                Disposition.HOLD,         "other",        None),
    ("an@lind\u0435.example",       "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an@xn--vlbleuven-v3h.be",          "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an@xn--vclbleuven-.be",            "pass",  (),                Disposition.HOLD,         "other",        None),
    ("c1b@g-o.example",                  "pass",  (),                Disposition.HOLD,         "other",        None),
    ("clb+x@g-o.example",                "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("clb@scholen.g-o.example",          "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("x@ver.noord.kust.example",         "pass",  (),                Disposition.ACCEPT,       "clb",          "coast"),
    ("an@vclbleuven.be\0.evil.example",  "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an\u200b@vclbleuven.be",           "pass",  (),                Disposition.HOLD,         "other",        None),
    ("@vclbleuven.be",                   "pass",  (),                Disposition.HOLD,         "other",        None),
    ("an@",                              "pass",  (),                Disposition.HOLD,         "other",        None),
    ("clb@g-o.example",                  "pass",  (),                Disposition.ACCEPT,       "clb",          "shared"),
    ("leraar@g-o.example",               "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("in@naft.example",                  "pass",  (),                Disposition.ACCEPT,       "provider",     "naft"),
    ("coach@begeleiders.example",        "none",  (),                Disposition.ACCEPT,       "provider",     "naft"),
    ("iemand@begeleiders.example",       "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("nieuw@linde.example",              "none",  (),                Disposition.ACCEPT,       "provider",     "farm"),
    ("nieuw@linde.example",              "fail",  (),                Disposition.REJECT,       "other",        None),
    ("ouder@familie.example",            "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("ouder@familie.example",            "none",  (AN,),             Disposition.CONFIRM,      "clb",          "leuven"),
    ("ouder@familie.example",            "pass",  ("x@y.example",),  Disposition.INVOLVE_CLB,  "other",        None),
    ("ouder@familie.example",            "pass",  ("x@evil.example,an@vclbleuven.be",), Disposition.INVOLVE_CLB, "other", None),
    ("ouder@familie.example",            "pass",  ("an@vclbleuvem.be",), Disposition.INVOLVE_CLB, "other",     None),
    ("noreply@forms.example",            "pass",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("noreply@forms.example",            "none",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("noreply@forms.example",            "pass",  ("x@y.example",),  Disposition.INVOLVE_CLB,  "form_service", None),
    ("noreply@login.example",            "pass",  ("x@y.example", AN), Disposition.ACCEPT,     "form_service", "leuven"),
    ("noreply@login.example",            "pass",  (AN, AN),          Disposition.ACCEPT,       "form_service", "leuven"),
    ("noreply@login.example",            "pass",  (AN, "x@kust.example"), Disposition.CONFIRM, "form_service", "leuven"),
    ("noreply@login.example",            "none",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("noreply@sub.login.example",        "pass",  (AN,),             Disposition.CONFIRM,      "clb",          "leuven"),
    ("noreply@evil-login.example",       "pass",  (AN,),             Disposition.HOLD,         "other",        None),
    ("meldpunt@meldpunt.example",        "pass",  (),                Disposition.DISCARD,      "machine",      None),
    ("meldpunt+msi-2026-0001.x@meldpunt.example", "none", (),        Disposition.DISCARD,      "machine",      None),
    ('"meldpunt"@meldpunt.example',      "pass",  (),                Disposition.DISCARD,      "machine",      None),
    ("geen adres",                       "pass",  (),                Disposition.HOLD,         "other",        None),
    ("",                                 "pass",  (),                Disposition.HOLD,         "other",        None),
]
# fmt: on


@each_row(("address", "proof", "named", "done", "role", "organisation"), ROWS)
def test_each_kind_of_sender_is_dealt_with_as_designed(address, proof, named, done, role, organisation):
    """Sender, proof and what the form names -> what is done, and as whom the sender counts."""
    found = verdict(address, proof, named=named)

    assert (found.disposition, found.role, found.organisation) == (done, role, organisation)
    assert found.address == found.address.lower()
    assert found.reasons[-1].partition(": ")[2].startswith("yes, ")


@each_row("machine", Machine)
def test_no_machine_is_answered_whoever_it_says_it_is(machine):
    """Before anything else is asked; a mark of ours is told as what it is."""
    found = verdict(AN, machine=machine)

    assert found.disposition is Disposition.DISCARD
    assert (found.question == "is_our_own_letter") is (machine is Machine.LOOP)


def test_an_address_of_ours_may_have_a_tag():
    """It is ours all the same, and no other tag is."""
    senders = replace(SENDERS, own=frozenset({"meldpunt+naft@host.example"}))

    ours, other = (verdict(f"meldpunt+{tag}@host.example", senders=senders) for tag in ("naft", "farm"))

    assert ours.disposition is Disposition.DISCARD
    assert other.disposition is Disposition.INVOLVE_CLB


@each_row(
    ("address", "named", "done", "role"),
    [
        (AN, (AN,), Disposition.CONFIRM, "form_service"),
        (AN, (), Disposition.INVOLVE_CLB, "form_service"),
        ("ouder@familie.example", (AN,), Disposition.CONFIRM, "clb"),
        ("ouder@familie.example", (), Disposition.INVOLVE_CLB, "other"),
    ],
)
def test_anybody_can_have_filled_in_a_public_form(address, named, done, role):
    """On a CLB's own site it is proven as hers; whom it names is asked. Elsewhere it is a mail like others."""
    found = verdict(address, named=named, website=True)

    assert (found.disposition, found.role) == (done, role)


@each_row(("meaning", "done"), [(Meaning.FAMILY, Disposition.INVOLVE_CLB), (Meaning.CLB, Disposition.HOLD)])
def test_a_family_may_live_at_a_domain_that_looks_like_a_listed_one(meaning, done):
    """Only where the desk looked, and said that it is one."""
    found = verdict("an@vclbleuvem.be", remembered=Remembered(who="an@vclbleuvem.be", meaning=meaning))

    assert (found.disposition, found.remembered) == (done, meaning)


@each_row("several", [{"authors": 2}, {"authors": 0}, {"from_fields": 2}, {"from_fields": 0}])
def test_several_authors_are_no_author(several):
    """Which one would be proven? The desk looks."""
    assert verdict(AN, **several).disposition is Disposition.HOLD


def test_the_table_says_what_can_come_of_each_question():
    """All of it, and no more: a row that promises what never comes would mislead whoever reads it."""
    ignored = Remembered(who="spam@x.example", meaning=Meaning.IGNORE)
    found = [
        *(verdict(address, proof, named=named) for address, proof, named, *_ in ROWS),
        verdict(AN, machine=Machine.LIST),
        verdict(AN, machine=Machine.LOOP),
        verdict(AN, authors=2),
        verdict('"els claes"@vclbleuven.be', "none"),
        verdict("list@forum.example", name="An via Lijst", named=(AN,)),
        verdict("list@forum.example", name="An via Lijst"),
        verdict(AN, website=True, named=(AN,)),
        verdict(AN, website=True),
        verdict(AN, reply_to=("an@gmail.example",)),
        verdict("spam@x.example", remembered=ignored),
        verdict("x@gmail.example", name="an@vclbleuven.be"),
    ]

    came = {question.__name__: set() for question in QUESTIONS}
    for one in found:
        came[one.question].add(one.disposition)
    assert came == {question.__name__: {*row} for question, row in QUESTIONS.items()}


def test_the_reasons_name_every_question_that_was_asked():
    """In the order of the table, up to the one that decided."""
    reasons = verdict("ouder@familie.example").reasons

    assert len(reasons) == len(QUESTIONS)
    assert reasons[0] == "is our own letter: no"
    assert reasons[-1].startswith("is anyone else: yes")


def test_the_verdict_is_about_the_address_that_the_form_names():
    """Not about the private mailbox or the form service that sent it."""
    assert verdict("an@gmail.example", "none", named=("AN@vclbleuven.be",)).address == AN
    assert verdict("noreply@forms.example", named=(AN,)).address == AN


def test_an_address_belongs_to_at_most_one_organisation():
    """Exact addresses come before domains."""
    assert clb_of("X@KUST.example", SENDERS.clbs) is COAST
    assert clb_of("x@example", SENDERS.clbs) is None
    assert provider_of("IN@naft.EXAMPLE", SENDERS.providers) is NAFT
    assert provider_of("x@naft.example", SENDERS.providers) is None
    assert provider_of("", SENDERS.providers) is None


def test_exact_comes_before_what_lies_below():
    """In whatever order the file lists them."""
    below = Clb(key="noord", name="CLB Noord", domains=("noord.kust.example",), addresses=("Els@kust.example",))

    assert clb_of("x@noord.kust.example", (COAST, below)) is below
    assert clb_of("els@kust.example", (COAST, below)) is below
    assert clb_of("x@zuid.kust.example", (COAST, below)) is COAST


def test_a_listed_domain_of_other_letters_is_known_in_both_spellings():
    """Programs write it either way; what only reads like it is another domain."""
    clb = Clb(key="m", name="CLB Mügge", domains=("mügge.example",))
    senders = replace(SENDERS, clbs=(clb,))

    for address in ("an@mügge.example", "an@xn--mgge-0ra.example", "an@XN--MGGE-0RA.example"):
        assert verdict(address, senders=senders).role == "clb"
    for address in ("an@mugge.example", "an@xn--mugge-.example"):
        assert verdict(address, senders=senders).role == "other"


# fmt: off
VIA = [
    # who, and its name                              proof   names   what is done             as whom
    ("lijst@forum.example",   "'An' via Forum",      "pass", (AN,), Disposition.CONFIRM,     "clb"),
    ("lijst@forum.example",   "'An' via Forum",      "pass", (),    Disposition.HOLD,        "other"),
    ("lijst@forum.example",   "'An' via Forum",      "none", (AN,), Disposition.HOLD,        "other"),
    ("lijst@evil.example",    "'An' via Forum",      "pass", (AN,), Disposition.HOLD,        "other"),
    ("lijst@vclbleuven.be",   "Piet via Nieuws",     "pass", (),    Disposition.HOLD,        "other"),
    ("jo@vclbleuven.be",      "Jo via Meldpunt",     "pass", (),    Disposition.ACCEPT,      "desk"),
    ("noreply@forms.example", "An via Formulier",    "pass", (AN,), Disposition.CONFIRM,     "form_service"),
    ("nieuw@linde.example",   "Els via De Linde",    "pass", (),    Disposition.ACCEPT,      "provider"),
    ("olivia@familie.example", "Olivia Viaene",      "pass", (),    Disposition.INVOLVE_CLB, "other"),
]
# fmt: on


@each_row(("address", "name", "proof", "named", "done", "role"), VIA)
def test_a_list_may_put_itself_in_from_only_where_it_is_listed(address, name, proof, named, done, role):
    """And then the one it names is asked: its proof is the list's own, never hers."""
    found = verdict(address, proof, name=name, named=named)

    assert (found.disposition, found.role) == (done, role)
    assert found.address in (address, AN)


@each_row(
    ("address", "name", "named", "done"),
    [
        ("x@evil.example", "an@vclbleuven.be", (), Disposition.HOLD),
        ("x@evil.example", "An Peeters ｜ AN＠VCLBLEUVEN.BE", (), Disposition.HOLD),
        ("x@evil.example", "clb@g-o.example", (), Disposition.HOLD),
        ("x@evil.example", "clb@g-o.example", (AN,), Disposition.CONFIRM),
        ("x@evil.example", "Vrij CLB Leuven", (), Disposition.INVOLVE_CLB),
        ("x@evil.example", "piet@familie.example", (), Disposition.INVOLVE_CLB),
        ("els@noord.vclbleuven.be", "els@noord.vclbleuven.be", (), Disposition.INVOLVE_CLB),
        (AN, "clb@g-o.example", (), Disposition.ACCEPT),
    ],
)
def test_a_display_name_is_no_address(address, name, named, done):
    """It can say anything: a listed party's address there makes a person look, and nothing more."""
    assert verdict(address, name=name, named=named).disposition is done


@each_row(
    ("mail", "odd"),
    [
        ({"sender": "x@evil.example"}, "Sender is another address than From, at evil.example"),
        ({"sender": "bram@vclbleuven.be"}, "Sender is another address than From, at vclbleuven.be"),
        ({"sender": ""}, "Sender is another address than From, that cannot be read"),
        ({"name": "An (x@evil.example)"}, "the display name shows another address, at evil.example"),
        ({"named": ("an@vclbleuvem.be",)}, "the form or Reply-To names an address that is not listed: the domain"),
        ({"address": "x@noord.vclbleuven.be"}, "the domain noord.vclbleuven.be lies below vclbleuven.be"),
        ({"address": "x@y.example", "name": "VRIJ CLB LEUVEN"}, "the display name is that of Vrij CLB Leuven"),
    ],
)
def test_the_desk_sees_what_is_odd(mail, odd):
    """On top of the reasons, without a full address; it does not change what is done."""
    mail = {"address": AN} | mail
    plain = verdict(mail["address"])

    found = verdict(**mail)

    assert found.reasons[0].startswith(f"odd: {odd}")
    assert "@" not in found.reasons[0]
    assert found.disposition is plain.disposition


@each_row(
    "mail",
    [
        {"sender": "AN@vclbleuven.be", "name": AN},
        {"address": "clb@g-o.example", "name": "GO! CLB"},
        {"named": (AN, "x@y.example")},
    ],
)
def test_what_is_usual_is_not_odd(mail):
    """Programs write Sender and the address as a name; a listed address may have its CLB's name."""
    assert not any(reason.startswith("odd") for reason in verdict(**({"address": AN} | mail)).reasons)


@each_row("reason", ["signed by another domain", ""])
def test_what_is_not_proven_counts_for_nothing_whatever_is_said_of_it(reason):
    """The reason is told to the desk; that there is none proves nobody."""
    writer = Writer(
        author=Address(AN),
        authors=1,
        from_fields=1,
        proof=Proof(reason=reason),
        notice=Notice(),
        named=(),
        senders=SENDERS,
    )

    found = judge(writer)

    assert (found.disposition, found.proven) == (Disposition.CONFIRM, False)
    assert found.reasons[-1].endswith(f"without proof: {reason}")


US, ELSE = ("els@school.example", "Meldpunt+x@meldpunt.example"), ("els@school.example",)
# fmt: off
SENT_ON = [
    # who                          to     proven by                 names   what is done
    (AN,                           US,    "dkim",                   (),     Disposition.ACCEPT),
    (AN,                           None,  "dkim",                   (),     Disposition.ACCEPT),
    (AN,                           ELSE,  "dkim",                   (),     Disposition.CONFIRM),
    (AN,                           (),    "dkim",                   (),     Disposition.CONFIRM),
    (AN,                           ELSE,  "authentication-results", (),     Disposition.CONFIRM),
    (AN,                           ELSE,  "spf",                    (),     Disposition.ACCEPT),
    (AN,                           ELSE,  "arc",                    (),     Disposition.ACCEPT),
    ("jo@vclbleuven.be",           ELSE,  "dkim",                   (),     Disposition.HOLD),
    ("jo@vclbleuven.be",           US,    "dkim",                   (),     Disposition.ACCEPT),
    ("noreply@login.example",      ELSE,  "dkim",                   (AN,),  Disposition.CONFIRM),
    ("noreply@login.example",      US,    "dkim",                   (AN,),  Disposition.ACCEPT),
    ("ouder@familie.example",      ELSE,  "dkim",                   (),     Disposition.INVOLVE_CLB),
]
# fmt: on


@each_row(("address", "to", "method", "named", "done"), SENT_ON)
def test_a_signature_names_no_recipient(address, to, method, named, done):
    """Signed mail to somebody else can have been sent on by whoever had it: its author is asked. SPF saw her host."""
    assert verdict(address, to=to, method=method, named=named).disposition is done

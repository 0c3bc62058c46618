"""Who wrote it, and may they? Every row of design.md section 4."""

import pytest

from mailflow.core.mail import Address, Machine, Notice, Proof, ProofResult
from mailflow.core.region import Provider
from mailflow.core.sender import (
    QUESTIONS,
    Clb,
    Disposition,
    FormService,
    Senders,
    Writer,
    clb_of,
    judge,
    provider_of,
)

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
)
AN = "an@vclbleuven.be"


def verdict(address, proof="pass", *, named=(), machine=None, authors=1, from_fields=1):
    """What the table says of this writer."""
    return judge(
        Writer(
            author=Address(address),
            authors=authors,
            from_fields=from_fields,
            proof=Proof(result=ProofResult(proof)),
            notice=Notice(kind=machine),
            named=named,
            senders=SENDERS,
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
    ("x@notkust.example",                "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
    ("x@vclbleuven.be.evil.example",     "pass",  (),                Disposition.INVOLVE_CLB,  "other",        None),
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
    ("noreply@forms.example",            "pass",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("noreply@forms.example",            "none",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("noreply@forms.example",            "pass",  ("x@y.example",),  Disposition.INVOLVE_CLB,  "form_service", None),
    ("noreply@login.example",            "pass",  ("x@y.example", AN), Disposition.ACCEPT,     "form_service", "leuven"),
    ("noreply@login.example",            "none",  (AN,),             Disposition.CONFIRM,      "form_service", "leuven"),
    ("meldpunt@meldpunt.example",        "pass",  (),                Disposition.DISCARD,      "machine",      None),
    ("meldpunt+msi-2026-0001.x@meldpunt.example", "none", (),        Disposition.DISCARD,      "machine",      None),
    ("geen adres",                       "pass",  (),                Disposition.HOLD,         "other",        None),
    ("",                                 "pass",  (),                Disposition.HOLD,         "other",        None),
]
# fmt: on


@pytest.mark.parametrize(("address", "proof", "named", "done", "role", "organisation"), ROWS)
def test_every_row(address, proof, named, done, role, organisation):
    """Sender, proof and what the form names -> what is done, and as whom the sender counts."""
    found = verdict(address, proof, named=named)

    assert (found.disposition, found.role, found.organisation) == (done, role, organisation)
    assert found.address == found.address.lower()
    assert found.reasons[-1].partition(": ")[2].startswith("yes, ")


@pytest.mark.parametrize("machine", Machine)
def test_no_machine_is_answered_whoever_it_says_it_is(machine):
    """Before anything else is asked."""
    assert verdict(AN, machine=machine).disposition is Disposition.DISCARD


@pytest.mark.parametrize("several", [{"authors": 2}, {"authors": 0}, {"from_fields": 2}, {"from_fields": 0}])
def test_several_authors_are_no_author(several):
    """Which one would be proven? The desk looks."""
    assert verdict(AN, **several).disposition is Disposition.HOLD


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

"""Which domains speak for an author, and what does the author's domain ask?"""

import pytest

from mailflow.reading.authentication.dmarc_check import DmarcPolicy, is_aligned, organisation_of, policy_of
from mailflow.reading.authentication.resolver import TemporaryFailure, ZoneResolver
from mailflow.reading.authentication.result_field import Result, names_a_host, only, results_in


@pytest.mark.parametrize(
    ("author", "proven", "relaxed", "strict"),
    [
        ("clb.example", "clb.example", True, True),
        ("clb.example", "mail.clb.example", True, False),
        ("leuven.clb.example", "clb.example", True, False),
        ("leuven.clb.example", "mail.clb.example", True, False),
        ("clb.example", "evil.example", False, False),
        ("clb.example", "xclb.example", False, False),
        ("clb.example", "clb.example.evil.test", False, False),
        ("clb.example", "example", False, False),  # the dmarc package takes any parent for aligned
        ("clb.co.uk", "co.uk", False, False),
        ("clb.co.uk", "evil.co.uk", False, False),
        ("co.uk", "co.uk", True, True),
        ("clb.github.io", "evil.github.io", False, False),
        ("clb.example", "", False, False),
        ("", "", False, False),
        ("clb..example", "clb.example", False, False),
    ],
)
def test_a_domain_speaks_for_its_organisation(author, proven, relaxed, strict):
    """Unless the record asks for the very same domain; a public suffix speaks for nobody."""
    assert is_aligned(author, proven) is relaxed
    assert is_aligned(author, proven, strict=True) is strict


def test_an_organisation_is_what_was_registered():
    """One label more than the public suffix."""
    assert organisation_of("a.b.clb.example") == "clb.example"
    assert organisation_of("a.clb.co.uk") == "clb.co.uk"
    assert organisation_of("co.uk") == "co.uk"


@pytest.mark.parametrize(
    ("records", "policy"),
    [
        (["v=DMARC1; p=reject"], DmarcPolicy("reject")),
        (["v=DMARC1;p=QUARANTINE;adkim=s;aspf=s;pct=0"], DmarcPolicy("quarantine", strict_dkim=True, strict_spf=True)),
        (["v=DMARC1; p=none; rua=mailto:x@clb.example"], DmarcPolicy("none")),
        (["v=DMARC1; rua=mailto:x@clb.example"], DmarcPolicy("")),
        (["v=DMARC1; p=destroy"], DmarcPolicy("destroy")),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], None),
        (["v=spf1 -all", "v=DMARC1; p=reject"], DmarcPolicy("reject")),
        (["p=reject; v=DMARC1"], None),
        (["v=dmarc1; p=reject"], None),
        (["v=DMARC1; p=reject; p=none"], None),
        (["DMARC1"], None),
        ([""], None),
        ([], None),
    ],
)
def test_a_record_says_what_the_domain_asks(records, policy):
    """One record, in order; two are none."""
    assert policy_of("clb.example", ZoneResolver({"_dmarc.clb.example": {"TXT": records}})) == policy


def test_a_sub_domain_asks_its_organisation():
    """sp before p; its own record before both; an organisation in doubt is asked again."""
    above = {"_dmarc.clb.example": {"TXT": ["v=DMARC1; p=reject; sp=quarantine"]}}
    own = {"_dmarc.leuven.clb.example": {"TXT": ["v=DMARC1; p=none; sp=reject"]}}

    assert policy_of("leuven.clb.example", ZoneResolver(above)).wanted == "quarantine"
    assert policy_of("leuven.clb.example", ZoneResolver(above | own)).wanted == "none"
    assert policy_of("clb.example", ZoneResolver({})) is None
    for name in ("_dmarc.leuven.clb.example", "_dmarc.clb.example"):
        assert isinstance(policy_of("leuven.clb.example", ZoneResolver({name: {"FAILS": ["TXT"]}})), TemporaryFailure)


@pytest.mark.parametrize(
    ("value", "dmarc"),
    [
        ("mx.example; dmarc=pass header.from=clb.example", "pass"),
        ("mx.example 1; DMARC=Pass (p=reject) header.from=clb.example", "pass"),
        ("dmarc=pass action=none header.from=clb.example;compauth=pass", "pass"),
        ('mx.example; spf=pass smtp.helo="; dmarc=pass header.from=clb.example"; dmarc=fail', "fail"),
        ("mx.example; spf=none (; dmarc=pass header.from=clb.example) x=y; dmarc=fail", "fail"),
        (r"mx.example; spf=none (\); dmarc=pass) x=y; dmarc=fail", "fail"),
        ("mx.example; dmarc=fail; dmarc=pass", None),
        ("mx.example; dmarc=pass header.from=a.example header.from=b.example", "unclear"),
        ("mx.example; dmarc", None),
        ("mx.example; dmarc=", None),
        ('mx.example; dmarc=pass "', None),
        ("mx.example; dmarc=pass (", None),
        ("mx.example; dmarc=pass )", None),
        ("mx.example; xdmarc=pass", None),
        ("mx.example; dmarc=pass\\", None),
        ("", None),
        ("(" * 100_000, None),
    ],
)
def test_a_results_field_is_read_outside_quotes_and_comments(value, dmarc):
    """What a stranger can put in there says nothing; two results of one method are none."""
    found = only(results_in(value) or (), "dmarc")

    assert (found.value if found else None) == dmarc


def test_properties_belong_to_their_result():
    """And a host's name in front is told from a result."""
    assert results_in("mx; spf=pass smtp.mailfrom=An@CLB.example; dmarc=none") == (
        Result("spf", "pass", {"smtp.mailfrom": "an@clb.example"}),
        Result("dmarc", "none"),
    )
    assert names_a_host("mx.example; dmarc=pass")
    assert names_a_host("(")
    assert not names_a_host("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=clb.example; dmarc=pass")

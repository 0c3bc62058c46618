"""The test suite of RFC 8617 for validation: every case, with its own DNS."""

import pytest
import yaml
from needs import CORPUS
from signers import MAIL, rsa_signer, seal

from mailflow.reading.authentication.arc_check import Chain, chain_of, check_arc, results_of
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.authentication.signed_mail import split_signed

VECTORS = CORPUS / "arc" / "arc-draft-validation-tests.yml"

# name: (what the suite asks, why we answer fail)
EXCEPTIONS = {
    "cv_fail_i1_as_cv_fail": ("", "the suite leaves a chain that ended with cv=fail open; RFC 8617 5.2, step 2: fail"),
    "cv_fail_i2_as2_fail": ("", "the same"),
    "cv_fail_i2_as1_fail": ("", "the same"),
    "ams_fields_h_empty": ("pass", "a signature that signs no field, not even From, would let anybody write it anew"),
}

ZONE = {"s1._domainkey.forum.example": {"TXT": [rsa_signer().record()]}}


@pytest.mark.usefixtures("corpus")
def test_every_case_of_the_suite_has_the_result_it_asks_for():
    """RFC 8617's own cases, but for the exceptions above; `pytest -s` prints how many."""
    suites = list(yaml.safe_load_all(VECTORS.read_text("utf-8")))
    wrong, cases = {}, 0

    for suite in suites:
        resolver = ZoneResolver({name: {"TXT": [record]} for name, record in suite["txt-records"].items()})
        for name, case in suite["tests"].items():
            cases += 1
            asked = str(case["cv"] or "").lower()
            found = state(case["message"].encode(), resolver)
            if found != asked:
                wrong[name] = (asked, found)

    print(f"\nARC: {cases - len(wrong)} of {cases} cases of RFC 8617")
    assert cases == 171
    assert wrong == {name: (asked, Chain.FAIL) for name, (asked, _) in EXCEPTIONS.items()}


def test_two_hosts_in_turn_make_a_whole_chain():
    """What the first one saw can be read, and the second one's seal covers it."""
    twice = seal(seal(MAIL, rsa_signer()), rsa_signer(), number=2, results="arc=pass")
    mail = split_signed(twice)

    sets = chain_of(mail)

    assert check_arc(mail, sets, ZoneResolver(ZONE)) is Chain.PASS
    assert results_of(sets[0]).strip() == "forum.example; dmarc=pass header.from=clb.example"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"dmarc=pass", b"dmarc=fail"),
        (b"een  plaats", b"geen plaats"),
        (b"An Peeters", b"Jan Peeters"),
        (b"i=1; forum", b"i=2; forum"),
        (b"cv=none", b"cv=pass"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=0"),
        (b"ARC-Seal:", b"X-Seal:"),
        (b"s=s1", b"s=s2"),
        (b"c=relaxed/relaxed", b"c=loose/loose"),
    ],
)
def test_a_chain_that_was_touched_is_broken(before, after):
    """Results, words, sender and order: each is covered by a seal or a signature."""
    mail = seal(MAIL, rsa_signer())
    assert before in mail

    assert state(mail.replace(before, after), ZoneResolver(ZONE)) is Chain.FAIL


def test_a_key_that_the_dns_does_not_give_now_is_no_broken_chain():
    """It is asked again."""
    resolver = ZoneResolver({"s1._domainkey.forum.example": {"FAILS": ["TXT"]}})

    assert state(seal(MAIL, rsa_signer()), resolver) is Chain.TEMPORARY


def state(raw, resolver):
    """The state of the chain in *raw*."""
    mail = split_signed(raw)
    return Chain.NONE if mail is None else check_arc(mail, chain_of(mail), resolver)

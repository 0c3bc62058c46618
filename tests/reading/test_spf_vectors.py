"""The test suite of RFC 7208: every case, with its own DNS."""

import pytest
import yaml
from needs import CORPUS

from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.authentication.spf_check import check_spf

VECTORS = CORPUS / "spf" / "rfc7208-tests.yml"
KINDS = ("TXT", "A", "AAAA", "MX", "PTR")

# name: why we answer otherwise. None at present.
EXCEPTIONS: dict[str, str] = {}


def cases():
    """(name, zone, case) of every case."""
    suites = list(yaml.safe_load_all(VECTORS.read_text("utf-8")))
    return [(name, zone(suite["zonedata"]), case) for suite in suites for name, case in suite["tests"].items()]


def zone(data):
    """A suite's DNS: SPF records count as TXT where no TXT stands; TIMEOUT stands for all other types."""
    table = {}
    for name, records in data.items():
        entry = table.setdefault(name, {})
        for record in (one for one in records if isinstance(one, dict)):
            for kind, value in record.items():
                entry.setdefault(kind, []).append(value)
        spf = entry.pop("SPF", [])
        if spf and "TXT" not in entry:
            entry["TXT"] = spf
        if entry.get("TXT") == ["NONE"]:
            del entry["TXT"]
        if "TIMEOUT" in records:
            entry["FAILS"] = [kind for kind in KINDS if kind not in entry]
    return table


@pytest.mark.usefixtures("corpus")
def test_every_case_of_the_suite_has_the_result_it_asks_for():
    """RFC 7208's own cases; `pytest -s` prints how many."""
    wrong = {}
    known = cases()

    for name, table, case in known:
        found = check_spf(
            client_ip=case["host"], mail_from=case["mailfrom"], helo=case["helo"], resolver=ZoneResolver(table)
        )
        if found.result not in ([case["result"]] if isinstance(case["result"], str) else case["result"]):
            wrong[name] = found.result

    print(f"\nSPF: {len(known) - len(wrong)} of {len(known)} cases of RFC 7208")
    assert len(known) > 200
    assert set(wrong) == set(EXCEPTIONS)


ZONE = {
    "clb.example": {"TXT": ["v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"]},
    "slow.example": {"FAILS": ["TXT"]},
    "waits.example": {"TXT": ["v=spf1 include:slow.example -all"]},
    "heavy.example": {"TXT": ["v=spf1 " + " ".join(f"mx:m{n}.heavy.example" for n in range(10)) + " -all"]},
    **{f"m{n}.heavy.example": {"MX": [[i, f"h{i}.m{n}.heavy.example"] for i in range(10)]} for n in range(10)},
    **{f"h{i}.m{n}.heavy.example": {"A": ["198.51.100.1"]} for n in range(10) for i in range(10)},
    "long.example": {"TXT": ["v=spf1 " + "a:" + "a" * 60_000 + ".example ip4:192.0.2.10 -all"]},
    "letters.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all é"]},
    "loop.example": {"TXT": ["v=spf1 include:loop2.example -all"]},
    "loop2.example": {"TXT": ["v=spf1 include:loop.example -all"]},
    "voids.example": {"TXT": ["v=spf1 a:1.example a:2.example a:3.example ip4:192.0.2.10 -all"]},
}


@pytest.mark.parametrize(
    ("client_ip", "mail_from", "helo", "result"),
    [
        ("192.0.2.10", "an@clb.example", "x", "pass"),
        ("2001:db8::10", "an@clb.example", "x", "pass"),
        ("::ffff:192.0.2.10", "an@clb.example", "x", "pass"),
        ("192.0.2.11", "an@clb.example", "x", "fail"),
        ("192.0.2.10", "AN@CLB.EXAMPLE", "x", "pass"),
        ("192.0.2.10", "", "clb.example", "pass"),
        ("192.0.2.10", "", "", "none"),
        ("192.0.2.10", "an@unknown.example", "x", "none"),
        ("192.0.2.10", "an@slow.example", "x", "temperror"),
        ("192.0.2.10", "an@waits.example", "x", "temperror"),
        ("192.0.2.10", "an@heavy.example", "x", "permerror"),
        ("192.0.2.10", "an@long.example", "x", "permerror"),
        ("192.0.2.10", "an@letters.example", "x", "permerror"),
        ("192.0.2.10", "an@loop.example", "x", "permerror"),
        ("192.0.2.10", "an@voids.example", "x", "permerror"),
        ("", "an@clb.example", "x", "none"),
        ("not an address", "an@clb.example", "x", "none"),
        ("192.0.2.10", "an\r\n@clb.example", "x", "none"),
        ("192.0.2.10", "an@clb.example\0.evil.example", "x", "none"),
        ("192.0.2.10", "an@" + "a" * 300 + ".example", "x", "none"),
        ("192.0.2.10", "an@.clb.example", "x", "none"),
        ("192.0.2.10", '"an@evil.example"@clb.example', "x", "none"),
        ("192.0.2.10", '"an, jan"@clb.example', "x", "pass"),
    ],
)
def test_an_envelope_is_judged_by_the_record_of_its_domain(client_ip, mail_from, helo, result):
    """What no record can answer is none, what a record gets wrong is permerror, and nothing raises."""
    found = check_spf(client_ip=client_ip, mail_from=mail_from, helo=helo, resolver=ZoneResolver(ZONE))

    assert found.result == result

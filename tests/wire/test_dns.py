"""The real resolver against a small name server on loopback: what it makes of each kind of answer."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from mailflow.reading.authentication.resolver import Answer, NoSuchName, TemporaryFailure
from mailflow.resolver import DnsResolver, Patience

RECORDS = {
    ("clb.example.", "TXT"): ['"v=spf1 " "-all"', '"second"'],
    ("clb.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("clb.example.", "AAAA"): ["2001:db8::1"],
    ("clb.example.", "MX"): ["10 mx.clb.example."],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["mx.clb.example."],
}


class NameServer:
    """Answers from RECORDS and counts; "broken" names get SERVFAIL, "silent" ones nothing."""

    def __init__(self):
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self):
        """Stop, by a datagram that is no question."""
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            wire, caller = self._socket.recvfrom(4096)
            if not wire:
                return
            self.asked += 1
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), caller)

    def _answer(self, question):
        asked = question.question[0]
        name, kind = asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if name.startswith("silent"):
            return None
        if name.startswith("broken"):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in RECORDS:
            answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *RECORDS[name, kind]))
        elif not any(known == name for known, _ in RECORDS):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@pytest.fixture
def server():
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def resolver(server):
    return DnsResolver(("127.0.0.1",), port=server.port)


def test_each_kind_of_record_is_read(resolver):
    """Strings of one record are joined, names have no final dot."""
    dns_of_mail = resolver.for_one_mail()

    assert set(dns_of_mail.txt("clb.example").values) == {b"v=spf1 -all", b"second"}
    assert set(dns_of_mail.a("clb.example").values) == {"192.0.2.1", "192.0.2.2"}
    assert dns_of_mail.aaaa("clb.example") == Answer(("2001:db8::1",))
    assert dns_of_mail.mx("CLB.example") == Answer(((10, "mx.clb.example"),))
    assert dns_of_mail.ptr("192.0.2.1") == Answer(("mx.clb.example",))


def test_nothing_nobody_and_not_now_are_three_answers(resolver):
    """Only the last may be asked again."""
    dns_of_mail = resolver.for_one_mail()

    assert dns_of_mail.ptr("no address") == NoSuchName()
    assert dns_of_mail.mx("1.2.0.192.in-addr.arpa") == Answer(())
    assert dns_of_mail.txt("unknown.example") == NoSuchName()
    assert isinstance(dns_of_mail.txt("broken.example"), TemporaryFailure)


@pytest.mark.parametrize(
    "name", ["", ".", "a" * 64 + ".example", "a..example", ("a" * 60 + ".") * 6, "\udcff.example", "a\\"]
)
def test_what_is_no_name_does_not_exist(resolver, name):
    """Nothing raises on what a stranger wrote."""
    assert isinstance(resolver.for_one_mail().txt(name), NoSuchName)


def test_an_answer_is_remembered_for_the_next_mail(server, resolver):
    """For as long as its TTL says."""
    resolver.for_one_mail().txt("clb.example")
    resolver.for_one_mail().txt("clb.example")

    assert server.asked == 1


def test_a_mail_has_only_so_much_time(server, resolver):
    """When its time is over, nothing more is asked; without name servers nothing is either."""
    patient = resolver.for_one_mail()

    assert isinstance(Patience(patient.dns, until=0).txt("clb.example"), TemporaryFailure)
    assert isinstance(Patience(None, until=patient.until).txt("clb.example"), TemporaryFailure)
    assert server.asked == 0

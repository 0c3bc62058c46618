"""Logging in with a token: a small token server of our own, and Dovecot that asks it whether a token is good."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from ports import free_port
from post import Post, Shelf, mail
from servers import Certificate, Dovecot, dovecot, open_folder, scripted, sink

from mailflow import tokens as tokens_module
from mailflow.intake.imap import Mailbox
from mailflow.intake.imap_faults import MailboxDown
from mailflow.outgoing.deliver import Courier, Delivered, Unavailable
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.tokens import TokenRefused, Tokens, TokenSettings, bearer

SECRET = "zéér geheim & 50%"


@dataclass
class TokenServer:
    """Gives a new token to whoever knows the secret, and says of each whether it is good."""

    url: str = ""
    user: str = ""
    """Whose mailbox the tokens open."""
    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """What to answer next, in place of a token."""
    expires_in: Any = 3600
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if path == "/introspect":
            good = form.get("token") in self.good
            return 200, json.dumps({"active": good, "username": self.user} if good else {"active": False}).encode()
        self.asked.append(form)
        if self.answers:
            return self.answers.pop(0)
        if form.get("client_secret") != SECRET:
            return 401, b'{"error": "invalid_client", "error_description": "AADSTS7000215: an@clb.example is wrong"}'
        token = f"token-{next(self.numbers)}"
        self.good.add(token)
        return 200, json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}).encode()


@contextmanager
def token_server(certificate: Certificate | None = None) -> Iterator[TokenServer]:
    """One on a free port, in threads of its own."""
    here = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            form = {key: values[0] for key, values in parse_qs(self.rfile.read(size).decode()).items()}
            status, body = here.answer(self.path, form)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    here.url = f"http{'s' if certificate else ''}://localhost:{server.server_port}/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server() as one:
        yield one


@pytest.fixture(scope="module")
def oauth() -> Iterator[tuple[Dovecot, TokenServer]]:
    """A Dovecot that takes tokens too, and asks our token server about each (RFC 7662)."""
    with token_server() as server, open_folder() as folder:
        introspection = folder / "oauth2.conf"
        introspection.write_text(
            f"introspection_mode = post\nintrospection_url = {server.url.replace('/token', '/introspect')}\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        more = f"""
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {introspection}
}}
"""
        with dovecot(more=more) as imap:
            yield imap, server


def tokens(server: TokenServer, **other: Any) -> Tokens:
    given = {"url": server.url, "client_id": "mailflow", "client_secret": SECRET, "scope": "mail/.default"}
    return Tokens(TokenSettings(**(given | other)))


def test_a_token_is_asked_for_once_and_used_until_shortly_before_its_end(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch
):
    """Client credentials (RFC 6749 4.4); a tenth of its term is left unused."""
    now = [1000.0]
    monkeypatch.setattr(tokens_module, "monotonic", lambda: now[0])
    ours = tokens(server)

    first = [ours.token(), ours.token()]
    now[0] += 3239
    still = ours.token()
    now[0] += 2
    kept = ours.is_kept()
    later = ours.token()

    assert (*first, still) == ("token-1",) * 3
    assert not kept
    assert later == "token-2"
    assert server.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": "mailflow",
        "client_secret": SECRET,
        "scope": "mail/.default",
    }


@pytest.mark.parametrize("term", [None, "soon", 0, -5])
def test_a_server_that_says_no_sensible_term_still_gives_a_token(server: TokenServer, term: Any):
    """It is used, though perhaps for this one time only."""
    server.expires_in = term

    assert tokens(server).token() == "token-1"


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b'{"error": "invalid_client"}', "the token server gives no token: 401 invalid_client"),
        (
            400,
            b'{"error": "unauthorized_client", "error_description": "AADSTS700016: Application x of an@clb.example"}',
            "the token server gives no token: 400 unauthorized_client AADSTS700016",
        ),
        (200, b"{}", "the token server gives no token: 200"),
        (200, b"[1]", "the token server gives no token: 200"),
        (200, b'{"access_token": "with\\r\\nline ends"}', "the token server gives no token: 200"),
        (200, b'{"access_token": 5}', "the token server gives no token: 200"),
        (200, b"<html>an@clb.example", "the token server was not understood: JSONDecodeError"),
        (302, b"{}", "the token server gives no token: 302"),
    ],
)
def test_no_token_is_told_by_codes_only(server: TokenServer, status: int, body: bytes, why: str):
    """Neither its words nor our secret; and nothing is sent to where it points."""
    server.answers = [(status, body)]

    with pytest.raises(TokenRefused) as refused:
        tokens(server).token()

    assert refused.value.why == why
    assert SECRET not in repr(tokens(server).settings)


def test_a_token_server_that_is_not_there_is_told():
    """No connection, or no answer in time."""
    nobody = Tokens(TokenSettings(url=f"http://127.0.0.1:{free_port()}/", client_id="x", client_secret="y"))
    with pytest.raises(TokenRefused, match="no connection to the token server"):
        nobody.token()

    with scripted(lambda caller, lines: lines.read()) as port:
        silent = Tokens(TokenSettings(url=f"http://127.0.0.1:{port}/", client_id="x", client_secret="y", timeout=0.2))
        with pytest.raises(TokenRefused, match="does not answer in time"):
            silent.token()


def test_the_token_server_must_prove_who_it_is(certificate: Certificate):
    """The secret goes only to a server with a trusted certificate."""
    with token_server(certificate) as server:
        trusted = tokens(server, ca_file=certificate.cert).token()
        with pytest.raises(TokenRefused, match="certificate is not trusted"):
            tokens(server).token()

    assert trusted == "token-1"
    assert len(server.asked) == 1


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_mailbox_opens_with_a_token(oauth: tuple[Dovecot, TokenServer], mechanism: str):
    """Dovecot itself asks the token server; TLS as ever."""
    imap, server = oauth
    post = Post(imap)
    server.user = post.user
    post.put(mail("een"))
    shelf = Shelf()

    with closing(Mailbox(settings(post, server, mechanism=mechanism), shelf.receive)) as mailbox:
        kept = mailbox.poll().kept

    assert kept == 1
    assert shelf.kept == [mail("een")]


def test_a_token_that_was_withdrawn_is_replaced_without_an_alarm(oauth: tuple[Dovecot, TokenServer]):
    """The server takes it no more before its end: another is asked for, at once, and that is all."""
    imap, server = oauth
    post = Post(imap)
    server.user = post.user
    ours = settings(post, server)
    with closing(Mailbox(ours, Shelf().receive)) as mailbox:
        mailbox.poll()
    server.good.clear()

    with closing(Mailbox(ours, Shelf().receive)) as mailbox:
        read = mailbox.poll()

    assert read.kept == 0
    assert len(server.good) == 1


def test_a_token_at_its_end_makes_a_new_login(oauth: tuple[Dovecot, TokenServer], monkeypatch: pytest.MonkeyPatch):
    """Before the server would end the session itself."""
    imap, server = oauth
    post = Post(imap)
    server.user = post.user
    now = [1000.0]
    monkeypatch.setattr(tokens_module, "monotonic", lambda: now[0])
    with closing(Mailbox(settings(post, server), Shelf().receive)) as mailbox:
        mailbox.poll()
        first = mailbox._client
        mailbox.poll()
        same = mailbox._client is first
        now[0] += 3500
        mailbox.poll()
        other = mailbox._client is not first

    assert same
    assert other


def test_a_failed_refresh_is_urgent(oauth: tuple[Dovecot, TokenServer]):
    """An operator must know at once: it will not mend by itself."""
    imap, server = oauth
    post = Post(imap)
    server.answers = [(401, b'{"error": "invalid_client"}')]

    with pytest.raises(MailboxDown) as down:
        Mailbox(settings(post, server), Shelf().receive).poll()

    assert down.value.urgent
    assert down.value.why == "the token server gives no token: 401 invalid_client"


def test_a_token_for_another_mailbox_is_refused(oauth: tuple[Dovecot, TokenServer]):
    """Urgent as well, and without names."""
    imap, server = oauth
    post = Post(imap)
    server.user = "somebody-else"

    with pytest.raises(MailboxDown) as down:
        Mailbox(settings(post, server), Shelf().receive).poll()

    assert down.value.urgent
    assert down.value.why.startswith("the login was refused")
    assert "somebody" not in down.value.why


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_letters_leave_with_a_token(server: TokenServer, certificate: Certificate, mechanism: str):
    """The same for the server that takes our letters; a refused token is no fault of the letter."""
    with sink(certificate, auth=True) as behind:
        given = SubmissionSettings(
            host="localhost",
            port=behind.port,
            security="starttls",
            user="meldpunt@meldpunt.example",
            tokens=tokens(server),
            mechanism=mechanism,
            ca_file=certificate.cert,
        )
        with closing(Courier(given)) as courier:
            sent = courier.deliver(sender="a@b.example", recipient="c@d.example", message=b"Subject: x\n\ny\n")
        behind.tokens_are_good = False
        with closing(Courier(given)) as courier:
            refused = courier.deliver(sender="a@b.example", recipient="c@d.example", message=b"Subject: x\n\ny\n")

    assert sent == Delivered()
    assert behind.logins[0][0] == bearer(mechanism, given.user, "token-1", "localhost", behind.port)
    assert refused == Unavailable("535 5.7.8 Authentication credentials invalid")
    assert len(server.asked) == 2


def settings(post: Post, server: TokenServer, **other: Any) -> Any:
    """Of a mailbox that is opened with a token."""
    return post.settings(password="", tokens=tokens(server), **({"mechanism": "xoauth2"} | other))

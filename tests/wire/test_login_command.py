"""`mailflow login`: does the login work, and if not, what is wrong and what is there to do?"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from imapclient import IMAPClient
from ports import free_port
from post import Post, mail
from running import mailflow
from servers import Dovecot, make_certificate, sink
from typer.testing import CliRunner, Result

from mailflow.cli import cli
from mailflow.logins import try_sending
from mailflow.outgoing.submission import SubmissionSettings

SECTION = """
[[mailbox]]
name = "meldpunt"
host = "{host}"
port = {port}
user = "{user}"
password_file = "mailbox.password"
ca_file = "{ca}"
"""
TOKEN = 'login = "xoauth2"\ntoken_url = "http://127.0.0.1:{port}/token"\nclient_id = "mailflow"\n'


@pytest.fixture
def post(mailserver: Dovecot) -> Post:
    return Post(mailserver)


@pytest.fixture
def tried(tmp_path: Path, post: Post):
    """Types `mailflow login` on a folder with that mailbox, and a server for letters."""
    with ExitStack() as stack:
        letters = stack.enter_context(sink())

        def types(
            *words: str, password: str = "sécret", ca: str = "", host: str = "localhost", more: str = ""
        ) -> Result:
            section = SECTION.format(
                host=host, port=post.server.imaps, user=post.user, ca=ca or post.server.certificate.cert
            )
            files = {"mailbox.password": f"{password}\n"}
            service = stack.enter_context(mailflow(tmp_path, letters, files=files, more=section + more))
            return CliRunner().invoke(cli, ["login", *words, "--config", str(service.config)], env={"COLUMNS": "200"})

        yield types


def test_a_login_that_works_says_what_waits(tried: Callable[..., Result], post: Post):
    """The mailbox and the server for letters; nothing is moved, nothing is marked as read, no folder is made."""
    post.put(mail("een"), mail("twee"))

    result = tried()

    assert result.exit_code == 0
    assert result.stdout == "meldpunt: the login works, 2 mails wait in INBOX\nsending: the server answers\n"
    assert post.subjects("INBOX") == ["een", "twee"]
    assert not any(rb"\Seen" in flags for flags in post.flags("INBOX"))
    assert "Verwerkt" not in post.folders()


def test_a_wrong_password_is_told_with_its_remedy(tried: Callable[..., Result]):
    """And the exit status says so to a script; the password is not shown."""
    result = tried("meldpunt", password="hunter2")

    assert result.exit_code == 1
    assert result.stdout == (
        "meldpunt: the login was refused [AUTHENTICATIONFAILED]. "
        "Check user, and the password in password_file; IMAP must be allowed for this mailbox.\n"
    )


def test_a_certificate_that_nobody_vouches_for_is_told(tried: Callable[..., Result], tmp_path: Path):
    """With what to write instead."""
    other = make_certificate(tmp_path)

    result = tried("meldpunt", ca=str(other.cert))

    assert result.exit_code == 1
    assert "meldpunt: the server's certificate is not trusted" in result.stdout
    assert "Write the host as its certificate names it" in result.stdout


def test_a_token_that_cannot_be_had_is_told(tried: Callable[..., Result]):
    """Nobody at that address."""
    result = tried("meldpunt", more=TOKEN.format(port=free_port()))

    assert result.exit_code == 1
    assert result.stdout.startswith("meldpunt: no connection to the token server: Connection refused. Check token_url")


def test_a_folder_that_is_not_there_is_told(tried: Callable[..., Result]):
    """The login itself is well."""
    result = tried("meldpunt", more='folder = "Aanmeldingen"\n')

    assert result.exit_code == 1
    assert "the server refused it" in result.stdout
    assert "Check folder" in result.stdout


def test_a_mailbox_that_is_not_configured_is_told(tried: Callable[..., Result]):
    """With those that are."""
    result = tried("post")

    assert result.exit_code == 2
    assert result.stderr == "there is no mailbox post: name one of meldpunt, sending\n"


def test_a_server_for_letters_that_is_away_is_told():
    """As the courier would find it."""
    told = try_sending(SubmissionSettings(host="127.0.0.1", port=free_port(), security="none"))

    assert (told.well, told.what) == (False, "no connection: Connection refused")
    assert "[sending]" in told.remedy


def test_a_server_that_cannot_be_understood_is_told(tried: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
    """Whatever imapclient makes of it, no traceback."""
    monkeypatch.setattr(IMAPClient, "select_folder", lambda *_, **__: 1 / 0)

    result = tried("meldpunt")

    assert result.exit_code == 1
    assert "the server was not understood: ZeroDivisionError" in result.stdout

"""Real mail servers for tests: throwaway, on free loopback ports, in a folder of their own."""

import asyncio
import ipaddress
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from needs import missing
from ports import free_port


def comes_to_be(there: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether it is so, or is within a while."""
    nap = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if there():
            return True
        nap.wait(0.05)
    return False


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that servers under another user can enter; tmp_path they cannot."""
    folder = Path(mkdtemp(prefix="mailflow-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs itself, for localhost and 127.0.0.1."""

    cert: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """Write cert.pem and key.pem to *folder*."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(folder / "cert.pem", folder / "key.pem")


@dataclass
class Running:
    """A server process that says on standard output when it is ready."""

    command: list[str]
    ready_line: str
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        ready = threading.Event()
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

        def listen() -> None:
            with process.stdout as output:
                for line in output:
                    self.lines.append(line)
                    if self.ready_line in line:
                        ready.set()
            ready.set()

        threading.Thread(target=listen, daemon=True).start()
        self.process = process
        if not ready.wait(30) or process.poll() is not None:
            self.stop()
            raise RuntimeError(f"{self.command[0]} did not start:\n{''.join(self.lines)}")

    def stop(self) -> None:
        """With all its children, also those that still serve somebody; it can be started again."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, kind)
            self.process.wait(30)


DOVECOT = """
base_dir = {dir}/run
state_dir = {dir}/run
instance_name = mailflow-test
log_path = /dev/stdout
protocols = imap
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 100
mail_location = maildir:~/Maildir
mail_fsync = never
passdb {{
  driver = static
  args = password=sécret
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home={dir}/mail/%n
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
{more}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A real IMAP server: any user name is a mailbox, the password is sécret."""

    folder: Path
    certificate: Certificate
    imap: int
    imaps: int
    server: Running
    password: str = "sécret"

    def maildir(self, user: str) -> Path:
        """Where that user's mail lies as files."""
        return self.folder / "mail" / user / "Maildir"


@contextmanager
def dovecot(*, prefix: str = "", separator: str = "/", more: str = "") -> Iterator[Dovecot]:
    """Start one, with *more* in its configuration; needs root, for it gives up its rights to the user vmail."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("Dovecot is not installed (apt-get install dovecot-imapd)")
    if os.geteuid() != 0:
        missing("Dovecot needs root to start")
    if subprocess.run(["id", "vmail"], check=False, capture_output=True).returncode:
        subprocess.run(["useradd", "-r", "-M", "-s", "/usr/sbin/nologin", "vmail"], check=True)
    with open_folder() as folder:
        for name in ("run", "mail"):
            (folder / name).mkdir()
        shutil.chown(folder / "mail", "vmail", "vmail")
        certificate = make_certificate(folder)
        imap, imaps = free_port(), free_port()
        config = folder / "dovecot.conf"
        config.write_text(
            DOVECOT.format(
                dir=folder,
                cert=certificate.cert,
                key=certificate.key,
                prefix=prefix,
                separator=separator,
                imap=imap,
                imaps=imaps,
                more=more,
            )
        )
        server = Running([program, "-F", "-c", str(config)], "starting up")
        server.start()
        try:
            yield Dovecot(folder, certificate, imap, imaps, server)
        finally:
            server.stop()


@dataclass
class Sink:
    """A mail server that keeps what it gets, and answers as told."""

    port: int = 0
    kept: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """By MAIL, RCPT or DATA: what to answer, once; else all is well."""
    calls: list[str] = field(default_factory=list)
    """Every hello and its name: how often somebody connected."""
    options: list[list[str]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    tokens_are_good: bool = True
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_EHLO(self, server, session, envelope, name, replies):
        session.host_name = name
        self.calls.append(name)
        return replies

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        self.options.append(options)
        return self.answers.pop("MAIL", "250 ok")

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.pop("RCPT", "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop("DATA", "250 ok")
        if answer.startswith("250"):
            self.kept.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            self.arrived.set()
        return answer

    async def auth_XOAUTH2(self, server, args: list[str]) -> AuthResult:
        self.logins.append((b64decode(args[1]), b""))
        return AuthResult(success=self.tokens_are_good, handled=False)

    auth_OAUTHBEARER = auth_XOAUTH2

    def log_in(self, server, session, envelope, mechanism, login) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == "sécret".encode(), handled=False)


@contextmanager
def sink(
    certificate: Certificate | None = None,
    *,
    port: int = 0,
    tls_at_once: bool = False,
    auth: bool = False,
    utf8: bool = True,
) -> Iterator[Sink]:
    """Run one in a thread of its own, on that port or else a free one."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert, certificate.key)
    here = Sink()
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(
            here,
            hostname="sink.test",
            enable_SMTPUTF8=utf8,
            tls_context=None if tls_at_once else context,
            require_starttls=context is not None and not tls_at_once,
            authenticator=here.log_in if auth else None,
            auth_required=auth,
            loop=loop,
        )

    listening = loop.create_server(session, "127.0.0.1", port, ssl=context if tls_at_once else None)
    server = loop.run_until_complete(listening)
    here.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield here
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def scripted(*scripts: Callable[[socket.socket, BinaryIO], None]) -> Iterator[int]:
    """A port where the first caller gets the first script, and so on; for what no sane server does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for script in scripts:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller, caller.makefile("rb") as lines, suppress(OSError):
                    script(caller, lines)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


POSTFIX = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
shlib_directory = /usr/lib/postfix
meta_directory = {dir}/etc
myhostname = mx.school.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
maillog_file = /dev/stdout
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_host_lookup = native
virtual_mailbox_domains = naft.example
virtual_mailbox_maps = inline:{{ coach@naft.example=x }}
virtual_transport = {transport}
relayhost = [127.0.0.1]:1
recipient_delimiter = +
message_size_limit = 30000000
lmtp_send_xforward_command = no
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""


@dataclass
class Postfix:
    """A real mail host."""

    port: int
    etc: Path
    server: Running

    def accepted(self) -> list[str]:
        """The Message-ID of every mail that it took, in the order in which it took them."""
        return [line.partition("message-id=")[2].strip() for line in [*self.server.lines] if "message-id=" in line]

    def fates(self, address: str) -> list[str]:
        """What became of the mails to that address: sent, deferred or bounced."""
        of_it = [line for line in [*self.server.lines] if f"to=<{address}>" in line and "status=" in line]
        return [line.partition("status=")[2].split()[0] for line in of_it]

    def try_again(self) -> None:
        """Flush the queue."""
        subprocess.run([shutil.which("postqueue") or "/usr/sbin/postqueue", "-c", str(self.etc), "-f"], check=True)


@contextmanager
def postfix(transport: str, more: str = "", *, port: int = 0) -> Iterator[Postfix]:
    """A real Postfix that knows coach@naft.example only, and passes the mail on by *transport*.

    *more* is added to its configuration, and takes the place of what it said there before.
    """
    program = shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("Postfix is not installed (apt-get install postfix)")
    if os.geteuid() != 0:
        missing("Postfix needs root to start")
    with open_folder() as folder:
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        port, etc = port or free_port(), folder / "etc"
        for name in ("dynamicmaps.cf", "postfix-files"):
            if (installed := Path("/etc/postfix", name)).exists():
                shutil.copy(installed, etc)
        (etc / "master.cf").write_text(_master(Path("/etc/postfix/master.cf.proto").read_text(), port))
        own = {line.partition("=")[0].strip() for line in more.splitlines() if "=" in line and not line[:1].isspace()}
        shipped = POSTFIX.format(dir=folder, transport=transport).splitlines()
        kept = [line for line in shipped if line.partition("=")[0].strip() not in own]
        (etc / "main.cf").write_text("\n".join([*kept, more, ""]))
        subprocess.run([program, "-c", str(etc), "check"], check=True, capture_output=True)
        server = Running([program, "-c", str(etc), "start-fg"], "daemon started")
        server.start()
        try:
            yield Postfix(port, etc, server)
        finally:
            subprocess.run([program, "-c", str(etc), "stop"], check=False, capture_output=True)
            server.stop()


def _master(shipped: str, port: int) -> str:
    """Postfix's own services: listening on loopback only, nothing in a chroot, logging to standard output."""
    services = []
    for line in shipped.splitlines():
        words = line.split()
        if line[:1].isspace() or line.startswith("#") or len(words) < 8:
            services.append(line)
            continue
        if words[:2] == ["smtp", "inet"]:
            words[0] = f"127.0.0.1:{port}"
        words[4] = "n"
        services.append(" ".join(words))
    if not any(line.startswith("postlog") for line in services):
        services.append("postlog unix-dgram n - n - 1 postlogd")
    return "\n".join(services) + "\n"

"""Which mailbox, where, and how is it read? As the operator decided."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mailflow.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class MailboxSettings:
    """One mailbox and its folders; times in seconds, sizes in bytes."""

    name: str
    """What people call it, for logs."""
    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    tokens: Tokens | None = field(default=None, repr=False)
    """Where to get a token to log in with, in place of the password."""
    mechanism: str = "xoauth2"
    """How a token is shown: xoauth2 or oauthbearer."""
    security: Literal["tls", "starttls", "none"] = "tls"
    """"none" only on this machine itself."""
    ca_file: Path | None = None
    """The authority to trust instead of the machine's own list."""
    folder: str = "INBOX"
    done: str = "Verwerkt"
    failed: str = "Te bekijken"
    timeout: float = 60
    max_size: int = 25 * 1024 * 1024
    poll_seconds: float = 60

    def __post_init__(self) -> None:
        if self.security not in ("tls", "starttls", "none"):
            raise ValueError("security is tls, starttls or none")
        if self.security == "none" and not _is_this_machine(self.host):
            raise ValueError('security "none" is only for a server on this machine: use tls or starttls')
        if self.folder in (self.done, self.failed):
            raise ValueError("mail must leave the folder it is read from: done and failed are other folders")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

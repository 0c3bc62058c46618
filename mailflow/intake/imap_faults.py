"""What is wrong with a mailbox? In a few words that name nobody."""

import re
import ssl

from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from mailflow.outgoing.wording import not_reached
from mailflow.tokens import TokenRefused

PASSING = frozenset({"[UNAVAILABLE]", "[INUSE]", "[LIMIT]"})
"""Codes of RFC 5530 that say nothing about the mail itself."""


class MailboxDown(Exception):
    """The mailbox cannot be reached or used now; *why* names no person."""

    def __init__(self, reason: str, *, urgent: bool = False) -> None:
        super().__init__(reason)
        self.why = reason
        self.urgent = urgent
        """Whether it will not mend by itself: a login that is refused."""


def why(error: Exception) -> str:
    """What went wrong, by kind and response code: never the server's own words, which can name people."""
    match error:
        case LoginError():
            return f"the login was refused{_code(error)}"
        case CapabilityError():
            return "the server does not offer what is needed (STARTTLS)"
        case IMAPClientAbortError():
            return "the connection was lost"
        case IMAPClientError():
            return f"the server refused it{_code(error)}"
        case _:
            return not_reached(error) or f"the server was not understood: {type(error).__name__}"


def remedy(error: Exception) -> str:
    """What an operator can do about it."""
    match error:
        case TokenRefused():
            return "Check token_url, client_id, scope, and the client secret in password_file: it may have run out."
        case LoginError():
            return "Check user, and the password in password_file; IMAP must be allowed for this mailbox."
        case CapabilityError():
            return 'Write security = "tls" with its port, usually 993.'
        case ssl.SSLCertVerificationError():
            return "Write the host as its certificate names it; an authority of your own goes into ca_file."
        case ssl.SSLError():
            return 'Check security and port: "tls" is usually 993, "starttls" 143.'
        case OSError():
            return "Check host and port, and whether a firewall lets this machine out."
        case IMAPClientAbortError():
            return "Try again: the server hung up."
        case _:
            return "Check folder: it must be there, and this user must be allowed to read it."


def is_urgent(error: Exception) -> bool:
    """Whether waiting will not help: the login is refused, or the certificate is not trusted."""
    if isinstance(error, LoginError):
        return _code(error).strip() not in PASSING
    return isinstance(error, TokenRefused | ssl.SSLCertVerificationError | CapabilityError)


def is_passing(error: Exception) -> bool:
    """Whether the server itself says that it is only for now."""
    return _code(error).strip() in PASSING


def _code(error: Exception) -> str:
    """The response code of RFC 3501 7.1 and RFC 5530, such as [OVERQUOTA]."""
    found = re.search(r"\[[A-Z-]{1,40}\]", str(error)[:1000])
    return f" {found[0]}" if found else ""

"""What is wrong with a mailbox? In a few words that name nobody."""

import re
import ssl

from imapclient.exceptions import CapabilityError, IMAPClientAbortError, LoginError


def why(error: Exception) -> str:
    """What went wrong, by kind and response code: never the server's own words, which can name people."""
    match error:
        case LoginError():
            return f"the login was refused{_code(error)}"
        case CapabilityError():
            return "the server does not offer what is needed (STARTTLS)"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS with this server: {error.reason}"
        case TimeoutError():
            return "the server does not answer in time"
        case OSError():
            return f"no connection: {error.strerror or type(error).__name__}"
        case IMAPClientAbortError():
            return "the connection was lost"
        case _:
            return f"the server refused or was not understood: {type(error).__name__}{_code(error)}"


def _code(error: Exception) -> str:
    """The response code of RFC 3501 7.1 and RFC 5530, such as [OVERQUOTA]."""
    found = re.search(r"\[[A-Z-]{1,40}\]", str(error)[:1000])
    return f" {found[0]}" if found else ""

"""What may be kept of why a server would not take a mail? Short, on one line, and naming nobody."""

import re
import smtplib
import ssl

from mailflow.tokens import TokenRefused

MOST_WORDS = 160  # characters


class Wording:
    """Cleans the words of a server that was told these addresses, and may repeat them."""

    def __init__(self, *addresses: str) -> None:
        self._names = {piece for address in addresses for piece in _pieces(address.rpartition("@")[0])}

    def of(self, code: int, text: bytes | str) -> str:
        """The code, and the text without the words that hold an address, or a part of a name in one."""
        plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        words = re.sub(r"<[^<>]{0,500}>", " ", plain[:2000]).split()
        kept = [word for word in words if not self._names_somebody(word)]
        readable = "".join(c for c in " ".join([str(code), *kept]) if c.isprintable())
        return readable[:MOST_WORDS].strip()

    def _names_somebody(self, word: str) -> bool:
        return bool(re.search(r"[@<>]|=40|%40", word)) or not self._names.isdisjoint(_pieces(word))


def trouble(error: Exception) -> str:
    """What went wrong on the way, naming nobody."""
    match error:
        case smtplib.SMTPResponseException():  # also a login that was refused, and a greeting that was none
            return Wording().of(error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError():
            return "the server does not offer STARTTLS or a login"
        case smtplib.SMTPException():  # an OSError as well
            return f"the connection was lost: {type(error).__name__}"
        case _:
            return not_reached(error) or f"the settings cannot be used: {type(error).__name__}"


def not_reached(error: Exception) -> str:
    """Why a server could not be reached or would not know us, whatever it speaks; "" for anything else."""
    match error:
        case TokenRefused():
            return error.why
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS with this server: {error.reason}"
        case TimeoutError():
            return "the server does not answer in time"
        case OSError():
            return f"no connection: {error.strerror or type(error).__name__}"
        case _:
            return ""


def _pieces(word: str) -> set[str]:
    """The parts of a name long enough to tell who it is; shorter ones are in every status code."""
    return {piece for piece in re.split(r"[\W_]+", word.lower()) if len(piece) > 2}

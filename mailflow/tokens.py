"""Who lets us in without a password? A token server: OAuth 2.0 with client credentials (RFC 6749 4.4)."""

import json
import re
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from mailflow.clock import monotonic

ANSWER_BYTES = 256 * 1024
TERM_SECONDS = 300.0  # how long a token is kept whose server does not say how long it is good
EARLY = 0.1  # the last part of its term in which a token is not used any more

_CODE = re.compile(r"[a-z_]{1,40}|AADSTS[0-9]{1,12}")


class TokenRefused(Exception):
    """There is no token to be had; *why* names no person and no secret."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class TokenSettings:
    """The token server and who we are to it; times in seconds."""

    url: str
    """https, or http on this machine only."""
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    ca_file: Path | None = None
    """The authority to trust instead of the machine's own list."""
    timeout: float = 30


class Tokens:
    """One access token at a time, used until shortly before its end; for any number of threads."""

    def __init__(self, settings: TokenSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._token = ""
        self._good_until = 0.0

    def token(self) -> str:
        """An access token that is good for a while; raises TokenRefused."""
        with self._lock:
            if not self.is_kept():
                now = monotonic()
                self._token, term = _asked(self.settings)
                self._good_until = now + term * (1 - EARLY)
            return self._token

    def is_kept(self) -> bool:
        """Whether the last token is still good: else a new one is asked for, and a new login is due."""
        return bool(self._token) and monotonic() < self._good_until

    def forget(self) -> None:
        """The server that it was for did not take it."""
        self._token = ""


def bearer(mechanism: str, user: str, token: str, host: str, port: int) -> bytes:
    """What a client says first: XOAUTH2 (Microsoft, Google) or OAUTHBEARER (RFC 7628 3.1)."""
    if mechanism == "xoauth2":
        return f"user={user}\1auth=Bearer {token}\1\1".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()


def _asked(settings: TokenSettings) -> tuple[str, float]:
    """A new token and for how many seconds it is good."""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        **({"scope": settings.scope} if settings.scope else {}),
    }
    try:
        status, answer = _posted(settings, urlencode(form))
    except ssl.SSLCertVerificationError as error:
        raise TokenRefused(f"the token server's certificate is not trusted: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise TokenRefused(f"no TLS with the token server: {error.reason}") from None
    except TimeoutError:
        raise TokenRefused("the token server does not answer in time") from None
    except OSError as error:
        raise TokenRefused(f"no connection to the token server: {error.strerror or type(error).__name__}") from None
    except (HTTPException, ValueError) as error:
        raise TokenRefused(f"the token server was not understood: {type(error).__name__}") from None
    token, term = answer.get("access_token"), answer.get("expires_in", TERM_SECONDS)
    if status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise TokenRefused(f"the token server gives no token: {status}{_codes(answer)}")
    try:
        return token, max(0.0, float(term))
    except (TypeError, ValueError):
        return token, TERM_SECONDS


def _posted(settings: TokenSettings, form: str) -> tuple[int, dict[str, Any]]:
    """The answer to a form. A redirection is no answer: the secret goes to this one address only."""
    parts = urlsplit(settings.url)
    place = (parts.hostname or "", parts.port)
    connection = (
        HTTPSConnection(*place, timeout=settings.timeout, context=ssl.create_default_context(cafile=settings.ca_file))
        if parts.scheme == "https"
        else HTTPConnection(*place, timeout=settings.timeout)
    )
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        connection.request("POST", path, body=form, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read(ANSWER_BYTES))
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}


def _codes(answer: dict[str, Any]) -> str:
    """Its error code, and Microsoft's own: never its words."""
    own = re.match(r"AADSTS[0-9]{1,12}", str(answer.get("error_description", "")))
    found = [str(answer.get("error", "")), own[0] if own else ""]
    return "".join(f" {code}" for code in found if _CODE.fullmatch(code))

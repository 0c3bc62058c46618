"""What the tests over real sockets share."""

from collections.abc import Iterator

import pytest
from servers import Certificate, Dovecot, dovecot, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For localhost, signed by itself."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def mailserver() -> Iterator[Dovecot]:
    """A real Dovecot; each test has a mailbox of its own in it."""
    with dovecot() as server:
        yield server


@pytest.fixture(scope="module")
def prefixed_mailserver() -> Iterator[Dovecot]:
    """A Dovecot where one's own folders lie under INBOX and levels are parted by dots, as at many hosts."""
    with dovecot(prefix="INBOX.", separator=".") as server:
        yield server

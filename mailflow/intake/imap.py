"""How does mail come in from a mailbox? Fetch, commit, then move; what could not be kept stays in the folder.

Everything still in the folder is work to do, and whoever receives it knows content that it has seen before: so a
mailbox that was renumbered (UIDVALIDITY), restored, or tidied by a person loses nothing.
"""

# mypy: allow-untyped-calls
# (imapclient has no types for most of what is called here)

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailflow.clock import monotonic
from mailflow.core.mail import Envelope
from mailflow.intake.imap_copies import remove
from mailflow.intake.imap_faults import MailboxDown, is_passing, is_urgent, why
from mailflow.intake.imap_server import connected, folders, hang_up, move
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.seams import reached

log = logging.getLogger(__name__)

BATCH = 100  # mails that are moved in one command: a mailbox of thousands is emptied in one sitting
GROUP_BYTES = 1024 * 1024  # mails that are fetched in one command: together no more than this in memory
UNREADABLE_AFTER = 3  # readings in which the server could not give us a mail
IDLE_SECONDS = 8 * 60  # RFC 2177 asks for 29 minutes at most; routers and firewalls forget a silent line after 10
GLANCE_SECONDS = 1.0  # how long a stop waits for IDLE


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one reading of a mailbox found."""

    kept: int
    """Mails that came in."""
    uid_validity: int
    uid: int
    """The highest that was dealt with in this session; 0: none."""
    set_aside: int
    """How many lie in the folder for what could not be fetched, now."""
    trouble: str
    """Why mail that is kept could not be moved, "" when all of it was."""


class Mailbox:
    """Empties one mailbox; for one thread.

    *receive* returns once the mail is durable; when it raises, the mail stays where it is until the next reading.
    """

    def __init__(self, settings: MailboxSettings, receive: Callable[[bytes, Envelope], None]) -> None:
        self.settings = settings
        self._receive = receive
        self._client: IMAPClient | None = None
        self._folders: dict[str, str] = {}
        self._to_move: dict[tuple[int, int], str] = {}
        """(UIDVALIDITY, UID) of what was dealt with but is still in the folder, and where it must go."""
        self._unreadable: dict[tuple[int, int], int] = {}
        """The same for what the server could not give us, and how often."""
        self._highest = 0
        self._refusal = ""

    def poll(self, go_on: Callable[[], bool] = lambda: True) -> Read:
        """Take in all that is in the folder, oldest first. Connects when needed.

        Ends early, between two mails, when *go_on* says so. Raises only MailboxDown.
        """
        try:
            client, validity = self._opened()
            self._refusal = ""
            aside = self._lie_aside(client)
            kept, seen = 0, set[int]()
            while uids := [uid for uid in self._work(client, validity) if uid not in seen]:  # and what came meanwhile
                seen.update(uids)
                for batch in _batches(uids):
                    if go_on():
                        kept += self._take_batch(client, validity, batch, go_on)
        except Exception as error:  # noqa: BLE001, RUF100 - a strange server can make imapclient raise anything
            raise self._down(error) from None  # what the server wrote can name people
        return Read(kept=kept, uid_validity=validity, uid=self._highest, set_aside=aside, trouble=self._refusal)

    def wait(self, go_on: Callable[[], bool], seconds: float) -> bool:
        """Wait in IDLE until there may be new mail, *go_on* says no, or *seconds* have passed (8 minutes at most).

        False, at once, when the server has no IDLE. Raises only MailboxDown: a line that died is noticed at once when
        the system knows, else at the end, when the server does not answer any more.
        """
        client = self._client
        if client is None:
            return False
        try:
            if not client.has_capability("IDLE"):
                return False
            _idle(client, go_on, min(seconds, IDLE_SECONDS))
        except Exception as error:  # noqa: BLE001, RUF100 - as above
            raise self._down(error) from None
        return True

    def remove(self, message_id: str, size: int, is_copy: Callable[[bytes], bool]) -> int:
        """Take every copy of a mail out of our folders for good; how many there were. Raises only MailboxDown."""
        try:
            client, _ = self._opened()
            removed = remove(client, {*self._folders.values()}, message_id, size, is_copy)
            self._select(client)
        except Exception as error:  # noqa: BLE001, RUF100 - as above
            raise self._down(error) from None
        return removed

    def close(self) -> None:
        """Say goodbye; a later poll connects again."""
        if self._client is not None:
            try:
                self._client.logout()
            except (OSError, IMAPClientError):
                hang_up(self._client)
            self._client = None

    def _down(self, error: Exception) -> MailboxDown:
        self._drop()
        return MailboxDown(why(error), urgent=is_urgent(error))

    def _drop(self) -> None:
        if self._client is not None:
            hang_up(self._client)
            self._client = None

    def _opened(self) -> tuple[IMAPClient, int]:
        """A connection with the folder open, and its UIDVALIDITY; a kept connection may have died since."""
        tokens = self.settings.tokens
        if tokens is not None and not tokens.is_kept():
            self.close()  # the server would end the session soon
        if self._client is not None:
            try:
                return self._client, self._select(self._client)
            except (OSError, IMAPClientError):
                self._drop()
        self._client = connected(self.settings)
        self._folders = folders(self._client, self.settings)
        return self._client, self._select(self._client)

    def _select(self, client: IMAPClient) -> int:
        return int(client.select_folder(self._folders[self.settings.folder])[b"UIDVALIDITY"])

    def _lie_aside(self, client: IMAPClient) -> int:
        """How many mails wait in the folder for what could not be fetched; 0 where it could not be made."""
        try:
            return int(client.folder_status(self._folders[self.settings.failed], ["MESSAGES"])[b"MESSAGES"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return 0

    def _work(self, client: IMAPClient, validity: int) -> list[int]:
        """What is in the folder, oldest first; what is not there any more is forgotten."""
        uids = sorted(client.search(["UNDELETED"]))
        there = {(validity, uid) for uid in uids}
        self._to_move = {one: to for one, to in self._to_move.items() if one in there}
        self._unreadable = {one: times for one, times in self._unreadable.items() if one in there}
        return uids

    def _take_batch(self, client: IMAPClient, validity: int, uids: Sequence[int], go_on: Callable[[], bool]) -> int:
        """Deal with some mails one by one, then move them together; how many came in just now."""
        new = [uid for uid in uids if (validity, uid) not in self._to_move]
        sizes = self._sizes(client, new)
        kept = 0
        for group in _groups(new, sizes):
            small = self._small(client, group) if len(group) > 1 else {}
            for uid in group:
                if go_on():
                    kept += self._take(client, validity, uid, sizes.get(uid), small)
        self._move_away(client, validity, uids)
        return kept

    def _take(
        self, client: IMAPClient, validity: int, uid: int, size: int | None, fetched: Mapping[int, bytes]
    ) -> bool:
        """Deal with one mail, fetched already or not; whether it came in. None: nobody knows its size."""
        settings = self.settings
        if size is not None and size > settings.max_size:
            log.error("mailbox %s: mail uid=%d of %d bytes is too big, set aside", settings.name, uid, size)
            self._to_move[validity, uid] = settings.failed
            return False
        raw = fetched[uid] if uid in fetched else self._fetched(client, validity, uid)
        if raw is None:
            return False
        try:
            self._receive(raw, Envelope(via="imap", origin=f"{settings.name}/{validity}/{uid}"))
        except Exception as error:  # noqa: BLE001, RUF100 - whatever it was: the mail stays, and the next ones go on
            kind = type(error).__name__
            log.error("mailbox %s: mail uid=%d could not be kept, stays: %s", settings.name, uid, kind)  # noqa: TRY400 - a traceback can quote the mail
            return False
        self._to_move[validity, uid] = settings.done
        self._highest = max(self._highest, uid)
        return True

    def _small(self, client: IMAPClient, uids: Sequence[int]) -> dict[int, bytes]:
        """Several small mails at once; none when the server chokes on one of them: then each by itself."""
        try:
            found = client.fetch(uids, ["BODY.PEEK[]"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return {}
        return {uid: facts[b"BODY[]"] for uid, facts in found.items() if facts.get(b"BODY[]") is not None}

    def _sizes(self, client: IMAPClient, uids: Sequence[int]) -> dict[int, int]:
        """The size of each mail, in bytes; those that are gone meanwhile, or cannot be read, are left out."""
        if not uids:
            return {}
        try:
            found = client.fetch(uids, ["RFC822.SIZE"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return {}
        return {uid: int(facts[b"RFC822.SIZE"]) for uid, facts in found.items() if b"RFC822.SIZE" in facts}

    def _fetched(self, client: IMAPClient, validity: int, uid: int) -> Any:  # noqa: ANN401 - bytes, from an untyped library
        """One mail; None when it is gone meanwhile, or when the server cannot read it: then, some times later, it is
        set aside."""
        try:
            return client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            name = self.settings.name
            log.error("mailbox %s: mail uid=%d cannot be fetched, stays: %s", name, uid, why(error))  # noqa: TRY400 - a traceback can name people
            if not is_passing(error):
                self._unreadable[validity, uid] = self._unreadable.get((validity, uid), 0) + 1
            if self._unreadable.get((validity, uid), 0) >= UNREADABLE_AFTER:
                self._to_move[validity, uid] = self.settings.failed
            return None

    def _move_away(self, client: IMAPClient, validity: int, uids: Sequence[int]) -> None:
        """Move what was dealt with; what the server will not move is only moved again later, never taken in again."""
        for folder in (self.settings.done, self.settings.failed):
            group = [uid for uid in uids if self._to_move.get((validity, uid)) == folder]
            if group and not self._moved(client, validity, group, folder) and len(group) > 1:
                refused = 0  # one of them may be what it chokes on; a full disk refuses all
                for uid in group:
                    refused += not self._moved(client, validity, [uid], folder)
                    if refused == UNREADABLE_AFTER:
                        break

    def _moved(self, client: IMAPClient, validity: int, uids: Sequence[int], folder: str) -> bool:
        try:
            reached("before_move")
            move(client, uids, self._folders[folder])
            reached("after_move")
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            self._refusal = f"mail that is kept cannot be moved to {folder}: {why(error)}"
            log.error("mailbox %s: %s", self.settings.name, self._refusal)  # noqa: TRY400 - a traceback can name people
            self._folders = folders(client, self.settings)  # somebody may have removed the folder
            return False
        for uid in uids:
            del self._to_move[validity, uid]
        return True


def _idle(client: IMAPClient, go_on: Callable[[], bool], seconds: float) -> None:
    """Until something comes. What was only told at the end counts as well: whoever called looks anyway."""
    client.idle()
    end = monotonic() + seconds
    while go_on() and (now := monotonic()) < end:
        told = client.idle_check(timeout=GLANCE_SECONDS)
        if not told and monotonic() - now < GLANCE_SECONDS / 2:
            raise ConnectionAbortedError("an IDLE that ends at once: nobody is there")
        if any(one[-1] in (b"EXISTS", b"RECENT") or one[0] == b"BYE" for one in told):
            break
    client.idle_done()


def _groups(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[Sequence[int]]:
    """Neighbours that are small enough together to be fetched in one go; what has no size stands alone."""
    group: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes.get(uid, GROUP_BYTES)
        if group and weight + size > GROUP_BYTES:
            yield group
            group, weight = [], 0
        group.append(uid)
        weight += size
    if group:
        yield group


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]

"""Where does a mail still lie that must be gone? Every copy of it leaves our folders for good."""

# mypy: allow-untyped-calls
# (imapclient has no types for most of what is called here)

from collections.abc import Callable, Iterable

from imapclient import DELETED, IMAPClient

ADDED_BYTES = 20_000  # what a mail host writes above a mail: a copy is that much bigger or smaller at most


def remove(
    client: IMAPClient, folders: Iterable[str], message_id: str, size: int, is_copy: Callable[[bytes], bool]
) -> int:
    """Expunge what *is_copy* says yes to; how many there were.

    It is asked about the mails with that Message-ID, or where there is none, about those of nearly that size (bytes).
    """
    criteria: list[str | int] = (
        ["HEADER", "Message-ID", message_id]
        if message_id
        else ["LARGER", max(0, size - ADDED_BYTES), "SMALLER", size + ADDED_BYTES]
    )
    removed = 0
    for folder in folders:
        client.select_folder(folder)
        for uid in client.search(criteria):
            raw = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
            if raw is None or not is_copy(raw):
                continue
            client.add_flags([uid], [DELETED], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge([uid])
            else:  # along with what others marked as deleted in our folders
                client.expunge()
            removed += 1
    return removed

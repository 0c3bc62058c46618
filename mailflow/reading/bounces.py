"""What does a delivery report say: who did not get the letter, for good or not yet, and which letter was it?"""

import logging
import re
from collections.abc import Iterable, Mapping
from email.message import Message

from mailflow.core.mail import Attachment, Bounce, Mail
from mailflow.reading.addresses import mailboxes
from mailflow.reading.charsets import guess
from mailflow.reading.fields import Field, first, header_start, message_ids, split_fields

REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
RETURNED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
GROUPS = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2,}")
READ_BYTES = 65_536
READ_CHARACTERS = 30_000

STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
OLD_ID = re.compile(r"^[>|\s]{0,10}Message-ID:\s{0,20}(<[^<>\s]{1,996}>)", re.IGNORECASE | re.MULTILINE)
NOT_YET = re.compile(
    r"\bdelay|\bwarning: (?:message|could not send)|still being retried|will (?:be retried|retry|keep trying|continue)"
    r"|not yet been delivered|vertraagd|retard[ée]",
    re.IGNORECASE,
)
RAW_ID = re.compile(rb"^Message-ID:\s{0,20}(<[^<>\s]{1,996}>)", re.IGNORECASE | re.MULTILINE)
RAW_BYTES = 500_000
# Where an old report ends and the letter that it returns begins.
RETURNED_BELOW = re.compile(
    r"^[ \t>|-]{0,80}(?:original message|this is a copy of|below (?:this line )?is a copy|copy of the original"
    r"|the (?:returned )?message (?:text|follows)|(?:return-path|received|message-id|mime-version|subject): )",
    re.IGNORECASE | re.MULTILINE,
)
ANY_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,64}@[\w-][\w.-]{1,200}\w")


def reported(mail: Mail) -> tuple[Mapping[str, str], ...]:
    """The fields per recipient of a delivery report (RFC 3464 2.3), names in lower case; () when there is none."""
    groups: list[dict[str, str]] = []
    for part in mail.attachments:
        if part.type in REPORTS:
            for block in GROUPS.split(part.content[:READ_BYTES])[:50]:
                fields, _, _ = split_fields(block, 0, max_bytes=READ_BYTES, max_fields=100)
                groups.append({name: guess(value[:2000]).strip() for name, value in fields})
    return tuple(group for group in groups if "final-recipient" in group or "action" in group or "status" in group)


def action(group: Mapping[str, str]) -> str:
    """The Action of one recipient in lower case: failed, delayed, delivered, relayed, expanded, or ""."""
    return group.get("action", "").partition("(")[0].strip().lower()[:20]


def bounce(mail: Mail, raw: bytes) -> Bounce:
    """What *mail*, known to be a delivery report of any format, tells; *recipient* is "" when it names nobody.

    *raw* are the bytes it was read from: some systems return our letter in places that are no part of a mail.

    *permanent* means given up: a full mailbox after five days is 4.2.2, and the letter still never arrives.
    """
    groups = sorted(reported(mail), key=lambda group: {"failed": 0, "delayed": 1}.get(action(group), 2))
    one = groups[0] if groups else {}
    told = _told(mail)
    status = _status(one, told)
    return Bounce(
        recipient=_recipient(one) or _older_recipient(mail, told),
        permanent=_given_up(one, f"{mail.subject}\n{told}", status),
        status=status,
        original_message_id=_original(mail, groups) or _anywhere(mail, raw),
    )


def _told(mail: Mail) -> str:
    """What the mail host says itself, without the letter that it returns below."""
    text = mail.text[:READ_CHARACTERS]
    letter = RETURNED_BELOW.search(text)
    return text[: letter.start()] if letter else text


def _status(one: Mapping[str, str], told: str) -> str | None:
    for place in (one.get("status", ""), one.get("diagnostic-code", ""), told):
        # 5.0.0 says no more than "failed": the diagnosis may know better.
        exact: str | None = next((code for code in STATUS.findall(place) if not code.endswith(".0.0")), None)
        if exact:
            return exact
    bare = STATUS.search(one.get("status", ""))
    return bare[1] if bare else None


def _given_up(one: Mapping[str, str], told: str, status: str | None) -> bool:
    match action(one):
        case "failed":
            return True
        case "delayed":
            return False
    if status and one:
        return not status.startswith("4")
    # Without the word for it, 4xx in an old report says why it was given up, not that it was not.
    return not NOT_YET.search(told)


def _recipient(one: Mapping[str, str]) -> str:
    """The address as we wrote it where the report knows that, else where the mail ended up."""
    return _addressed(one.get(name, "").rpartition(";")[2] for name in ("original-recipient", "final-recipient"))


def _older_recipient(mail: Mail, told: str) -> str:
    """The recipient where no report names one: by field, by known formats, by the letter returned, by the text."""
    if named := _addressed(mail.headers_named("x-failed-recipients")):
        return named
    if known := _scanned(mail, told):
        return known
    for part in mail.attachments:
        if part.type in RETURNED:
            wrote_to = mailboxes(first(_returned(part), "to"))
            if len(wrote_to) == 1 and wrote_to[0].address:
                return wrote_to[0].address
    ours = {one.key for one in (*mail.to, *mail.from_)}
    return next((one for one in ANY_ADDRESS.findall(told) if one.lower() not in ours), "")


def _addressed(values: Iterable[str]) -> str:
    """The first readable address in these values."""
    return next((found.address for value in values for found in mailboxes(value[:1000].encode()) if found.address), "")


def _original(mail: Mail, groups: Iterable[Mapping[str, str]]) -> str | None:
    """The Message-ID of the letter that came back."""
    for part in mail.attachments:
        if part.type in RETURNED:
            ids = message_ids([first(_returned(part), "message-id")], 1)
            if ids:
                return ids[0]
    for group in groups:
        if ids := message_ids([group.get("x-original-message-id", "").encode()], 1):
            return ids[0]
    if old := OLD_ID.search(mail.text[:200_000]):
        return old[1]
    return None


def _anywhere(mail: Mail, raw: bytes) -> str | None:
    """An id that stands anywhere in the report and is not its own; else the one it answers."""
    for written in RAW_ID.findall(raw[:RAW_BYTES]):
        ids = message_ids([written], 1)
        if ids and ids[0] != mail.message_id:
            return ids[0]
    answered = mail.in_reply_to or mail.references[-1:]
    return answered[0] if answered else None


def _returned(part: Attachment) -> list[Field]:
    content = part.content[:READ_BYTES]
    return split_fields(content, header_start(content), max_bytes=READ_BYTES, max_fields=300)[0]


def _scanned(mail: Mail, told: str) -> str:
    """The recipient as flufl.bounce finds it in the older formats; its patterns get short lines only."""
    # Imported here: most mails are no bounces.
    from flufl.bounce import all_failures  # noqa: PLC0415 - slow to load: on first use

    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # its log would name people
    message = Message()
    message["From"] = mail.header("from") or ""
    message["Subject"] = mail.subject
    message.set_payload("\n".join(line[:200] for line in told.splitlines()[:300]))
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # a stranger's text in a stranger's patterns: no recipient then
        return ""
    return _addressed(sorted(one.decode("utf-8", "replace") for one in (*permanent, *temporary)))

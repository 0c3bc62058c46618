"""What this process did since it began: counters, as Prometheus expects them. Other processes count their own."""

from collections import Counter
from collections.abc import Iterable
from threading import Lock

from mailflow.core.decision import Decision
from mailflow.core.lifecycle import Event
from mailflow.storage.mails import MailResult

MAILS_IN, MAILS_READ, LETTERS_OUT, ANSWERED = "mails_in", "mails_read", "letters_out", "answers"
ANSWERS = {
    Event.MAIL_CAME: "read",
    Event.ASKED_BACK: "asked",
    Event.LETTER_VOIDED: "corrected",
}
"""Events that count answers; corrected: a letter that said what we had understood was taken back in time."""


class Done:
    """Counts that only rise, from every thread; each is noted once what it counts is kept."""

    def __init__(self) -> None:
        """Nothing was done yet."""
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def mail_came(self) -> None:
        """A mail was taken in; one more copy of it counts too."""
        self._add([(MAILS_IN, "")])

    def kept(self, decisions: Iterable[Decision], mail: MailResult | None, letter: tuple[int, str] | None) -> None:
        """These decisions were kept, with what became of *mail*, and of *letter*: (id, new state)."""
        found = [(MAILS_READ, mail.outcome)] if mail else []
        found += [(LETTERS_OUT, letter[1])] if letter else []
        for one in decisions:
            found += [(ANSWERED, ANSWERS[happened.kind]) for happened in one.events if happened.kind in ANSWERS]
            found += [(LETTERS_OUT, "void")] * len(one.voids)
            found += [(MAILS_READ, settled.outcome.value) for settled in one.settles]
        self._add(found)

    def of(self, what: str) -> dict[str, int]:
        """How often, by label."""
        with self._lock:
            return {label: count for (one, label), count in self._counts.items() if one == what}

    def _add(self, found: Iterable[tuple[str, str]]) -> None:
        with self._lock:
            self._counts.update(found)

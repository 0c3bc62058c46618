"""Opens attached documents in a process of its own, which may use so much memory and time and no more.

The libraries that read PDF, Word and sheets are the largest code that a stranger's bytes reach. What they do to
their process ends with it: the mail is read on, and its sender hears that the document could not be opened.
"""

import atexit
import json
import os
import pickle
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from multiprocessing.connection import Connection

from mailflow.core.mail import Attachment, Found, Pair
from mailflow.reading.documents import attachments
from mailflow.reading.documents.limits import DocumentLimits, Unread

Labels = Callable[[], Callable[[str], bool]]
TOO_HEAVY = Unread("te zwaar om te openen")
MEGABYTE = 1024 * 1024


@dataclass
class Apart:
    """One such process, begun when it is first needed and begun anew when it had to be ended; for any thread."""

    seconds: float = 20
    """How long one document may take."""
    megabytes: int = 1000
    """How much memory the process may have, all in all."""
    _process: "subprocess.Popen[bytes] | None" = None
    _line: "tuple[Connection, Connection] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, attachment: Attachment, limits: DocumentLimits, labels: Labels) -> Found | Unread | None:
        """As attachments.read; TOO_HEAVY when the process died over it or had to be ended."""
        with self._lock:
            to, back = self._opened()
            try:
                to.send_bytes(pickle.dumps((attachment, limits, labels)))
                if back.poll(self.seconds):
                    return _told(json.loads(back.recv_bytes()))
            except (EOFError, OSError):
                pass  # it died
            self._end()
            return TOO_HEAVY

    def close(self) -> None:
        """End it; the next document begins another one."""
        with self._lock:
            self._end()

    def _opened(self) -> tuple[Connection, Connection]:
        if self._line is None:
            (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
                [sys.executable, "-m", __name__, str(theirs_in), str(theirs_out), str(self.megabytes)],
                pass_fds=(theirs_in, theirs_out),
                stdin=subprocess.DEVNULL,
            )
            os.close(theirs_in)
            os.close(theirs_out)
            self._line = Connection(ours_out, readable=False), Connection(ours_in, writable=False)
            atexit.register(self.close)
        return self._line

    def _end(self) -> None:
        if self._process is not None and self._line is not None:
            for one in self._line:
                one.close()
            self._process.kill()
            self._process.wait()
            self._process, self._line = None, None
            atexit.unregister(self.close)


@cache
def shared(seconds: float, megabytes: int) -> Apart:
    """The one with these bounds that all of this process uses."""
    return Apart(seconds=seconds, megabytes=megabytes)


def serve(orders: Connection, answers: Connection) -> None:
    """Open one document after the other until nobody asks any more."""
    while True:
        try:
            attachment, limits, labels = pickle.loads(orders.recv_bytes())  # noqa: S301 - from our own parent only
        except EOFError:
            return
        outcome = attachments.read(attachment, limits, labels())
        answers.send_bytes(json.dumps(None if outcome is None else asdict(outcome)).encode())


def _told(answer: dict[str, object] | None) -> Found | Unread | None:
    """What it answered. It is JSON, so that a process that a document took over can tell us words and nothing else."""
    if answer is None:
        return None
    if "why" in answer:
        return Unread(str(answer["why"]))
    pairs = tuple(Pair(**pair) for pair in answer.pop("pairs"))  # type: ignore[attr-defined]  # our own child wrote it
    return Found(pairs=pairs, **answer)  # type: ignore[arg-type]  # as above


def _bound(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file at all


if __name__ == "__main__":
    _bound(int(sys.argv[3]))
    serve(Connection(int(sys.argv[1]), writable=False), Connection(int(sys.argv[2]), readable=False))

"""What the threads of this process do next: work claimed for them already, and work they may hold without knowing."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy.exc import DBAPIError

from mailflow.storage.claims import Task
from mailflow.storage.tasks import Tasks

Kinds = tuple[str, ...]
"""The kinds of work that one thread does."""


class Upcoming:
    """Claimed with what was kept before it, or by whoever made work for a thread that had none: no claim of its own."""

    def __init__(self, *threads: Kinds) -> None:
        """Every kind of work belongs to one of these."""
        self._claimed: dict[Kinds, deque[Task]] = {kinds: deque() for kinds in threads}
        self._waiting: set[Kinds] = set()
        self._being_claimed: set[Kinds] = set()
        self._changed = Condition()
        self._unsure: set[Kinds] = set()

    def of(self, kind: str) -> Kinds:
        """What the thread does that does such work."""
        return next(kinds for kinds in self._claimed if kind in kinds)

    @contextmanager
    def waited_for(self, kinds: Kinds) -> Iterator[None]:
        """Meanwhile a thread waits for such work; it goes on once what is being claimed for it is claimed."""
        with self._changed:
            self._waiting.add(kinds)
        try:
            yield
        finally:
            with self._changed:
                self._waiting.discard(kinds)
                # Before that it would take up work that comes after, and give back as unknown what it is just given.
                self._changed.wait_for(lambda: kinds not in self._being_claimed)

    def may_claim(self, kinds: Kinds) -> bool:
        """Whether to claim such work for a thread that waits: only the first who asks is told so, and says `done`."""
        with self._changed:
            if kinds not in self._waiting:
                return False
            self._waiting.remove(kinds)
            self._being_claimed.add(kinds)
            return True

    def done(self, kinds: Kinds) -> None:
        """What could be claimed for that thread was handed to it, or it is unsure."""
        with self._changed:
            self._being_claimed.discard(kinds)
            self._changed.notify_all()

    def hand(self, tasks: Iterable[Task]) -> None:
        """Give what was claimed to the thread that does such work; that is woken after this."""
        for task in tasks:
            self._claimed[self.of(task.kind)].append(task)

    def take(self, kinds: Kinds) -> Task | None:
        """What was claimed for that thread first."""
        return self._claimed[kinds].popleft() if self._claimed[kinds] else None

    def keep(self, task: Task) -> None:
        """The thread that took it goes on with it, before all else."""
        self._claimed[self.of(task.kind)].appendleft(task)

    def put_back(self, kinds: Kinds, tasks: Tasks) -> None:
        """Give back what was claimed for that thread and not begun."""
        while task := self.take(kinds):
            try:
                tasks.again(task, task.due_at, counts=False)
            except DBAPIError:
                self.unsure_of(kinds)

    def unsure_of(self, *threads: Kinds) -> None:
        """The database went away before it could say what of this was claimed."""
        self._unsure.update(threads)

    def find_out(self, kinds: Kinds, tasks: Tasks, holder: str) -> None:
        """Where it is unsure: that thread gives back all that is held, but for what it knows of, to its place in line.

        Raises DBAPIError while the database cannot be used; then it stays unsure.
        """
        if kinds not in self._unsure:
            return
        self._unsure.discard(kinds)
        try:
            tasks.let_go(holder, kinds, besides=[*self._claimed[kinds]], why="the database could not be used")
        except DBAPIError:
            self._unsure.add(kinds)
            raise

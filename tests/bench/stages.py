"""Where does the CPU of a case go? Each stage by itself, in this process, with the real service but no threads."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from post import DESK, Sink, referral
from race import configured
from serve import built

from mailflow import gathering, keeping, worker
from mailflow.core.mail import Envelope
from mailflow.outgoing.render import Renderer
from mailflow.reading import reader
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks

STAGES: tuple[tuple[str, Any, str], ...] = (
    ("prove", reader, "prove"),
    ("read", reader.Reader, "read"),
    ("decide", gathering, "understand"),
    ("decide", keeping, "decide"),
    ("render", Renderer, "render"),
    ("keep", Store, "commit"),
    ("keep", Tasks, "claim"),
)


class Watch:
    """CPU by stage; what a stage spends inside another counts there."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inner = 0.0

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            outer, self._inner, began = self._inner, 0.0, time.thread_time()
            try:
                return call(*args, **named)
            finally:
                whole = time.thread_time() - began
                self.spent[stage] = self.spent.get(stage, 0.0) + whole - self._inner
                self._inner = outer + whole

        return timed


@contextmanager
def watching() -> Iterator[Watch]:
    """Times the functions of STAGES, and puts them back."""
    watch, before = Watch(), [(where, name, getattr(where, name)) for _, where, name in STAGES]
    for (stage, where, name), (_, _, call) in zip(STAGES, before, strict=True):
        setattr(where, name, watch.timed(stage, call))
    try:
        yield watch
    finally:
        for where, name, call in before:
            setattr(where, name, call)


def stages(folder: Path, cases: int) -> dict[str, float]:
    """Milliseconds of CPU for one case, by stage."""
    with watching() as watch, closing(built(configured(folder / "config", Sink()))) as app:
        receive, deciding, sending = (
            watch.timed("receive", app.receive),
            watch.timed("load", app.worker.work),
            watch.timed("send", app.worker.work),
        )
        waited_for = app.worker.upcoming.waited_for
        for number in range(cases + 5):
            if number == 5:  # what came before warmed up
                watch.spent.clear()
            sender = f"an.{number}@vclbleuven.be"
            with waited_for(worker.DECIDING), waited_for(worker.SENDING):  # as the threads of an idle service
                receive(referral(number), Envelope(mail_from=sender, recipients=(DESK,), client_ip="127.0.0.1"))
                while deciding(worker.DECIDING) or sending(worker.SENDING):
                    pass
        return {f"cpu_{stage}_ms": spent / cases * 1000 for stage, spent in watch.spent.items()}

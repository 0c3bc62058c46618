"""How far is it? A bar for whoever waits at a terminal, on anything that takes longer than two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console

Told = Callable[[int, int], None]
"""Called along the way with how many are done, of how many."""
PATIENCE = 2.0
"""Seconds without a bar: most work is done by then."""


def unheard(_done: int, _total: int) -> None:
    """For work that nobody watches."""


@contextmanager
def patience(console: Console, what: str, after: float = PATIENCE) -> Iterator[Told]:
    """*what* with a bar on that console once *after* seconds went by; it goes when the work is done.

    Where it is no terminal nothing is shown. Without a word on how far it is, the bar only says that it goes on.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - slow to load: on first use

    if not console.is_terminal:
        yield unheard
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(what, total=None)
    timer = Timer(after, bar.start)
    timer.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()

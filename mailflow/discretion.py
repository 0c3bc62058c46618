"""Nothing that a person wrote gets into a log: of a fault its type and our code lines are told, never its message."""

import asyncio
import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger()


def where(fault: BaseException) -> str:
    """`KeyError at worker.py:120 < store.py:88`: the exception's type and our code lines, never its message."""
    lines = [f"{Path(f.filename).name}:{f.lineno}" for f in reversed(traceback.extract_tb(fault.__traceback__))]
    return f"{type(fault).__name__} at {' < '.join(lines[:6])}"


class WithoutWords(logging.Formatter):
    """For the loggers of others: their exceptions are told as ours are."""

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - the library's name and type
        """`ValueError at worker.py:120`."""
        return where(ei[1]) if ei[1] is not None else ""

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as above
        """Code lines of others tell an operator nothing."""
        return ""


def keep_silent() -> None:
    """From now on no fault of this process is printed with its message: not of a thread, nor of the whole."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutWords("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    sys.excepthook = _ended
    threading.excepthook = _part_ended


def of_the_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody awaited failed: asyncio itself would print the whole exception."""
    fault = context.get("exception")
    why = where(fault) if isinstance(fault, BaseException) else str(context.get("message", ""))
    log.error("the event loop stumbled", why=why)


def _ended(kind: type[BaseException], fault: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.error("ended by a fault", why=where(fault))


def _part_ended(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        name = args.thread.name if args.thread else ""
        log.error("a part has ended by a fault", part=name, why=where(args.exc_value))

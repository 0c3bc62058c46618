"""Keeps those who watch over the service informed: systemd, and monitors on this machine."""

import asyncio
import contextlib
from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from mailflow.notify import notify, watchdog_seconds

if TYPE_CHECKING:
    from mailflow.app import App
    from mailflow.health import HealthServer

log = structlog.get_logger()


class Oversight:
    """From ready to stopped; runs in the event loop, so that a loop that hangs is noticed by its silence."""

    def __init__(self, app: "App", threads: Sequence[Thread]) -> None:
        self._app = app
        self._threads = threads
        self._health: HealthServer | None = None
        self._pulse: asyncio.Task[None] | None = None
        self.port: int | None = None
        """Where the health pages answer."""

    def start(self) -> None:
        """Everything runs. Raises OSError when the port of the health pages is taken."""
        if self._app.settings.health_port:
            from mailflow.health import HealthServer  # noqa: PLC0415 - loads prometheus_client, which few need

            self._health = HealthServer(self._app, self._app.settings.health_port, self.trouble)
            self._health.start()
            self.port = self._health.port
            log.info("health pages", port=self.port)
        notify("READY=1")
        if (seconds := watchdog_seconds()) is not None:
            self._pulse = asyncio.get_running_loop().create_task(self._tell(seconds))

    def trouble(self) -> list[str]:
        """What is wrong with this process: a part of it that ended by itself."""
        return [f"{thread.name} has ended" for thread in self._threads if not thread.is_alive()]

    async def stop(self) -> None:
        """It is about to end."""
        notify("STOPPING=1")
        if self._pulse is not None:
            self._pulse.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pulse
        if self._health is not None:
            await asyncio.to_thread(self._health.stop)

    async def _tell(self, seconds: float) -> None:
        while True:
            if not self.trouble():
                notify("WATCHDOG=1")
            await asyncio.sleep(seconds)

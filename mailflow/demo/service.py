"""The demo's service: `mailflow run` in a process of its own, on a fresh folder of `mailflow init`."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mailflow.demo.office import MAIL_HOST, PATIENCE
from mailflow.demo.people import LEUVEN
from mailflow.newcomer import init

ENVIRONMENT = {"MAILFLOW_DEMO": "1"}
"""Without it a clock that can jump is refused."""


class Stalled(Exception):
    """The service did not do what the story expects of it."""


class Service:
    """The process, its folder and its log."""

    def __init__(self, folder: Path) -> None:
        """*folder* gets config/ and service.log."""
        self.config, self.log = folder / "config", folder / "service.log"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def set_up(self, sends_to: int) -> None:
        """Make its configuration: as shipped, with the demo's ports, mail host and clock."""
        init(self.config, {})
        main = self.config / "mailflow.toml"
        clbs = self.config / "clbs.toml"
        clbs.write_text(_with_a_contact(clbs.read_text(encoding="utf-8")), encoding="utf-8")
        main.write_text(_for_the_demo(main.read_text(encoding="utf-8"), self.port, sends_to), encoding="utf-8")

    def start(self, until: Callable[[Callable[[], bool], str], None]) -> None:
        """Start it, and wait by *until* till it takes mail."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "mailflow", "run", "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **ENVIRONMENT},
                start_new_session=True,  # Ctrl-C is for us, and we stop the service ourselves
            )
        until(self._takes_mail, "the service does not start")

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM lets it finish what it accepted, SIGKILL pulls the plug; nothing when it does not run."""
        if self._process is None:
            return
        self._process.send_signal(with_signal)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def check(self) -> None:
        """Stalled when the process has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise Stalled(f"the service ended by itself with status {self._process.returncode}")

    def complaints(self) -> list[str]:
        """The last lines of its log that tell of trouble."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [f"  {line}" for line in lines if " [info " not in line][-5:]

    def _takes_mail(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as server:
                return server.noop()[0] == 250
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _with_a_contact(clbs: str) -> str:
    """clbs.toml as `init` made it, and where a referral by a parent is put to the CLB of Leuven."""
    place = 'postcode = "3000"\nphone = ""'
    if clbs.count(place) != 1:
        raise Stalled("the shipped clbs.toml has no single CLB at postcode 3000")
    more = f'phone = "016 00 00 01"\ncontact = "{LEUVEN.address}"\nmunicipalities = ["Leuven"]'
    return clbs.replace(place, f'postcode = "3000"\n{more}')


def _for_the_demo(main: str, listens: int, sends: int) -> str:
    """mailflow.toml as `init` made it, with the demo's ports, mail host and clock."""
    changes = {
        "port = 2525": f"port = {listens}",
        "port = 2526": f"port = {sends}",
        'authserv_id = ""': f'authserv_id = "{MAIL_HOST}"',
        "own_hosts = []": f'own_hosts = ["{MAIL_HOST}"]',
    }
    for old, new in changes.items():
        if main.count(f"\n{old}") != 1:
            raise Stalled(f"the shipped mailflow.toml has no single line {old}")
        main = main.replace(f"\n{old}", f"\n{new}")
    return f'{main}\n[demo]\nclock = "clock"\n'

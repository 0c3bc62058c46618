"""mailflow as it serves, in a process of its own: the real service on a Tuesday morning, with the DNS of the bench.

Usage: serve.py CONFIG [bare]; prints its port. "bare" takes out HTML, encryption and proof, to show what they cost.
"""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailflow.loading import loading

with loading():
    from mailflow import app as mailflow_app
    from mailflow import service
    from mailflow.core.mail import Proof, ProofResult
    from mailflow.outgoing import compose, render
    from mailflow.reading import reader
    from mailflow.reading.authentication.resolver import ZoneResolver
    from mailflow.settings import load
    from mailflow.storage.vault import Vault

BEGIN = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Tuesday:
    """Real time, moved to an hour that the meldpunt is open."""

    by: timedelta
    pulse: float = 5.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


def take_out() -> None:
    """No HTML part, columns as they are, every sender believed."""
    whole = compose._part
    compose._part = lambda boundary, kind, content: b"" if kind == "html" else whole(boundary, kind, content)
    render.html_part = lambda _shape, _values: ""
    Vault.seal = lambda _self, plain, *_place: plain
    Vault.open = lambda _self, sealed, *_place: sealed
    reader.prove = lambda mail, *_, **__: Proof(
        result=ProofResult.PASS, method="dkim", domain=mail.author.key.rpartition("@")[2], reason="not looked at"
    )


def built(config: Path):
    """The app of that folder."""
    clock = Tuesday(BEGIN - datetime.now(UTC))
    zone = json.loads((config / "zone.json").read_text())
    settings = load(config)
    service.set_up_logs(settings)
    return mailflow_app.build(settings, clock, resolver=lambda: ZoneResolver(zone))


def main() -> None:
    """Serve until SIGTERM."""
    config = Path(sys.argv[1])
    if sys.argv[2:] == ["bare"]:
        take_out()
    app = built(config)
    with contextlib.closing(app):
        asyncio.run(service.Service(app).run(lambda port: print(port, flush=True)))


if __name__ == "__main__":
    main()

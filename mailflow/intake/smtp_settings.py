"""Where is mail listened for, and how much of it is taken? As the operator decided."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ListenerSettings:
    """Where and how we listen; sizes in bytes, times in seconds."""

    host: str
    port: int
    """0 takes a free port; Listener.port tells which."""
    hostname: str
    lmtp: bool = False
    max_size: int = 25 * 1024 * 1024
    timeout: float = 300
    max_connections: int = 50
    shutdown_grace: float = 10
    certificate: Path | None = None
    key: Path | None = None

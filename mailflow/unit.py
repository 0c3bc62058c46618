"""The systemd unit of one installation: it starts with the machine, writes in its own folder only, and is watched."""

import os
import pwd
import sys
from pathlib import Path

UNIT = """\
# Made by `mailflow unit`. Put it in /etc/systemd/system/mailflow.service, then: systemctl enable --now mailflow
[Unit]
Description=mailflow, the mailbox of {name}
Wants=network-online.target
After=network-online.target postfix.service dovecot.service postgresql.service

[Service]
# It says itself that it is ready, and alive: when it falls silent, or a part of it ends, it is started again.
Type=notify
NotifyAccess=main
WatchdogSec=60
Restart=always
RestartSec=5
# It finishes what it has accepted: a letter under way may take its whole timeout.
TimeoutStopSec={stop_seconds}
ExecStart={program} run --config {folder}
User={user}
UMask=0077

# It may write in its own folder, and nowhere else.
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={folder}
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""


def unit(folder: Path, *, name: str, stop_seconds: int) -> str:
    """The unit for that config folder; the service runs as the user who owns it."""
    return UNIT.format(
        name=_plain(name),
        program=_quoted(Path(sys.argv[0] if os.access(sys.argv[0], os.X_OK) else _beside_python()).absolute()),
        folder=_quoted(folder.absolute()),
        user=_owner(folder),
        stop_seconds=stop_seconds,
    )


def _beside_python() -> Path:
    return Path(sys.executable).with_name("mailflow")


def _owner(folder: Path) -> str:
    owner = folder.stat().st_uid
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def _quoted(path: Path) -> str:
    """As systemd reads a path (systemd.syntax(7)): % begins a specifier, a space ends a word."""
    text = str(path).replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{text}"' if " " in text or '"' in text else text


def _plain(name: str) -> str:
    return " ".join(name.replace("%", "%%").split())

"""What must an operator do about a fault? In plain words, for those that only an operator can mend."""

import errno
from datetime import UTC

from sqlalchemy.exc import DatabaseError, IntegrityError

from mailflow.configuration.problems import ConfigError, render_problems
from mailflow.core.importing import NoList
from mailflow.erasing import LegalHold
from mailflow.settings import Settings
from mailflow.storage.cases import MovedOn
from mailflow.storage.dump import Damaged
from mailflow.storage.engine import Corrupted
from mailflow.storage.migrate import TooNew
from mailflow.storage.vault import Unreadable


def remedy(fault: Exception, settings: Settings | None) -> str | None:
    """What is wrong and what to do; None for a fault of ours, which deserves its traceback."""
    match fault:
        case ConfigError():
            return render_problems(fault.problems)
        case Damaged() | NoList():
            return str(fault)
        case TooNew():
            return f"{fault}: install the newer mailflow, or restore a backup from before it"
        case Unreadable():
            return f"the database cannot be read with these keys ({fault}): put back the key files that belong to it"
        case Corrupted():
            return (
                f"the database file is damaged ({fault}). Nothing was changed. Keep a copy of it,\n"
                "put the last backup back on a new one (mailflow restore FILE.age),\n"
                "and move the mail since then from Verwerkt to the inbox"
            )
        case LegalHold():
            zone = settings.rules.calendar.zone if settings else UTC
            since = f"{fault.since.astimezone(zone):%Y-%m-%d}"
            return (
                f"{fault.reference} is under a legal hold since {since} ({fault.why}): nothing of it is erased.\n"
                f"Only when that may end: mailflow hold {fault.reference} --lift"
            )
        case MovedOn():
            return "a letter of this case is just being sent, or mail on it just being read: try again in a minute"
        case IntegrityError():
            return None
        case DatabaseError():
            return f"the database cannot be used: {str(fault.orig).splitlines()[0]}"
        case OSError(errno=errno.EADDRINUSE | errno.EACCES | errno.EADDRNOTAVAIL) if _is_about_listening(
            fault, settings
        ):
            return _port(fault, settings)
        case OSError():
            return f"{fault.strerror or type(fault).__name__}{f': {fault.filename}' if fault.filename else ''}"
        case _:
            return None


def _is_about_listening(fault: OSError, settings: Settings | None) -> bool:
    return settings is not None and settings.listener is not None and fault.filename is None


def _port(fault: OSError, settings: Settings | None) -> str:
    listener = settings.listener if settings else None
    where = f"{listener.host} port {listener.port}" if listener else "there"
    why = {
        errno.EADDRINUSE: "another program listens there already (another mailflow?): stop it",
        errno.EACCES: "this user may not: ports below 1024 are for root",
        errno.EADDRNOTAVAIL: "this machine does not have that address: change [listener] host",
    }[fault.errno or 0]
    return f"mailflow cannot listen on {where}: {why}, or change [listener] port in mailflow.toml"

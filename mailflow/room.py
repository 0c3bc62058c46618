"""Is there room on the disk to take another mail in, and still do the work that it brings?"""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Room:
    """Refuses new mail while the disk is nearly full, so that what was taken can still be read and answered."""

    folder: Path | None
    """Where the database is; None where that is no business of ours (PostgreSQL)."""
    keep_free: int
    """In bytes."""
    alarm: Callable[[str], None]
    full: bool = False

    def check(self) -> None:
        """Raises OSError (ENOSPC) when there is too little; the first time somebody is told."""
        if self.folder is None or shutil.disk_usage(self.folder).free >= self.keep_free:
            self.full = False
            return
        if not self.full:
            self.full = True
            self.alarm("the disk is nearly full: no mail is taken in until there is room")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

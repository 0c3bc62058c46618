"""mailflow: the mailbox of a meldpunt that does the work itself."""

__version__ = "0.1.0"

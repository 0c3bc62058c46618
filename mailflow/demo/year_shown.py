"""The demo's school year on a terminal: played, told, and what it leaves to open in a browser."""

import tempfile
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mailflow.clock import monotonic
from mailflow.core.lifecycle import ENDS
from mailflow.demo.year import Year
from mailflow.demo.year_end import leave_behind


def play_year(out: Console, folder: Path | None = None) -> int:
    """Play it, say how it ended, and leave its digest, figures and survey in *folder*, a temporary one without it.

    The exit status: 1 when a case was forgotten, or left late without a word; 2 when *folder* is not empty.
    """
    began = monotonic()
    if folder and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        out.print(Text(f"{folder} is not an empty folder: name a new one with --out", style="red"), soft_wrap=True)
        return 2
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - invented people, and gone at the end
    with tempfile.TemporaryDirectory(prefix="mailflow-year-", dir=memory) as name:
        year = Year(Path(name))
        with closing(year):
            out.print("A school year, from 1 September 2026 to 31 August 2027, with invented people.")
            year.play()
            ended = {str(state) for state in ENDS}
            for state, count in year.states().most_common():
                out.print(Text(f"  {count:4} {state}{'' if state in ended else ' (open)'}"))
            out.print("What happened to them:")
            for path, states in sorted(year.paths().items()):
                where = ", ".join(f"{count} {state}" for state, count in states.most_common())
                out.print(Text(f"  {states.total():4} {path}: {where}"), soft_wrap=True)
            out.print("What came in between:")
            for what, times in sorted(year.happened.items()):
                out.print(Text(f"  {times:4} {what}"))
            late, unsaid_ = year.late()
            out.print(Text(f"  {late:4} referrals left later than they could, {unsaid_} of them without a word"))
            told = year.told()
            took = monotonic() - began
            out.print(Text(f"{year.mails} mails in, {year.boxes.total} letters out, {took:.0f} s"), soft_wrap=True)
            left = leave_behind(year, folder or Path(tempfile.mkdtemp(prefix="mailflow-year-")))
            out.print(Text(f"Open in a browser: {' '.join(map(str, left))}"), soft_wrap=True)
            out.print(Text(told), soft_wrap=True)
    return 0 if told.endswith(" 0 forgotten") and not unsaid_ else 1

"""A page for the browser of who works here: where nobody else can read it, and never more than one."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from mailflow.screens import say
from mailflow.terminal import out

if TYPE_CHECKING:
    from mailflow.app import App
    from mailflow.core.letters import Letter

FOLDER = "shown"


def browse(config: Path, app: "App", letter: "Letter") -> None:
    """Write the page of this letter beside the configuration, in place of the last one, and ask the browser for it."""
    from mailflow.core.decision import Decision  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.gallery import page_of  # noqa: PLC0415 - as above
    from mailflow.rendering import render_all  # noqa: PLC0415 - as above

    [kept] = render_all(app.worker.means, Decision(letters=(letter,)), key=f"{letter.kind}-shown")
    page = fresh(config) / f"{letter.kind}.html"
    page.write_text(page_of(kept.content), encoding="utf-8")
    if not webbrowser.open(page.as_uri()):
        say(out, "no browser could be opened here")
    say(out, str(page))


def fresh(config: Path) -> Path:
    """The folder for it, emptied of what was shown before; only its owner may enter."""
    folder = config.absolute() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    for old in folder.iterdir():
        old.unlink()
    return folder

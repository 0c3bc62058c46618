"""The guided run: the real service on loopback, a clock that can jump, and the story that it is made for."""

import shlex
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from mailflow.clock import monotonic
from mailflow.demo.office import as_delivered
from mailflow.demo.page import write_page
from mailflow.demo.people import AN, DESK_ADDRESS
from mailflow.demo.service import ENVIRONMENT, Stalled
from mailflow.demo.stage import Stage
from mailflow.demo.story import BEGINS, play_story, referral_to_try

SEND = (
    "import smtplib,sys; _,port,sender,to,mail=sys.argv; "
    "smtplib.SMTP('127.0.0.1',int(port)).sendmail(sender,to,open(mail,'rb').read())"
)
OPENING = "mailflow demo: the real service, real mail on loopback, a clock that jumps. Nothing leaves this machine."


def play(out: Console, *, keep: bool, folder: Path | None) -> int:
    """Play the story and leave every mail in *folder*; the exit status. *keep*: the service runs on until Ctrl-C."""
    began = monotonic()
    folder = (folder or Path(tempfile.mkdtemp(prefix="mailflow-demo-"))).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        out.print(Text(f"{folder} is not an empty folder: name a new one with --out", style="red"), soft_wrap=True)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _ends)  # else the service would live on without us
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs in the background deaf to it
    out.print(OPENING)
    stage = Stage(folder, out, BEGINS)
    page = folder / "index.html"
    try:
        with stage:
            play_story(stage)
            write_page(stage.mails, page)
            came, left = stage.counts()
            told = f"\n{came} mails in, {left} letters out, {monotonic() - began:.1f} s. Open {page} to read them all."
            out.print(Text(told), soft_wrap=True)
            if keep:
                _keep(stage, out)
    except Stalled as fault:
        told = f"\nThe story stalled: {fault}. The service's log is {stage.service.log}"
        out.print(Text("\n".join((told, *stage.service.complaints())), style="red"), soft_wrap=True)
        return 1
    finally:
        write_page(stage.mails, page)  # whatever happened, what went by can be read
    return 0


def _keep(stage: Stage, out: Console) -> None:
    """Leave the service running, and say how to mail it."""
    example = stage.folder / "referral.eml"
    example.write_bytes(as_delivered(referral_to_try(stage.clock.now()), AN))
    send = [sys.executable, "-c", SEND, str(stage.service.port), AN.address, DESK_ADDRESS, str(example)]
    config = ["--config", str(stage.service.config)]
    looks = [shlex.join([sys.executable, "-m", "mailflow", *words, *config]) for words in (["cases"], ["mail", "1"])]
    environment = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    lines = (
        f"\nThe service listens for mail on 127.0.0.1 port {stage.service.port}.",
        f"Its letters arrive on port {stage.office.port} and are shown here. Its clock stands at {stage.now_text()}.",
        f"\nMail it a referral (change {example.name} to mail another):\n\n{shlex.join(send)}",
        "\nSee its cases, and what became of its first mail (without the 1: the newest mails):\n",
        *(f"{environment} {look}" for look in looks),
        "\nCtrl-C ends it.\n",
    )
    for line in lines:
        out.print(Text(line), soft_wrap=True)
    try:
        stage.follow()
    except KeyboardInterrupt:
        out.print("ended")


def _ends(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)

"""The guided run: the real service on loopback, a clock that can jump, and the story that it is made for."""

import shlex
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from mailflow.clock import monotonic
from mailflow.demo.page import write_page
from mailflow.demo.stage import Stage, Stalled, as_delivered
from mailflow.demo.story import AN, DESK_ADDRESS, play_story, referral_to_try

SEND = "import smtplib,sys; smtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail(*sys.argv[2:4], open(sys.argv[4],'rb').read())"


def play(out: Console, *, keep: bool, folder: Path | None) -> int:
    """Play the story and leave every mail in *folder*; the exit status. *keep* leaves the service running until Ctrl-C."""
    began = monotonic()
    folder = (folder or Path(tempfile.mkdtemp(prefix="mailflow-demo-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        out.print(f"{folder} is not empty: name a new folder with --out", style="red")
        return 2
    out.print(
        "mailflow demo: the real service, real mail on loopback, a clock that jumps. Nothing leaves this machine."
    )
    with Stage(folder, out) as stage:
        try:
            play_story(stage)
        except Stalled as fault:
            out.print(f"\nThe story stalled: {fault}. The service's log is {stage.log}", style="red")
            return 1
        page = write_page(stage.mails, folder / "index.html")
        sent, got = stage.counts()
        out.print(f"\n{sent} mails in, {got} letters out, {monotonic() - began:.1f} s. Open {page} to read them all.")
        if keep:
            _keep(stage, out, folder)
            write_page(stage.mails, page)
    return 0


def _keep(stage: Stage, out: Console, folder: Path) -> None:
    """Leave the service running, and say how to mail it."""
    example = folder / "referral.eml"
    example.write_bytes(as_delivered(referral_to_try(stage.clock.now()), AN))
    command = [sys.executable, "-c", SEND, str(stage.port), AN.address, DESK_ADDRESS, str(example)]
    out.print(
        f"\nThe service listens for mail on 127.0.0.1 port {stage.port}; its letters arrive on port {stage.office.port}."
    )
    out.print(f"Its clock stands at {stage.now_text()}. Look around with: mailflow cases --config {stage.config}")
    out.print(f"  (first: export MAILFLOW_DEMO=1)\nMail it a referral (change {example.name} to mail another):\n")
    out.print(shlex.join(command), markup=False, highlight=False)
    out.print("\nCtrl-C ends it.")
    try:
        stage.follow()
    except KeyboardInterrupt:
        out.print("ended")

"""README and docs/ keep their word: each command in them is run here, or by the test that is named beside it.

Those within a sentence are typed in test_readme_sentences.py.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house import FORM
from needs import missing
from ports import SHIPPED, shipped_ports

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
WORDS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
PATIENCE = 60


def blocks(language: str) -> list[str]:
    """The code blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", WORDS, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Each line of the shell blocks; a line that goes on below is one line."""
    text = "\n".join(blocks("sh")).replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


class Newcomer:
    """Somebody who follows README from top to bottom, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service: subprocess.Popen[str] | None = None
        self.beside: list[subprocess.Popen[str]] = []
        self.log: list[str] = []
        self.grew = threading.Condition()
        self.ports = {port: port for port in SHIPPED}
        """Those of README, and the ones that stand for them here."""
        (folder / "form.txt").write_text(FORM)

    def types(self, line: str, *, answers: str = "") -> str:
        """Run a line to its end; what it prints. It must succeed."""
        done = subprocess.run(
            self.words(line),
            cwd=self.folder,
            input=answers,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def starts(self, line: str, until: str = " running ") -> None:
        """Run a line that goes on until it is ended; it prints *until* when it is ready."""
        self.service = self._goes_on(line)
        self.reads(until)

    def starts_beside(self, line: str) -> None:
        """The same in another terminal, and it listens; it says nothing until there is something to say."""
        self.beside.append(self._goes_on(line))
        host, _, port = self.words(line)[-1].rpartition(":")
        assert listens(host, int(port)), line

    def _goes_on(self, line: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.words(line),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        threading.Thread(target=self._listen, args=[process], daemon=True).start()
        return process

    def reads(self, words: str) -> str:
        """The line of the log that holds these words; waits for it."""
        with self.grew:
            found = self.grew.wait_for(lambda: next((line for line in self.log if words in line), ""), PATIENCE)
        assert found, f"no {words!r} in: {''.join(self.log)}"
        return found

    def leaves(self) -> int:
        """End what still runs; its exit status."""
        for process in self.beside:
            process.terminate()
            process.wait(PATIENCE)
        self.beside.clear()
        if self.service is None:
            return 0
        self.service.send_signal(signal.SIGINT)
        return self.service.wait(PATIENCE)

    def words(self, line: str) -> list[str]:
        for port, free in self.ports.items():
            line = line.replace(f":{port}", f":{free}")
        first, *rest = shlex.split(line)
        ours = {"mailflow": [sys.executable, "-m", "mailflow"], "python": [sys.executable]}
        return [*ours.get(first, [first]), *rest]

    def _listen(self, service: subprocess.Popen[str]) -> None:
        assert service.stdout is not None
        with service.stdout as lines:
            for line in lines:
                with self.grew:
                    self.log.append(line)
                    self.grew.notify_all()


def elsewhere(newcomer: Newcomer, line: str) -> None:
    """Another test runs it; here only that `make` knows it."""
    subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


def keeps(newcomer: Newcomer, line: str) -> None:
    """`make demo KEEP=1`: the service stays, and the command that it shows mails it a referral."""
    planned = subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "mailflow demo --keep" in planned.stdout

    newcomer.starts("mailflow demo --keep --out kept", until="Ctrl-C ends it")
    send, look, mail = (newcomer.reads(words) for words in (" -c ", "mailflow cases ", "mailflow mail 1 "))
    newcomer.types(send)
    newcomer.reads("[MSI-2026-0009] Aanmelding goed ontvangen")
    assert "MSI-2026-0009" in newcomer.types(f"env {look}")
    assert "MSI-2026-0001" in newcomer.types(f"env {mail}")
    assert newcomer.leaves() == 0
    newcomer.reads("ended")
    newcomer.log.clear()


def listens(host: str, port: int) -> bool:
    """Whether somebody takes connections there, in a while."""
    nap = threading.Event()
    for _ in range(PATIENCE * 20):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return True
        nap.wait(0.05)
    return False


def is_made(newcomer: Newcomer, line: str) -> None:
    """`mailflow init`, with every default kept by Enter; another port where somebody has the shipped one."""
    assert "mailflow run" in newcomer.types(line, answers="\n" * 4)
    main = newcomer.folder / shlex.split(line)[-1] / "mailflow.toml"
    for shipped, free in newcomer.ports.items():
        main.write_text(main.read_text().replace(f"port = {shipped}", f"port = {free}"))


def is_mailed(newcomer: Newcomer, line: str) -> None:
    """With the real swaks; it is read before the next line is typed, and the letter about it is shown."""
    if shutil.which("swaks") is None:
        missing("swaks is not installed (apt-get install swaks)")
    assert "250 2.0.0 kept" in newcomer.types(line)
    newcomer.reads(" read ")
    newcomer.reads("Subject: [MSI-")


def prints(words: str) -> Callable[[Newcomer, str], None]:
    """It ends well, and these words are in what it prints."""

    def run(newcomer: Newcomer, line: str) -> None:
        printed = newcomer.types(line)
        assert words in printed, printed

    return run


# fmt: off
RUN_BY: tuple[tuple[str, Callable[[Newcomer, str], None]], ...] = (
    (r"make demo",                                  elsewhere),  # tests/test_demo.py
    (r"make test",                                  elsewhere),  # this very run
    (r"make check",                                 elsewhere),  # .ci/run
    (r"make setup",                                 elsewhere),  # both
    (r"make demo KEEP=1",                           keeps),
    (r"mailflow init [\w-]+",                       is_made),
    (r"mailflow check --config [\w-]+",             prints("all is well")),
    (r"mailflow run --config [\w-]+",               Newcomer.starts),
    (r"python -m aiosmtpd -n -l 127\.0\.0\.1:2526",  Newcomer.starts_beside),
    (r"swaks --server 127\.0\.0\.1:2525 .*",        is_mailed),
    (r"mailflow cases --config [\w-]+",             prints("MSI-")),
    (r"mailflow mail 1 --config [\w-]+",            prints("trace")),
    (r"mailflow form --txt > form\.txt",            lambda newcomer, line: None),  # tests/test_cli.py
)
# fmt: on


def runner(line: str) -> Callable[[Newcomer, str], None] | None:
    """What runs that line; None for a line that nobody vouches for."""
    return next((run for pattern, run in RUN_BY if re.fullmatch(pattern, line)), None)


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    one = Newcomer(tmp_path)
    yield one
    one.leaves()


def test_every_command_in_the_readme_and_docs_has_a_test():
    """A new line needs a row in the table of this file."""
    assert commands()
    assert [line for line in commands() if runner(line) is None] == []


def test_no_row_of_the_table_is_left_over():
    """What is no longer shown leaves the table too, but for what stands there within a sentence."""
    shown = [*commands(), "make check", "make setup", "mailflow form --txt > form.txt"]

    assert [pattern for pattern, _ in RUN_BY if not any(re.fullmatch(pattern, line) for line in shown)] == []


def test_a_newcomer_gets_through_the_readme(newcomer: Newcomer):
    """From `make demo` to the first case of one's own, line by line."""
    with shipped_ports() as ports:
        newcomer.ports = dict(zip(SHIPPED, ports, strict=True))
        for line in commands():
            run = runner(line)
            assert run is not None, line
            run(newcomer, line)

        assert newcomer.leaves() == 0


@pytest.mark.parametrize("block", blocks("toml"))
def test_a_section_that_is_shown_can_be_added_as_it_stands(newcomer: Newcomer, block: str):
    """Below mailflow.toml as made, with the password in the file it names; `check` agrees."""
    newcomer.types("mailflow init mine --yes")
    main, password = newcomer.folder / "mine" / "mailflow.toml", newcomer.folder / "mine" / "mailbox.password"
    main.write_text(f"{main.read_text()}\n{block}")
    password.write_text("geheim\n")
    password.chmod(0o600)

    assert "all is well" in newcomer.types("mailflow check --config mine")


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`(make [^`\n]+)`", WORDS))))
def test_make_knows_each_target_that_a_sentence_names(line: str):
    """And every word after it is an assignment that stands in the Makefile."""
    target, *rest = shlex.split(line)[1:]

    subprocess.run(["make", "--dry-run", target, *rest], cwd=ROOT, check=True, capture_output=True)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [word for word in rest if f"$({word.partition('=')[0]})" not in makefile] == []

"""mailflow and the lean limit on the same machine, in turns: how many a second, how long does one take, with how much?"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from ports import free_port
from post import DESK, PROVIDER, ZONE, Landed, Poster, Sink, referral, reply

from mailflow.newcomer import init

HERE = Path(__file__).parent
CALLERS = 4
"""Connections that mail comes in by at once."""


COMPILED = {**os.environ, "PYTHONPYCACHEPREFIX": str(HERE.parents[1] / "build" / "compiled")}
COMPILED.pop("PYTHONDONTWRITEBYTECODE", None)
"""Where an installed program has its compiled modules, so that a start is measured as there."""


class Runner:
    """One program under test with its sink: mailflow, or the lean limit."""

    def __init__(self, name: str, command: Sequence[str], sink: Sink) -> None:
        began = time.monotonic()
        self.name, self.sink, self.posted = name, sink, 0
        self.process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, env=COMPILED)
        assert self.process.stdout is not None
        self.port = next(int(line) for line in self.process.stdout if line.strip().isdigit())
        self.start_s = time.monotonic() - began
        threading.Thread(target=self._swallow, daemon=True).start()
        self.references: dict[str, str] = {}

    def _swallow(self) -> None:
        assert self.process.stdout is not None
        for _ in self.process.stdout:
            pass

    def cases(self, count: int) -> float:
        """So many referrals in, all of their letters out; cases a second."""
        mails = [self._case() for _ in range(count)]
        return self._rate(mails, 2)

    def replies(self, count: int) -> float:
        """So many referrals that lie at the provider are answered; replies a second, one letter each."""
        waiting = [one for one in self.sink.letters if one.recipient.endswith(PROVIDER)]
        fresh = [one for one in waiting if one.reference not in self.references][:count]
        self.references |= {one.reference: "answered" for one in fresh}
        assert len(fresh) == count, f"{self.name}: {len(fresh)} cases to answer, {count} wanted"
        mails = [(reply(one), f"aanmelding@{PROVIDER}", one.reply_to) for one in fresh]
        return self._rate(mails, 1)

    def _rate(self, mails: list[tuple[bytes, str, str]], letters: int) -> float:
        before = len(self.sink.letters)
        began = time.monotonic()
        threads = [threading.Thread(target=self._post, args=[mails[n::CALLERS]]) for n in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.sink.wait_for(before + len(mails) * letters)
        rate = len(mails) / (self.sink.letters[-1].at - began)
        time.sleep(0.2)  # one letter too many would come now
        assert len(self.sink.letters) == before + len(mails) * letters, f"{self.name}: letters too many"
        return rate

    def _post(self, mails: list[tuple[bytes, str, str]]) -> None:
        poster = Poster(self.port)
        for mail, sender, to in mails:
            poster.post(mail, sender=sender, to=to)
        poster.close()

    def _case(self) -> tuple[bytes, str, str]:
        self.posted += 1
        return referral(self.posted), f"an.{self.posted}@vclbleuven.be", DESK

    def alone(self, count: int) -> tuple[list[float], list[float]]:
        """One case after another: milliseconds to 250, and to the last letter."""
        poster, accepted, done = Poster(self.port), [], []
        for mail, sender, to in [self._case() for _ in range(count)]:
            before, began = len(self.sink.letters), time.monotonic()
            accepted.append(poster.post(mail, sender=sender, to=to) * 1000)
            self.sink.wait_for(before + 2)
            done.append((self.sink.letters[before + 1].at - began) * 1000)
        poster.close()
        return accepted, done

    def at_rate(self, rate: float, count: int) -> list[float]:
        """Cases come at *rate* a second, whatever becomes of them; milliseconds from arrival to the last letter."""
        mails, before = [self._case() for _ in range(count)], len(self.sink.letters)
        poster, began, arrived = Poster(self.port), time.monotonic(), {}
        for number, (mail, sender, to) in enumerate(mails):
            # Until this mail's turn, if it is not late already: the rate is what is set here.
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            arrived[sender] = time.monotonic()
            poster.post(mail, sender=sender, to=to)
        self.sink.wait_for(before + 2 * count)
        poster.close()
        return list(_spans(self.sink.letters[before:], arrived))

    @property
    def rss_mb(self) -> float:
        """The most memory that it ever had, in MB."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def cpu_s(self) -> float:
        """Seconds of CPU so far."""
        after = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")

    def idle_percent(self, seconds: float) -> float:
        """CPU while nothing happens."""
        before = self.cpu_s()
        time.sleep(seconds)  # what is measured: nothing is waited for
        return (self.cpu_s() - before) / seconds * 100

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def _spans(letters: Sequence[Landed], arrived: dict[str, float]) -> Iterator[float]:
    """From arrival to the last letter: the letter to the referrer tells which mail a reference came from."""
    whose = {one.reference: one.recipient for one in letters if one.recipient in arrived}
    last = {one.reference: one.at for one in letters}  # in the order of arrival
    for reference, sender in whose.items():
        yield (last[reference] - arrived[sender]) * 1000


def configured(folder: Path, sink: Sink) -> Path:
    """A mailflow folder as shipped, but for the sink, and the brakes on how much goes to one address in a day."""
    init(folder, {})
    main = folder / "mailflow.toml"
    words = main.read_text()
    for key, value in (("port = 2525", f"port = {free_port()}"), ("port = 2526", f"port = {sink.port}"),
                       ("per_minute = 30", "per_minute = 10000"), ("letters_a_day = 20", "letters_a_day = 10000"),
                       ('level = "info"', 'level = "warning"')):  # fmt: skip
        assert key in words, key
        words = words.replace(key, value)
    main.write_text(words)
    (folder / "zone.json").write_text(json.dumps(ZONE))
    return folder


@contextmanager
def running(folder: Path, name: str) -> Iterator[Runner]:
    """That program, started and in the end stopped; "mailflow", "bare" or "lean"."""
    folder.mkdir(parents=True)
    sink = Sink()
    if name == "lean":
        command = [str(HERE / "lean.py"), str(folder), str(sink.port)]
    else:
        config = configured(folder / "config", sink)
        command = [str(HERE / "serve.py"), str(config), *(["bare"] if name == "bare" else [])]
    runner = Runner(name, command, sink)
    try:
        yield runner
    finally:
        runner.stop()


def race(folder: Path, *, rounds: int, cases: int, idle_s: float) -> dict[str, float]:
    """All figures of one run, by name. The rates are medians of *rounds* in turns, each of *cases*."""
    found: dict[str, float] = {}
    subprocess.run([sys.executable, "-c", "import mailflow.service"], check=True, env=COMPILED)
    with running(folder / "a", "mailflow") as ours, running(folder / "b", "lean") as lean, running(folder / "c", "bare") as bare:  # fmt: skip
        found["start_s"] = ours.start_s
        for one in (ours, lean, bare):
            one.cases(cases // 2)  # warm
        rates: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for one in (lean, ours, bare):
                rates.setdefault((one.name, "cases"), []).append(one.cases(cases))
                rates.setdefault((one.name, "replies"), []).append(one.replies(cases))
        for (name, what), several in rates.items():
            found[f"{name}_{what}_per_s"] = median(several)
        for what in ("cases", "replies"):
            pairs = zip(rates["mailflow", what], rates["lean", what], strict=True)
            found[f"{what}_ratio"] = median(mine / least for mine, least in pairs)
            found[f"bare_{what}_ratio"] = found[f"bare_{what}_per_s"] / found[f"lean_{what}_per_s"]
        for one, prefix in ((ours, ""), (lean, "lean_")):
            accepted, done = one.alone(cases)
            found[f"{prefix}accept_p50_ms"] = median(accepted)
            found |= _percentiles(f"{prefix}case", done)
        found |= _percentiles("half_load", ours.at_rate(found["mailflow_cases_per_s"] / 2, cases))
        found["rss_mb"] = ours.rss_mb
        found["idle_cpu_percent"] = ours.idle_percent(idle_s)
    return found


def _percentiles(name: str, spans: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(spans, n=100, method="inclusive")
    return {f"{name}_p{one}_ms": cuts[one - 1] for one in (50, 95, 99)}

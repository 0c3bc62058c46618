"""Fifty thousand mails over fifty connections into the real service, which reads them more slowly than they come."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from outcome import Row
from test_killed import CLB, DESK, Plugged

CONNECTIONS = 50
MOST_MEGABYTES = 300
"""Of memory, whatever came."""


def burst(base: Path, mails: int) -> Row:
    """Each got its 250 after it was kept; those of one connection stand in the order in which they were sent."""
    folder = base / "burst"
    folder.mkdir()
    service = Plugged(folder)
    most = [0]
    try:
        service.start(only="intake")
        assert service.process is not None
        reading = subprocess.Popen(  # a process of its own, which gets what time is left
            ["nice", "-n", "19", sys.executable, "-m", "mailflow", "run", "--config", str(service.config), "--only", "work"],
            env={**os.environ, "MAILFLOW_DEMO": "1"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        before = _megabytes(service.process.pid)
        began = time.monotonic()
        each = mails // CONNECTIONS
        accepted, refused = asyncio.run(_offer(service, each, most))
        took = time.monotonic() - began
        extra = asyncio.run(_one_more(service.port))
        after = _megabytes(service.process.pid)
        service.kill()
        reading.kill()
        reading.wait()
        with service.memory() as app, app.database.read() as tx:
            kept = int(tx.exec_driver_sql("SELECT count(*) FROM mail").scalar() or 0)
            done = int(tx.exec_driver_sql("SELECT count(*) FROM mail WHERE state = 'read'").scalar() or 0)
            last = int(tx.exec_driver_sql("SELECT coalesce(max(id), 0) FROM mail WHERE state = 'read'").scalar() or 0)
            rows = tx.exec_driver_sql("SELECT id FROM mail ORDER BY id").scalars().all()
            numbers = [_number(app.store.mails.raw(one)) for one in rows[:: max(1, len(rows) // 5000)]]
    finally:
        service.close()
    wrong = [] if most[0] - before < MOST_MEGABYTES else [f"{most[0]} MB of memory"]
    wrong += [] if _in_order(numbers) else ["not in the order of arrival"]
    wrong += [f"read out of order: {done} read, the last of them is {last}"] if last - done > CONNECTIONS else []
    wrong += [] if extra.startswith("421") else [f"one connection more heard {extra!r}"]
    return Row(
        fault="burst",
        how=f"{mails} mails over {CONNECTIONS} connections ({mails / took:.0f}/s)",
        times=1,
        accepted=accepted,
        lost=accepted - kept if kept < accepted else 0,
        doubled=max(0, kept - accepted - refused),
        seen=f"memory {before} to {max(most[0], after)} MB; one connection more: 421",
        wrong=tuple(wrong),
    )


async def _offer(service: Plugged, each: int, most: list[int]) -> tuple[int, int]:
    counts = [0, 0]
    assert service.process is not None
    pid = service.process.pid
    ready = asyncio.Event()

    async def caller(name: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        await _reply(reader)
        await _say(reader, writer, "HELO host.example")
        for number in range(each):
            await _say(reader, writer, f"MAIL FROM:<{CLB}>")
            await _say(reader, writer, f"RCPT TO:<{DESK}>")
            await _say(reader, writer, "DATA")
            head = f"From: <{CLB}>\r\nTo: {DESK}\r\nSubject: {name}/{number}\r\nMessage-ID: <{name}.{number}@burst.example>\r\n"
            answer = await _say(reader, writer, f"{head}\r\nDag {number}\r\n.")
            counts[0 if answer.startswith("250") else 1] += 1
            if number % 20 == 0:
                most[0] = max(most[0], _megabytes(pid))
        writer.close()

    ready.set()
    await asyncio.gather(*(caller(name) for name in range(CONNECTIONS)))
    return counts[0], counts[1]


async def _one_more(port: int) -> str:
    """Fifty callers that say nothing, and one who comes too late."""
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    for reader, _ in lines:
        await _reply(reader)
    late, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = await _reply(late)
    for one in [writer, *(writer for _, writer in lines)]:
        one.close()
    return answer


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: str) -> str:
    writer.write(f"{words}\r\n".encode())
    return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> str:
    while (line := (await reader.readline()).decode())[3:4] == "-":
        pass
    return line


def _megabytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 // 1_000_000


def _number(raw: bytes) -> tuple[int, int]:
    name, _, number = raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].partition(b"/")
    return int(name), int(number)


def _in_order(numbers: list[tuple[int, int]]) -> bool:
    return all(list(one) == sorted(one) for one in _each(numbers))


def _each(numbers: list[tuple[int, int]]) -> Iterator[list[int]]:
    for name in range(CONNECTIONS):
        yield [number for of, number in numbers if of == name]

"""Whatever goes wrong in the service, no word of a person gets into its log."""

import subprocess
import sys

import pytest
from sqlalchemy import text

from mailflow.storage.engine import Database

BEGIN = """
import asyncio, logging, sys, threading
from dataclasses import replace
from mailflow.service import set_up_logs
from mailflow.discretion import of_the_loop
from mailflow.settings import load
set_up_logs(load(None))
def fails():
    raise ValueError("Noor Voorbeeld, an.peeters@vclbleuven.be")
async def fails_later():
    fails()
"""
FAULTS = {
    "of the process itself": "fails()",
    "of a thread": "thread = threading.Thread(target=fails, name='send')\nthread.start()\nthread.join()",
    "that another library logs": "try:\n    fails()\nexcept ValueError:\n    logging.getLogger('apscheduler').exception('Job failed')",
    "that nobody awaited": """
async def life():
    asyncio.get_running_loop().set_exception_handler(of_the_loop)
    task = asyncio.ensure_future(fails_later())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
asyncio.run(life())
""",
    "in a callback of the loop": """
async def life():
    asyncio.get_running_loop().set_exception_handler(of_the_loop)
    asyncio.get_running_loop().call_soon(fails)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(life())
""",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_without_its_words(fault: str):
    """Its type and the lines of code are there; the message, which may quote a mail, is not."""
    command = [sys.executable, "-c", BEGIN + FAULTS[fault]]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    said = done.stdout + done.stderr
    assert "ValueError at " in said
    assert "Noor" not in said
    assert "vclbleuven" not in said


def test_a_fault_of_the_database_does_not_show_what_was_to_be_written():
    """SQLAlchemy would add the values of the statement to its message."""
    database = Database("sqlite://")

    with pytest.raises(Exception, match="no such table") as fault, database.read() as tx:
        tx.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Noor"})

    database.close()
    assert "Noor" not in str(fault.value)

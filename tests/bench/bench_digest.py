"""What the digest of a very large meldpunt costs: 50,000 open cases."""

import logging
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import structlog
from house import BRUSSELS, FORM, House
from sqlalchemy import insert, select

from mailflow.digesting import digest_letters
from mailflow.storage.tables import CARE_CASE, EVENT, REFERRAL

CASES = 50_000


def rows() -> Iterator[tuple[str, float, str]]:
    """Seconds for one digest as a letter; rendering it costs as much as any of its size."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
        house.mail()
        house.mail(FORM.replace("Noor", "Lotte").replace("NAFT VBO", "geen voorkeur"), message_id="<2@vclbleuven.be>")
        house.drain()
        house.at(2026, 10, 5, 9, 30)
        _multiply(house)
        house.clock.at += timedelta(days=8)
        app = house.app
        begun = perf_counter()
        digest_letters(app.worker.means)
        yield f"digest of {CASES} open cases", perf_counter() - begun, "s elapsed"
        house.close()


def _multiply(house: House) -> None:
    """Copy the cases that there are until there are so many, with their events and what is sealed."""
    with house.app.database.write() as tx:
        cases = [dict(one) for one in tx.execute(select(CARE_CASE)).mappings()]
        sealed = {one["case_id"]: dict(one) for one in tx.execute(select(REFERRAL)).mappings()}
        events: dict[int, list[dict[str, object]]] = {}
        for one in tx.execute(select(EVENT)).mappings():
            events.setdefault(one["case_id"], []).append(dict(one))
        copies = list(enumerate(islice(cycle(cases), CASES - len(cases)), start=100))
        tx.execute(
            insert(CARE_CASE), [one | {"id": number, "reference": f"MSI-2026-{number:05}"} for number, one in copies]
        )
        tx.execute(insert(REFERRAL), [sealed[one["id"]] | {"case_id": number} for number, one in copies])
        tx.execute(
            insert(EVENT), [event | {"case_id": number} for number, one in copies for event in events[one["id"]]]
        )

"""What the row of a case says of its watch is what its events and the rules of that moment come to, whatever happened."""

import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from house import BRUSSELS, CLB, DESK, FORM, NAFT, WORKER, House
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mailflow.core.lifecycle import ENDS
from mailflow.core.thread import reply_address
from mailflow.core.watches import next_look, watch
from mailflow.storage.tables import CARE_CASE

SAID = st.tuples(
    st.sampled_from([
        ("provider", NAFT), ("referrer", CLB), ("desk", WORKER),
    ]),
    st.sampled_from([
        "aanvaard", "wachtlijst", "volzet", "geen match", "gesproken", "vandaag gestart", "vandaag afgerond", "behouden",
        "bedenktijd", "stop", "we bellen volgende week terug", "rondetafel op 12 oktober", "misschien", "wacht tot 20 oktober",
    ]),
)  # fmt: skip
PASSED = st.sampled_from([{"minutes": 16}, {"hours": 5}, {"days": 1}, {"days": 8}, {"days": 40}])
CHANGED = st.sampled_from([
    "gesloten van 12 oktober tot en met 16 oktober", "feedback = 2", "keep = 3", "decision = 4", "start = 6",
])  # fmt: skip


@settings(max_examples=12, derandomize=True, database=None, deadline=None)
@given(st.lists(SAID | PASSED | CHANGED, min_size=2, max_size=7))
def test_the_kept_moment_equals_the_computed_one(steps):
    """After answers of anybody, time, a term that the operator changes, and days that the desk closes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(House(Path(folder), datetime(2026, 10, 5, 9, 0, tzinfo=BRUSSELS))) as house,
    ):
        house.mail(FORM)
        house.drain()
        house.later(minutes=20)
        assert_kept_as_computed(house)
        for step in steps:
            take(house, step)
            assert_kept_as_computed(house)


def take(house: House, step) -> None:
    """One thing that happens."""
    rules = house.app.settings.rules
    match step:
        case dict():
            house.later(**step)
        case ((role, sender), words):
            house.mail(words, sender=sender, to=reply_address(DESK, "MSI-2026-0001", role, rules.seal))
            house.drain()
        case str() if "=" in step:
            main = house.config / "mailflow.toml"
            key = step.partition(" ")[0]
            lines = (step if line.startswith(f"{key} =") else line for line in main.read_text().splitlines())
            main.write_text("\n".join(lines))
            house.restart()
            house.drain()
        case _:
            house.app.store.closures.look_again()
            digest = house.letters(WORKER)
            if digest:
                house.reply(digest[0], step)
                house.drain()


def assert_kept_as_computed(house: House) -> None:
    """Whose turn, what for, until when, and when to look: the row and the events agree."""
    house.drain()  # the next beat of the service: a term that changed is looked at
    rules = house.app.store.rules
    with house.app.database.read() as tx:
        rows = tx.execute(select(CARE_CASE)).mappings().all()
    house.app.store.cases.reread()
    for row in rows:
        case = house.app.store.cases.by_id(row["id"]).case
        open_ = watch(case, rules)
        assert (open_ is None) == (case.state in ENDS)
        if open_ is not None:
            assert (row["turn"], row["what"], row["due_at"]) == (open_.party.value, open_.what, open_.due)
            assert row["look_at"] == next_look(case, rules)
            assert row["fingerprint"] == rules.fingerprint

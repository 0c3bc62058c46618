"""A case under a legal hold is erased by nobody, by no term and by no backup, until that is lifted."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, House
from test_custody import type_in

from mailflow import backup
from mailflow.core.lifecycle import State
from mailflow.erasing import LegalHold
from mailflow.forgetting import erase, hold, replay

ONE, TWO = "MSI-2026-0001", "MSI-2026-0002"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two cases at NAFT VBO, that one mail of it is about, and that both ended."""
    one = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    for form in (
        FORM,
        FORM.replace("Noor", "Lou").replace("12/03", "3/04").replace("Voorbeeld\nGeb", "Denkbeeld\nGeb"),
    ):
        one.mail(form)
        one.drain()
    one.mail("0001: geen match\n0002: geen match, Lou wil niet\n", sender=NAFT)
    one.drain()
    one.later(minutes=16)
    for number in ("0001", "0002"):
        one.mail(f"{number}: stop", sender=CLB)
        one.drain()
    assert {one.case(name).state for name in (ONE, TWO)} <= {State.CLOSED, State.WITHDRAWN}
    yield one
    one.close()


def test_what_is_held_is_not_erased_and_erase_says_why(house: House):
    """Who ordered it and how it ends; a line in the audit for the order, none for what did not happen."""
    held = type_in(house, "hold", ONE, "--why", "JR-2026/114")
    refused = type_in(house, "erase", ONE, "--yes")
    listed = type_in(house, "hold")

    assert held.exit_code == 0, held.output
    assert refused.exit_code == 1
    assert re.search(
        rf"{ONE} is under a legal hold since [0-9-]+ \(JR-2026/114\): nothing of it is erased", refused.stderr
    )
    assert f"mailflow hold {ONE} --lift" in refused.stderr
    assert "JR-2026/114" in listed.output
    assert house.case(ONE).values["first_name"] == "Noor"
    assert not (house.config / "keys" / "erased.log").exists()
    assert [(line.what, line.about) for line in house.app.store.audits.lines()] == [("hold", ONE)]
    assert type_in(house, "audit", "verify").exit_code == 0


def test_once_lifted_it_can_be_erased(house: House):
    type_in(house, "hold", ONE, "--why", "JR-2026/114")
    lifted = type_in(house, "hold", ONE, "--lift")

    erased = type_in(house, "erase", ONE, "--yes")
    again = type_in(house, "hold", ONE, "--why", "JR-2026/114")

    assert (lifted.exit_code, erased.exit_code) == (0, 0), erased.output
    assert house.case(ONE).values == {}
    assert again.exit_code == 1
    assert "erased already" in again.stderr


def test_retention_passes_it_by_and_has_its_way_after(house: House):
    """Years later all of it is there, without an event a day; the other case went at its term."""
    hold(house.app, house.app.store.cases.get(ONE), "JR-2026/114")

    for day in range(3):
        house.later(days=500 + day)

    assert [line for line in house.timeline(ONE) if " erased " in line] == []
    assert house.case(ONE).values["first_name"] == "Noor"
    assert house.app.store.mails.raw(1)
    assert house.case(TWO).values == {}
    assert house.app.store.mails.raw(2) == b""
    assert len([line for line in house.timeline(TWO) if " erased " in line]) <= 3  # its mails, its form, the last copy

    hold(house.app, house.app.store.cases.get(ONE), "")
    house.later(days=1)

    assert house.case(ONE).values == {}
    assert house.app.store.mails.raw(1) == b""


def test_a_mail_about_two_cases_stays_for_the_one_that_is_held(house: House):
    """Whoever erases the other one hears that it does, and it goes once the hold is lifted."""
    hold(house.app, house.app.store.cases.get(ONE), "JR-2026/114")

    told = type_in(house, "erase", TWO, "--yes")

    assert "1 mails are about a case under a legal hold too" in told.output
    assert b"geen match" in house.app.store.mails.raw(3)
    assert house.app.store.mails.raw(2) == b""

    hold(house.app, house.app.store.cases.get(ONE), "")
    erase(house.app, house.app.store.cases.get(ONE))

    assert house.app.store.mails.raw(3) == b""


def test_a_hold_ordered_after_a_backup_stands_when_it_is_put_back(house: House, tmp_path: Path):
    """It is written beside the keys; and what was lifted and erased since is erased again."""
    hold(house.app, house.app.store.cases.get(TWO), "JR-2026/7")
    file = tmp_path / "b.age"
    backup.write(house.app, file)
    hold(house.app, house.app.store.cases.get(ONE), "JR-2026/114")
    hold(house.app, house.app.store.cases.get(TWO), "")
    house.later(minutes=1)
    erase(house.app, house.app.store.cases.get(TWO))

    backup.restore(house.app, file)

    with pytest.raises(LegalHold):
        erase(house.app, house.app.store.cases.get(ONE))
    assert house.case(TWO).values == {}
    assert replay(house.app) == 0


@pytest.mark.parametrize("why", ["", "Jan Peeters", "zaak van Noor: geheim", "x" * 41])
def test_the_reference_of_an_order_names_nobody(house: House, why: str):
    """It stands in clear in the database: a word of letters, digits and a few signs."""
    told = type_in(house, "hold", ONE, "--why", why)

    assert told.exit_code == 2
    assert house.case(ONE).legal_hold is None

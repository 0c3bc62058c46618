"""Four processes on one PostgreSQL, killed (-9) at random with the database itself: everything once, and in order.

What design says of doubles: a letter leaves at least once, and never as two different ones. Its process and the server
that takes it cannot commit together; so a process that is killed after the server took a letter and before that was
noted leaves one that goes once more, byte for byte. A database that dies at that moment does not: the process that knows
notes it later. MAILFLOW_FLEET_MAILS says how many mails (2000 take a few minutes).
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from fleet import PARTS, SENDERS, Fleet, Landed, Misfortune, doubles, first_of_each, letters, mail, referral
from house import BRUSSELS, DESK, WORKER
from postgres import KEPT, Postgres, postgres
from sqlalchemy import select

from mailflow import soundness
from mailflow.storage.tables import CARE_CASE, LETTER, MAIL, TASK

MAILS = int(os.environ.get("MAILFLOW_FLEET_MAILS", "120"))
ANSWERED = 6
"""One referral in so many is answered by its provider."""
SEED = 20261129
DIGEST = datetime(2026, 10, 5, 8, 30, tzinfo=BRUSSELS)
OPENS = datetime(2026, 10, 5, 9, 0, tzinfo=BRUSSELS)
PROVIDERS = ("NAFT VBO", "NAFT VBO", "Zorgboerderij De Linde", "Time-in Klaswerking")
BETWEEN_KILLS = 45
"""Mails taken and letters landed from one kill to the next, at most."""
HANDED_OVER = 5
"""Seconds that a mail may lie with the server that takes it, whose sender is dead, before it is counted."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL that can be killed."""
    with postgres(KEPT) as one:
        yield one


@pytest.fixture
def fleet(server: Postgres, tmp_path: Path) -> Iterator[Fleet]:
    one = Fleet(tmp_path, server)
    yield one
    one.close()


def test_everything_once_whatever_is_killed(fleet: Fleet):
    """Referrals on Sunday night, the digest, the release at nine, answers: no mail lost, no letter twice, all in order."""
    chance, victims = Random(SEED), list[int]()
    answered = MAILS // (ANSWERED + 1)
    referrals = MAILS - answered
    mails = [
        (f"an.{letters(n)}@vclbleuven.be", DESK, referral(n, PROVIDERS[n % len(PROVIDERS)])) for n in range(referrals)
    ]
    for number in range(len(PARTS)):
        fleet.start(number)

    with Misfortune(fleet, chance, BETWEEN_KILLS, victims):
        fleet.post(mails)
        fleet.rests()
    with fleet.memory() as app, app.database.read() as tx:
        of_release = select(TASK.c.case_id).where(TASK.c.kind == "release").order_by(TASK.c.due_at, TASK.c.id)
        held = [*tx.execute(of_release).scalars()]
    early = [one for one in fleet.landed if not one.recipient.endswith("vclbleuven.be")]
    with Misfortune(fleet, chance, BETWEEN_KILLS, victims):
        fleet.clock.set(DIGEST)
        fleet.rests(lambda app: app.store.letters.last_digest_at() is not None)
        fleet.clock.set(OPENS)
        fleet.rests()
        at_provider = [one for one in first_of_each(fleet.landed) if "@vclb" not in one.recipient and one.reference]
        fleet.post([answer(one) for one in at_provider[:answered]])
        fleet.rests()
    with fleet.memory() as app:
        aside = {task["case_id"] for task in app.store.stuck_tasks()}
        app.tasks.retry(None, fleet.clock.now())
    fleet.rests()
    with fleet.memory() as app, app.database.read() as tx:
        mails_kept = Counter((row.state, row.outcome) for row in tx.execute(select(MAIL.c.state, MAIL.c.outcome)))
        cases = {row.reference: row for row in tx.execute(select(CARE_CASE))}
        written = Counter((row.kind, row.state) for row in tx.execute(select(LETTER.c.kind, LETTER.c.state)))
        wrong = [*soundness.cases(app.store, app.settings.rules), *soundness.sealed(app.store)]
    left = first_of_each(fleet.landed)
    twice = [*doubles(fleet.landed)]
    print(f"killed {dict(Counter(what for _, what in fleet.kills))}, set aside {len(aside)}, doubled {len(twice)}")

    assert early == []
    assert wrong == []
    assert mails_kept == {("read", "referral"): referrals, ("read", "reply"): answered}
    assert len(cases) == referrals == written["received", "sent"] == written["referral", "sent"]
    assert written["echo", "sent"] == answered
    assert written["digest", "sent"] == 1
    assert len(left) == sum(count for (_, state), count in written.items() if state == "sent")
    assert [one.recipient for one in left].count(WORKER) == 1
    killed = [at for at, what in fleet.kills if what in SENDERS]
    assert [again for first, again in twice if first.raw != again.raw] == []
    assert [first for first, again in twice if not any(first.at - HANDED_OVER < at < again.at for at in killed)] == []
    assert len(twice) <= len(killed)
    for provider in {row.provider for row in cases.values()}:
        ours = {row.id: row.reference for row in cases.values() if row.provider == provider and row.id not in aside}
        arrived = [one.reference for one in at_provider if one.reference in ours.values()]
        assert arrived == [ours[case_id] for case_id in held if case_id in ours], provider


def answer(letter: Landed) -> tuple[str, str, bytes]:
    """Its provider takes the pupil."""
    to = letter.header(b"Reply-To").strip("<>")
    words, name = "Dag,\n\nWij nemen deze leerling graag op.\n", f"re-{letter.reference}@provider.example"
    said = mail(letter.recipient, to, name, words, subject="Re: Aanmelding", answers=letter.message_id)
    return letter.recipient, to, said

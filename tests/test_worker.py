"""The worker: what becomes of a letter that does not leave, of work that fails, and of a worker that dies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier

import pytest
from house import CLB, FORM, NAFT, WORKER, House, RecordingCourier

from mailflow.clock import process_name, real_now
from mailflow.core.explained import because
from mailflow.core.lifecycle import Event, State
from mailflow.core.mail import Envelope, Reading
from mailflow.digesting import digest_letter
from mailflow.holders import is_alive, new_holder, this_host
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Outcome, Refused, TryLater, Unavailable, Uncertain
from mailflow.reading.reader import Reader
from mailflow.settling import settle
from mailflow.worker import DECIDING, SENDING

LATER = TryLater("451 4.7.1 greylisted")
DOWN = Unavailable("connection refused")
NO_SUCH = Refused("550 5.1.1 no such user")


@dataclass
class Picky(RecordingCourier):
    """A courier to whom things happen."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """Done, once each, while a letter is on its way."""

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().deliver(sender=sender, recipient=recipient, message=message)

    def tries(self, recipient: str) -> int:
        return sum(one.recipient == recipient for one in self.offered)


@pytest.fixture
def courier(house: House) -> Picky:
    """In place of the house's own."""
    picky = Picky()
    house.courier = picky
    house.app = replace(house.app, worker=replace(house.app.worker, courier=picky))
    return picky


@pytest.fixture
def alarms(house: House) -> list[str]:
    """What the alarm command was called with."""
    heard: list[str] = []
    house.app = replace(house.app, worker=replace(house.app.worker, brake=Brake(heard.append)))
    return heard


def test_a_letter_that_is_refused_for_now_is_tried_again_ever_later(house: House, courier: Picky):
    """After 1, 5, 20, 60 and 240 minutes, then every 4 hours; never sooner, always the same bytes."""
    courier.says[CLB] = LATER
    house.mail()
    house.drain()

    for number, minutes in enumerate((1, 5, 20, 60, 240, 240, 240), start=1):
        house.later(minutes=minutes, seconds=-1)
        assert courier.tries(CLB) == number
        house.later(seconds=1)
        assert courier.tries(CLB) == number + 1

    assert len({one.raw for one in courier.offered if one.recipient == CLB}) == 1


def test_the_desk_hears_of_a_letter_that_failed_five_times(house: House, courier: Picky):
    """The digest's line on health names it, and no longer once the letter has left."""
    courier.says[CLB] = LATER
    house.mail()
    house.drain()
    for minutes in (1, 5, 20, 60):
        house.later(minutes=minutes)

    told = house.at(2026, 10, 5, 8, 30)[0]
    courier.says.clear()
    house.at(2026, 10, 5, 12, 45)
    after = next(one for one in house.at(2026, 10, 6, 8, 30) if one.recipient == WORKER)

    assert told.recipient == WORKER
    assert "1 brieven raken niet weg" in told.text
    assert "raken niet weg" not in after.text


def test_a_letter_is_given_up_after_five_days_and_the_desk_is_told(house: House, courier: Picky):
    """From its first failure on; the case says that it did not arrive."""
    courier.says[CLB] = LATER
    house.mail()
    house.drain()
    for _ in range(5 * 6 - 1):
        house.later(hours=4)
    before = [h.kind for h in house.case().history]

    told = house.later(hours=4)

    assert Event.LETTER_REFUSED not in before
    assert house.case().last(Event.LETTER_REFUSED)
    assert any(one.recipient == WORKER and "kon niet bezorgd" in one.subject for one in told)
    house.later(days=1)
    tries = courier.tries(CLB)
    house.later(days=1)
    assert courier.tries(CLB) == tries


def test_a_server_that_is_down_halts_all_sending_with_one_alarm(house: House, courier: Picky, alarms: list[str]):
    """No attempt is counted, one letter a minute asks whether it works again, and then all leave in their order."""
    courier.says["*"] = DOWN
    for name in ("Anna", "Bea", "Caro"):
        house.mail(FORM.replace("Noor", name))
    house.drain()
    for _ in range(30):
        house.later(seconds=60)
    during = len(courier.offered)
    courier.says.clear()

    left = house.later(minutes=1)

    assert during == 31
    assert alarms == ["sending: connection refused"]
    assert [one.message["Message-ID"].strip("<").partition(".")[0].upper() for one in left] == [
        "MSI-2026-0001",
        "MSI-2026-0002",
        "MSI-2026-0003",
    ]
    assert house.app.store.late_letters(1) == 0


def test_a_server_that_goes_down_again_alarms_again(house: House, courier: Picky, alarms: list[str]):
    """One alarm per outage: what the server said between shows that it worked."""
    house.mail()
    courier.says["*"] = DOWN
    house.drain()
    courier.says["*"] = LATER
    house.later(minutes=1)
    courier.says["*"] = DOWN

    house.later(minutes=1)

    assert len(alarms) == 2


def test_an_outage_of_a_week_costs_a_letter_none_of_its_five_days(house: House, courier: Picky, alarms: list[str]):
    """Its days count from the first answer about the letter itself."""
    courier.says["*"] = DOWN
    house.mail()
    house.drain()
    house.later(days=7)
    courier.says["*"] = LATER

    house.later(minutes=2)

    assert alarms
    assert house.case().last(Event.LETTER_REFUSED) is None
    courier.says.clear()
    assert any(one.recipient == CLB for one in house.later(hours=1))


def test_a_clock_that_is_set_back_does_not_hold_the_letters(house: House, courier: Picky, alarms: list[str]):
    """The halt of a minute ends at once when the clock says that it has not begun."""
    brake = house.app.worker.brake
    brake.pull(house.clock.now(), "down")
    held = brake.holds(house.clock.now())

    house.clock.move(days=-1)

    assert held
    assert not brake.holds(house.clock.now())


def test_a_refused_referral_comes_back_to_the_desk(house: House, courier: Picky):
    """The provider's address does not exist: the case waits for the desk, which gets a letter at once."""
    courier.says[NAFT] = NO_SUCH
    house.mail()
    house.drain()

    told = house.at(2026, 10, 5, 9, 0)

    assert house.case().state is State.NEEDS_DESK
    assert any(one.recipient == WORKER and "kon niet bezorgd" in one.subject for one in told)
    house.later(days=1)
    assert courier.tries(NAFT) == 1


def test_a_refused_letter_to_the_desk_is_an_alarm(house: House, courier: Picky, alarms: list[str]):
    """No letter can tell the desk that its letters do not arrive."""
    courier.says[WORKER] = NO_SUCH

    house.at(2026, 10, 5, 8, 30)

    assert alarms == ["a letter to the desk is refused: 550 5.1.1 no such user"]


def test_an_uncertain_delivery_is_tried_again_with_the_same_bytes(house: House, courier: Picky):
    """It may have arrived: whoever got it twice got the same mail, of the same Message-ID, twice."""
    courier.says[CLB] = Uncertain("after the mail was sent: timed out")
    house.mail()
    house.drain()
    courier.says.clear()

    house.later(minutes=1)

    first, second = (one for one in courier.offered if one.recipient == CLB)
    assert first == second
    assert [line.split()[2] for line in house.timeline()].count("letter_sent") == 1


def test_a_letter_that_leaves_while_its_case_moves_on_is_noted_all_the_same(house: House, courier: Picky):
    """A mail on the case is decided upon while the letter is on its way: both are in the timeline."""
    house.mail()
    house.drain()
    told, other = house.letters(CLB)[0], house.another()
    house.at(2026, 10, 5, 8, 59)

    def speaks() -> None:
        house.reply(told, "Dank je wel!")
        other.drain()

    courier.meanwhile.append(speaks)
    house.at(2026, 10, 5, 9, 0)
    other.close()

    assert house.case().state is State.DISPATCHED
    assert [h.codes.get("mail") for h in house.case().history if h.kind is Event.MAIL_CAME] == ["1", "2"]
    assert house.case().waiting_letters() == {}
    assert courier.tries(NAFT) == 1


def test_a_withdrawal_that_crosses_the_referral_knows_that_it_left(house: House, courier: Picky):
    """She withdraws at the very moment that the provider's letter leaves: it left, so the provider hears of it too."""
    house.mail()
    house.drain()
    told, other = house.letters(CLB)[0], house.another()
    house.at(2026, 10, 5, 8, 59)

    def withdraws() -> None:
        house.reply(told, "We trekken de aanmelding in.")
        other.drain()

    courier.meanwhile.append(withdraws)
    house.at(2026, 10, 5, 9, 0)
    crossed = house.case().state
    house.later(seconds=10)
    house.later(minutes=20)
    other.close()

    assert crossed is State.DISPATCHED
    assert house.case().state is State.WITHDRAWN
    assert [one.recipient for one in house.courier.sent].count(NAFT) == 2
    voided = {h.codes["n"] for h in house.case().history if h.kind is Event.LETTER_VOIDED}
    left = {h.codes["n"] for h in house.case().history if h.kind is Event.LETTER_SENT}
    assert not voided & left


@dataclass(frozen=True)
class Trips:
    """A reader that one mail makes fall."""

    reader: Reader

    def read(self, raw: bytes, envelope: Envelope) -> Reading:
        if b"Gifje" in raw:
            raise KeyError("Gifje Voorbeeld, an.peeters@vclbleuven.be")
        return self.reader.read(raw, envelope)


def test_the_desk_hears_at_once_of_a_mail_that_is_stuck_and_tries_again_by_one_tap(house: House):
    """The letter holds its number and no word of it."""
    sound = house.app.worker
    house.app = replace(house.app, worker=replace(sound, reader=Trips(sound.reader)))
    poison = house.mail(FORM.replace("Noor", "Gifje"))
    house.drain()
    house.later(minutes=2)
    (told,) = [one for one in house.later(days=1) if one.subject == "Een mail liep vast"]

    house.app = replace(house.app, worker=sound)
    house.mail(f"mail {poison} opnieuw", sender=WORKER, to=told.reply_to, subject="Probeer opnieuw")
    house.drain()

    assert told.recipient == WORKER
    assert "Gifje" not in told.text
    assert house.outcome(poison) == "referral"


def test_a_mail_that_fails_three_times_is_set_aside_and_the_next_go_on(house: House):
    """It is intact and shown by its number, with code lines and no word of what it holds; put back, it is read."""
    sound = house.app.worker
    house.app = replace(house.app, worker=replace(sound, reader=Trips(sound.reader)))
    poison, good = house.mail(FORM.replace("Noor", "Gifje")), house.mail()
    house.drain()
    meanwhile = house.outcome(good)
    house.later(seconds=10)
    house.later(minutes=2)
    house.later(days=1)
    stuck, line = house.app.store.stuck_tasks(), house.app.store.mails.line(poison)
    digest = [one for one in house.at(2026, 10, 6, 8, 30) if one.recipient == WORKER]

    house.app = replace(house.app, worker=sound)
    back = house.app.tasks.retry(None, house.clock.now())
    house.drain()

    assert meanwhile == "referral"
    assert [one["mail_id"] for one in stuck] == [poison]
    assert stuck[0]["why"].startswith("KeyError at test_worker.py:")
    assert "Gifje" not in str(stuck)
    assert line is not None
    assert line.state == "stuck"
    assert all("1 taken zijn vastgelopen" in one.text for one in digest)
    assert (back, house.outcome(poison)) == (1, "referral")
    assert house.app.store.stuck_tasks() == []


def test_a_mail_that_every_process_dies_over_is_set_aside_too(house: House):
    """Killed three times in a row over the same mail: the fourth process leaves it to a person and goes on."""
    poison, good = house.mail(), house.mail(FORM.replace("Noor", "Lou"))
    now = house.clock.now()
    for _ in range(3):
        claimed = house.app.tasks.claim(DECIDING, now=now, real_now=real_now(), holder="dead")
        assert claimed
        assert claimed.mail_id == poison
        house.app.tasks.rescue(lambda _: False)

    house.drain()

    assert [one["mail_id"] for one in house.app.store.stuck_tasks()] == [poison]
    assert house.outcome(good) == "referral"


def test_a_digest_that_cannot_be_written_is_an_alarm(house: House, alarms: list[str]):
    """It would have told the desk of what is stuck."""

    @dataclass(frozen=True)
    class Broken:
        def render(self, *_: object) -> None:
            raise KeyError("day")

    house.app = replace(house.app, worker=replace(house.app.worker, renderer=Broken()))
    house.at(2026, 10, 5, 8, 30)
    house.later(seconds=10)
    house.later(minutes=2)

    assert alarms == ["the digest could not be written: see mailflow stuck"]


def test_a_fault_of_ours_after_many_tries_of_a_letter_has_its_own_three_tries(house: House, courier: Picky):
    """Refusals of the server are not counted with failures of our code."""
    courier.says[CLB] = LATER
    house.mail()
    house.drain()
    for minutes in (1, 5, 20, 60):
        house.later(minutes=minutes)

    def falls() -> None:
        raise RuntimeError("ours")

    courier.says.clear()
    courier.meanwhile.append(falls)
    house.later(minutes=240)
    fallen = house.app.store.stuck_tasks()
    left = house.later(seconds=10)

    assert fallen == []
    assert [one.recipient for one in left].count(CLB) == 1


def test_the_digest_leaves_once_with_any_number_of_workers(house: House):
    """Two processes wake at 08:30 together: one digest, and none on a later beat."""
    other, at_once = house.another(), Barrier(2)
    house.clock.set(house.clock.at.replace(day=5, hour=8, minute=30))

    def wake(app: object) -> None:
        at_once.wait()
        app.drain()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(wake, (house.app, other)))
    other.close()
    house.later(hours=1)

    assert [one.recipient for one in house.courier.sent] == [WORKER]


def test_a_clock_that_jumps_back_releases_nothing_twice(house: House):
    """Sent is sent: an hour back and on again, the provider has one letter and the desk one digest."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 0)

    house.at(2026, 10, 5, 7, 0)
    house.at(2026, 10, 5, 9, 30)

    assert len(house.letters(NAFT)) == 1
    assert sum("Overzicht" in one.subject for one in house.letters(WORKER)) == 1


def test_a_stuck_release_does_not_stop_the_mails_of_its_case(house: House):
    """What the referrer adds afterwards makes a new release, in place of the stuck one."""
    house.mail()
    house.drain()
    house.clock.set(house.clock.at.replace(day=5, hour=9, minute=0))
    task = house.app.tasks.claim(["release"], now=house.clock.now(), real_now=real_now(), holder="one")
    assert task
    house.app.tasks.stuck(task, "KeyError at x.py:1")

    number = house.reply(house.letters(CLB)[0], "Leerjaar: 4\nAanleiding: komt al een maand niet meer")
    house.drain()
    house.later(minutes=1)

    assert house.outcome(number) == "reply"
    assert house.app.store.stuck_tasks() == []
    assert house.case().state is State.DISPATCHED


def test_who_holds_a_task_is_told_apart(house: House):
    """A process that is gone, this very process before it was killed, and one of another machine."""
    assert not is_alive("999999999-abcdef01@")
    assert not is_alive(process_name())
    assert not is_alive(new_holder(this_host()))
    assert is_alive("1-abcdef01@")
    assert is_alive("1-abcdef01@elsewhere")
    assert not is_alive("")
    assert len(new_holder(this_host())) <= 40


def test_sending_and_deciding_are_each_other_s_business_only_by_the_database(house: House):
    """A worker that only sends leaves the mail unread; one that only decides leaves the letter."""
    house.mail()

    assert not house.app.worker.work(SENDING)
    assert house.app.worker.work(DECIDING)
    assert house.courier.sent == []
    assert house.app.worker.work(SENDING)
    assert len(house.courier.sent) == 1


def test_a_mailbox_that_stays_unread_is_in_the_digest(house: House):
    """After an hour, with since when; it may be that nobody configured an alarm."""
    house.app.store.mailboxes.expect(["meldpunt"], house.clock.now())

    soon = digest_letter(house.app.worker.means)
    house.clock.move(hours=1, minutes=1)
    later = digest_letter(house.app.worker.means)

    assert soon.values["health"] == "Alles loopt."
    assert later.values["health"] == "Let op: mailbox meldpunt is niet gelezen sinds zondag 4 oktober 2026 om 22:14."


def test_a_mail_waits_while_the_dns_cannot_say_who_sent_it(house: House):
    """A temporary failure is "try later", not "none"; after four tries it counts as not proven, and nothing is lost."""
    house.zone = {"_dmarc.vclbleuven.be": {"FAILS": ["TXT"]}, "vclbleuven.be": {"FAILS": ["TXT"]}}
    raw = f"From: <{CLB}>\nTo: meldpunt@meldpunt.example\nSubject: Aanmelding\n\n{FORM}".replace("\n", "\r\n").encode()
    stranger = Envelope(mail_from=CLB, recipients=("meldpunt@meldpunt.example",), client_ip="192.0.2.1")

    mail_id = house.app.receive(raw, stranger)
    first = house.drain()
    later = [house.later(minutes=minutes) for minutes in (1, 5, 20, 60)]

    assert [] == first
    assert [[], [], []] == later[:3]
    assert ["[MSI-2026-0001] Was jij dit?"] == [letter.subject for letter in later[3] if letter.recipient == CLB]
    assert "referral" == house.outcome(mail_id)


def test_a_mail_that_its_domain_s_dns_proves_is_taken(house: House):
    """We are the border host: SPF of the envelope, aligned with From, proves a CLB without any stamp."""
    house.zone = {"vclbleuven.be": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}}
    raw = f"From: <{CLB}>\nTo: meldpunt@meldpunt.example\nSubject: Aanmelding\n\n{FORM}".replace("\n", "\r\n").encode()

    house.app.receive(raw, Envelope(mail_from=CLB, recipients=("meldpunt@meldpunt.example",), client_ip="192.0.2.1"))
    letters = house.drain()

    assert ["[MSI-2026-0001] Aanmelding goed ontvangen"] == [letter.subject for letter in letters]


def test_a_forgery_stays_in_the_digest_until_it_is_settled(house: House):
    """A second time there is nothing to settle; why it lay in quarantine is still told."""
    number = house.mail(proof="fail")
    [first] = house.at(2026, 10, 5, 8, 30)
    [second] = house.at(2026, 10, 6, 8, 30)
    assert "in naam van Vrij CLB Leuven (bel" in first.text
    assert f"mail {number} negeer" in second.text.replace("\r\n", " ").replace("  ", " ")

    house.reply(second, f"mail {number} negeer")
    house.drain()

    [third] = house.at(2026, 10, 7, 8, 30)
    assert house.outcome(number) == "settled"
    assert because("settled", house.app.store.mails.trace(number)).startswith("fail by ")
    assert "quarantaine" not in third.text


def test_a_held_mail_is_settled_once(house: House):
    """By mail or by command, whoever comes first; its family is answered as if it were written today."""
    number = house.mail("Kan u ons helpen?", sender="ouder@vclbleuvem.be", message_id="<held@ouder.example>")
    [asked] = house.drain()

    house.reply(asked, "ouder")
    family, passed = house.drain()

    assert (family.recipient, family.message["In-Reply-To"]) == ("ouder@vclbleuvem.be", "<held@ouder.example>")
    assert (passed.recipient, passed.reply_to) == (WORKER, "ouder@vclbleuvem.be")
    assert house.outcome(number) == "other"
    assert settle(house.app.worker.means, number, "negeer") == f"mail {number} wacht niet op jou"


def test_a_command_settles_what_is_held(house: House):
    """The same words as by mail; what it is no order for is told, and nothing moves."""
    number = house.mail(sender="an.peeters@vclbleuvem.be")
    house.drain()

    wrong = [settle(house.app.worker.means, number, words) for words in ("dag", "start al", "CLB: Nergens")]
    right = settle(house.app.worker.means, number, "CLB: Vrij CLB Leuven")

    assert [bool(one) for one in wrong] == [True, True, True]
    assert right == ""
    assert house.outcome(number) == "referral"
    assert [one.recipient for one in house.drain()] == [CLB, WORKER]


def test_a_command_keeps_the_follow_on_referral_that_a_held_mail_asks_for(house: House):
    """The case that a mail belongs to, told by command: what it opens is kept with what it does there."""
    house.at(2026, 10, 6, 10, 0)
    house.mail()
    house.drain()
    house.reply(house.letters(NAFT)[0], "Wij zijn volzet.")
    house.drain()
    number = house.mail("Graag elders: Zorgboerderij De Linde.", sender=CLB, subject="Noor")
    house.drain()

    done = settle(house.app.worker.means, number, "dossier MSI-2026-0001")

    assert done == ""
    assert house.case("MSI-2026-0001").state == "replaced"
    assert house.case("MSI-2026-0002").values["earlier_reference"] == "MSI-2026-0001"


def test_a_remembered_sender_is_known_from_then_on(house: House):
    """Proven, it is a CLB worker's; forgotten, it is a look-alike again. The address stands nowhere in the clear."""
    store = house.app.store
    house.mail(sender="an@vclbleuvem.be")
    [asked] = house.drain()
    house.reply(asked, "CLB: Vrij CLB Leuven onthoud")
    house.drain()
    [line] = store.senders.lines()

    accepted = house.mail(FORM.replace("Noor", "Mika"), sender="an@vclbleuvem.be")
    house.drain()
    forgotten = store.senders.forget(line.id), store.senders.forget(line.id)
    held = house.mail(FORM.replace("Noor", "Lou"), sender="an@vclbleuvem.be")
    house.drain()

    assert (line.remembered.who, line.remembered.clb) == ("an@vclbleuvem.be", "clb-leuven")
    assert (house.outcome(accepted), house.case("MSI-2026-0002").parties) == (
        "referral",
        {"referrer": "an@vclbleuvem.be"},
    )
    assert forgotten == (True, False)
    assert house.outcome(held) == "held"


def test_a_referral_that_was_held_up_all_day_does_not_leave_at_night(house: House):
    """The provider's host took nothing while the meldpunt was open: it goes on its way when that opens again."""
    house.mail()
    house.drain()
    house.courier.answers = [TryLater("451 4.3.0")] * 2  # the digest goes second
    house.at(2026, 10, 5, 9, 0)

    told = house.at(2026, 10, 5, 18, 0)
    assert [one.recipient for one in told if one.recipient in {NAFT, CLB}] == [CLB]
    assert "dinsdag 6 oktober 2026 om 09:00" in " ".join(told[-1].text.split())
    assert CLB not in [one.recipient for one in house.at(2026, 10, 5, 23, 0)]
    assert house.case().state is State.QUEUED
    assert NAFT in [one.recipient for one in house.at(2026, 10, 6, 9, 0)]
    assert house.case().state is State.DISPATCHED


def test_the_day_of_a_stand_in_is_counted_from_the_last_order(house: House):
    """An answer of the worker, even a search, is a sign of life."""
    house.mail(
        "Mijn kind gaat niet meer naar school.\n" + FORM.replace("CLB: Vrij CLB Leuven\n", ""),
        sender="papa@thuis.example",
    )
    house.drain()
    assert house.app.store.attendance.heard_at("") is None

    house.at(2026, 10, 5, 8, 30)
    digest = house.letters(WORKER)[-1]
    house.reply(digest, "zoek Peeters 12/03/2011", quote=False)
    house.drain()

    assert house.app.store.attendance.heard_at("") == house.clock.now()

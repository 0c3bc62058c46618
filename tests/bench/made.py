"""Cases that were really made: mailed in, answered, ended and in part erased, as the years of a meldpunt leave them."""

from datetime import datetime
from pathlib import Path

from house import BRUSSELS, FORM, NAFT, House
from sqlalchemy import func, select

from mailflow.storage.tables import CARE_CASE

OLD, RECENT = 24, 32
"""How many cases are made of each: long ended and erased, and of the last weeks."""
NOW = (2027, 5, 18, 10, 0)
"""A Tuesday near the end of a school year: the moment at which everything is asked."""
BRAKES = (("letters_a_day = 20", "letters_a_day = 10000"), ("per_minute = 30", "per_minute = 10000"))
DAY = 1
# fmt: off
PLANS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("provider", "Gesproken, en aanvaard."), ("provider", "Vandaag gestart."),
     ("provider", "Het traject is vandaag afgerond. Noor is terug naar school."), ("referrer", "Dit mag afgesloten worden.")),
    (("provider", "We hebben elkaar gesproken. Match, maar momenteel geen plaats: wachtlijst."),
     ("referrer", "Ja, graag behouden")),
    (("provider", "volzet"), ("referrer", "stop")),
    (("provider", "Gebeld. Wij kunnen geen afdoende antwoord bieden."), ("referrer", "stop")),
    (),
    (("provider", "Gesproken, en aanvaard."),),
    (("referrer", "Ik trek de aanmelding in."),),
    (("provider", "Gesproken, en aanvaard."), ("provider", "Vandaag gestart.")),
)
"""Who answers what, a day later each time; half of them end by it."""
# fmt: on


def made(folder: Path, old: int = OLD, recent: int = RECENT) -> tuple[House, int]:
    """A meldpunt with *old* cases of three years ago and *recent* ones, at NOW; and the highest id of the old ones."""
    house = House(folder, datetime(2024, 5, 7, 9, 30, tzinfo=BRUSSELS))
    main = house.config / "mailflow.toml"
    words = main.read_text()
    for was, now in BRAKES:
        assert was in words, was
        words = words.replace(was, now)
    main.write_text(words)
    house.restart()
    _live(house, range(old))
    house.at(2024, 6, 24, 10, 0)
    for number in range(old):  # the school year ends, and every case with it
        last = house.letters(referrer(number))[-1]
        house.reply(last, "Ik trek de aanmelding in.")
    house.drain()
    house.at(2026, 1, 12, 10, 0)  # every term is over: what people wrote is erased
    with house.app.database.read() as tx:
        last_old = tx.execute(select(func.max(CARE_CASE.c.id))).scalar_one()
    house.at(2027, 5, 11, 9, 30)
    _live(house, range(old, old + recent))
    house.at(*NOW)
    return house, last_old


def referrer(number: int) -> str:
    """A CLB worker for each case."""
    return f"an.{number}@vclbleuven.be"


def name(number: int) -> str:
    """A number as a last name that is nobody's."""
    return "Voorbeeld" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


def referral(house: House, number: int) -> None:
    """One comes in, and is not read yet."""
    form = FORM.replace("Achternaam: Voorbeeld", f"Achternaam: {name(number)}")
    form = form.replace("E-mail aanmelder: an.peeters@vclbleuven.be", f"E-mail aanmelder: {referrer(number)}")
    house.mail(form, sender=referrer(number), message_id=f"<case-{number}@vclbleuven.be>")


def _live(house: House, numbers: range) -> None:
    """These cases come in, each at its own minute, and are answered by plan; and some mail that is about no case."""
    first = len(house.letters(NAFT))
    for number in numbers:
        referral(house, number)
        house.later(seconds=67)
        if number % 10 == 0:
            house.mail("Dag, een vraagje.", sender=f"iemand.{number}@elders.example", message_id=f"<q{number}@elders>")
            house.mail("Betaal hier.", sender=f"x.{number}@vclbleuven.be", proof="fail", message_id=f"<s{number}@x>")
    at_provider = [one for one in house.letters(NAFT)[first:] if "Nieuwe aanmelding" in one.subject]
    for step in range(max(map(len, PLANS))):
        house.later(days=DAY)
        for number, letter in zip(numbers, at_provider, strict=True):
            plan = PLANS[number % len(PLANS)]
            if step < len(plan):
                who, answer = plan[step]
                house.reply(letter if who == "provider" else house.letters(referrer(number))[-1], answer)
        house.drain()

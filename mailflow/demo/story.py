"""The story: a referral on Sunday night, a waitlist, missing fields, no match, and a digest each opening day."""

from datetime import datetime

from mailflow.demo.office import ZONE, Seen
from mailflow.demo.people import AN, BRAM, DESK, NAFT, answers, writes
from mailflow.demo.stage import Stage

BEGINS = datetime(2026, 10, 4, 22, 13, tzinfo=ZONE)
ROUTINE = ((DESK, "Overzicht van"), (NAFT, "Herinnering"), (NAFT, "Zo hebben we"), (AN, "Zo hebben we"))
"""Letters that come of themselves: the digest of each opening day, a reminder, the echo of what was understood."""

NOOR = """\
Dag,

Graag begeleiding voor deze leerling.

Naam aanmelder: An Peeters
CLB: Vrij CLB Leuven
E-mail: an.peeters@vclbleuven.be
Telefoon: 016 12 34 56
Wanneer bereikbaar: maandag en donderdag voormiddag

Voornaam: Noor
Achternaam: Voorbeeld
Geboortedatum: 12 maart 2011
Woonplaats: 3000 Leuven
School: Sint-Voorbeeld Leuven
Leerjaar: 4

Ouders akkoord: ja
School akkoord: ja
Fase zorgcontinuüm: uitbreiding van zorg
Aanleiding: komt sinds september amper nog op school
Gewenste aanbieder: NAFT VBO

Met vriendelijke groeten
An Peeters
"""

LOU = """\
Naam aanmelder: Bram Claes
CLB: Vrij CLB Brabant Oost
E-mail: bram.claes@vrijclbbro.be
Telefoon: 016 65 43 21
Voornaam: Lou
Achternaam: Staal
Woonplaats: 3300 Tienen
School: Atheneum Voorbeeld Tienen
Ouders akkoord: ja
Gewenste aanbieder: NAFT VBO
"""

LOU_COMPLETED = """\
Geboortedatum: 5/6/2010
Aanleiding: durft niet meer naar de klas
"""

ROBIN = NOOR.replace("Noor", "Robin").replace("Achternaam: Voorbeeld", "Achternaam: Proef").replace("2011", "2012")


def play_story(stage: Stage) -> None:
    """Everything that issue-free days bring, from Sunday 4 October 2026 on."""
    referral = _sunday_night(stage)
    _waitlist(stage, referral)
    _missing_fields(stage)
    _no_match(stage)
    _place_free(stage, referral)


def referral_to_try(at: datetime) -> bytes:
    """A referral to mail by hand."""
    return writes(AN, at, "Aanmelding", NOOR.replace("Noor", "Mika"))


def _sunday_night(stage: Stage) -> Seen:
    stage.say("Sunday night: a CLB worker mails the form. She hears at once what was understood, and when it leaves.")
    stage.at(2026, 10, 4, 22, 14)
    stage.mails_in(AN, writes(AN, stage.clock.now(), "Aanmelding", NOOR))
    stage.expect(AN, "Aanmelding goed ontvangen")
    stage.say("Monday 08:30: the digest. The service is killed and started again: still nothing leaves before 09:00.")
    stage.at(2026, 10, 5, 8, 30)
    stage.expect(DESK, "Overzicht")
    stage.at(2026, 10, 5, 8, 59, 40)
    stage.kill()
    stage.start()
    stage.nothing_for(NAFT)
    stage.at(2026, 10, 5, 9)
    return stage.expect(NAFT, "Nieuwe aanmelding")


def _waitlist(stage: Stage, referral: Seen) -> None:
    stage.say(
        "The coach answers from Outlook, in plain Dutch: a match, but no place. The CLB worker is asked, not told."
    )
    stage.at(2026, 10, 7, 11, 20)
    words = "Dag An,\n\nWe hebben elkaar gesproken. Het is zeker een match, maar momenteel geen plaats: wachtlijst."
    stage.mails_in(NAFT, answers(NAFT, stage.clock.now(), referral.message, words, "outlook"), to=referral.reply_to)
    stage.expect(NAFT, "")
    stage.later(minutes=16)
    offer = stage.expect(AN, "wachtlijst")
    stage.at(2026, 10, 7, 19, 45)
    yes = answers(AN, stage.clock.now(), offer.message, "Ja, graag behouden", "iphone")
    stage.mails_in(AN, yes, to=offer.reply_to)
    stage.expect(AN, "")
    stage.later(minutes=16)
    stage.expect(NAFT, "wachtlijst")


def _missing_fields(stage: Stage) -> None:
    stage.say(
        "A second referral misses two fields: one answer names both, a reply with just those two lines completes it."
    )
    stage.at(2026, 10, 8, 8, 30)
    stage.expect(DESK, "Overzicht")
    stage.at(2026, 10, 8, 10, 5)
    stage.mails_in(BRAM, writes(BRAM, stage.clock.now(), "aanmelding", LOU))
    asked = stage.expect(BRAM, "")
    stage.at(2026, 10, 8, 10, 50)
    more = answers(BRAM, stage.clock.now(), asked.message, LOU_COMPLETED, "iphone")
    stage.mails_in(BRAM, more, to=asked.reply_to)
    stage.expect(BRAM, "Aanmelding goed ontvangen")
    stage.expect(NAFT, "Nieuwe aanmelding")


def _no_match(stage: Stage) -> None:
    stage.say("A third is no match: the CLB worker is told what is possible next.")
    stage.at(2026, 10, 9, 14)
    stage.mails_in(AN, writes(AN, stage.clock.now(), "Nieuwe aanmelding", ROBIN))
    stage.expect(AN, "Aanmelding goed ontvangen")
    referral = stage.expect(NAFT, "Nieuwe aanmelding")
    stage.at(2026, 10, 12, 9, 30)
    words = "Na ons gesprek is dit helaas geen match, de verwachtingen van de school zijn niet realiseerbaar."
    stage.mails_in(NAFT, answers(NAFT, stage.clock.now(), referral.message, words, "outlook"), to=referral.reply_to)
    stage.expect(NAFT, "")
    stage.later(minutes=16)
    stage.expect(AN, "")


def _place_free(stage: Stage, referral: Seen) -> None:
    stage.say("Three weeks later there is a place. The CLB worker hears it; the trajectory starts.")
    stage.at(2026, 10, 26, 8, 30)
    stage.expect(DESK, "Overzicht")
    stage.at(2026, 10, 26, 13, 10)
    words = "Goed nieuws: er is een plaats vrijgekomen voor Noor, ze kan starten."
    stage.mails_in(NAFT, answers(NAFT, stage.clock.now(), referral.message, words, "outlook"), to=referral.reply_to)
    stage.expect(NAFT, "")
    stage.later(minutes=16)
    stage.expect(AN, "")
    stage.at(2026, 11, 9, 16)
    stage.mails_in(
        NAFT, answers(NAFT, stage.clock.now(), referral.message, "gestart", "iphone"), to=referral.reply_to
    )
    stage.later(minutes=16)
    stage.expect(AN, "")
    stage.at(2026, 11, 10, 8, 30)
    stage.expect(DESK, "Overzicht")
    stage.at(2026, 11, 10, 10, 0)


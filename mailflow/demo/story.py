"""The story: from Sunday night to the start, forms in every shape, parents and forgers, a digest each opening day."""

from datetime import datetime

from mailflow.demo.office import ZONE, Seen
from mailflow.demo.people import AN, ANS_OWN, BRAM, DESK, LEUVEN, NAFT, PIETER, WEBSITE, Person, answers, writes
from mailflow.demo.shapes import ELIF, FINN, IN_PDF, IN_WORD, WEB_FORM, filled_in
from mailflow.demo.stage import Stage

BEGINS = datetime(2026, 10, 4, 22, 13, tzinfo=ZONE)

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

SAM = """\
Je bent: ouder
Naam aanmelder: Pieter Staal
E-mail: pieter.staal@thuis.example
Telefoon: 0470 12 34 56
Voornaam: Sam
Achternaam: Staal
Geboortedatum: 5/6/2011
Woonplaats: 3000 Leuven
School: Sint-Voorbeeld Leuven
Ouders akkoord: ja
Aanleiding: wil niet meer naar school
Gewenste aanbieder: NAFT VBO
"""

TAKES_OVER = """\
We nemen het over.

Naam van de aanmelder: An Peeters
Telefoon aanmelder: 016 12 34 56
"""

RECEIVED, REFERRAL, DIGEST, ECHO = "Aanmelding goed ontvangen", "Nieuwe aanmelding", "Overzicht van", "Zo hebben we"
WHICH_CLB = "Welk CLB"
OVERVIEW = "Wat we nog"
ROUTINE = (
    (DESK, DIGEST), (DESK, ECHO), (NAFT, ECHO), (AN, ECHO), (NAFT, OVERVIEW), (AN, OVERVIEW), (BRAM, OVERVIEW),
)  # fmt: skip
"""Letters that may come although the story does not wait for them: digests, weekly overviews, echoes."""


def play_story(stage: Stage) -> None:
    """What the meldpunt sees from Sunday 4 October 2026 on."""
    referral = _sunday_night(stage)
    _waitlist(stage, referral)
    _missing_fields(stage)
    _no_match(stage)
    _no_word(stage)
    _place_free(stage, referral)
    _a_parent(stage)
    _from_home(stage)
    _in_other_shapes(stage)
    _forged(stage)
    stage.finish(ROUTINE)


def referral_to_try(at: datetime) -> bytes:
    """A referral to mail by hand."""
    return writes(AN, at, "Aanmelding", NOOR.replace("Noor", "Mika"))


def _sunday_night(stage: Stage) -> Seen:
    stage.say("Sunday night: a CLB worker mails the form. She hears at once what was understood, and when it leaves.")
    stage.at(2026, 10, 4, 22, 14)
    stage.mails_in(AN, writes(AN, stage.clock.now(), "Aanmelding", NOOR))
    stage.expect(AN, RECEIVED)
    stage.say("Monday 08:30: the digest. Just before nine the service is killed and started again: nothing leaves yet.")
    stage.at(2026, 10, 5, 8, 30)
    stage.expect(DESK, DIGEST)
    stage.at(2026, 10, 5, 8, 59)
    stage.kill()
    stage.start()
    stage.nothing_for(NAFT)
    stage.say("Monday 09:00: the meldpunt opens, the provider gets the referral.")
    stage.at(2026, 10, 5, 9)
    return stage.expect(NAFT, REFERRAL)


def _waitlist(stage: Stage, referral: Seen) -> None:
    stage.say("The coach answers in plain Dutch: a match, but no place now. The CLB worker is asked; she says yes.")
    stage.at(2026, 10, 7, 11, 20)
    words = "Dag An,\n\nWe hebben elkaar gesproken. Het is zeker een match, maar momenteel geen plaats: wachtlijst."
    _replies(stage, NAFT, referral, words, "outlook")
    stage.expect(NAFT, ECHO)
    stage.later(minutes=16)
    offer = stage.expect(AN, "wachtlijst?")
    stage.at(2026, 10, 7, 19, 45)
    _replies(stage, AN, offer, "Ja, graag behouden", "iphone")
    stage.expect(AN, ECHO)
    stage.later(minutes=16)
    stage.expect(NAFT, "wil op de wachtlijst")


def _missing_fields(stage: Stage) -> None:
    stage.say("A second referral misses two fields: one answer names both, a reply with just those lines completes it.")
    stage.at(2026, 10, 8, 10, 5)
    stage.mails_in(BRAM, writes(BRAM, stage.clock.now(), "aanmelding", LOU))
    asked = stage.expect(BRAM, "nog gegevens nodig")
    stage.at(2026, 10, 8, 10, 50)
    _replies(stage, BRAM, asked, LOU_COMPLETED, "iphone")
    stage.expect(BRAM, RECEIVED)
    stage.expect(NAFT, REFERRAL)


def _no_match(stage: Stage) -> None:
    stage.say("A third is no match: the CLB worker is told what is possible next.")
    stage.at(2026, 10, 9, 14)
    stage.mails_in(AN, writes(AN, stage.clock.now(), "Nieuwe aanmelding", ROBIN))
    stage.expect(AN, RECEIVED)
    referral = stage.expect(NAFT, REFERRAL)
    stage.at(2026, 10, 12, 9, 30)
    words = "Na ons gesprek is dit helaas geen match, de verwachtingen van de school zijn niet realiseerbaar."
    _replies(stage, NAFT, referral, words, "outlook")
    stage.expect(NAFT, ECHO)
    stage.later(minutes=16)
    stage.expect(AN, "Geen match")


def _no_word(stage: Stage) -> None:
    stage.say(
        "Nobody has phoned about the second referral: the provider is reminded once. After that the desk sees it."
    )
    stage.at(2026, 10, 16, 12)
    stage.expect(NAFT, "Herinnering")


def _place_free(stage: Stage, referral: Seen) -> None:
    stage.say("Three weeks later there is a place. The CLB worker hears it; the trajectory starts.")
    stage.at(2026, 10, 26, 13, 10)
    words = "Goed nieuws: er is een plaats vrijgekomen voor Noor, ze kan starten."
    _replies(stage, NAFT, referral, words, "outlook")
    stage.expect(NAFT, ECHO)
    stage.later(minutes=16)
    stage.expect(AN, "Er is plaats")
    stage.expect(NAFT, "De andere gegevens")
    stage.at(2026, 11, 9, 16)
    _replies(stage, NAFT, referral, "gestart", "iphone")
    stage.later(minutes=16)
    stage.expect(AN, "Het traject is gestart")
    stage.at(2026, 11, 10, 10)


def _a_parent(stage: Stage) -> None:
    stage.say("A parent mails the form: a kind answer. The desk taps the likely CLB, which takes it over by one reply.")
    stage.at(2026, 11, 12, 10, 0)
    stage.mails_in(PIETER, writes(PIETER, stage.clock.now(), "hulp voor mijn zoon", SAM))
    stage.expect(PIETER, "Uw bericht")
    question = stage.expect(DESK, WHICH_CLB)
    stage.at(2026, 11, 12, 10, 20)
    _replies(stage, DESK, question, "wijs toe aan Vrij CLB Leuven", "iphone")
    stage.at(2026, 11, 12, 10, 40)
    asked = stage.expect(LEUVEN, "Nemen jullie")
    stage.at(2026, 11, 12, 13, 40)
    _replies(stage, AN, asked, TAKES_OVER, "iphone")
    stage.expect(AN, RECEIVED)
    stage.expect(AN, "Een tekst voor de school")
    stage.expect(NAFT, REFERRAL)


def _from_home(stage: Stage) -> None:
    stage.say("A CLB worker mails from a private address: her CLB address is asked, and one word releases it.")
    stage.at(2026, 11, 13, 11, 0)
    noa = NOOR.replace("Noor", "Noa").replace("Achternaam: Voorbeeld", "Achternaam: Thuis").replace("2011", "2010")
    stage.mails_in(ANS_OWN, writes(ANS_OWN, stage.clock.now(), "Aanmelding", noa))
    question = stage.expect(AN, "Was jij dit?")
    stage.expect(ANS_OWN, "Uw bericht is ontvangen")
    stage.at(2026, 11, 13, 11, 30)
    _replies(stage, AN, question, "bevestig", "iphone")
    stage.expect(AN, RECEIVED)
    stage.expect(NAFT, REFERRAL)


def _in_other_shapes(stage: Stage) -> None:
    stage.say("A web form mails what An filled in. Anybody could fill in her name, so one word of hers releases it.")
    stage.at(2026, 11, 13, 14)
    stage.mails_in(WEBSITE, writes(WEBSITE, stage.clock.now(), "Nieuwe reactie", WEB_FORM, answer_to=AN.address))
    question = stage.expect(AN, "Was jij dit?")
    stage.expect(WEBSITE, "Uw bericht is ontvangen")
    stage.at(2026, 11, 13, 14, 10)
    _replies(stage, AN, question, "bevestig", "iphone")
    stage.expect(AN, RECEIVED)
    stage.expect(NAFT, REFERRAL)
    stage.say("Bram attaches the blank form, filled in: once as a Word file, once as a PDF that his own words correct.")
    rules = stage.app.settings.rules
    stage.at(2026, 11, 13, 15)
    in_word = writes(BRAM, stage.clock.now(), "Aanmelding", IN_WORD, files=[filled_in(rules, "docx", FINN)])
    stage.mails_in(BRAM, in_word)
    stage.expect(BRAM, RECEIVED)
    stage.expect(NAFT, REFERRAL)
    stage.at(2026, 11, 13, 15, 20)
    in_pdf = writes(BRAM, stage.clock.now(), "Nog een aanmelding", IN_PDF, files=[filled_in(rules, "pdf", ELIF)])
    stage.mails_in(BRAM, in_pdf)
    stage.expect(BRAM, RECEIVED)
    stage.expect(NAFT, REFERRAL)


def _forged(stage: Stage) -> None:
    stage.say("Somebody forges a CLB address: nobody gets an answer, the digest names the CLB and whom to phone.")
    stage.at(2026, 11, 16, 7, 0)
    stage.mails_in(BRAM, writes(BRAM, stage.clock.now(), "Dringend", LOU), stamped="fail")
    stage.nothing_for(BRAM)
    stage.at(2026, 11, 16, 8, 30)
    stage.expect(DESK, DIGEST)


def _replies(stage: Stage, person: Person, letter: Seen, words: str, style: str) -> None:
    mail = answers(person, stage.clock.now(), letter.message, words, style)
    stage.mails_in(person, mail, to=letter.reply_to)

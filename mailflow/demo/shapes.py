"""Referrals in another shape than typed text: what a web form mails, and the blank form filled in, as Word and PDF."""

from mailflow.core.rules import Rules
from mailflow.outgoing.blank import TYPES, document
from mailflow.outgoing.compose import File

WEB_FORM = """\
Nieuwe reactie op Aanmelding meldpunt

1. Naam van de aanmelder
An Peeters

2. CLB
Vrij CLB Leuven

3. E-mail van de aanmelder
an.peeters@vclbleuven.be

4. Telefoon van de aanmelder
016 12 34 56

5. Voornaam
Mira

6. Achternaam
Webb

7. Geboortedatum
7/2/2012

8. Postcode
3000

9. Gemeente
Leuven

10. Naam van de school
Sint-Voorbeeld Leuven

11. Ouders akkoord
ja

12. Gewenste aanbieder
NAFT VBO

13. Aanleiding
komt alleen nog naar de les als een vriendin meegaat

Bekijk alle reacties: https://formulieren.example/r/1
"""

IN_WORD = "Dag,\n\nHet formulier zit als bijlage bij deze mail.\n\nMet vriendelijke groeten\nBram Claes\n"
IN_PDF = """\
Dag,

Nog een formulier als bijlage. Mijn nummer is intussen veranderd:

Telefoon aanmelder: 016 65 43 99

Met vriendelijke groeten
Bram Claes
"""

FINN = {
    "referrer_name": "Bram Claes",
    "referrer_kind": "clb",
    "clb": "Vrij CLB Brabant Oost",
    "referrer_email": "bram.claes@vrijclbbro.be",
    "referrer_phone": "+3216654321",
    "subject_kind": "pupil",
    "first_name": "Finn",
    "last_name": "Wordt",
    "birth_date": "2011-11-30",
    "postcode": "3300",
    "municipality": "Tienen",
    "school_name": "Atheneum Voorbeeld Tienen",
    "agreed_guardians": "yes",
    "reason": "is al drie keer van school veranderd",
    "provider": "naft-vbo",
}
"""Answers by the keys of form.toml, as they are kept."""

ELIF = {
    **FINN,
    "first_name": "Elif",
    "last_name": "Blad",
    "birth_date": "2010-04-18",
    "reason": "spijbelt sinds de herfstvakantie",
}


def filled_in(rules: Rules, kind: str, answers: dict[str, str]) -> File:
    """The blank form that the meldpunt hands out, with these answers in it, as a file of that *kind*."""
    type_, name = TYPES[kind]
    return File(name, type_, document(rules.fields, rules.providers, kind, values=answers))

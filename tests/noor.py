"""The referral of Noor that most tests mail, and the two who write about her."""

CLB = "an.peeters@vclbleuven.be"
NAFT = "aanmelding@naft-vbo.example"
FORM = """\
Voornaam: Noor
Achternaam: Voorbeeld
Geboortedatum: 12/03/2011
Woonplaats: 3000 Leuven
School: Sint-Voorbeeld Leuven
Naam aanmelder: An Peeters
CLB: Vrij CLB Leuven
E-mail aanmelder: an.peeters@vclbleuven.be
Telefoon aanmelder: 016 12 34 56
Ouders akkoord: ja
Aanleiding: komt sinds september amper nog op school
Gewenste aanbieder: NAFT VBO
"""

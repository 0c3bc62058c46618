"""What a word more or less changes in an answer: decided, asked back, or about something else."""

from rows import each_row
from shipped_words import TODAY, WORDINGS

from mailflow.core.answer import Understood
from mailflow.core.two_readers import read_twice
from mailflow.core.understood import ATTEMPTED, for_one_case


def outcome(text, role="provider", asked=None):
    """The action as it counts for the case, or "unclear"."""
    got = read_twice(text, role, WORDINGS, today=TODAY, asked=asked)
    return for_one_case(got).action if isinstance(got, Understood) else "unclear"


def why(text, role="provider", asked=None):
    """What is asked back."""
    return read_twice(text, role, WORDINGS, today=TODAY, asked=asked).why


@each_row(
    ("text", "action"),
    [
        ("Ze is nog maar 9, wij werken vanaf 12. Dus nee.", "no_match"),
        ("Aanvaard. Rondetafel op donderdag 14u op school, iedereen heeft bevestigd.", "accept"),
        ("Gebeld, de dag past niet.", "contacted"),
        ("Willen de ouders wachten, dan schrijven we haar in op de wachtlijst.", "waitlist"),
        ("Past goed bij ons maar ik zit vol. Wachtlijst?", "waitlist"),
        ("Momenteel volzet, mogen we hem op de wachtlijst zetten?", "waitlist"),
        ("Mogen we hem op de wachtlijst zetten?", "waitlist"),
        ("wachtlijst?", "question"),
        ("Voor deze leerling zijn we volzet voor de rest van het schooljaar.", "full"),
        ("C'est complet.", "full"),
        ("L'élève est accepté.", "accept"),
        ("Volzet tot april. Ze ging terug naar school.", "full"),
        (
            "De leerling is terug naar school, al blijft het daar voor iedereen nog even wennen aan zijn uren, zijn klas en zijn nieuwe bank achteraan",
            "outcome",
        ),
    ],
)
def test_what_a_provider_says_is_understood(text, action):
    """For one pupil only, as a question, over the end of a line, in the French of a colleague."""
    assert outcome(text) == action


@each_row(
    ("text", "asked_back"),
    [
        ("Wachtlijst afgesproken, nog aan de aanmelder te vragen.", "is de aanmelder daarmee akkoord?"),
        ("We kunnen haar\nniet aanvaarden.", "“We kunnen haar niet aanvaarden”: is het volzet, of geen match?"),
        ("De aanmelding is aanvaard door onze mailserver.", "daar staat meer dan ik zeker begrijp"),
        ("We willen hem graag begeleiden maar het is afwachten.", "lijkt niet over deze aanmelding te gaan"),
        ("Volgend schooljaar aanvaarden we opnieuw aanmeldingen.", "is niet zeker gezegd"),
        ("Aanvaard, denk ik.", "“Aanvaard” is niet zeker gezegd"),
        ("Is dat goed voor jullie, dan aanvaarden we hem.", "“dan aanvaarden we hem” is niet zeker gezegd"),
        ("Geen plaats op maandag, maar wel op donderdag.", "“Geen plaats op maandag” lijkt niet over"),
        ("0042: wachtlijst, 0043: kan maandag starten", "de mail gaat over meerdere dossiers"),
        ("Ook wij zitten vol op dit moment", "geen plaats: is het wachtlijst of volzet?"),
        ("Plaats is er, tijd ook, maar de match ontbreekt.", "maar wat bedoel je met “de match ontbreekt”?"),
        (
            "Ik denk niet dat wij hier het juiste adres voor zijn maar wil eerst nog het clb horen voor ik nee zeg",
            "“geen match”, maar ook “wil eerst nog het clb horen voor ik nee zeg”",
        ),
        (
            "Ze is terug naar school, zegt grootvader, die daar met zijn bakfiets heen reed en een praatje sloeg met de conciërge.",
            "“Ze is terug naar school”: is het traject afgerond?",
        ),
        ("Naam: Noor Voorbeeld\nAkkoord ouders: ja", "er staat alleen “ja”"),
        ("On a pas de place, mais s'ils veulent attendre, c'est possible.", "is het wachtlijst of volzet?"),
    ],
)
def test_what_a_provider_leaves_open_is_asked_back(text, asked_back):
    """With what stands there, so that its writer sees why."""
    assert asked_back in why(text)


@each_row(
    ("text", "asked", "action"),
    [
        ("Nee, niet schrappen, behouden graag.", "keep", "keep"),
        ("Nee, niet schrappen", "keep", "keep"),
        ("Nee, niet stoppen, we willen op de wachtlijst blijven.", "keep", "keep"),
        ("Dat is in orde.", "keep", "keep"),
        ("oui", "keep", "keep"),
        ("wachtlijst", "keep", "keep"),
        ("GSM moeder: 0470 11 22 33", None, "supply"),
        ("Naam: Noor Voorbeeld\nOuders: ja\nSchool: Sint-Voorbeeld", None, "supply"),
        ("Stop! Nog niet doorsturen aub, de mama heeft haar toestemming nog niet gegeven.", None, "stop_release"),
        ("Had ik dit maar ingetrokken.", None, "unclear"),
        ("Dossier afgerond.", None, "unclear"),
        ("Ik heb zelf al twee keer een boodschap ingesproken. Ik geef nog een seintje.", None, "unclear"),
    ],
)
def test_what_a_clb_worker_says(text, asked, action):
    """A yes to our question, data that we asked for, an end; and what may be either is asked back."""
    assert outcome(text, "referrer", asked) == action


@each_row(
    ("text", "action"),
    [
        ("Noteer wachtlijst. De aanbieder stelt het voor, CLB moet nog ja zeggen.", "waitlist"),
    ],
)
def test_what_the_desk_notes_of_others(text, action):
    """Nothing is agreed before somebody says so; a file may be closed because it ended."""
    assert outcome(text, "desk") == action


def test_who_spoke_to_a_machine_spoke_to_nobody():
    """It is no contact."""
    assert outcome("gebeld, voicemail ingesproken") != "contacted"


@each_row(
    "text",
    [
        "gebeld, geen antwoord",
        "gebeld, geen gehoor",
        "gebeld maar niet kunnen bereiken",
        "2x gebeld, neemt niet op",
        "Mama gebeld, kreeg haar niet te pakken",
        "we hebben al drie keer gebeld zonder succes",
        "gebeld maar niemand thuis",
        "gemaild en gebeld, nog geen reactie",
        "Gebeld naar het CLB, kreeg de voicemail.",
        "Vandaag naar mevrouw Peeters gebeld, maar ze nam niet op.",
        "Drie keer gebeld, telkens geen gehoor. Ik probeer morgen opnieuw.",
        "Heb papa gebeld, zijn gsm staat af.",
        "Gisteren en vandaag gebeld zonder resultaat.",
        "Ouders gebeld, niemand neemt op.",
        "Het CLB opgebeld, de lijn was bezet.",
        "Ik heb de moeder gebeld en een bericht achtergelaten.",
        "Al twee keer gecontacteerd, nog geen antwoord.",
        "Gebeld: onbereikbaar.",
        "Mama opgebeld, verkeerd nummer.",
        "We belden haar vanmorgen, maar konden haar niet bereiken.",
        "Tevergeefs gebeld naar de aanmelder.",
        "Ik heb gebeld maar niemand aan de lijn gekregen.",
        "Getelefoneerd met het CLB, niemand te pakken gekregen.",
        "Contact opgenomen met de aanmelder, nog niets teruggehoord.",
        "Gebeld maar niet opgenomen.",
        "Mevrouw gebeld, ze belt niet terug.",
        "Papa gebeld, hij drukte me weg.",
        "Gebeld naar de aanmelder: in gesprek.",
        "Ik krijg de aanmelder niet te pakken, al vier keer gebeld.",
        "Geen gehoor. Maandag opnieuw gebeld, weer geen gehoor.",
        "Niet bereikt vandaag, wel gebeld.",
        "Vorige week twee keer gebeld, nooit iemand aan de lijn gekregen.",
        "gebeld, niemand gesproken",
        "Gebeld naar het CLB maar mevrouw is met verlof tot maandag.",
        "Ze neemt haar telefoon niet op, ik heb al vijf keer gebeld.",
        "gebeld, voicemail ingesproken",
        "Called twice, no answer.",
        "We called but nobody picked up.",
    ],
)
def test_who_phoned_in_vain_tried_and_will_try_again(text):
    """Whoever writes it: no contact was made, and which machine or silence it was changes nothing."""
    for role in ("provider", "desk"):
        got = read_twice(text, role, WORDINGS, today=TODAY)
        assert (got.action, got.codes.get(ATTEMPTED), "contacted" in got.also) == ("callback", "yes", False)
    assert outcome(text, "referrer") in ("callback", "unclear")


@each_row(
    "text",
    [
        "Telefonisch geprobeerd, de aanmelder is niet te bereiken.",
        "heb gebelt, geen antwoord",
        "Ik probeerde te bellen maar kreeg niemand aan de lijn.",
        "Gesproken met niemand, enkel het antwoordapparaat.",
        "Ik heb mama proberen te bellen, lukte niet.",
        "Telefoon gedaan, niemand thuis",
    ],
)
def test_what_does_not_say_that_somebody_phoned_is_asked_about(text):
    """It is no contact either."""
    assert outcome(text) == "unclear"


@each_row(
    "text",
    [
        "Na drie keer voicemail eindelijk te pakken gekregen.",
        "Na drie keer voicemail mevrouw Peeters eindelijk te pakken gekregen.",
        "Gisteren geen gehoor, vandaag wel gesproken.",
        "Eerst drie keer gebeld zonder succes, maar deze middag uitgebreid gesproken met mevrouw Peeters.",
        "Maandag nam ze niet op, dinsdag hebben we elkaar gesproken.",
        "Twee keer voicemail ingesproken, vanmorgen belde ze terug.",
        "Ik had haar niet kunnen bereiken, maar nu heb ik haar aan de lijn gehad.",
        "Vorige week geen antwoord, gisteren een goed gesprek gehad met het CLB.",
        "Ze was niet bereikbaar, maar ze heeft me teruggebeld.",
        "Geen gehoor op de gsm, op het vaste nummer wel gesproken met mama.",
        "Al drie keer geprobeerd te bellen en vandaag eindelijk gesproken.",
        "Gesproken met mama, papa nam niet op.",
        "Eerst het antwoordapparaat, daarna een telefoongesprek gehad met de aanmelder.",
        "Het CLB nam gisteren niet op. Vandaag heb ik de aanmelder gesproken.",
        "Boodschap achtergelaten, en een uur later heeft ze mij teruggebeld.",
        "Uiteindelijk gesproken, na vier oproepen zonder antwoord.",
        "Niemand thuis gisteren, vandaag wel mama aan de telefoon gehad.",
        "Dinsdag reageerde ze niet, woensdag telefonisch overleg gehad.",
        "Fijn gesprek gehad met de aanmelder, na twee keer een bericht te hebben achtergelaten.",
        "Gebeld met mevrouw Peeters. Ik ben zelf morgen niet bereikbaar.",
        "Gebeld met het CLB. De ouders nog niet gesproken.",
        "Jullie hebben gisteren een bericht ingesproken. Ik heb intussen met het CLB gebeld.",
    ],
)
def test_who_got_hold_of_somebody_after_all_made_contact(text):
    """Whatever was tried before it, or beside it."""
    got = read_twice(text, "provider", WORDINGS, today=TODAY)

    assert (got.action, got.codes.get(ATTEMPTED)) == ("contacted", None)


def test_the_doubt_of_a_decision_is_not_whether_somebody_answered():
    """A decision is read as before; the attempt stands beside it."""
    got = read_twice("Volzet. Ik heb de aanmelder gebeld, maar ze nam niet op.", "provider", WORDINGS, today=TODAY)

    assert (got.action, got.also, got.codes) == ("full", ("callback",), {ATTEMPTED: "yes"})

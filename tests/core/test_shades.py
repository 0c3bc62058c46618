"""What a word more or less changes in an answer: decided, asked back, or about something else."""

from rows import each_row
from shipped_words import TODAY, WORDS

from mailflow.core.answer import Understood
from mailflow.core.two_readers import read_twice
from mailflow.core.understood import for_one_case


def outcome(text, role="provider", asked=None):
    """The action as it counts for the case, or "unclear"."""
    got = read_twice(text, role, WORDS, today=TODAY, asked=asked)
    return for_one_case(got).action if isinstance(got, Understood) else "unclear"


def why(text, role="provider", asked=None):
    """What is asked back."""
    return read_twice(text, role, WORDS, today=TODAY, asked=asked).why


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
        ("Sorry, wij zijn momenteel volzet en hebben geen wachtlijst.", "full"),
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
        ("Ze is verhuisd, het dossier mag dicht.", None, "withdraw"),
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
        ("Traject is afgelopen, leerling terug op school. Mag dicht.", "completed"),
    ],
)
def test_what_the_desk_notes_of_others(text, action):
    """Nothing is agreed before somebody says so; a file may be closed because it ended."""
    assert outcome(text, "desk") == action


def test_who_spoke_to_a_machine_spoke_to_nobody():
    """It is no contact."""
    assert outcome("gebeld, voicemail ingesproken") != "contacted"

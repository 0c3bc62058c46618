"""Do we tell what a person wrote now from what their mail program put around it?"""

import pytest
from needs import CORPUS

from mailflow.reading.quotes import split

OURS = "Beste,\n\nEr is een aanmelding voor jullie: MSI-2026-0042.\nAntwoord met aanvaard, wachtlijst of volzet."

INTRODUCTIONS = {
    "outlook desktop": """\
-----Oorspronkelijk bericht-----
Van: Meldpunt SI <meldpunt@msi.example>
Verzonden: maandag 9 november 2026 09:00
Aan: Ine Wouters <ine@naft.example>
Onderwerp: [MSI-2026-0042] Nieuwe aanmelding""",
    "outlook web": """\
________________________________
Van: Meldpunt SI <meldpunt@msi.example>
Verzonden: maandag 9 november 2026 9:00
Aan: Ine Wouters
Onderwerp: [MSI-2026-0042] Nieuwe aanmelding""",
    "outlook new, no rule": """\
Van: Meldpunt SI <meldpunt@msi.example>
Datum: maandag, 9 november 2026 om 09:00
Aan: Ine Wouters <ine@naft.example>, Tom
   Claes <tom@naft.example>
Cc: team@naft.example
Onderwerp: [MSI-2026-0042] Nieuwe aanmelding""",
    "outlook, spaced by html": """\
Van: Meldpunt SI <meldpunt@msi.example>

Verzonden: maandag 9 november 2026 09:00

Aan: Ine Wouters

Onderwerp: Nieuwe aanmelding""",
    "outlook french": """\
De : Meldpunt SI <meldpunt@msi.example>
Envoyé : lundi 9 novembre 2026 09:00
À : Ine Wouters
Objet : Nieuwe aanmelding""",
    "outlook english, bold": """\
*From:* Meldpunt SI <meldpunt@msi.example>
*Sent:* Monday, November 9, 2026 9:00 AM
*To:* Ine
*Subject:* Nieuwe aanmelding""",
    "outlook mobile": """\
Outlook voor Android downloaden
________________________________
From: Meldpunt SI <meldpunt@msi.example>
Sent: Monday, November 9, 2026 9:00:12 AM
To: Ine Wouters
Subject: Nieuwe aanmelding""",
    "samsung": """\
-------- Oorspronkelijk bericht --------
Van: Meldpunt SI <meldpunt@msi.example>
Datum: 09/11/2026 09:00 (GMT+01:00)
Aan: ine@naft.example
Onderwerp: Nieuwe aanmelding""",
    "gmail": """\
Op ma 9 nov 2026 om 09:00 schreef Meldpunt SI <meldpunt@msi.example>:""",
    "gmail, wrapped": """\
Op ma 9 nov 2026 om 09:00 schreef Meldpunt Schoolexterne Interventies <
meldpunt+msi-2026-0042.abcdefghij@msi.example>:""",
    "apple mail": """\
Op 9 nov. 2026, om 09:00 heeft Meldpunt SI <meldpunt@msi.example> het volgende geschreven:""",
    "ios, wrapped thrice": """\
Op 9 nov. 2026 om 09:00 heeft Meldpunt SI
<meldpunt@msi.example> het
volgende geschreven:""",
    "thunderbird": """\
Op 9/11/2026 om 9:00 schreef Meldpunt SI:""",
    "roundcube": """\
Meldpunt SI schreef op 2026-11-09 09:00:""",
    "zimbra": """\
----- Oorspronkelijk bericht -----
Van: "Meldpunt SI" <meldpunt@msi.example>
Aan: "Ine" <ine@naft.example>
Verzonden: Maandag 9 november 2026 09:00:00
Onderwerp: Nieuwe aanmelding""",
    "gmail french": """\
Le lun. 9 nov. 2026 à 09:00, Meldpunt SI <meldpunt@msi.example> a écrit :""",
    "gmail english": """\
On Mon, Nov 9, 2026 at 9:00 AM Meldpunt SI <meldpunt@msi.example> wrote:""",
    "apple forward": """\
Begin doorgestuurd bericht:

Van: Meldpunt SI <meldpunt@msi.example>
Onderwerp: Nieuwe aanmelding
Datum: 9 november 2026 om 09:00
Aan: ine@naft.example""",
    "gmail forward": """\
---------- Forwarded message ---------
Van: Meldpunt SI <meldpunt@msi.example>
Date: ma 9 nov 2026 om 09:00
Subject: Nieuwe aanmelding
To: <ine@naft.example>""",
    "german": """\
Am 09.11.2026 um 09:00 schrieb Meldpunt SI <meldpunt@msi.example>:""",
    "spanish": """\
El lun, 9 nov 2026 a las 9:00, Meldpunt (<meldpunt@msi.example>) escribió:""",
}


@pytest.mark.parametrize("program", INTRODUCTIONS)
def test_an_answer_on_top_stands_alone(program):
    """Whatever the mail program, the answer above the quote is what was written, and our letter is the quote."""
    answer = "Dag,\n\nMatch, maar momenteel geen plaats: wachtlijst."

    found = split(f"{answer}\n\n{INTRODUCTIONS[program]}\n\n{OURS}\n")

    assert found.written == answer
    assert OURS in found.quoted
    assert not found.whole


@pytest.mark.parametrize("program", INTRODUCTIONS)
def test_an_answer_below_marked_lines_is_written_too(program):
    """Below lines marked ">" the writer goes on."""
    marked = "\n".join("> " + line for line in OURS.split("\n"))

    found = split(f"{INTRODUCTIONS[program]}\n\n{marked}\n\nAanvaard!\n")

    assert found.written == "Aanvaard!"
    assert "> Er is een aanmelding" in found.quoted


def test_an_answer_between_the_quoted_lines_keeps_both_apart():
    """Inline: what is answered stays quoted, the answers stand together."""
    quote = "Op 9/11/2026 om 9:00 schreef An:\n> Al gebeld?\n"
    mail = f"Zie hieronder.\n\n{quote}Ja, gisteren.\n\n> Is er plaats?\nNog niet.\n"

    found = split(mail)

    assert found.written == "Zie hieronder.\n\nJa, gisteren.\n\nNog niet."
    assert found.quoted == f"{quote}> Is er plaats?"


@pytest.mark.parametrize(
    "form",
    [
        "Voornaam: Noor\nVan: school De Linde\nTelefoon: 0470 00 00 00\nDatum: 3 november 2026\nReden: valt uit",
        "Van: An Peeters\nCLB: CLB Noord\nAan: meldpunt\nVoornaam: Noor\nDatum: 3/11/2026\nOnderwerp: aanmelding",
        "Van: 9u tot 12u\nVoornaam: Noor\nNaam: Wouters",
        "Aanmelder\n-------------------------\nNaam: An\n________________________________\nVoornaam: Noor",
        "Op maandag schreef de leerkracht:\nNoor komt niet meer.\nReden: angst",
        "Met vriendelijke groeten\nAn Peeters\n\nVoornaam: Noor\nNaam: Wouters\nReden: komt niet meer",
        "Groeten, An\n\n--\nVoornaam: Noor\nGeboortedatum: 3 mei 2012",
    ],
)
def test_a_form_is_not_a_quote(form):
    """Lines "Label: value" are the writer's own, even where one of them says "Van:"."""
    found = split(form)

    assert found.written == form
    assert found.quoted == ""


def test_a_forwarded_form_is_quoted_below_what_is_written():
    """FW: the form stands below a header block, the words above it are the sender's."""
    form = "Voornaam: Noor\nNaam: Wouters"

    found = split(f"Ter info, van een collega.\n\n{INTRODUCTIONS['outlook web']}\n\n{form}")

    assert found.written == "Ter info, van een collega."
    assert found.quoted.endswith(form)


@pytest.mark.parametrize("own", ["", "Verstuurd vanaf mijn iPhone\n\n", "-- \nIne Wouters\nT 016 00 00 00\n\n"])
def test_where_nothing_is_left_the_full_text_is_used_and_said_so(own):
    """An empty answer above a quote: the text is kept for the form reader, marked as no answer."""
    text = f"{own}{INTRODUCTIONS['gmail']}\n\n{OURS}"

    found = split(text)

    assert found.written == text
    assert found.quoted == ""
    assert found.whole


@pytest.mark.parametrize(
    "below",
    [
        "Verstuurd vanaf mijn iPhone",
        "Verzonden vanuit Outlook voor Android",
        "Verzonden via mijn Samsung Galaxy-smartphone.",
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Ontvang Outlook voor iOS<https://aka.example/o0ukef>",
        "Outlook voor Android<https://aka.example/AAb9ysg> downloaden",
        "-- \nIne Wouters\nProjectmedewerker wachtlijst\nKom eens langs. Wij zijn volzet met goede moed.",
        "--\nIne Wouters | NAFT VBO\nTel: 016 00 00 00\nwww.naft.example",
        "Disclaimer: dit bericht is enkel bestemd voor de geadresseerde.\nWij aanvaarden geen aansprakelijkheid.",
        "Deze e-mail en eventuele bijlagen zijn vertrouwelijk.\nIndien u niet de\nbestemmeling bent, stop.",
        "This e-mail and any attachments are confidential and may be privileged.",
        "Ce message et ses pièces jointes sont confidentiels.",
    ],
)
def test_signatures_and_disclaimers_are_not_written(below):
    """What stands below every mail of a person or an organisation says nothing now."""
    found = split(f"We aanvaarden haar.\n\n{below}\n")

    assert found.written == "We aanvaarden haar."


@pytest.mark.parametrize(
    "farewell", ["Met vriendelijke groeten", "Mvg,", "Groetjes", "Vriendelijke groet, Ine", "Grtz"]
)
def test_what_follows_the_farewell_is_left_out(farewell):
    """A function or a slogan under the name is no answer."""
    found = split(f"Aanvaard.\n\n{farewell}\n\nIne Wouters\nCoach wachtlijst en opstart\nNAFT VBO, Stationsstraat 1\n")

    assert found.written == f"Aanvaard.\n\n{farewell}"


def test_words_after_the_farewell_stay_when_they_are_more_than_a_signature():
    """A postscript and a sentence under the name are still the writer's."""
    with_ps = split("Aanvaard.\n\nMvg\nIne\nT 016 00 00 00\nPS: bel me morgen.")
    with_sentence = split("Aanvaard.\nMvg\nIne\nO ja, toch liever op de wachtlijst.")

    assert with_ps.written == "Aanvaard.\n\nMvg\nPS: bel me morgen."
    assert with_sentence.written.endswith("wachtlijst.")


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization.",
        "LET OP: deze e-mail komt van buiten de organisatie. Klik niet op links.",
        "[EXTERN]",
        "U ontvangt niet vaak e-mail van meldpunt@msi.example. Ontdek waarom dit belangrijk is",
        "Opgelet! Dit bericht is afkomstig van een afzender\nbuiten de organisatie.",
    ],
)
def test_a_caution_banner_is_not_written(banner):
    """What the mail host pushes in front is not the person's."""
    found = split(f"{banner}\n\nAanvaard.\n")

    assert found.written == "Aanvaard."


def test_an_answer_right_under_a_banner_is_kept():
    """A banner ends with its sentence, not with a blank line."""
    found = split("CAUTION: This email originated from outside.\nAanvaard.\n")

    assert found.written == "Aanvaard."


@pytest.mark.parametrize("text", ["", "\n", " ", "\x00", "> ", "Van:", "-- ", "Op", "—" * 9, "\u2028", "<" * 40 + ":"])
def test_nothing_makes_it_raise(text):
    """Odd text is split all the same, and nothing that was there disappears altogether."""
    found = split(text)

    assert bool(found.written.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "unit",
    [
        "> x\n",
        "-- \n",
        "mvg\n",
        "Van: a@b.example\n",
        "Op 3 nov 10:02\n",
        "2020/01/01 <a@ <b@ <c@:\n",
        "Naam: x\n",
        "<",
    ],
)
def test_a_hostile_text_is_only_read_once(unit):
    """A hundred thousand characters of the same are split without trouble."""
    text = unit * (100_000 // len(unit))

    found = split(text)

    assert len(found.written) + len(found.quoted) <= len(text) + 2


@pytest.mark.usefixtures("corpus")
def test_replies_that_others_collected(capsys):
    """Against email_reply_trimmer's own expectations, white space apart; it keeps quoted lines that are answered."""
    names = sorted(path.name for path in (CORPUS / "replies").iterdir())

    right = 0
    for name in names:
        ours = split((CORPUS / "replies" / name).read_text().replace("\r\n", "\n")).written
        wanted = (CORPUS / "replies-trimmed" / name).read_text()
        own = "\n".join(line for line in wanted.split("\n") if not line.startswith(">"))
        right += ours.split() in (wanted.split(), own.split())

    with capsys.disabled():
        print(f"\n  replies told apart from their quotes: {right} of {len(names)}")
    assert right >= 30

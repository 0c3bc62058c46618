"""What the meldpunt worker can type: the list that a wrong command gets for an answer, and docs/desk.md shows."""

# ruff: noqa: E501 - a table reads best as one line a row

from dataclasses import dataclass

from mailflow.core.letters import Kind, Letter
from mailflow.core.shown import Row

NO_ORDER = "daar staat geen opdracht in die we kennen"


@dataclass(frozen=True)
class Verb:
    """One line that can be typed: *example* as it is typed, what it does for the desk (Dutch), and for docs/desk.md."""

    example: str
    does: str
    meaning: str


# fmt: off
# On a case: the number may be left out in an answer to a letter about it, or below its line in the digest.
ON_A_CASE: tuple[Verb, ...] = (
    Verb("0042 stuur naar NAFT VBO",                           "de aanmelding gaat naar deze aanbieder",                                                                       "it goes to this provider"),
    Verb("0042 wijs toe aan Vrij CLB Leuven",                  "dat CLB krijgt de vraag om over te nemen",                                                                     "that CLB is asked to take it over"),
    Verb("0042 laat kiezen",                                   "het gezin kiest een CLB",                                                                                      "the family chooses a CLB"),
    Verb("0042 start al",                                      "de aanmelding vertrekt, de vraag welk CLB blijft open",                                                        "it leaves while the CLB question is open (a pupil who is not enrolled)"),
    Verb("0042 wacht tot 12 januari",                          "niemand wordt gevraagd vóór die dag",                                                                          "nobody is asked before that day"),
    Verb("0042 noteer aanvaard",                               "wat een partij aan de telefoon zei: aanvaard, wachtlijst, volzet, geen match, gesproken, gestart, afgerond …", "what a party said by phone, in the words it would use"),
    Verb("0042 sluit",                                         "het dossier eindigt hier, wie het heeft hoort het",                                                            "it ends here, and whoever has it hears so"),
    Verb("0042 negeer",                                        "een aanmelding die nog niet vertrok, hoeft niet meer",                                                         "one that has not left is dropped"),
    Verb("0042 opnieuw",                                       "een aanmelding die niet bezorgd raakte of terugkwam, gaat opnieuw op weg",                                     "a referral that could not be delivered, or came back, goes again"),
    Verb("0042 oeps",                                          "je laatste opdracht vervalt, als dat nog kan",                                                                 "takes back the last order, if that can be"),
    Verb("toon 0042",                                          "alles wat met dit dossier gebeurde",                                                                           "all that happened to it"),
)
# On a mail that waits for the desk.
ON_A_MAIL: tuple[Verb, ...] = (
    Verb("mail 17 CLB: Vrij CLB Leuven",                       "die mail is een aanmelding van dat CLB",                                                                       "that mail is a referral of that CLB"),
    Verb("mail 17 ouder",                                      "die mail is van een ouder, voorziening of school",                                                             "it is a parent's, a facility's or a school's"),
    Verb("mail 17 negeer",                                     "die mail vraagt niets meer",                                                                                   "it needs nothing more"),
    Verb("mail 17 negeer, onthoud",                            "en zo ook elke volgende mail van die afzender",                                                                "and so does every next mail of that sender"),
    Verb("mail 17 opnieuw",                                    "die mail liep vast: probeer opnieuw",                                                                          "work on it that is stuck is tried again"),
)
# On no case.
ON_ITSELF: tuple[Verb, ...] = (
    Verb("zoek Peeters 12/03/2011",                            "welke dossiers van die leerling er zijn",                                                                      "the cases of that pupil"),
    Verb("aanbieder NAFT VBO volzet",                          "volzet tot 31 augustus",                                                                                       "that provider is full until 31 August"),
    Verb("aanbieder NAFT VBO weer plaats",                     "er is weer plaats",                                                                                            "it has places again"),
    Verb("gesloten van 23 december tot en met 2 januari",      "het meldpunt is dan dicht: niets vertrekt en geen termijn loopt",                                              "the desk is closed: nothing leaves, and its terms stand still"),
    Verb("niet gesloten van 23 december tot en met 2 januari", "toch open",                                                                                                    "open after all"),
    Verb("alles opnieuw",                                      "alles wat vastliep wordt opnieuw geprobeerd",                                                                  "all work that is stuck is tried again"),
    Verb("afzenders",                                          "welke afzenders je onthield",                                                                                  "the senders that are remembered"),
    Verb("vergeet afzender 3",                                 "die afzender wordt weer gewoon gelezen",                                                                       "that sender is forgotten"),
    Verb("signalen",                                           "wat voor de werkgroep binnenkwam",                                                                             "the signals for the working group"),
    Verb("signaal 17 weg",                                     "dat signaal gaat niet naar de werkgroep",                                                                      "the working group does not hear of that signal"),
    Verb("hulp",                                               "deze lijst",                                                                                                   "this list"),
)
# fmt: on
ALL = (*ON_A_CASE, *ON_A_MAIL, *ON_ITSELF)


def as_markdown() -> str:
    """The table for docs/desk.md."""
    return "\n".join(("| the desk types | and |", "|---|---|", *(f"| `{v.example}` | {v.meaning} |" for v in ALL)))


def help_letter(address: str, why: str = "") -> Letter:
    """What can be typed; *why* says what was wrong, "" when the list was asked for."""
    values = {"why": why, "rows": [Row(verb.example, verb.does) for verb in ALL]}
    return Letter(kind=Kind.DESK_HELP, to="desk", address=address, values=values, answers_mail=True)

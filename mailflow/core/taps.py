"""What can be said with one tap: a mailto link that types the words for you."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tap:
    """A mailto link: *label* stands on it, it mails *word* to the address sealed for *action*."""

    label: str
    action: str
    word: str


ABOUT = "mail "
"""Before the number of a mail: the action of a tap that goes to that mail's own address."""

# What a party can say with one tap; the word is what it would type.
ACCEPT = Tap("Aanvaard", "accept", "aanvaard")
WAITLIST = Tap("Match, wel wachtlijst", "waitlist", "wachtlijst")
FULL = Tap("Volzet", "full", "volzet")
NO_MATCH = Tap("Geen match", "no_match", "geen match")
CONTACTED = Tap("Gesproken", "contacted", "gesproken")
STARTED = Tap("Vandaag gestart", "started", "vandaag gestart")
BACK_TO_SCHOOL = Tap("Vandaag afgerond: terug naar school", "completed", "vandaag afgerond, terug naar school")
HANDED_OVER = Tap("Vandaag afgerond: overgedragen", "completed", "vandaag afgerond, overgedragen")
STOPPED_EARLY = Tap("Vandaag vroegtijdig gestopt", "completed", "vandaag afgerond, vroegtijdig gestopt")
FEEDBACK = Tap("Terugkoppeling gedaan", "feedback", "terugkoppeling gedaan")
DISAGREE = Tap("Klopt niet", "disagree", "klopt niet")
THINK = Tap("Bedenktijd", "think", "bedenktijd")
SETTLED = Tap("Mag afgesloten worden", "withdraw", "mag afgesloten worden")
KEEP = Tap("Behouden op de wachtlijst", "keep", "behouden")
ELSEWHERE = Tap("Liever sneller ergens anders", "elsewhere", "liever sneller")
WITHDRAW = Tap("Aanmelding stoppen", "withdraw", "stop")
STOP_RELEASE = Tap("Nog niet bezorgen", "stop_release", "stop even")
CONFIRM = Tap("Bevestig", "confirm", "bevestig")
DENY = Tap("Dat was ik niet", "deny", "dat was ik niet")

REOPEN = Tap("Weer openen", "reply", "heropen")
AGAIN = Tap("Opnieuw op weg", "reply", "opnieuw")
FAMILY = Tap("Van een ouder, voorziening of school", "reply", "ouder")
IGNORE = Tap("Negeer", "reply", "negeer")
PROVIDER_TAPS = (CONTACTED, ACCEPT, WAITLIST, FULL, NO_MATCH)
DECISION_TAPS = (ACCEPT, WAITLIST, FULL, NO_MATCH)
WAITLISTED_TAPS = (Tap("Er is plaats", "accept", "er is plaats"), NO_MATCH)
ACCEPTED_TAPS = (STARTED, NO_MATCH)
GOAL_REACHED = Tap("Vandaag afgerond: doel bereikt", "completed", "vandaag afgerond, doel bereikt")
"""A class, a team or a school was never away from school."""
STARTED_TAPS = (BACK_TO_SCHOOL, HANDED_OVER, STOPPED_EARLY)
OUTCOME_TAPS = (
    Tap("Terug naar school", "completed", "afgerond, terug naar school"),
    Tap("Overgedragen", "completed", "afgerond, overgedragen"),
    Tap("Vroegtijdig gestopt", "completed", "afgerond, vroegtijdig gestopt"),
)
"""What came of a trajectory that ended before."""
ENDED_WELL = Tap("Doel bereikt", "completed", "afgerond, doel bereikt")
REFERRER_TAPS = (CONTACTED, WITHDRAW)

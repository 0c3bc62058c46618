"""What happened to a case, in words for the desk: no name, no words of anybody."""

from collections.abc import Collection

from mailflow.core.case import Case, Happened
from mailflow.core.clb_letters import clb_named
from mailflow.core.lifecycle import Event, Party
from mailflow.core.rules import Rules
from mailflow.core.shown import Row
from mailflow.core.wording import PARTIES

MOST_ROWS = 150
# fmt: off
WORDS: dict[Event, str] = {
    Event.SENDER_UNPROVEN:    "de afzender is niet bewezen: bevestiging gevraagd",
    Event.CLB_MISSING:        "geen CLB achter deze aanmelding",
    Event.INFO_MISSING:       "wacht op de aanmelder",
    Event.DESK_NEEDED:        "wacht op het meldpunt",
    Event.REFERRAL_COMPLETE:  "volledig",
    Event.DESK_RELEASED:      "mag vertrekken, de vraag welk CLB blijft open",
    Event.REFERRAL_SENT:      "bezorgd aan de aanbieder",
    Event.PROVIDER_ACCEPTED:  "aanvaard",
    Event.WAITLIST_OFFERED:   "wachtlijst voorgesteld",
    Event.WAITLIST_AGREED:    "wachtlijst, afgesproken",
    Event.PROVIDER_FULL:      "volzet",
    Event.PROVIDER_NO_MATCH:  "geen match",
    Event.REFERRER_KEPT:      "behouden op de wachtlijst",
    Event.PLACE_FREE:         "er is plaats",
    Event.TRAJECTORY_STARTED: "traject gestart",
    Event.TRAJECTORY_ENDED:   "traject afgerond",
    Event.LOOP_SETTLED:       "afgesloten",
    Event.FOLLOW_ON_MADE:     "vervangen door een nieuwe aanmelding",
    Event.REFERRER_STOPPED:   "gestopt",
    Event.WITHDRAWN:          "ingetrokken",
    Event.VOIDED:             "genegeerd",
    Event.REOPENED:           "heropend",
    Event.BACK_TO_DISPATCHED: "teruggenomen: weer bij de aanbieder",
    Event.BACK_TO_OFFERED:    "teruggenomen: de wachtlijst is weer een vraag",
    Event.MAIL_CAME:          "een mail kwam binnen",
    Event.SENDER_CONFIRMED:   "bevestigd",
    Event.FAMILY_ASKED:       "het gezin kiest een CLB",
    Event.CLB_ASSIGNED:       "een CLB krijgt de vraag om over te nemen",
    Event.CLB_DECLINED:       "dat CLB neemt niet over",
    Event.INFO_ADDED:         "gegevens aangevuld",
    Event.CONTACT_MADE:       "gesproken",
    Event.CONTACT_ATTEMPTED:  "geprobeerd te bellen",
    Event.CALLBACK_PROMISED:  "belt terug",
    Event.ROUND_TABLE_NOTED:  "rondetafel",
    Event.NO_SHOW:            "niemand kwam opdagen",
    Event.PAUSED:             "wacht even",
    Event.DAY_NOTED:          "de dag is gemeld",
    Event.OUTCOME_NOTED:      "hoe het afliep is gemeld",
    Event.HANDOVER_NOTED:     "overgedragen",
    Event.FEEDBACK_DONE:      "terugkoppeling gedaan",
    Event.ASKED_BACK:         "niet begrepen, en teruggevraagd",
    Event.UNDERSTOOD:         "duidelijk geworden",
    Event.ASKED_WHO:          "gevraagd of een mail van die partij kwam",
    Event.WHO_ANSWERED:       "geantwoord of die mail van die partij kwam",
    Event.LETTER_SENT:        "een brief vertrok",
    Event.LETTER_REFUSED:     "een brief werd geweigerd",
    Event.REMINDER_SENT:      "herinnerd",
    Event.DESK_TOLD:          "over tijd: in het overzicht gezet",
    Event.BOUNCED:            "een brief kwam terug",
    Event.ERASED:             "gewist wat mensen schreven",
    Event.LEGAL_HOLD:         "mag niet gewist worden",
    Event.LEGAL_HOLD_LIFTED:  "mag weer gewist worden",
    Event.COPY_ASKED:         "een kopie van het dossier is gevraagd",
    Event.NOTE:               "genoteerd",
}
# fmt: on
ANSWERS = {"accepted": "ja", "declined": "nee", "tentative": "misschien"}
UNTOLD = frozenset({Event.LETTER_WRITTEN, Event.LETTER_VOIDED})
"""A letter that was written is told when it leaves; one that did not leave, or is to the desk, is nobody's news."""


def told(case: Case, rules: Rules, kinds: Collection[Event] = frozenset(Event)) -> list[Row]:
    """A row per event of these kinds, the newest last: moment, and who did what."""
    written = {h.codes["n"]: h.codes["to"] for h in case.history if h.kind is Event.LETTER_WRITTEN}
    seen = [
        h
        for h in case.history
        if h.kind in kinds and h.kind not in UNTOLD and written.get(h.codes.get("n", "")) != "desk"
    ]
    return [
        Row(f"{h.at.astimezone(rules.calendar.zone):%d/%m/%Y %H:%M}", _sentence(h, written, rules))
        for h in seen[-MOST_ROWS:]
    ]


def _sentence(happened: Happened, written: dict[str, str], rules: Rules) -> str:
    codes = happened.codes
    details = []
    if (key := codes.get("provider", "")) in rules.providers:
        details.append(rules.providers[key].name)
    # There it is a code for the figures: that the desk is waited for says nothing about the CLB.
    if happened.kind is not Event.DESK_NEEDED and (clb := clb_named(codes.get("clb", ""), rules)):
        details.append(clb.name)
    if mail := codes.get("mail", ""):
        details.append(f"mail {mail}")
    if answer := ANSWERS.get(codes.get("answer", "")):
        details.append(f"{PARTIES[Party(codes['party'])]} zegt {answer} in de agenda")
    if to := written.get(codes.get("n", "")):
        details.append(f"aan {PARTIES[Party(to)]}")
    details += [_day(codes[name]) for name in ("day", "until") if codes.get(name)]
    by = "" if happened.by is Party.MAILFLOW else f"{PARTIES[happened.by]}: "
    told_of = f" ({', '.join(details)})" if details else ""
    return f"{by}{WORDS.get(happened.kind, happened.kind)}{told_of}"


def _day(iso: str) -> str:
    year, month, day = iso[:10].split("-")
    return f"{day}/{month}/{year}"

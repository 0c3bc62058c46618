"""Every letter with invented people in it, in each of its shapes: for the gallery, and for the tests of the letters."""

# ruff: noqa: E501 - a table of letters reads best as one line a row

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mailflow.core.clb_letters import LET_CHOOSE, NOT_OURS, START_ALREADY, TAKES_OVER
from mailflow.core.copying import Copied, Copy
from mailflow.core.letters import Kind, Letter
from mailflow.core.overview import CaseRow
from mailflow.core.requests import Offered
from mailflow.core.rules import Desk
from mailflow.core.shown import Guess, Row
from mailflow.core.survey import QUESTIONS, blank
from mailflow.core.taps import (
    ACCEPTED_TAPS,
    AGAIN,
    CONFIRM,
    CONTACTED,
    DENY,
    ELSEWHERE,
    FEEDBACK,
    KEEP,
    PROVIDER_TAPS,
    REFERRER_TAPS,
    REOPEN,
    SETTLED,
    STOP_RELEASE,
    WAITLISTED_TAPS,
    WITHDRAW,
    Tap,
)
from mailflow.outgoing.digest_samples import (
    MONDAY,
    NORMAL_DAY,
    NORMAL_TAPS,
    OVERFULL_DAY,
    OVERFULL_TAPS,
    QUIET_DAY,
    WEEKS,
)
from mailflow.outgoing.render import Header

DESK = Desk(
    name="Meldpunt Schoolexterne Interventies",
    address="meldpunt@meldpunt.example",
    phone="016 00 00 00",
    workers=("an.peeters@meldpunt.example",),
)

HEADER = Header(
    reference="MSI-2026-0042",
    message_id="<msi-2026-0042.7.abcdefghij@meldpunt.example>",
    reply_to="meldpunt+msi-2026-0042.abcdefghij@meldpunt.example",
    tap_addresses={
        one.action: f"meldpunt+msi-2026-0042.{one.action.replace('_', '')[:4]:a<10}@meldpunt.example"
        for one in (*PROVIDER_TAPS, *ACCEPTED_TAPS, *REFERRER_TAPS, KEEP, ELSEWHERE, STOP_RELEASE, CONFIRM, DENY)
    },
    in_reply_to="<vraag.1@vclbleuven.be>",
    references=("<eerste@vclbleuven.be>", "<vraag.1@vclbleuven.be>"),
    at=datetime(2026, 11, 22, 22, 14, 5, tzinfo=ZoneInfo("Europe/Brussels")),
    initials="N.V.",
)


ROWS = [
    Row("Naam aanmelder", "Els Claes"),
    Row("Telefoon", "016 12 34 56"),
    Row("Wanneer bereikbaar", "weekdagen na 15 uur, woensdag de hele dag en vrijdag tot de middag"),
    Row("Voornaam", "Noor"),
    Row("Postcode en gemeente van de woonplaats", "3000 Leuven"),
    Row("School", "Atheneum De Brug"),
    Row("Studiejaar", "3de jaar A-finaliteit"),
    Row("Reden van de aanmelding", "Noor komt al zes weken bijna niet meer naar school.\nThuis gaat het beter."),
    Row("Gewenste aanbieder", "NAFT VBO"),
]
ORIGINS = [Row("Uit je mail", "Voornaam"), Row("Uit de bijlage aanmelding.docx", "School, Geboortedatum")]
SCAN = [Row("scan.jpg", "een scan of foto: er staat geen tekst in")]
OFFERED = [
    Offered(
        "NAFT AHV",
        ("Een traject op maat.", "Regio: Asse-Halle-Vilvoorde", "Leeftijd: vanaf 12 jaar"),
        "past bij 14 jaar",
    ),
    Offered("De Kering", ("Regio: Vlaams-Brabant Oost",)),
]
OPTIONS = [Row("NAFT AHV", "past bij de regio van de school; vanaf 12 jaar"), Row("De Kering", "")]
SIGNAL = "Voor kleuters uit het Pajottenland is er niets.\n[…] wacht al een half jaar."
WORDS = "Goede match, maar we zitten vol tot na de krokusvakantie.\nWe bellen zodra er plaats is."
COPY = Copy(
    reference="MSI-2026-0042",
    desk=DESK.name,
    made="maandag 1 februari 2027 om 10:00",
    facts=(
        Row("Stand", "afgesloten sinds 29/01/2027"),
        Row("Aanbieder", "NAFT VBO"),
        Row("Hoe het afliep", "terug naar school"),
    ),
    form=(*ROWS, Row("Achternaam", "Nguy\u1ec5n <b>\u4eba"), Row("Opmerkingen", "lang " * 400)),
    timeline=(Row("23/11/2026 09:00", "bezorgd aan de aanbieder (NAFT VBO)"), Row("29/01/2027 15:10", "afgesloten")),
    letters=tuple(
        Copied(day="22/11/2026", subject="Aanmelding goed ontvangen", text=f"Kop\n===\n\n{WORDS}") for _ in range(9)
    ),
)
# Kind -> to, values, taps: every letter as it mostly looks.
# fmt: off
SAMPLES: Mapping[Kind, tuple[str, Mapping[str, object], tuple[Tap, ...]]] = {
    Kind.RECEIVED: ("referrer", {
        "rows": ROWS, "leaves": "maandag 23 november 2026 om 09:00", "provider": "NAFT VBO",
        "warnings": ["Noor is jonger dan de minimumleeftijd van deze aanbieder."],
        "wanted": ["Thuistaal", "Tolk nodig"], "same": [Row("zondag 4 oktober 2026", "MSI-2026-0007")],
        "odd": [Row("Geboortedatum", "dit is geen datum")], "receipt_minutes": 15, "origins": ORIGINS, "unread": SCAN,
        "again": False, "opens": "", "until": ""},
        (STOP_RELEASE, WITHDRAW)),
    Kind.MISSING: ("referrer", {
        "rows": ROWS, "missing": ["Voornaam", "Geboortedatum"], "wanted": ["Thuistaal"],
        "odd": [Row("Geboortedatum", "dit is geen datum")], "reminder": "", "origins": ORIGINS, "unread": SCAN},
        (WITHDRAW,)),
    Kind.ELSEWHERE: ("referrer", {
        "provider": "NAFT VBO", "options": [Row("Time-in Klaswerking", "werkt in elke regio")]}, (WITHDRAW,)),
    Kind.FOLLOW_ON: ("referrer", {
        "provider": "NAFT VBO", "other": "Time-in Klaswerking", "state": "waitlist_offered"}, (KEEP, WITHDRAW)),
    Kind.CHOOSE_PROVIDER: ("referrer", {
        "why": "De woonplaats en de school liggen in een andere regio.", "options": OPTIONS, "wanted": ["Thuistaal"],
        "unread": SCAN}, (WITHDRAW,)),
    Kind.CONFIRM: ("referrer", {
        "arrived": "zondag 22 november 2026 om 22:14", "initials": "N.V.", "birth_year": "2012", "provider": "NAFT VBO",
        "missing": ["Voornaam"], "reminder": "maandag 23 november 2026", "unread": 2}, (CONFIRM, DENY)),
    Kind.NEUTRAL: ("sender", {}, ()),
    Kind.FAMILY: ("sender", {}, ()),
    Kind.ERASED: ("sender", {}, ()),
    Kind.SAME_PUPIL: ("desk", {
        "rows": [Row("MSI-2026-0007", "op de wachtlijst (NAFT VBO) sinds 05/10/2026, van Vrij CLB Leuven")],
        "other_clb": True}, (WITHDRAW,)),
    Kind.AGAIN: ("referrer", {
        "opened": "zondag 4 oktober 2026", "state": "op de wachtlijst", "since": "maandag 5 oktober 2026",
        "provider": "NAFT VBO"}, (WITHDRAW,)),
    Kind.SIGNAL_KEPT: ("sender", {"text": SIGNAL, "left_out": 1, "kept": True}, ()),
    Kind.SIGNAL: ("desk", {"text": SIGNAL, "who": "een CLB", "number": 17}, (
        Tap("Laat dit weg", "reply", "signaal 17 weg"),)),
    Kind.SURVEY: ("clb", {
        "year": "2026-2027", "clb": "Vrij CLB Leuven", "reminder": False,
        "rows": [Row(one.label, one.asks) for one in QUESTIONS], "form": blank()}, ()),
    Kind.SURVEY_KEPT: ("clb", {
        "year": "2026-2027", "rows": [Row("Aantal vragen", "12"), Row("Wat ontbreekt", "iets voor kleuters")],
        "odd": [], "form": blank()}, ()),
    Kind.FIGURES: ("desk", {
        "period": "1 september 2026 tot en met 14 januari 2027", "came": "87", "came_before": "64",
        "signals": [Row("een CLB", SIGNAL)],
        "rows": [Row("NAFT VBO", "70 bezorgd, 36 aanvaard, 8 wachtlijst, 7 volzet, 13 geen match, 36 gestart")]}, ()),
    Kind.CAME_OF_AGE: ("referrer", {
        "age": 12, "of_age": False, "asks": True, "against": ["De Linde werkt tot en met 11 jaar"], "elsewhere": True},
        (ELSEWHERE, WITHDRAW)),
    Kind.LEAVES_LATER: ("referrer", {"leaves": "maandag 23 november 2026 om 09:00", "provider": "NAFT VBO"}, ()),
    Kind.TAKEN_OVER: ("referrer", {"from_clb": True, "state": "bezorgd", "provider": "NAFT VBO", "rows": ROWS, "phone": ""}, (WITHDRAW,)),
    Kind.MOVED: ("referrer", {"other": "NAFT VBO", "provider": ""}, ()),
    Kind.WHICH_CLB: ("desk", {
        "why": "", "words": "", "rows": [Row("Initialen", "N.V."), Row("School", "Atheneum De Brug")],
        "options": [Row("Vrij CLB Leuven", "het CLB van de school")],
        "same": [Row("MSI-2026-0007", "op de wachtlijst sinds 05/10/2026, van Vrij CLB Leuven")]},
        (Tap("Wijs toe aan Vrij CLB Leuven", "assign", "wijs toe aan Vrij CLB Leuven"), START_ALREADY, LET_CHOOSE)),
    Kind.TAKE_OVER: ("clb", {
        "clb": "Vrij CLB Leuven", "arrived": "zondag 22 november 2026 om 22:14", "initials": "N.V.",
        "birth_year": "2012", "municipality": "Leuven", "reminder": "maandag 23 november 2026"},
        (TAKES_OVER, NOT_OURS)),
    Kind.TAKE_OVER_BY_HAND: ("desk", {
        "clb": "Vrij CLB Leuven", "arrived": "zondag 22 november 2026 om 22:14", "initials": "N.V.",
        "birth_year": "2012", "municipality": "Leuven", "phone": "016 00 00 01"}, ()),
    Kind.CHOOSE_CLB: ("sender", {
        "options": [Row("Vrij CLB Leuven", "vrij onderwijs"), Row("CLB van de VGC", "officieel onderwijs")]}, ()),
    Kind.SCHOOL_TEXT: ("referrer", {
        "pupil": "Noor Voorbeeld", "school": "Atheneum De Brug", "day": "22/11/2026"}, ()),
    Kind.NO_FORM: ("sender", {"role": "referrer", "form": "Naam aanmelder:\n\nVoornaam:\n", "unread": SCAN}, ()),
    Kind.BLANK_FORM: ("sender", {"known": True, "form": "Naam aanmelder:\n\nVoornaam:\n"}, ()),
    Kind.OFFER: ("sender", {"known": True, "facts": True, "fitting": OFFERED[:1], "others": OFFERED[1:]}, ()),
    Kind.REFERRAL: ("provider", {
        "provider": "NAFT VBO", "rows": ROWS, "attachments": ["verslag klasraad.pdf"],
        "contact_by": "maandag 30 november 2026", "round_table_by": "provider"}, PROVIDER_TAPS),
    Kind.SUPPLEMENTED: ("referrer", {"rows": ROWS[3:5], "against": []}, (WITHDRAW,)),
    Kind.SUPPLEMENT: ("provider", {"rows": ROWS[3:5]}, PROVIDER_TAPS),
    Kind.WAITLIST_OFFERED: ("referrer", {"provider": "NAFT VBO", "words": WORDS}, (KEEP, ELSEWHERE, WITHDRAW)),
    Kind.WAITLIST_KEPT: ("provider", {"next_year": False}, WAITLISTED_TAPS),
    Kind.WAITLIST_AGREED: ("referrer", {"provider": "NAFT VBO", "words": WORDS}, (ELSEWHERE, WITHDRAW)),
    Kind.ACCEPTED: ("referrer", {
        "provider": "NAFT VBO", "words": WORDS, "from_waitlist": False, "round_table_by": "clb",
        "round_table": ""}, ()),
    Kind.AFTER_ACCEPT: ("provider", {"rows": ROWS[:2]}, ACCEPTED_TAPS),
    Kind.FULL: ("referrer", {
        "provider": "NAFT VBO", "words": WORDS, "until": "31/08/2027", "options": OPTIONS}, (WITHDRAW,)),
    Kind.NO_MATCH: ("referrer", {
        "provider": "NAFT VBO", "words": WORDS, "options": OPTIONS, "called": False, "phone": "016 00 00 11",
        "reason": "de verwachtingen zijn niet realiseerbaar"}, (WITHDRAW,)),
    Kind.CALLED: ("provider", {"sentence": "geen match", "other": "de aanmelder"}, (CONTACTED,)),
    Kind.ROUND_TABLE: ("provider", {"when": "dinsdag 24 november 2026 om 14:00", "moved": False, "cancelled": False,
        "invited": True}, ()),
    Kind.CANNOT_COME: ("referrer", {
        "name": "NAFT VBO", "when": "dinsdag 24 november 2026 om 14:00", "comes": False, "asks": True,
        "proposed": "woensdag 25 november 2026 om 09:30", "words": WORDS,
        "phone": "016 00 00 11"}, (Tap("Dat moment is goed", "reply", "rondetafel op 25/11/2026 om 09:30"),)),
    Kind.STARTED: ("referrer", {"provider": "NAFT VBO", "day": "maandag 14 december 2026", "pupil": True}, ()),
    Kind.ENDED: ("referrer", {
        "provider": "NAFT VBO", "words": WORDS, "day": "vrijdag 29 januari 2027", "outcome": "terug naar school",
        "feedback_done": False, "pupil": True}, (FEEDBACK, SETTLED)),
    Kind.WITHDRAWN: ("provider", {"by": "referrer", "party": "provider"}, ()),
    Kind.COPY: ("referrer", {
        "state": "afgesloten", "ended": True, "file": "kopie-MSI-2026-0042.pdf", "letters_kept": 6, "form_kept": 12}, ()),
    Kind.STATUS: ("referrer", {
        "state": "afgesloten", "since": "maandag 23 november 2026", "provider": "NAFT VBO", "read_by_desk": True},
        (REOPEN,)),
    Kind.PASSED_ON: ("provider", {"by": "de aanmelder", "words": WORDS}, PROVIDER_TAPS),
    Kind.REPORTED: ("provider", {
        "by": "De aanmelder", "sentence": "jullie aanvaarden deze aanmelding"}, PROVIDER_TAPS),
    Kind.ECHO: ("provider", {
        "sentence": "er is een match, maar nu geen plaats", "other": "de aanmelder", "rows": [],
        "day": ""}, PROVIDER_TAPS),
    Kind.UNCLEAR: ("provider", {"why": "er staan meerdere antwoorden in: aanvaard, volzet", "unread": SCAN}, PROVIDER_TAPS),
    Kind.WAS_IT_YOU: ("provider", {"arrived": "maandag 23 november 2026 om 21:14"}, (
        Tap("Ja, dat was ik", "mine_1", "ja"), Tap("Nee, dat was ik niet", "not_mine_1", "nee"))),
    Kind.HAND_OVER: ("referrer", {
        "name": "An Peeters", "since": "maandag 30 november 2026", "references": ["MSI-2026-0042", "MSI-2026-0043"],
        "colleague": "", "said": ""}, (
        Tap("Ja, ik neem over", "confirm", "bevestig"), Tap("Nee", "deny", "dat was ik niet"))),
    Kind.REMINDER_CONTACT: ("provider", {
        "provider": "NAFT VBO", "since": "maandag 23 november 2026", "contact_by": "maandag 7 december 2026"},
        PROVIDER_TAPS),
    Kind.WAITLIST: ("provider", {
        "provider": "NAFT VBO", "rows": [Row("MSI-2026-0042", "Noor, sinds 23/11/2026 (2 weken)")]}, ()),
    Kind.PROVIDER_STATE: ("provider", {"provider": "NAFT VBO", "until": "31/08/2027"}, ()),
    Kind.OVERVIEW: ("provider", {
        "rows": [CaseRow("MSI-2026-0042", "Noor", "23/11/2026", "wat wordt het?", 0, 2)], "more": 0,
        "day": "24/11/2026"},
        (Tap("Aanvaard", "MSI-2026-0042/accept", "aanvaard"), Tap("Volzet", "MSI-2026-0042/full", "volzet"))),
    Kind.DIGEST: ("desk", NORMAL_DAY, NORMAL_TAPS),
    Kind.STUCK: ("desk", {"mail": 0, "about": "MSI-2026-0007"}, (Tap("Probeer opnieuw", "reply", "alles opnieuw"),)),
    Kind.DESK_HELP: ("desk", {"why": "dat kennen we niet", "rows": [Row("0042 stuur naar NAFT VBO", "naar deze aanbieder")]}, ()),
    Kind.TIMELINE: ("desk", {
        "state": "bezorgd aan de aanbieder", "since": "23/11/2026", "provider": "NAFT VBO", "waits": "aanbieder, tot 30/11/2026",
        "rows": [Row("23/11/2026 09:00", "bezorgd aan de aanbieder (NAFT VBO)")]}, ()),
    Kind.OTHER_MAIL: ("desk", {
        "author": "tom@school.example", "mail_subject": "Vraag over de werkgroep", "text": "Dag\n\nWanneer is ze?",
        "attachments": ["agenda.docx"],
        "why": "er zit geen aanmeldingsformulier in", "about": ""}, ()),
    Kind.HELD: ("desk", {
        "number": 17, "author": "tom@school.example", "mail_subject": "Vraag", "text": "Dag\n\nWanneer is ze?",
        "attachments": ["agenda.docx"], "why": "de afzender lijkt op een CLB", "about": "", "form": True,
        "guesses": []}, ()),
    Kind.DANGER: ("desk", {
        "author": "an.peeters@vclbleuven.be", "words": ["zelfmoord"], "lines": ["Ze sprak over zelfmoord."]}, ()),
    Kind.UNDELIVERABLE: ("desk", {
        "about": "MSI-2026-0042", "letter": "referral", "party": "provider", "stand_in": "", "why": "het adres bestaat niet",
        "name": "NAFT VBO", "phone": "016 00 00 11"}, (AGAIN,)),
}
# What else a letter can hold, so that every branch of a template is rendered.
VARIANTS: Sequence[tuple[Kind, Mapping[str, object]]] = (
    (Kind.RECEIVED, {"leaves": "", "provider": "", "rows": [], "warnings": [], "wanted": [], "odd": [], "origins": [], "unread": [], "same": []}),
    (Kind.RECEIVED, {"leaves": "", "provider": "", "opens": "maandag 23 november 2026 om 09:00"}),
    (Kind.RECEIVED, {"again": True, "wanted": []}),
    (Kind.RECEIVED, {"again": True, "wanted": [], "leaves": "", "provider": "", "until": "dinsdag 12 januari 2027"}),
    (Kind.RECEIVED, {"again": True, "wanted": [], "leaves": "", "provider": ""}),
    (Kind.SAME_PUPIL, {"other_clb": False}),
    (Kind.SIGNAL_KEPT, {"left_out": 0}),
    (Kind.SURVEY, {"reminder": True}),
    (Kind.SURVEY_KEPT, {"odd": ["Aantal vragen"]}),
    (Kind.FIGURES, {"signals": [], "rows": []}),
    (Kind.SIGNAL_KEPT, {"kept": False, "text": "[…] bij […]", "left_out": 2}),
    (Kind.AGAIN, {"since": "", "provider": ""}),
    (Kind.WHICH_CLB, {"same": []}),
    (Kind.CAME_OF_AGE, {"age": 18, "of_age": True, "elsewhere": False}),
    (Kind.CAME_OF_AGE, {"asks": False}),
    (Kind.LEAVES_LATER, {"leaves": ""}),
    (Kind.MOVED, {"provider": "NAFT AHV"}),
    (Kind.TAKEN_OVER, {"from_clb": False, "phone": "016 00 00 01", "provider": ""}),
    (Kind.WAITLIST_KEPT, {"next_year": True}),
    (Kind.SUPPLEMENTED, {"against": ["NAFT VBO werkt in Vlaams-Brabant Oost"]}),
    (Kind.MISSING, {"reminder": "maandag 2 maart 2026", "missing": ["Voornaam"], "rows": [], "wanted": [], "odd": []}),
    (Kind.MISSING, {"missing": [], "origins": [], "unread": []}),
    (Kind.SUPPLEMENTED, {"rows": []}),
    (Kind.UNCLEAR, {"why": "geen plaats: is het wachtlijst of volzet?", "unread": []}),
    (Kind.CHOOSE_PROVIDER, {"options": [], "wanted": [], "unread": []}),
    (Kind.ELSEWHERE, {"provider": ""}),
    (Kind.FOLLOW_ON, {"state": "waitlisted"}),
    (Kind.FOLLOW_ON, {"state": "dispatched"}),
    (Kind.CONFIRM, {"birth_year": "", "provider": "", "missing": [], "reminder": "", "unread": 0}),
    (Kind.CONFIRM, {"unread": 1}),
    (Kind.NO_FORM, {"role": "provider", "form": ""}),
    (Kind.NO_FORM, {"unread": []}),
    (Kind.RECEIVED, {"emergency": ("112: dringende hulp", "102: Awel")}),
    (Kind.BLANK_FORM, {"known": False}),
    (Kind.OFFER, {"known": False, "facts": False, "fitting": [], "others": OFFERED}),
    (Kind.OFFER, {"fitting": [], "others": OFFERED}),
    (Kind.OFFER, {"fitting": OFFERED, "others": []}),
    (Kind.REFERRAL, {"attachments": [], "round_table_by": "clb"}),
    (Kind.WAITLIST_OFFERED, {"words": ""}),
    (Kind.ACCEPTED, {"words": "", "from_waitlist": True, "round_table_by": "provider"}),
    (Kind.FULL, {"words": "", "until": "", "options": []}),
    (Kind.ACCEPTED, {"round_table": "dinsdag 24 november 2026 om 14:00"}),
    (Kind.NO_MATCH, {"reason": "", "phone": ""}),
    (Kind.NO_MATCH, {"called": True}),
    (Kind.CALLED, {"sentence": "", "other": ""}),
    (Kind.CALLED, {"other": ""}),
    (Kind.ROUND_TABLE, {"moved": True, "invited": False}),
    (Kind.CANNOT_COME, {"comes": True}),
    (Kind.CANNOT_COME, {"proposed": "", "words": "", "phone": ""}),
    (Kind.CANNOT_COME, {"asks": False, "proposed": ""}),
    (Kind.STARTED, {"day": ""}),
    (Kind.STARTED, {"pupil": False}),
    (Kind.ENDED, {"day": "", "outcome": "", "words": "", "feedback_done": True}),
    (Kind.ENDED, {"pupil": False}),
    (Kind.WAITLIST, {"rows": []}),
    (Kind.PROVIDER_STATE, {"until": ""}),
    (Kind.OVERVIEW, {"more": 3}),
    (Kind.WITHDRAWN, {"by": "desk"}),
    (Kind.WITHDRAWN, {"by": "desk", "party": "referrer"}),
    (Kind.WITHDRAWN, {"by": "referrer", "party": "referrer"}),
    (Kind.COPY, {"ended": False}),
    (Kind.STATUS, {"since": "", "provider": "", "read_by_desk": False}),
    (Kind.ECHO, {"other": ""}),
    (Kind.ECHO, {"other": "", "day": "“begin maart” is geen precieze dag"}),
    (Kind.ECHO, {"sentence": "", "other": "", "rows": [Row("MSI-2026-0042", "volzet")]}),
    (Kind.DIGEST, QUIET_DAY),
    (Kind.DIGEST, OVERFULL_DAY),
    (Kind.DIGEST, MONDAY),
    (Kind.DIGEST, {"silent": 3}),
    (Kind.ROUND_TABLE, {"cancelled": True}),
    (Kind.DESK_HELP, {"why": ""}),
    (Kind.STUCK, {"mail": 17, "about": ""}),
    (Kind.TIMELINE, {"since": "", "provider": "", "waits": ""}),
    (Kind.OTHER_MAIL, {"text": "", "attachments": [], "about": "MSI-2026-0007", "mail_subject": ""}),
    (Kind.HELD, {"guesses": [Guess("MSI-2026-0042", "N.V.", "de mail noemt de voornaam")]}),
    (Kind.UNDELIVERABLE, {"about": ""}),
    (Kind.UNDELIVERABLE, {"letter": "received", "party": "referrer", "name": "", "phone": ""}),
    (Kind.UNDELIVERABLE, {"phone": ""}),
    (Kind.UNDELIVERABLE, {"name": "", "phone": ""}),
    (Kind.UNDELIVERABLE, {"stand_in": "vervanging@naft-vbo.example"}),
    (Kind.HAND_OVER, {"colleague": "tine.smets@vclbleuven.be", "said": "yes"}),
    (Kind.HAND_OVER, {"colleague": "tine.smets@vclbleuven.be", "said": "no", "references": ["MSI-2026-0042"]}),
    (Kind.UNDELIVERABLE, {"letter": "referral", "party": "provider", "stand_in": "onthaal@naft-vbo.example"}),
)
# fmt: on


def sample(kind: Kind, **changed: object) -> Letter:
    """A letter of that kind as it mostly looks, with some of its values changed."""
    to, values, taps = SAMPLES[kind]
    if "sections" in changed:
        taps = OVERFULL_TAPS if changed["sections"] else ()
    address = "els.claes@vclbleuven.be"
    chart = tuple(WEEKS.came) if changed.get("week") else ()
    copy = COPY if kind is Kind.COPY else None
    return Letter(kind=kind, to=to, address=address, values={**values, **changed}, taps=taps, chart=chart, copy=copy)


def every_letter(of_form: Mapping[Kind, Mapping[str, object]] = MappingProxyType({})) -> list[Letter]:
    """Each kind once as it mostly looks, then every other shape; *of_form*: what each kind shows of a form."""
    shapes = [*((kind, {}) for kind in Kind), *VARIANTS]
    return [sample(kind, **{**of_form.get(kind, {}), **changed}) for kind, changed in shapes]

"""What the invented people of the demo's school year do: each case follows one of these plans."""

from dataclasses import dataclass

from mailflow.demo.people import Person

AN = Person("An Peeters", "an.peeters@vclbleuven.be")
BRAM = Person("Bram Claes", "bram.claes@vrijclbbro.be")
EVA = Person("Eva Smets", "eva.smets@clbvgc.be")
WORKER = Person("Meldpuntmedewerker", "medewerker@meldpunt.example")
PARENT = Person("Pieter Staal", "pieter.staal@thuis.example")
GRIET = Person("Griet Lemmens", "griet.lemmens@vrijclbbro.be")
"""Of the CLB of a new school."""
ONTHAAL = Person("Onthaal CLB Leuven", "onthaal@vclbleuven.be")
COACHES: dict[str, Person] = {
    "NAFT VBO": Person("Koen Maes", "aanmelding@naft-vbo.example"),
    "NAFT AHV": Person("Lies Wouters", "aanmelding@naft-ahv.example"),
    "Zorgboerderij De Linde": Person("Jef Linden", "welkom@zorgboerderij-delinde.example"),
    "Time-in Klaswerking": Person("Mia Tack", "info@time-in.example"),
}


@dataclass(frozen=True)
class Step:
    """When a letter with this subject comes to anybody on the case, *who* writes *words* that many days later."""

    on: str
    who: str
    """referrer, provider, clb, successor or desk; once the clb or a successor wrote, she is the referrer."""
    days: float
    words: str


@dataclass(frozen=True)
class Plan:
    """How one case goes; *form* changes or leaves out lines of its form (None: leave out)."""

    name: str
    share: int
    """How many in a hundred go so."""
    steps: tuple[Step, ...]
    form: tuple[tuple[str, str | None], ...] = ()
    proof: str = "pass"
    sender: str = "referrer"
    goes_on: bool = False
    """A second referral comes of it, with another provider."""
    sibling: str = ""
    """The first name of a brother or sister whose form stands in the same mail."""

    @property
    def cases(self) -> int:
        """How many cases come of it."""
        return 2 if self.goes_on or self.sibling else 1


REFERRAL, AFTER, STARTED, ENDED = "Nieuwe aanmelding", "De andere gegevens", "Het traject is gestart", "afgelopen"
OFFERED, KEPT, AGREED = "wachtlijst?", "wil op de wachtlijst", "Op de wachtlijst"
FULL, NO_MATCH, ECHO = "volzet", "Geen match", "Zo hebben we je antwoord begrepen"
BEGINS = Step(AFTER, "provider", 8, "Vandaag gestart.")
FINISHES = Step(STARTED, "provider", 95, "Het traject is vandaag afgerond. Noor is terug naar school.")
HANDED = Step(STARTED, "provider", 60, "Het traject is vandaag afgerond, overgedragen aan het CGG.")
BREAKS_OFF = Step(STARTED, "provider", 40, "Vandaag afgerond, vroegtijdig gestopt.")
TELLS_SCHOOL = Step(ENDED, "referrer", 4, "terugkoppeling gedaan")
CLOSES = Step(ENDED, "referrer", 9, "Dit mag afgesloten worden.")
WAITS = Step(REFERRAL, "provider", 2, "We hebben elkaar gesproken. Match, maar momenteel geen plaats: wachtlijst.")
FASTER, STAYS = Step(OFFERED, "referrer", 1, "liever sneller"), "Blijft je eerste aanmelding staan"
PICKS = Step("Naar welke andere aanbieder", "referrer", 1, "Time-in graag.")
MISSED = "Naam aanmelder: Onthaal Leuven\nTelefoon aanmelder: 016 00 00 01\nOuders akkoord: ja"
FREE = Step(KEPT, "provider", 45, "Er is een plaats vrijgekomen, ze kan starten.")

CLASS: tuple[tuple[str, str | None], ...] = (
    ("Aanmelding voor", "een klas"), ("Klas, team of hele school", "klas"), ("Naam van de klas", "2B"),
    ("Postcode van de school", "3000"), ("Gewenste aanbieder", "Time-in Klaswerking"), ("Voornaam", None),
    ("Achternaam", None), ("Geboortedatum", None), ("Woonplaats", None), ("Ouders akkoord", None),
)  # fmt: skip
NOT_ENROLLED: tuple[tuple[str, str | None], ...] = (
    ("E-mail aanmelder", PARENT.address), ("CLB", None), ("Ingeschreven", "nee"), ("School", None),
    ("Laatste school", "Sint-Voorbeeld"),
)  # fmt: skip

# fmt: off
PLANS: tuple[Plan, ...] = (
    Plan("accepted at once", 6, (
        Step(REFERRAL, "provider", 2, "Gesproken. We aanvaarden haar."), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("accepted, and handed over", 8, (
        Step(REFERRAL, "provider", 1, "aanvaard"), BEGINS, HANDED, TELLS_SCHOOL)),
    Plan("accepted, and broken off", 6, (
        Step(REFERRAL, "provider", 3, "aanvaard"), BEGINS, BREAKS_OFF, CLOSES)),
    Plan("a round table first", 5, (
        Step(REFERRAL, "provider", 1, "Aanvaard. Rondetafel volgende maandag."), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("the waitlist, and a place", 10, (
        WAITS, Step(OFFERED, "referrer", 1, "Ja, graag behouden"), FREE, BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("the waitlist to the end", 4, (
        WAITS, Step(OFFERED, "referrer", 1, "behouden"))),
    Plan("the waitlist agreed by phone", 4, (
        Step(REFERRAL, "provider", 2, "Gebeld met de aanmelder, zij gaat akkoord met de wachtlijst."),
        Step(AGREED, "provider", 30, "Er is plaats."), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("the waitlist is no option", 4, (
        WAITS, Step(OFFERED, "referrer", 3, "stop"))),
    Plan("no answer on the waitlist", 3, (
        WAITS,)),
    Plan("full for this one", 6, (
        Step(REFERRAL, "provider", 1, "volzet"), Step(FULL, "referrer", 2, "stop"))),
    Plan("no match, and time to think", 6, (
        Step(REFERRAL, "provider", 4, "Gebeld. Wij kunnen geen afdoende antwoord bieden."),
        Step(NO_MATCH, "referrer", 1, "bedenktijd"), Step(NO_MATCH, "referrer", 9, "stop"))),
    Plan("no match without a phone call", 3, (
        Step(REFERRAL, "provider", 1, "geen match"), Step("Al gebeld?", "provider", 1, "gesproken"),
        Step(NO_MATCH, "referrer", 3, "stop"))),
    Plan("a silent provider", 3, (
        Step("Herinnering: bel", "provider", 4, "Sorry! Gesproken, en aanvaard."), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("a provider that never answers", 1, ()),
    Plan("reported by the referrer", 3, (
        Step(REFERRAL, "referrer", 3, "NAFT belde: ze hebben plaats, Noor kan maandag starten."),
        BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("missing fields", 3, (
        Step("nog gegevens nodig", "referrer", 1, "Geboortedatum: 12/03/2011"),
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
        form=(("Geboortedatum", None),)),
    Plan("an address that is not proven", 2, (
        Step("Was jij dit?", "referrer", 1, "bevestig"),
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL), proof="none"),
    Plan("a parent", 2, (
        Step("Welk CLB", "desk", 0.1, "wijs toe aan Vrij CLB Leuven"),
        Step("Nemen jullie", "clb", 1, "we nemen het over"), Step("nog gegevens nodig", "clb", 1, MISSED),
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
        form=(("E-mail aanmelder", None), ("Naam aanmelder", None), ("CLB", None)), sender="parent"),
    Plan("no preference", 2, (
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
        form=(("Gewenste aanbieder", "geen voorkeur"),)),
    Plan("not enrolled, and started already", 1, (
        Step("Welk CLB", "desk", 0.1, "start al"), Step(REFERRAL, "provider", 2, "aanvaard"),
        Step(AFTER, "desk", 3, "wijs toe aan Vrij CLB Leuven"), Step("Nemen jullie", "clb", 1, "we nemen het over"),
        BEGINS, FINISHES, TELLS_SCHOOL), form=NOT_ENROLLED, sender="parent"),
    Plan("a class", 2, (
        Step(REFERRAL, "provider", 3, "We nemen de klas op."),
        Step(AFTER, "provider", 8, "Vandaag gestart in de klas."),
        Step(STARTED, "provider", 40, "Het traject met de klas is vandaag afgerond, doel bereikt."),
        TELLS_SCHOOL, CLOSES), form=CLASS),
    Plan("the CLB of a new school", 2, (
        Step(REFERRAL, "referrer", 1, f"Noor verandert van school: Griet ({GRIET.address}) neemt dit dossier over."),
        Step("aan je door", "successor", 1, "bevestig\n\nNaam aanmelder: Griet Lemmens"),
        Step(REFERRAL, "provider", 4, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("a new address", 1, (
        Step(REFERRAL, "referrer", 1, "Woonplaats: 1500 Halle"),
        Step(REFERRAL, "provider", 3, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL)),
    Plan("brother and sister in one mail", 1, (
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL), sibling="Lou"),
    Plan("withdrawn while it is accepted", 1, (
        Step(REFERRAL, "provider", 2, "We aanvaarden haar."),
        Step(REFERRAL, "referrer", 2, "We trekken de aanmelding in."))),
    Plan("a no after a yes", 2, (
        Step(REFERRAL, "provider", 1, "aanvaard"), Step(AFTER, "provider", 6, "Na het gesprek toch geen match."),
        Step(NO_MATCH, "referrer", 2, "stop"))),
    Plan("it starts and goes on", 1, (
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS)),
    Plan("faster elsewhere, and the first stays", 2, (
        WAITS, FASTER, PICKS, Step(STAYS, "referrer", 1, "behouden")), goes_on=True),
    Plan("faster elsewhere, and the first stops", 1, (
        WAITS, FASTER, PICKS, Step(STAYS, "referrer", 1, "stop")), goes_on=True),
    Plan("no match, then another provider", 2, (
        Step(REFERRAL, "provider", 4, "Gebeld. Wij kunnen geen afdoende antwoord bieden."),
        Step(NO_MATCH, "referrer", 2, "Dan kiezen we voor Time-in Klaswerking.")), goes_on=True),
    Plan("full for everybody, and places again", 1, (
        Step(REFERRAL, "provider", 1, "Volzet, dat geldt voor alle aanmeldingen."), Step(FULL, "referrer", 2, "stop"),
        Step(ECHO, "provider", 6, "Er is weer plaats."))),
    Plan("too young for the one that was asked", 1, (
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
        form=(("Geboortedatum", "14/05/2018"),)),
    Plan("from outside the province", 1, (
        Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
        form=(("Woonplaats", "2000 Antwerpen"), ("School", "Atheneum Antwerpen"),
              ("Gewenste aanbieder", "geen voorkeur"))),
)
# fmt: on
SECOND = Plan(
    "a second referral, made of the first",
    0,
    (Step(REFERRAL, "provider", 2, "aanvaard"), BEGINS, FINISHES, TELLS_SCHOOL),
)  # fmt: skip
"""How the referral goes that came of another one."""


ELSEWHERE = (Step("nog gegevens nodig", "referrer", 2, "Gewenste aanbieder: Time-in Klaswerking"),)
"""What anybody does whose provider is not in the list any more."""


def plan_of(number: int) -> Plan:
    """The plan of the case with that number: each has its share of every hundred, well mixed."""
    place = number * 37 % 100
    for plan in PLANS:
        if place < plan.share:
            return plan
        place -= plan.share
    return PLANS[0]


def plans_of(cases: int) -> list[Plan]:
    """The plans of so many cases, those that come of others counted: one for each mail with a referral."""
    plans: list[Plan] = []
    while (more := cases - sum(plan.cases for plan in plans)) > 0:
        plan = plan_of(len(plans))
        plans.append(plan if more >= plan.cases else PLANS[0])
    return plans


def opened_by(reference: str | None, plan: Plan) -> tuple[str, ...]:
    """The cases that a mail opened: that of a sibling has the next number."""
    if reference is None:
        return ()
    year, number = reference.rsplit("-", 1)
    return (reference, f"{year}-{int(number) + 1:04}") if plan.sibling else (reference,)

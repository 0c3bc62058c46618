"""The invented pupils of the demo's school year: each has a form of its own."""

from datetime import date, timedelta

from mailflow.demo.people import Person
from mailflow.demo.year_plans import Plan

NAMES = ("Noor", "Sam", "Lina", "Mats", "Yara", "Finn", "Amira", "Wout", "Elif", "Stan", "Jana", "Milan")
SURNAMES = (
    "Voorbeeld", "Verzonnen", "Denkbeeld", "Proef", "Sample", "Fictief", "Modaal", "Bedacht", "Schets", "Model",
    "Ontwerp", "Staal", "Oefening", "Toonbeeld", "Niemand", "Zomaar", "Gesteld", "Zogezegd", "Stel", "Figuur",
    "Monster", "Vorm", "Maquette", "Spiegel", "Schaduw",
)  # fmt: skip
"""Twenty-five and twelve: no two of 300 have one name."""
HOMES = (
    ("3000 Leuven", "Sint-Voorbeeld"),
    ("3300 Tienen", "Atheneum Tienen"),
    ("3200 Aarschot", "Middenschool"),
)
HOMES_AHV = (("1500 Halle", "Don Bosco Halle"), ("1730 Asse", "Atheneum Asse"))
FIRST_BIRTH, BIRTHS = date(2009, 1, 1), 1461
"""Everybody has a birth date of its own within so many days: no two of them are the same pupil."""


def form(number: int, plan: Plan, referrer: Person) -> str:
    """The form of that case: each has a pupil of its own."""
    ahv = number % 5 == 4
    home, school = (HOMES_AHV if ahv else HOMES)[number % (2 if ahv else 3)]
    fields: dict[str, str] = {
        "Voornaam": NAMES[number % len(NAMES)],
        "Achternaam": SURNAMES[number % len(SURNAMES)],
        "Geboortedatum": f"{FIRST_BIRTH + timedelta(days=number * 37 % BIRTHS):%d/%m/%Y}",
        "Woonplaats": home,
        "School": school,
        "Naam aanmelder": referrer.name,
        "CLB": "Vrij CLB Leuven",
        "E-mail aanmelder": referrer.address,
        "Telefoon aanmelder": "016 12 34 56",
        "Ouders akkoord": "ja",
        "Aanleiding": "komt sinds enkele weken amper nog op school",
        "Gewenste aanbieder": "NAFT AHV" if ahv else "NAFT VBO",
    }
    changes = dict(plan.form)
    text = "".join(f"{label}: {value}\n" for label, value in {**fields, **changes}.items() if value is not None)
    if not plan.sibling:
        return text
    born = fields["Geboortedatum"]
    younger = text.replace(f"Voornaam: {fields['Voornaam']}", f"Voornaam: {plan.sibling}")
    return f"{text}\n{younger.replace(born, f'{born[:-4]}2013')}"

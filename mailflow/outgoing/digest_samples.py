"""Digests with invented cases in them: a quiet day, a normal one, a Monday, and one that is overfull."""

from collections.abc import Mapping, Sequence

from mailflow.core.digest import Line, Section
from mailflow.core.digest_parts import TOP
from mailflow.core.taps import ABOUT, Tap
from mailflow.core.week import Weeks

DAY = "maandag 23 november 2026"
WELL = "Alles loopt."
SENT_TO = ("NAFT VBO", "De Kering", "Time-in Klaswerking")


def _taps(numbers: Sequence[int]) -> tuple[Tap, ...]:
    """The buttons of so many cases, three for each."""
    return tuple(
        Tap(f"Stuur naar {name}", f"MSI-2026-{number:04}/reply", f"stuur naar {name}")
        for number in numbers
        for name in SENT_TO
    )


NORMAL_TAPS = (*_taps([42]), Tap("Negeer mail 17", f"{ABOUT}17", "mail 17 negeer"))
NORMAL = [
    Section(
        "Enkel jij kunt dit beslissen",
        (Line("MSI-2026-0042", "N.V.", "wacht op het meldpunt (welke aanbieder?) sinds 20/11/2026", first=0, last=3),),
    ),
    Section(
        "Over tijd",
        (
            Line(
                "MSI-2026-0039",
                "(school)",
                "wacht op De Kering: een eerste contact, sinds 09/11/2026, verwacht tegen 16/11/2026",
            ),
            Line(
                "MSI-2026-0031",
                "S.T.",
                "wacht op aanmelder: ja of nee op de wachtlijst, sinds 02/11/2026, verwacht tegen 16/11/2026",
            ),
        ),
    ),
    Section(
        "Nieuw sinds het vorige overzicht",
        (
            Line("MSI-2026-0042", "N.V.", "wacht op het meldpunt"),
            Line("MSI-2026-0043", "A.B.", "wacht op de opening"),
        ),
    ),
    Section("Vertrekt bij de opening", (Line("MSI-2026-0043", "A.B.", "naar NAFT VBO"),)),
    Section("Rondetafels deze week", (Line("MSI-2026-0025", "L.M.", "dinsdag 24 november 2026 om 14:00"),)),
    Section("Wachtlijsten", (Line("", "", "NAFT VBO: 4 aanmeldingen wachten, de eerste 9 weken"),)),
    Section(
        "Niet begrepen: kijk zelf",
        (Line("", "", "mail 17, binnen op 21/11/2026: het domein lijkt op een ander", first=3, last=4),),
    ),
    Section("Een brief kwam terug", (Line("MSI-2026-0036", "K.D.", "bezorgd aan de aanbieder"),)),
]
WEEKS = Weeks(
    came=(4, 6, 0, 9, 7, 12, 8, 11), sent=(0,) * 6 + (7, 9), started=(0,) * 6 + (2, 3), ended=(0,) * 6 + (1, 0)
)
OVERFULL_TAPS = _taps(range(1, TOP + 1))
OVERFULL = [
    Section(
        title,
        tuple(
            Line(
                f"MSI-2026-{number:04}",
                "N.V.",
                "wacht op Time-in Klaswerking: een eerste contact, sinds 09/11/2026, verwacht tegen 16/11/2026",
                first=3 * (number - 1) if place == 0 else 0,
                last=3 * number if place == 0 else 0,
            )
            for number in range(1, TOP + 1)
        ),
        more=4975,
        whose="Time-in Klaswerking 3120, NAFT VBO 1200, aanmelder 655" if title == "Over tijd" else "",
    )
    for place, title in enumerate(
        ("Enkel jij kunt dit beslissen", "Over tijd", "Nieuw sinds het vorige overzicht", "Vertrekt bij de opening")
    )
]
# fmt: off
NORMAL_DAY: Mapping[str, object] = {
    "day": DAY, "sections": NORMAL, "silent": 0, "health": WELL, "week": [], "trend": "",
    "summary": "1 dossier wacht op jou, 2 zijn over tijd, 2 kwamen binnen en 1 mail moet je zelf lezen. "
    "Er lopen 31 dossiers volgens plan."}
QUIET_DAY: Mapping[str, object] = {
    "sections": [], "summary": "Niets wacht op jou en niemand is te laat. Er lopen 31 dossiers volgens plan."}
OVERFULL_DAY: Mapping[str, object] = {
    "sections": OVERFULL,
    "summary": "4990 dossiers wachten op jou, 4990 zijn over tijd en 4990 kwamen binnen. "
    "Er lopen 35030 dossiers volgens plan."}
MONDAY: Mapping[str, object] = {"week": WEEKS.rows(), "trend": " · ".join(map(str, WEEKS.came))}
# fmt: on

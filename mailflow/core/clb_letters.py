"""The letters about which CLB takes a referral over: to the desk, the CLB, the family, and a text for the school."""

from collections.abc import Sequence

from mailflow.core.case import Case
from mailflow.core.known_senders import Clb
from mailflow.core.letters import Kind, Letter, to_referrer
from mailflow.core.likely_clb import NETWORKS, Likely
from mailflow.core.places import locate
from mailflow.core.rules import Rules
from mailflow.core.shown import Row
from mailflow.core.taps import IGNORE, Tap
from mailflow.core.thread import REPLY
from mailflow.core.wording import initials, moment_text, short_day

MOST_CLBS = 3
"""So many likely CLBs get a tap: more is no help."""
TAKES_OVER = Tap("Wij nemen dit over", "confirm", "we nemen het over")
NOT_OURS = Tap("Niet voor ons", "deny", "dat is niet voor ons")
START_ALREADY = Tap("Start al", REPLY, "start al")
LET_CHOOSE = Tap("Laat het gezin kiezen", "assign", "laat kiezen")


def which_clb(
    case: Case,
    likely: Sequence[Likely],
    rules: Rules,
    *,
    why: str = "",
    words: str = "",
    same: Sequence[Row] = (),
) -> Letter:
    """The desk says which CLB is asked; *why* and *words* tell what another CLB answered. Reference, no full name.

    *same* are the other cases of this pupil.
    """
    shown = [(clb, one.why) for one in likely[:MOST_CLBS] if (clb := clb_named(one.key, rules))]
    start = (START_ALREADY,) if case.values.get("enrolled") == "no" else ()
    family = (LET_CHOOSE,) if "sender" in case.parties else ()
    return Letter(
        kind=Kind.WHICH_CLB,
        to="desk",
        address=rules.desk.workers[0],
        values={
            "why": why,
            "words": words,
            "rows": _about(case, rules),
            "same": list(same),
            "options": [Row(clb.name, reason) for clb, reason in shown],
        },
        taps=(*(assign_tap(clb) for clb, _ in shown), *start, *family, IGNORE),
    )


def assign_tap(clb: Clb) -> Tap:
    """The tap that types the desk's order for this CLB."""
    return Tap(f"Wijs toe aan {clb.name}", "assign", f"wijs toe aan {clb.name}")


def take_over(case: Case, clb: Clb, rules: Rules, *, reminder: str = "") -> Letter:
    """Does this CLB take it over? Only time, initials, birth year and the school's municipality: no name."""
    values = _anonymous(case, rules) | {"clb": clb.name, "reminder": reminder}
    return Letter(kind=Kind.TAKE_OVER, to="clb", address=clb.contact, values=values, taps=(TAKES_OVER, NOT_OURS))


def take_over_by_hand(case: Case, clb: Clb, rules: Rules) -> Letter:
    """A CLB without a contact address: the desk forwards the question itself."""
    values = _anonymous(case, rules) | {"clb": clb.name, "phone": clb.phone}
    return Letter(kind=Kind.TAKE_OVER_BY_HAND, to="desk", address=rules.desk.workers[0], values=values)


def choose_clb(case: Case, nearest: Sequence[Likely], rules: Rules) -> Letter:
    """The family chooses: the nearest CLB of each network. It repeats nothing of what the sender wrote."""
    found = [clb for one in nearest if (clb := clb_named(one.key, rules))]
    values = {"options": [Row(clb.name, NETWORKS[clb.network]) for clb in found]}
    return Letter(kind=Kind.CHOOSE_CLB, to="sender", address=case.parties.get("sender", ""), values=values)


def school_text(case: Case, rules: Rules) -> Letter:
    """A text for the school, ready for the CLB worker to forward: that there is a referral, and nothing of why."""
    values = case.values
    opened = case.opened_at.astimezone(rules.calendar.zone).date() if case.opened_at else None
    return to_referrer(
        Kind.SCHOOL_TEXT,
        case,
        pupil=" ".join(filter(None, (values.get("first_name"), values.get("last_name")))),
        school=values.get("school_name", ""),
        day=short_day(opened) if opened else "",
    )


def clb_named(key: str, rules: Rules) -> Clb | None:
    """The CLB of that key, or None once it left the configuration."""
    return next((clb for clb in rules.clbs if clb.key == key), None)


def _anonymous(case: Case, rules: Rules) -> dict[str, object]:
    arrived = moment_text(case.opened_at, rules.calendar.zone) if case.opened_at else ""
    return {
        "arrived": arrived,
        "initials": initials(case.values),
        "birth_year": case.values.get("birth_date", "")[:4],
        "municipality": _at_school(case, rules),
    }


def _at_school(case: Case, rules: Rules) -> str:
    postcode = case.values.get("school_postcode", "")
    return locate(postcode, "", rules.places).municipality if postcode else ""


def _about(case: Case, rules: Rules) -> list[Row]:
    """What the desk needs to know which CLB it is: no name of the pupil."""
    values = case.values
    found = (
        ("Initialen", initials(values)),
        ("Geboortejaar", values.get("birth_date", "")[:4]),
        ("Woonplaats", " ".join(filter(None, (values.get("postcode"), values.get("municipality"))))),
        ("School", values.get("school_name", "")),
        ("Gemeente van de school", _at_school(case, rules)),
        ("Ingeschreven", {"yes": "ja", "no": "nee"}.get(values.get("enrolled", ""), "")),
        ("Laatste school", values.get("last_school", "")),
        ("CLB volgens het formulier", values.get("clb", "")),
        ("Afzender", case.parties.get("sender", "")),
    )
    return [Row(label, value) for label, value in found if value]

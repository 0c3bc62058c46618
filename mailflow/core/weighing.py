"""Which one decision does a mail hold, when everything that it states is put together? Or why is that not certain?"""

from collections.abc import Mapping
from dataclasses import replace

from mailflow.core.attempts import ATTEMPT, tried_in_vain
from mailflow.core.spelling import words_of
from mailflow.core.standing import Standing
from mailflow.core.statements import Heard, Loose, Statement

FULLS = frozenset({"full", "full_for_school_year"})
NOS = FULLS | {"no_match", "no_place", "no_list", "decline"}
# fmt: off
# Which decision holds what others say with it: a match without place is the waitlist, whoever started was accepted.
HOLDS: dict[str, frozenset[str]] = {
    "accept":               frozenset({"match"}),
    "started":              frozenset({"match", "accept"}),
    "completed":            frozenset({"started"}),
    "waitlist":             frozenset({"match", "no_place", "full", "decline"}),
    "waitlist_agreed":      frozenset({"match", "no_place", "full", "waitlist", "keep", "decline"}),
    "full":                 frozenset({"match", "no_place", "no_list", "decline"}),
    "full_for_school_year": frozenset({"match", "no_place", "no_list", "full", "decline"}),
    "no_match":             frozenset({"no_place", "no_list", "decline"}),
    "keep":                 frozenset(),
    "withdraw":             NOS | {"stop_release", "accept", "started"},
    "elsewhere":            NOS | {"waitlist", "match"},
    "stop_release":         frozenset(),
    "confirm":              frozenset(),
    "deny":                 frozenset(),
}
# Decisions about the same thing: who denies the one cannot mean the other.
ABOUT: dict[str, str] = {
    "accept": "place", "started": "place",
    "waitlist": "waiting", "waitlist_agreed": "waiting", "keep": "waiting",
    "full": "full", "full_for_school_year": "full",
}
NAMES: dict[str, str] = {
    "accept": "aanvaard", "waitlist": "wachtlijst", "waitlist_agreed": "wachtlijst, afgesproken", "full": "volzet",
    "full_for_school_year": "volzet voor iedereen", "no_match": "geen match", "started": "gestart",
    "completed": "afgerond", "keep": "behouden", "withdraw": "stoppen", "stop_release": "nog niet bezorgen",
    "elsewhere": "liever elders", "confirm": "bevestigen", "deny": "niet van jou", "match": "match",
    "no_place": "geen plaats", "no_list": "geen wachtlijst", "decline": "liever niet",
}
# A decision may stand in a clause with so many words that we do not know; none where nothing is said here.
STRANGE: dict[str, int] = {"no_match": 1, "elsewhere": 1, "stop_release": 8}
# fmt: on
HALVES = frozenset({"match", "no_place", "no_list", "decline"})
DECISIONS = frozenset(HOLDS) | HALVES
# What half an answer may come to, and what has no tap of its own.
GUESSES: Mapping[str, tuple[str, ...]] = {
    "no_place": ("full", "waitlist"),
    "no_list": ("full",),
    "full_for_school_year": ("full",),
    "waitlist_agreed": ("waitlist", "keep"),
    "decline": ("no_match", "full"),
    "match": ("accept", "waitlist"),
}
# What a referrer can only report: without "NAFT belde", "volgens de coach" it might be her own wish.
REPORTED = frozenset({"accept", "waitlist", "waitlist_agreed", "full", "full_for_school_year", "no_match", "callback"})
REPORTED |= HALVES
# A loose "niet" in their own sentence does not take these back.
LIKE_NO = frozenset({
    "full", "full_for_school_year", "no_match", "deny", "stop_release", "withdraw", "elsewhere",
})  # fmt: skip
UNDECIDED = {
    Standing.PERHAPS: "“{}” is niet zeker gezegd",
    Standing.DENIED: "“{}” zegt wat het niet is, maar niet wat het wel is",
    Standing.ASIDE: "“{}” lijkt niet over deze aanmelding te gaan",
}
# What she may still think about, whatever the provider said.
HERS = frozenset({"elsewhere", "withdraw", "keep", "stop_release"})
UNREPORTED = "?unreported"
# Who made a mistake withdraws: "verkeerde leerling, Noor mag geschrapt worden".
MISTAKES = frozenset({"verkeerd", "verkeerde", "fout", "foute", "vergissing"})
# What may be closed whether it ended well or never began.
CLOSING = frozenset({"dossier", "dossiertje"})
# "Wil je dat we hem op de wachtlijst zetten?" asks us; "mogen we hem op de wachtlijst zetten?" offers.
LEAVES_IT_TO_YOU = frozenset({"wil", "willen", "moeten", "moet", "zal", "zullen", "vraag"})
ASKS_MORE = frozenset(
    {"bedoeling", "hoe", "hoelang", "wat", "wanneer", "welke", "waarom", "stel", "stellen", "iemand", "zonder"}
)


def sure_of(said: Heard, role: str, asked: str | None) -> dict[str, Statement]:
    """What is firmly said, as this role can mean it; UNREPORTED where a referrer may mean her own wish."""
    sure = said.first(Standing.SURE)
    agreed = said.says("agreements") or (role == "referrer" and said.says("own agreements"))
    if said.says("unasked"):
        agreed = False
        if "waitlist_agreed" in sure:
            sure = _renamed(sure, "waitlist_agreed", "waitlist")
    if "completed" in sure and "withdraw" in sure:
        sure = _without_closing(sure)
    if "stop_release" in sure and "withdraw" in sure and {*words_of(sure["withdraw"].evidence)} <= {"stop", "aub"}:
        sure.pop("withdraw")  # "Stop! Nog niet doorsturen."
    if tried_in_vain(said):
        sure.pop("contacted", None)  # who spoke to a machine spoke to nobody
    elif "contacted" in sure and "callback" in sure and sure["callback"].code == ATTEMPT:
        sure.pop("callback")  # "boodschap ingesproken, daarna heeft ze teruggebeld"
    own: set[str] = set()
    if role == "referrer":
        if "callback" in sure and sure["callback"].own:
            sure.pop("callback")  # "ik geef een seintje" is a promise of hers
        own = {action for action in REPORTED & sure.keys() if sure[action].sentence < said.reported or sure[action].own}
    if asked == "keep":
        sure.pop("stop_release", None)  # it left long ago
        own |= {"accept"} & sure.keys()  # whatever she reports: it waits for her yes
    if own == {"waitlist"} and asked == "keep":
        return _renamed(sure, "waitlist", "keep")
    if own:
        # "Wachtlijst, graag behouden": her yes says enough, the rest of it she repeats.
        kept = "keep" in sure and own <= {"waitlist", "match"}
        left = {action: statement for action, statement in sure.items() if action not in own}
        return left if kept else {**left, UNREPORTED: sure[min(own)]}
    refused = said.first(Standing.DENIED).get("accept")
    if role == "provider" and refused and "accept" not in sure and "decline" not in sure:
        sure["decline"] = replace(refused, action="decline", standing=Standing.SURE)
    unfit = said.first(Standing.DENIED).get("match")
    if role == "provider" and unfit and not {"match", "no_match"} & sure.keys():
        sure["no_match"] = replace(unfit, action="no_match", standing=Standing.SURE)
    if "waitlist" in sure and (agreed or (role == "referrer" and "keep" in sure)):
        return _renamed(sure, "waitlist", "waitlist_agreed")
    return sure


def _without_closing(sure: Mapping[str, Statement]) -> dict[str, Statement]:
    """ "Ze is verhuisd, het dossier mag dicht": to close it says that it ended, and the rest of the mail how."""
    closing = {a for a in ("completed", "withdraw") if CLOSING.intersection(words_of(sure[a].evidence))}
    return {a: s for a, s in sure.items() if a not in closing or len(closing) > 1}


def decision_in(said: Heard, sure: Mapping[str, Statement], role: str) -> Statement | str | None:
    """The one decision of the mail; why in Dutch when there are two, or only half a one; None when there is none."""
    present = {action for action in sure if action in DECISIONS}
    held = frozenset().union(*(HOLDS[action] for action in present & HOLDS.keys()))
    ahead = present - held - HALVES
    against = {"accept": {"no_place"}, "waitlist": {"no_list"}, "waitlist_agreed": {"no_list"}}
    if len(ahead) > 1 or any(against.get(action, set()) & present for action in ahead):
        named = sorted(NAMES[action] for action in ahead | (present & {"no_place", "no_list"}))
        return f"er staan meerdere antwoorden in: {', '.join(named)}"
    if UNREPORTED in sure:
        return f"is “{sure[UNREPORTED].evidence}” wat de aanbieder zei, of wat je zelf wil?"
    if not ahead:
        return _from_halves(said, sure, role)
    decided = sure[ahead.pop()]
    if decided.action == "completed" and role != "provider" and CLOSING.intersection(words_of(decided.evidence)):
        return f"“{decided.evidence}”: is het traject afgerond, of stopt de aanmelding?"
    if decided.action == "full" and said.horizon:
        decided = replace(decided, action="full_for_school_year", code=said.horizon)
    if decided.action == "full" and _is_offered(said, role):
        decided = replace(decided, action="waitlist")
    return _doubt_about(decided, said, role) or decided


def _renamed(sure: Mapping[str, Statement], old: str, new: str) -> dict[str, Statement]:
    return {**{a: s for a, s in sure.items() if a != old}, new: replace(sure[old], action=new)}


def _from_halves(said: Heard, sure: Mapping[str, Statement], role: str) -> Statement | str | None:
    """No whole decision: do a match and the lack of place make one? Else say why the rest is not certain."""
    match, no_place, decline = sure.get("match"), sure.get("no_place"), sure.get("decline")
    if decline and role != "referrer":
        return _declined(said, decline, no_place, role)
    half = no_place or match
    closed = "no_list" in sure or _is_closed(said, role)
    if no_place and ("no_list" in sure or not match) and "callback" not in sure and closed:
        full = replace(no_place, action="full_for_school_year" if said.horizon else "full", code=said.horizon)
        return _doubt_about(full, said, role) or full
    if half and (
        (match and no_place) or _is_offered(said, role) or (match and "callback" in sure and role == "provider")
    ):
        waitlist = replace(half, action="waitlist")
        return _doubt_about(waitlist, said, role) or waitlist
    if half:
        wachtlijst = "geen plaats: is het wachtlijst of volzet?"
        return wachtlijst if no_place else "een match: is er plaats, of wordt het de wachtlijst?"
    if "no_list" in sure:
        return "geen wachtlijst: is er plaats, of is het volzet?"
    asked = said.first(Standing.ASKED).get("waitlist")
    if role == "provider" and asked and _offers(said, asked):
        return replace(asked, standing=Standing.SURE)  # "mogen we hem op de wachtlijst zetten?"
    for standing, why in UNDECIDED.items():
        for action, statement in said.first(standing).items():
            if action in DECISIONS and not _is_promised(said, sure, statement):
                return why.format(statement.evidence)
    return None


def _declined(said: Heard, decline: Statement, no_place: Statement | None, role: str) -> Statement | str:
    """A no: for want of place that is full, for a reason that lies with the pupil no match."""
    if bool(no_place) == said.says("reasons"):
        return f"“{decline.evidence}”: is het volzet, of geen match?"
    full = "full_for_school_year" if said.horizon else "full"
    action = full if no_place else "no_match"
    refused = replace(decline, action=action)
    return _doubt_about(refused, said, role) or refused


def _is_closed(said: Heard, role: str) -> bool:
    """No place for so long, no waiting list either, or advice to look elsewhere: that is full."""
    no_list = "waitlist" in said.first(Standing.DENIED)
    return bool(said.horizon) or no_list or (role == "provider" and said.says("refers"))


def _is_offered(said: Heard, role: str) -> bool:
    """The provider asks whether the pupil may go on the waiting list: "Wachtlijst?"."""
    return "waitlist" in said.first(Standing.ASKED) and role == "provider"


def _offers(said: Heard, asked: Statement) -> bool:
    """ "Mogen we hem op de wachtlijst zetten?": it asks that only, and in the first person."""
    sentence = said.sentences[asked.sentence]
    words = words_of(sentence.text)
    plain = words_of(asked.evidence)[0] not in LEAVES_IT_TO_YOU and not ASKS_MORE.intersection(words)
    return asked.own and sentence.question and plain


def _is_promised(said: Heard, sure: Mapping[str, Statement], statement: Statement) -> bool:
    """It is the condition of a promise: "we bellen terug zodra er plaats is", "we nemen contact op als hij kan"."""
    if any(one.place == statement.place and one.code == "promise" for one in said.statements):
        return True
    return "callback" in sure and sure["callback"].sentence == statement.sentence


def _weakens(loose: Loose, decided: Statement) -> bool:
    """A "niet" beside a no is its reason; before a waitlist it is why, behind it it may take it back."""
    if decided.action in ("waitlist", "waitlist_agreed"):
        return loose.place > decided.place and not loose.why
    return decided.action not in LIKE_NO and decided.place < loose.until


def _doubt_about(decided: Statement, said: Heard, role: str) -> str | None:
    """What else the mail says that makes this decision uncertain."""
    action, about = decided.action, ABOUT.get(decided.action, decided.action)
    name = NAMES[action]
    unsettled = [text for text in said.unsettled if action != "withdraw" or not MISTAKES.intersection(words_of(text))]
    if unsettled and action != "stop_release":
        return f"“{name}”, maar ook “{unsettled[0]}”"
    if any(ABOUT.get(denied, denied) == about for denied in said.first(Standing.DENIED)):
        return f"“{name}” staat er ook met “niet” of “geen”"
    for perhaps in said.first(Standing.PERHAPS):
        other = ABOUT.get(perhaps, perhaps)
        later = other == "place" and about in ("waiting", "full", "no_match", "completed", "withdraw")
        later = later or (action in ("full", "no_match") and perhaps in HERS)
        later = later or (action in FULLS and perhaps == "no_match")  # "beter elders proberen"
        if perhaps in DECISIONS - HOLDS[action] and other != about and not later:
            return f"“{name}” en misschien ook “{NAMES[perhaps]}”"
    if decided.strange > STRANGE.get(action, 0):
        return f"“{decided.evidence}”: daar staat meer dan ik zeker begrijp"
    if action == "waitlist" and role in ("provider", "desk") and said.settled:
        return f"“{name}”: is de aanmelder daarmee akkoord? Je schrijft “{said.settled[0]}”"
    weak = [one.text for one in said.loose if one.sentence == decided.sentence and _weakens(one, decided)]
    if action not in LIKE_NO and (left := [text for place, text in said.left if place > decided.place]):
        return f"“{name}”, maar wat bedoel je met “{left[0]}”?"
    if action in FULLS and (left := [text for text in said.unread if "wachtlijst" in words_of(text)]):
        return f"“{name}”, en wat bedoel je met “{left[0]}”?"
    after = [text for place, text in said.against if place > decided.place]
    if against := (*weak, *after):
        return f"“{name}”, maar ook “{against[0]}”"
    return None


def spoken_of(said: Heard) -> tuple[str, ...]:
    """What is spoken of and not denied: whole answers before half ones, firm ones before others, the last before it."""
    spoken = [one for one in reversed(said.statements) if one.standing is not Standing.DENIED]
    firmest = sorted(spoken, key=lambda one: (one.action in HALVES, one.standing is not Standing.SURE))
    return tuple(dict.fromkeys(action for one in firmest for action in GUESSES.get(one.action, (one.action,))))

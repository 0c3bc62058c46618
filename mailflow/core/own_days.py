"""A day of its own has come for a waiting case: a birthday that counts, or the end of the school year."""

from mailflow.core import letters
from mailflow.core.draft import Draft
from mailflow.core.elsewhere import WAITING
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event
from mailflow.core.misfits import note_misfits
from mailflow.core.moments import DECIDES_TOO, OF_AGE, next_moment
from mailflow.core.taps import ELSEWHERE, WITHDRAW, Tap

AGREES = Tap("De leerling gaat akkoord", "reply", "Leerling akkoord: ja")


def keep_day(draft: Draft) -> bool:
    """Do what the first such day that has come asks for; whether there was one."""
    moment = next_moment(draft.case, draft.rules)
    if moment is None or moment.at > draft.now:
        return False
    if moment.age:
        _came_of_age(draft, moment.age)
    else:
        draft.happen(Event.NEXT_YEAR_ASKED)  # her next overview asks it
    return True


def _came_of_age(draft: Draft, age: int) -> None:
    """The digest says so; a CLB worker who stands behind it is asked for the pupil's own agreement, where that is new,
    and hears that its provider does not work for that age."""
    case = draft.case
    draft.happen(Event.CAME_OF_AGE, age=str(age))
    against = note_misfits(draft)
    asks = age in (DECIDES_TOO, OF_AGE) and case.values.get("agreed_pupil") != "yes"
    if not case.has_referrer or not (asks or against):
        return
    taps = (*((AGREES,) if asks else ()), *((ELSEWHERE,) if against and case.state in WAITING else ()), WITHDRAW)
    letter = letters.to_referrer(
        Kind.CAME_OF_AGE,
        case,
        age=age,
        of_age=age == OF_AGE,
        asks=asks,
        against=list(against),
        elsewhere=ELSEWHERE in taps,
        taps=taps,
    )
    draft.write(letter)

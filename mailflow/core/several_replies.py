"""A mail about several cases is as many replies, decided together, and one answer that says how each was read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from mailflow.core import reply_letters
from mailflow.core.case import Case
from mailflow.core.decision import Decision, Outcome
from mailflow.core.draft import Drafts, Echo
from mailflow.core.letters import Letter
from mailflow.core.new_mail import held, passed_to_desk
from mailflow.core.occasions import MailCame
from mailflow.core.replies import party_of, reply
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.several import Piece, mentioned, names_a_case, pieces
from mailflow.core.shown import Row
from mailflow.core.thread import REPLY, Thread

NOT_YOURS = "dit konden we niet aan een dossier van jou koppelen; een medewerker van het meldpunt bekijkt het"
"""The same whether there is no such case or it is another's: a number guessed right says nothing."""
NO_SUCH_CASE = "dit dossier bestaat niet"
NOTED = "genoteerd"
READABLE = frozenset({Disposition.ACCEPT, Disposition.CONFIRM, Disposition.INVOLVE_CLB})


def worth_looking_up(came: MailCame, today: date) -> tuple[str, ...]:
    """The references, beside its own case, that the words of this mail may be about."""
    return mentioned(came.reading, came.understanding.thread, today) if _is_read_for_cases(came) else ()


def reply_to_several(case: Case | None, came: MailCame, drafts: Drafts) -> Decision | None:
    """The decisions on each case that the mail is about; None where it is about one, or may not be taken apart.

    A plain reference names a case only for a proven party of it; an answer to the digest counts only from the desk.
    """
    rules = drafts.rules
    if not _may_be_taken_apart(case, came, rules):
        return None
    known = {**came.others, **({case.reference: case} if case else {})}
    found = pieces(came.reading, came.understanding.thread, known, drafts.today)
    named = [piece for piece in found if piece.reference]
    if not named:
        return None
    echoes: list[Echo] = []
    parts = [_on_one(piece, known, came, replace(drafts, echoes=echoes)) for piece in named]
    decisions = [part for part in parts if part]
    strange = [piece.reference for piece, part in zip(named, parts, strict=True) if part is None]
    if not decisions and not _is_desk(came, rules):
        return (
            None
            if case
            else held(came, rules, "deze mail noemt een dossier dat de afzender niet heeft of dat er niet is")
        )
    told = {echo.reference for echo in echoes}
    silent = [
        piece.reference
        for piece, part in zip(named, parts, strict=True)
        if part and piece.reference not in told and not any(letter.to == "desk" for letter in part.letters)
    ]
    lead = "\n".join(piece.words for piece in found if not piece.reference)
    return Decision(
        outcome=_outcome(decisions, nobodys=bool(strange) and not _is_desk(came, rules)),
        letters=_answers(came, rules, echoes, strange, silent),
        trace=(
            *came.understanding.trace,
            f"about {len(named)} cases; {len(strange)} of them not the writer's",
            *(["words before the first case"] if lead.strip() else []),
            *(f"{p.reference}: {line}" for p, one in zip(named, parts, strict=True) if one for line in one.trace),
        ),
        others=tuple(part for one in decisions for part in one.whole),
    )


def _outcome(decisions: Sequence[Decision], *, nobodys: bool) -> Outcome:
    return Outcome.HELD if nobodys or Outcome.HELD in {one.outcome for one in decisions} else Outcome.REPLY


def answered_rows(decision: Decision) -> list[Row]:
    """What the answer to such a mail says, row by row."""
    return [row for letter in decision.letters if isinstance(rows := letter.values.get("rows"), list) for row in rows]


def _read_back(echo: Echo) -> str:
    values = echo.letter.values
    return str(values["sentence"]) if "sentence" in values else f"niet uitgevoerd: {values['why']}"


def _is_read_for_cases(came: MailCame) -> bool:
    """Whether numbers in its words can name cases: not in a form, nor in mail that is not answered at all."""
    made = came.understanding
    beside_a_form = made.form or made.supplement or came.reading.nothing_new
    return not beside_a_form and made.verdict.disposition in READABLE


def _may_be_taken_apart(case: Case | None, came: MailCame, rules: Rules) -> bool:
    return (
        # A number of nobody from whoever is no party anywhere is taken as one of somebody else: neither is told apart.
        (bool(came.others) or (case is None and _may_name_one(came, rules) and names_a_case(came.reading)))
        and _is_read_for_cases(came)
        and came.understanding.verdict.proven
        and came.lately < rules.brakes.letters_a_day
        and not (came.understanding.thread.digest and not _is_desk(came, rules))
    )


def _may_name_one(came: MailCame, rules: Rules) -> bool:
    """A number of nobody counts from the desk only where its numbers are orders: in an answer to a digest."""
    return not _is_desk(came, rules) or bool(came.understanding.thread.digest)


def _is_desk(came: MailCame, rules: Rules) -> bool:
    return came.reading.mail.author.key in rules.senders.desk


def _on_one(piece: Piece, known: Mapping[str, Case], came: MailCame, drafts: Drafts) -> Decision | None:
    """What its words do to one case; None when there is no such case, or the writer is no party of it."""
    case = known.get(piece.reference)
    if case is None:
        return None
    thread = came.understanding.thread
    if thread.digest:  # its seal stands for each of its lines
        thread = Thread(reference=case.reference, by="address", party="desk", action=REPLY)
    elif thread.reference != case.reference:
        thread = Thread(reference=case.reference, by="body")
    about = replace(
        came,
        reading=replace(came.reading, written=piece.words, quoted="", found=(), answered=()),
        understanding=replace(came.understanding, thread=thread, trace=()),
        others={},
    )
    return None if party_of(case, about, drafts.rules)[0] is None else reply(case, about, drafts)


def _answers(
    came: MailCame, rules: Rules, echoes: list[Echo], strange: list[str], silent: list[str]
) -> tuple[Letter, ...]:
    """One letter that says what was understood of each case, and the whole mail to the desk if some is nobody's.

    The desk reads back each of its lines, also of the *silent* cases, where a party needs no answer.
    """
    author, desk = came.reading.mail.author.key, _is_desk(came, rules)
    rows = [Row(echo.reference, _read_back(echo)) for echo in echoes]
    rows += [Row(reference, NOTED) for reference in silent if desk]
    rows += [Row(reference, NO_SUCH_CASE if desk else NOT_YOURS) for reference in strange]
    if not rows:
        return ()
    to = "desk" if desk else echoes[0].letter.to if echoes else "sender"
    passed = passed_to_desk(came, rules, "een deel van deze mail hoort bij geen dossier van de afzender")
    return (reply_letters.echoes(to, author, rows), *((passed,) if strange and not desk else ()))

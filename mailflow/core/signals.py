"""What a party wants the working group to hear ("signaal: …"): taken out of its mail, without anybody's name."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from mailflow.core.anonymous import Anonymous, anonymous
from mailflow.core.decision import Decision, Outcome
from mailflow.core.kept_signal import WHO, Signal
from mailflow.core.letters import Kind, Letter
from mailflow.core.occasions import MailCame
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.taps import Tap
from mailflow.core.thread import REPLY

KNOWN = ("clb", "provider", "desk")
_SUBJECT = re.compile(r"\s*signaal\b\s*[:\-–]?\s*(?P<words>.*)", re.IGNORECASE | re.DOTALL)
_LINE = re.compile(r"[ \t>*•-]*(?:beleids)?signaal\s*:[ \t]*", re.IGNORECASE)
_GREETS = re.compile(r"\s*(?:dag|beste|hallo|hoi|geachte|goede\w*|goei\w*)\b[^.?:;\n]{0,40}[,.!]?\s*", re.IGNORECASE)
_CLOSES = re.compile(
    r"\s*(?:(?:met )?(?:vriendelijke |hartelijke |veel |beste )?groet\w*|mvg|bedankt|dank\w*|tot (?:dan|later))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Parts:
    """The words of the signal, and the mail without them."""

    words: str
    rest: MailCame | None
    """None: the whole mail is the signal."""


def holds_a_signal(came: MailCame) -> bool:
    """Whether a known party's mail holds one."""
    return _parts(came) is not None


def _parts(came: MailCame) -> _Parts | None:
    verdict, reading = came.understanding.verdict, came.reading
    if verdict.disposition is not Disposition.ACCEPT or verdict.role not in KNOWN or not came.mail_id:
        return None
    if reading.nothing_new:
        return None
    subject = _SUBJECT.fullmatch(reading.mail.subject[:200])
    if subject and not (came.understanding.thread.reference or came.understanding.form):
        begins = _LINE.match(reading.written)
        written = reading.written[begins.end() :] if begins else reading.written
        return _Parts("\n".join(filter(None, (subject["words"].strip(), written.strip()))), None)
    told, left = _apart(reading.written)
    if not told:
        return None
    more = came.understanding.form or came.understanding.supplement or reading.mail.attachments
    if not more and is_courtesy(left):
        return _Parts("\n".join(told), None)
    answered = tuple((above, words) for above, text in reading.answered if (words := _apart(text)[1]).strip())
    return _Parts("\n".join(told), replace(came, reading=replace(reading, written=left, answered=answered)))


def _apart(written: str) -> tuple[list[str], str]:
    """The paragraphs that begin with "signaal:", without that word; and the rest."""
    told: list[str] = []
    left: list[str] = []
    within = False
    for line in written.splitlines():
        if begins := _LINE.match(line):
            within = True
            told.append(line[begins.end() :].strip())
        elif within and line.strip():
            told[-1] = f"{told[-1]} {line.strip()}".strip()
        else:
            within = False
            left.append(line)
    return [one for one in told if one], "\n".join(left)


def is_courtesy(words: str) -> bool:
    """Whether they only greet: a line like "Dag allemaal,", and what stands below "Groeten"."""
    closed = False
    for line in filter(str.strip, words.splitlines()):
        closed = closed or bool(_CLOSES.match(line))
        if not closed and not _GREETS.fullmatch(line):
            return False
    return True


def signal_came(came: MailCame, rules: Rules, others: Callable[[MailCame], Decision]) -> Decision | None:
    """Keep the signal of that mail, thank its writer, show it to the desk; None when it holds none.

    *others* decides on the rest of the mail.

    Where too little is left without names, nothing is kept: the writer is asked for other words.
    """
    parts, role = _parts(came), came.understanding.verdict.role
    if parts is None:
        return None
    made = anonymous(parts.words, rules, came.people)
    signal = Signal(mail=came.mail_id, role=role, text=made.text)
    trace = f"a signal: {made.left} words kept, {made.left_out} left out"
    letters = _letters(came, rules, signal, made)
    signals = (signal,) if made.tells else ()
    if parts.rest is None:
        return Decision(
            outcome=Outcome.ANSWERED, letters=letters, signals=signals, trace=(*came.understanding.trace, trace)
        )
    main = others(parts.rest)
    told = Decision(letters=letters, signals=signals)
    if main.case is None:
        # Its letters are of no case too, so that they are numbered with these.
        return replace(main, letters=(*main.letters, *letters), signals=signals, trace=(*main.trace, trace))
    return replace(main, others=(*main.others, told), trace=(*main.trace, trace))


def _letters(came: MailCame, rules: Rules, signal: Signal, made: Anonymous) -> tuple[Letter, ...]:
    author, role = came.reading.mail.author.key, signal.role
    if came.lately >= rules.brakes.letters_a_day:
        return ()
    values = {"text": made.text, "left_out": made.left_out, "kept": made.tells}
    thanks = Letter(
        kind=Kind.SIGNAL_KEPT,
        to="desk" if role == "desk" else "sender",
        address=author,
        values=values,
        answers_mail=True,
    )
    if role == "desk" or not made.tells:
        return (thanks,)
    shown = Letter(
        kind=Kind.SIGNAL,
        to="desk",
        address=rules.desk.workers[0],
        values={"text": signal.text, "who": WHO[role], "number": signal.mail},
        taps=(Tap("Laat dit weg", REPLY, f"signaal {signal.mail} weg"),),
        about_mail=signal.mail,
    )
    return thanks, shown

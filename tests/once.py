"""What every house would read anew is read once in a process: the same templates, phrases and postcodes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailflow.configuration import draft
from mailflow.outgoing import render


def once(make: Callable[[Any], Any], told_by: Callable[[Any], object]) -> Callable[[Any], Any]:
    """The same function, which remembers what it made for what *told_by* says of its argument."""
    made: dict[object, tuple[Any, Any]] = {}

    def again(given: Any) -> Any:
        key = told_by(given)
        if key not in made:
            made[key] = given, make(given)  # holds on to what was given, so that no other can have its id
        return made[key][1]

    return again


def texts_of(folder: Path) -> object:
    """Every template of a folder, as it stands; the folder itself does not matter, for all of it is read at once."""
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.j2")))


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Patch what takes half a second for each house; each of them makes a value that nobody changes."""
    patch.setattr(render, "Sources", once(render.Sources, texts_of))
    patch.setattr(draft, "words_from", once(draft.words_from, repr))
    patch.setattr(draft, "failing_examples", once(draft.failing_examples, id))
    patch.setattr(draft, "places_from", once(draft.places_from, hash))
    patch.setattr(draft, "fields_from", once(draft.fields_from, repr))

"""The weights of the second reader (core/second_reader.py), as they were learned for this release."""

import os
from array import array
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one mail at a time: a second thread would only wait, and loudly

import numpy as np
from numpy.typing import NDArray

from mailflow.core.encoder import Encoder, Layer, Matrix, Norm
from mailflow.core.pieces import Pieces
from mailflow.core.second_reader import SecondReader
from mailflow.shipped import WEIGHTS

Arrays = Mapping[str, NDArray[Any]]


@cache
def second_reader() -> SecondReader:
    """Who weighs the words of an answer."""
    return read_back(WEIGHTS)


def read_back(file: Path) -> SecondReader:
    """What was learned, from such a file; ValueError when it is none."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            return _reader({name: arrays[name] for name in arrays.files})
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as fault:
        raise ValueError("is damaged: these are no weights of a second reader; Install mailflow again.") from fault


def _reader(arrays: Arrays) -> SecondReader:
    known = bytes(arrays["known"]).decode().split("\n")
    layers = tuple(
        Layer(
            looks=_matrix(arrays, f"{n}.looks"),
            hears=_matrix(arrays, f"{n}.hears"),
            heard=_norm(arrays, f"{n}.heard"),
            widens=_matrix(arrays, f"{n}.widens"),
            narrows=_matrix(arrays, f"{n}.narrows"),
            thought=_norm(arrays, f"{n}.thought"),
        )
        for n in range(int(arrays["layers"]))
    )
    return SecondReader(
        actions=tuple(bytes(arrays["actions"]).decode().split()),
        pieces=Pieces(
            {piece: number for number, piece in enumerate(known) if piece}, array("f", arrays["often"].tobytes())
        ),
        encoder=Encoder(
            pieces=arrays["pieces"],
            scale=arrays["scale"],
            places=arrays["places"],
            first=_norm(arrays, "first"),
            layers=layers,
        ),
        pulls=_matrix(arrays, "pulls"),
    )


def _matrix(arrays: Arrays, name: str) -> Matrix:
    weights = np.ascontiguousarray(arrays[f"{name}.weights"])  # by rows they are multiplied in two thirds of the time
    return Matrix(weights, arrays[f"{name}.scale"], arrays[f"{name}.start"])


def _norm(arrays: Arrays, name: str) -> Norm:
    return Norm(arrays[f"{name}.scale"], arrays[f"{name}.start"])

"""What rendering a letter costs, once its template is compiled: text, HTML with inlined CSS, and the whole message."""

from collections.abc import Iterator
from statistics import median
from time import process_time

from mailflow.core.letters import Kind
from mailflow.outgoing.render import Renderer
from mailflow.outgoing.samples import HEADER, sample
from mailflow.settings import load

ROUNDS = 200


def rows() -> Iterator[tuple[str, float, str]]:
    """Milliseconds for the first of its shape, and the median of those after it."""
    settings = load(None)
    for kind in (Kind.REFERRAL, Kind.DIGEST):
        renderer = Renderer(settings.templates, settings.rules, settings.instance)
        taken = []
        for _ in range(ROUNDS):
            begun = process_time()
            renderer.render(sample(kind), HEADER)
            taken.append(1000 * (process_time() - begun))
        yield f"rendering a letter, {kind}: the first", taken[0], "ms CPU"
        yield f"rendering a letter, {kind}: p50", median(taken[1:]), "ms CPU"

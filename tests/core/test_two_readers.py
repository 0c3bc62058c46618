"""What the wordings say and what the weights say, together."""

from dataclasses import replace
from datetime import date

import pytest
from shipped_words import WORDS

from mailflow.core.second_reader import SecondReader, kept, marks_of, read_back
from mailflow.core.statements import heard
from mailflow.core.two_readers import read_twice
from mailflow.core.understood import Unclear, Understood

TODAY = date(2026, 11, 10)
ACTIONS = ("accept", "no_match", "places_again", "unclear")


def weighing(mark: str, *weights: int) -> SecondReader:
    """A reader that knows one mark, with these weights for ACTIONS; what weighs 120 is likely before any word."""
    likely = tuple(6.0 * (one > 100) for one in weights)
    return SecondReader(ACTIONS, {mark: 0}, bytes(one % 256 for one in weights), likely)


def read(text: str, second: SecondReader):
    words = replace(WORDS, second=second)
    words.__dict__["lexicons"] = WORDS.lexicons  # of the same words: made once
    return read_twice(text, "provider", words, today=TODAY)


def test_what_no_wording_knows_is_told_when_it_is_likely():
    """The sentence that weighs most is quoted to its writer."""
    got = read("Goeiemorgen allemaal. De sjarel is bij de vogels thuis.", weighing("vogels", 120, 0, 0, 0))

    assert isinstance(got, Understood)
    assert (got.action, got.evidence) == ("accept", "De sjarel is bij de vogels thuis")


@pytest.mark.parametrize("weights", [(40, 20, 0, 0), (0, 0, 120, 0), (0, 0, 0, 120)])
def test_what_is_not_likely_or_only_a_wording_may_say_is_asked_about(weights):
    """Nobody is marked as open for everybody by the weight of words."""
    got = read("De sjarel is bij de vogels thuis.", weighing("vogels", *weights))

    assert isinstance(got, Unclear)


def test_a_wording_that_hardly_any_such_mail_means_is_doubted():
    """Both are offered, the likeliest first."""
    second = replace(weighing("vogels", 0, 0, 0, 0), biases=(0.0, 3.0, 2.0, 0.0))

    got = read("We aanvaarden deze leerling graag.", second)

    assert isinstance(got, Unclear)
    assert got.likely == ("no_match", "accept")
    assert "“aanvaard” of eerder “geen match”" in got.why


def test_what_a_tap_types_is_not_weighed():
    """One to three words mean what the wordings say."""
    got = read("Aanvaard", weighing("aanvaard", -120, 120, 0, 0))

    assert isinstance(got, Understood)
    assert got.action == "accept"


def test_it_says_which_words_weighed():
    """Explainable: the mark, and no other."""
    said = heard("De sjarel houdt van vogels.", WORDS.lexicons["provider"])

    assert weighing("vogels", 120, 0, 0, 0).because(marks_of(said, "provider", None), "accept") == ("vogels",)


def test_names_and_numbers_weigh_nothing():
    """The same mail about another pupil is read the same."""
    one, other = (
        marks_of(heard(f"We nemen {name} op vanaf {day} maart.", WORDS.lexicons["provider"]), "provider", None)
        for name, day in (("Noor", 3), ("Yoran", 17))
    )

    assert one == other


def test_weights_come_back_from_their_file_and_a_damaged_one_is_told():
    """The bytes are the same for the same weights."""
    reader = weighing("vogels", 120, -3, 0, 7)

    assert read_back(kept(reader)) == reader
    with pytest.raises(ValueError, match="no weights"):
        read_back(b"something else")
    with pytest.raises(ValueError, match="cut off"):
        read_back(kept(replace(reader, weights=b"")))


def test_a_mail_without_words_has_only_its_length():
    """Nothing is likely of it."""
    assert marks_of(heard("!", WORDS.lexicons["provider"]), "provider", None) is not None

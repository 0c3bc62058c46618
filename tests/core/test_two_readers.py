"""What the wordings say and what the weights say, together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zlib import crc32

import pytest
from shipped_words import WORDS

from mailflow.core.marks import marks_of, words_weighed
from mailflow.core.second_reader import SecondReader, kept, read_back
from mailflow.core.statements import heard
from mailflow.core.two_readers import read_twice
from mailflow.core.understood import Unclear, Understood

TODAY = date(2026, 11, 10)
ACTIONS = ("accept", "no_match", "places_again", "unclear")
NO_CONCEPTS: Mapping[str, str] = {}


def weighing(mark: str, *weights: int, concepts: Mapping[str, str] = NO_CONCEPTS) -> SecondReader:
    """A reader that knows one mark, with these weights for ACTIONS; what weighs 120 is likely before any word."""
    likely = tuple(6.0 * (one > 100) for one in weights)
    code = crc32(mark.encode()).to_bytes(4, "little")
    return SecondReader(
        actions=ACTIONS,
        concepts=concepts,
        marks=code,
        pulls=bytes([127]),
        scale=127.0,
        inner=(0.0,),
        outer=tuple((float(one),) for one in weights),
        biases=likely,
    )


def read(text: str, second: SecondReader, role: str = "provider"):
    words = replace(WORDS, second=second)
    words.__dict__["lexicons"] = WORDS.lexicons  # of the same words: made once
    return read_twice(text, role, words, today=TODAY)


def test_what_no_wording_knows_is_told_when_it_is_likely():
    """The sentence that weighs most is quoted to its writer."""
    got = read("Goeiemorgen allemaal. De sjarel is bij de vogels thuis.", weighing("vogels", 120, 0, 0, 0))

    assert isinstance(got, Understood)
    assert (got.action, got.evidence) == ("accept", "De sjarel is bij de vogels thuis")


@pytest.mark.parametrize("weights", [(2, 1, 0, 0), (0, 0, 120, 0), (0, 0, 0, 120)])
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


def test_a_referrer_reports_only_what_somebody_said():
    """ "Prima, ze neemt de bus" is no answer of the provider, however likely its words are one."""
    likely = replace(weighing("vogels", 0, 0, 0, 0), biases=(9.0, 0.0, 0.0, 0.0))

    heard_of = read("De coach belde mij: de sjarel is bij de vogels thuis.", likely, "referrer")
    her_own = read("Het is goed, ze neemt de bus van half acht.", likely, "referrer")

    assert isinstance(heard_of, Understood)
    assert isinstance(her_own, Unclear)


@pytest.mark.parametrize(("likely", "action"), [(0.5, "question"), (9.0, "no_match")])
def test_a_fact_that_decides_nothing_is_overruled_or_stands(likely, action):
    """Nobody is asked back about a question."""
    second = replace(weighing("vogels", 0, 0, 0, 0), biases=(0.0, likely, 0.0, 0.0))

    got = read("Op welke school zit ze en in welk jaar?", second)

    assert isinstance(got, Understood)
    assert got.action == action


def test_what_a_tap_types_is_not_weighed():
    """One to four words mean what the wordings say."""
    got = read("Aanvaard", weighing("aanvaard", -120, 120, 0, 0))

    assert isinstance(got, Understood)
    assert got.action == "accept"


def test_it_says_which_words_weighed():
    """Explainable: the word that it hangs on, and none that changes nothing."""
    said = heard("De sjarel houdt van vogels.", WORDS.lexicons["provider"])

    assert weighing("vogels", 4, 0, 0, 0).because(said, "provider", None, "accept") == ("vogels",)


def test_a_word_that_was_never_seen_weighs_as_its_concept_does():
    """A "stek" is a place, and a "boom" is none."""
    second = weighing("C:PLACE", 2, 0, 0, 0, concepts={"stek": "PLACE"})

    stek, boom = (
        second.opinion(heard(f"De sjarel zoekt een {word}.", WORDS.lexicons["provider"]), "provider", None)["accept"]
        for word in ("stek", "boom")
    )

    assert stek > boom


def test_what_is_far_likelier_than_the_wordings_say_is_told():
    """One wording in a mail whose other words all say something else."""
    second = replace(weighing("vogels", 0, 0, 0, 0), biases=(0.0, 9.0, 2.0, 0.0))

    got = read("We aanvaarden deze leerling graag.", second)

    assert isinstance(got, Understood)
    assert got.action == "no_match"


def test_names_and_numbers_weigh_nothing():
    """The same mail about another pupil is read the same."""
    one, other = (
        marks_of(
            words_weighed(heard(f"We nemen {name} op vanaf {day} maart.", WORDS.lexicons["provider"])),
            "provider",
            None,
            NO_CONCEPTS,
        )
        for name, day in (("Noor", 3), ("Yoran", 17))
    )

    assert one == other


def test_weights_come_back_from_their_file_and_a_damaged_one_is_told():
    """The bytes are the same for the same weights."""
    reader = weighing("vogels", 120, -3, 0, 7, concepts={"stek": "PLACE"})

    assert read_back(kept(reader)) == reader
    with pytest.raises(ValueError, match="no weights"):
        read_back(b"something else")
    with pytest.raises(ValueError, match="cut off"):
        read_back(kept(replace(reader, pulls=b"")))


def test_a_mail_without_words_has_only_its_length():
    """Nothing is likely of it."""
    assert marks_of(words_weighed(heard("!", WORDS.lexicons["provider"])), "provider", None, NO_CONCEPTS) is not None

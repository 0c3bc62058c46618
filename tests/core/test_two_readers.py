"""What the wordings say and what the weights say, together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from rows import each_row
from shipped_words import WORDS

from mailflow.core.encoder import Encoder, Matrix, Norm
from mailflow.core.pieces import UNKNOWN, Pieces
from mailflow.core.second_reader import SecondReader
from mailflow.core.two_readers import read_twice
from mailflow.core.understood import Unclear, Understood, for_one_case

TODAY = date(2026, 11, 10)
ACTIONS = ("accept", "no_match", "places_again", "question", "unclear")
ONLY_ITSELF = Norm(np.ones(8, np.float32), np.full(8, 0.378, np.float32))
"""A piece has one number that is not zero."""


def weighing(likely: Mapping[str, float], **pulls: Mapping[str, float]) -> SecondReader:
    """A reader of a language of few words without layers: what is *likely* of any mail, and what a word pulls at."""
    pieces = np.zeros((8, 8), np.int8)
    np.fill_diagonal(pieces, 100)
    weights = np.zeros((16, len(ACTIONS)), np.int8)
    for number, pulled in enumerate(pulls.values(), start=UNKNOWN + 1):
        weights[number] = [pulled.get(action, 0) for action in ACTIONS]
    return SecondReader(
        actions=ACTIONS,
        pieces=Pieces({f"▁{word}": number for number, word in enumerate(pulls, start=UNKNOWN + 1)}, [-1.0] * 8),
        encoder=Encoder(
            pieces=pieces,
            scale=np.full(8, 0.01, np.float32),
            places=np.zeros((40, 8), np.float32),
            first=ONLY_ITSELF,
            layers=(),
        ),
        pulls=Matrix(weights, np.ones(len(ACTIONS), np.float32), np.float32([likely.get(one, 0.0) for one in ACTIONS])),
    )


def read(text: str, second: SecondReader, role: str = "provider", asked: str | None = None):
    words = replace(WORDS, second=second)
    words.__dict__["lexicons"] = WORDS.lexicons  # of the same words: made once
    return read_twice(text, role, words, today=TODAY, asked=asked)


def test_what_no_wording_knows_is_told_when_it_is_likely():
    """The sentence that weighs most is quoted to its writer."""
    got = read("Goeiemorgen allemaal. De sjarel is bij de vogels thuis.", weighing({}, vogels={"accept": 120}))

    assert isinstance(got, Understood)
    assert (got.action, got.evidence) == ("accept", "De sjarel is bij de vogels thuis")


@each_row("likely", [{"accept": 1.0}, {"places_again": 9.0}, {"unclear": 9.0}])
def test_what_is_not_likely_or_only_a_wording_may_say_is_asked_about(likely):
    """Nobody is marked as open for everybody by the weight of words."""
    assert isinstance(read("De sjarel is bij de vogels thuis.", weighing(likely)), Unclear)


@each_row("action", ["keep", "hand_over", "copy"])
def test_what_only_a_referrer_says_no_provider_said(action):
    """And of a referrer it is told."""
    second = replace(weighing({"accept": 9.0}), actions=(action, *ACTIONS[1:]))

    assert isinstance(read("De sjarel is bij de vogels thuis.", second), Unclear)
    assert read("De sjarel is bij de vogels thuis.", second, "referrer").action == action


def test_a_wording_that_hardly_any_such_mail_means_is_doubted():
    """Both are offered, the likeliest first."""
    got = read("We aanvaarden deze leerling graag.", weighing({"no_match": 3.0, "unclear": 2.5}))

    assert isinstance(got, Unclear)
    assert got.likely == ("no_match", "accept")
    assert "“aanvaard” of eerder “geen match”" in got.why


def test_what_is_far_likelier_than_the_wordings_say_is_told():
    """One wording in a mail whose other words all say something else."""
    got = read("We aanvaarden deze leerling graag.", weighing({"no_match": 9.0}))

    assert isinstance(got, Understood)
    assert got.action == "no_match"


@each_row(("likely", "action"), [({"no_match": 1.0}, "question"), ({"no_match": 9.0}, "no_match")])
def test_a_fact_that_decides_nothing_is_overruled_or_stands(likely, action):
    """Nobody is asked back about a question."""
    got = read("Op welke school zit ze en in welk jaar?", weighing(likely))

    assert isinstance(got, Understood)
    assert got.action == action


def test_what_a_tap_types_is_not_weighed():
    """One to four words mean what the wordings say."""
    got = read("Aanvaard", weighing({"no_match": 9.0}))

    assert isinstance(got, Understood)
    assert got.action == "accept"


def test_an_example_of_the_words_is_a_promise():
    """What answers.toml says of a sentence, the weights do not take back."""
    got = read("We zijn niet meer volzet!", weighing({"no_match": 9.0}))

    assert isinstance(got, Understood)
    assert got.action == "places_again"


@each_row(
    ("text", "likely", "role"),
    [
        ("We hebben nu helaas geen plaats voor haar.", "full", "provider"),
        ("Nee, de ouders trekken de aanmelding in.", "withdraw", "referrer"),
    ],
)
def test_what_leaves_something_open_is_asked_about(text, likely, role):
    """Whether she may wait; and what the no is to."""
    second = replace(weighing({"accept": 9.0}), actions=(likely, *ACTIONS[1:]))

    assert isinstance(read(text, second, role), Unclear)


@each_row(
    "text",
    [
        "Hij kan maandag starten wat ons betreft, de school is op de hoogte.",
        "De boerderij heeft plaats voor hem hoor, dat stond op hun website.",
    ],
)
def test_a_referrer_reports_only_what_somebody_said(text):
    """However likely it is: her own wish is no answer of the provider."""
    likely = weighing({"accept": 9.0})

    assert isinstance(read(text, likely, "referrer"), Unclear)
    assert read("De coach belde mij: de sjarel is bij de vogels thuis.", likely, "referrer").action == "accept"


def test_to_keep_it_is_not_to_agree_with_a_waitlist_that_nobody_offered():
    """What the wordings say of two acts that are nearly one stands."""
    second = replace(weighing({"accept": 9.0}), actions=("waitlist_agreed", *ACTIONS[1:]))

    assert read("Voor ons mag hij op de wachtlijst, dat is geen probleem.", second, "referrer").action == "keep"


def test_two_decisions_need_more_to_be_told_apart():
    """And the one that is not meant stands nowhere in what is understood."""
    text = "Wij zijn volzet tot het einde van het schooljaar. We hebben An gesproken, ze mag bij ons komen."

    asked, told = (read(text, weighing({"accept": likely})) for likely in (3.4, 9.0))

    assert isinstance(asked, Unclear)
    assert isinstance(told, Understood)
    assert (told.action, *told.also) == ("accept", "contacted")


def test_of_two_acts_that_are_one_the_likelier_is_told():
    """A start, where a wording says that she is welcome."""
    second = replace(weighing({"no_match": 9.0}), actions=("accept", "started", *ACTIONS[2:]))

    got = read("We aanvaarden deze leerling graag.", second)

    assert got.action == "started"


def test_how_it_turned_out_is_told_where_that_is_certain_too():
    """And where only the outcome is, the mail that asks how it ended can be sent."""
    text = "De sjarel is bij de vogels thuis."
    second = replace(weighing({"accept": 9.0}), actions=("outcome:handover", "outcome:back_to_school", *ACTIONS[2:]))
    open_ = replace(second, pulls=replace(second.pulls, start=np.float32([9.0, 8.8, 0, 0, 0])))

    assert (read(text, second).action, read(text, second).codes) == ("outcome", {"outcome": "handover"})
    assert (read(text, open_).action, read(text, open_).codes) == ("outcome", {})


def test_full_until_the_summer_by_weight_of_words_is_of_this_referral_only():
    """Only a wording marks a provider as full for everybody."""
    second = replace(weighing({"accept": 9.0}), actions=("full:school_year", *ACTIONS[1:]))
    got = read("Overal is de sjarel bij de vogels thuis.", second)

    assert got.action == "full_for_school_year"
    assert for_one_case(got).action == "full"
    assert got.codes["until"] == "school_year"


def test_who_sent_a_referral_is_told_only_where_that_was_asked_and_more_certainly():
    """A yes of 0.85 is asked about, one of 0.95 is one."""
    text, second = "De sjarel is bij de vogels thuis.", replace(weighing({}), actions=("confirm", *ACTIONS[1:]))
    likely, certain = (
        replace(second, pulls=replace(second.pulls, start=np.float32([far, 0, 0, 0, 0]))) for far in (3.2, 4.4)
    )

    assert isinstance(read(text, likely, "referrer", "confirm"), Unclear)
    assert read(text, certain, "referrer", "confirm").action == "confirm"
    assert isinstance(read(text, certain, "referrer"), Unclear)
    assert isinstance(read(text, certain, "referrer", "keep"), Unclear)


def test_it_says_which_words_weighed():
    """Explainable: the word that it hangs on, and none that changes nothing."""
    second = weighing({}, vogels={"accept": 4})

    assert second.because("De sjarel houdt van vogels.", "provider", None, "accept") == ("vogels",)


def test_a_long_mail_is_weighed_by_its_beginning_and_its_end():
    """Whatever stands between them: nothing is raised, and both ends count."""
    second = weighing({}, begin={"accept": 40}, einde={"no_match": 40})
    between = "woord " * 60

    whole, start, end = (
        second.opinion(text, "provider", None).likely
        for text in (f"begin {between} einde", f"begin {between}", f"{between} einde")
    )

    assert whole["accept"] == pytest.approx(whole["no_match"])
    assert whole["accept"] > 0.4
    assert start["accept"] > 0.7 > 0.1 > start["no_match"]
    assert end["no_match"] > 0.7 > 0.1 > end["accept"]

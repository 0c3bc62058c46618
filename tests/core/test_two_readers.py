"""What the wordings say and what the weights say, together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from rows import each_row
from shipped_words import WORDS

from mailflow.core.certainty import CERTAIN, LESS, MORE
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


def sure_of(action: str, share: float) -> SecondReader:
    """A reader to whom any mail means *action* with that likelihood."""
    others = len(ACTIONS) - 1
    return replace(weighing({"accept": np.log(others * share / (1 - share))}), actions=(action, *ACTIONS[1:]))


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
    """Nobody is asked back about a question, unless hardly any such mail says anything certain."""
    got = read("Op welke school zit ze en in welk jaar?", weighing(likely))

    assert isinstance(got, Understood)
    assert got.action == action
    assert isinstance(read("Op welke school zit ze en in welk jaar?", weighing({"unclear": 9.0})), Unclear)


def test_what_a_tap_types_is_not_weighed():
    """One to four words mean what the wordings say; of one that they do not know nobody guesses."""
    got = read("Aanvaard", weighing({"no_match": 9.0}))

    assert isinstance(got, Understood)
    assert got.action == "accept"
    assert isinstance(read("Sjarel", weighing({"no_match": 9.0})), Unclear)


def test_an_example_of_the_words_is_a_promise():
    """What answers.toml says of a sentence, the weights do not take back."""
    got = read("We zijn niet meer volzet!", weighing({"no_match": 9.0}))

    assert isinstance(got, Understood)
    assert got.action == "places_again"


VOGELS = "De sjarel is bij de vogels thuis."
TWO = "Wij zijn volzet tot het einde van het schooljaar. We hebben An gesproken, ze mag bij ons komen."


@each_row(
    ("text", "role", "asked", "action", "needed"),
    [
        (VOGELS, "provider", None, "accept", CERTAIN),
        ("De coach belde mij: de sjarel is bij de vogels thuis.", "referrer", None, "accept", CERTAIN),
        # It decides nothing; unless the wordings know a decision.
        (VOGELS, "provider", None, "callback", CERTAIN - LESS),
        (VOGELS, "referrer", None, "copy", CERTAIN - LESS),
        ("Gelieve dit nog niet door te sturen.", "referrer", None, "status", CERTAIN),
        # She may wait; the no may be to something else; nobody is named who said it; two decisions.
        ("We hebben nu helaas geen plaats voor haar.", "provider", None, "full", CERTAIN + MORE),
        ("Nee, de ouders trekken de aanmelding in.", "referrer", None, "withdraw", CERTAIN + MORE),
        ("Op de website van de boerderij staat iets over de vogels.", "referrer", None, "full", CERTAIN + MORE),
        (TWO, "provider", None, "accept", CERTAIN + MORE),
        # What sends a referral on its way.
        (VOGELS, "referrer", "confirm", "confirm", CERTAIN + 2 * MORE),
        (VOGELS, "referrer", "confirm", "keep", CERTAIN + 2 * MORE),
        (VOGELS, "referrer", "keep", "keep", CERTAIN),
    ],
)
def test_the_more_hangs_on_it_the_surer_it_must_be(text, role, asked, action, needed):
    """Just below it is asked about, or what the wordings say stands; just above it is told."""
    below, above = (read(text, sure_of(action, needed + more), role, asked) for more in (-0.01, 0.01))

    assert not (isinstance(below, Understood) and below.action == action)
    assert isinstance(above, Understood)
    assert above.action == action


@each_row(
    ("text", "role", "asked", "action"),
    [
        ("Hij kan maandag starten wat ons betreft, de school is op de hoogte.", "referrer", None, "accept"),
        ("De boerderij heeft plaats voor hem hoor, dat stond op hun website.", "referrer", None, "accept"),
        ("De coach belde mij: de sjarel is bij de vogels thuis.", "referrer", "keep", "accept"),
        ("Op welke school zit ze en in welk jaar?", "referrer", "confirm", "confirm"),
        ("Er is helaas geen match tussen de vraag en ons aanbod. Maar niet voor haar.", "provider", None, "no_match"),
        (
            "We zijn volzet voor de rest van het schooljaar, voor alle aanmeldingen. Toch niet.",
            "provider",
            None,
            "full",
        ),
        (VOGELS, "referrer", None, "confirm"),
        (VOGELS, "referrer", "keep", "deny"),
        (VOGELS, "provider", None, "places_again"),
        *((VOGELS, "provider", None, hers) for hers in ("keep", "withdraw", "stop_release", "elsewhere")),
        *((VOGELS, "provider", None, hers) for hers in ("supply", "status", "hand_over", "copy")),
    ],
)
def test_what_the_weights_never_tell(text, role, asked, action):
    """However likely: her wish is no answer of the provider, what is taken back was not said, nobody speaks for another."""
    assert isinstance(read(text, sure_of(action, 0.999), role, asked), Unclear)


@each_row(
    ("text", "role", "likely", "stands"),
    [
        ("Mijn collega sofie@clb.example neemt dit dossier over.", "referrer", "contacted", "hand_over"),
        ("Goed ontvangen, bedankt en tot binnenkort.", "provider", "unclear", "acknowledge"),
        ("Aanvaard. Het traject is gestart.", "provider", "accept", "started"),
    ],
)
def test_what_stands_though_hardly_any_such_mail_means_it(text, role, likely, stands):
    """A hand-over would be lost; thanks do no harm; who says both says the later step."""
    assert read(text, sure_of(likely, CERTAIN + 0.01), role).action == stands


@each_row(("share", "action"), [(CERTAIN + MORE - 0.01, "waitlist_agreed"), (CERTAIN + MORE + 0.01, "waitlist")])
def test_that_they_agreed_to_wait_is_doubted_only_where_it_is_more_than_certain(share, action):
    """What the wordings hear of it is more than a waitlist."""
    text = "Oké, we zetten Noor op de wachtlijst, zo afgesproken met An."

    assert read(text, sure_of("waitlist", share)).action == action


def test_of_a_long_mail_the_last_sentences_are_weighed_too():
    """The one that is quoted may stand there."""
    second = weighing({}, vogels={"accept": 120})

    got = read(" ".join(["Wij zijn hier goed bezig met allerlei."] * 30) + " De sjarel is bij de vogels thuis.", second)

    assert got.evidence == "De sjarel is bij de vogels thuis"


def test_to_keep_it_is_not_to_agree_with_a_waitlist_that_nobody_offered():
    """What the wordings say of two acts that are nearly one stands."""
    second = replace(weighing({"accept": 9.0}), actions=("waitlist_agreed", *ACTIONS[1:]))

    assert read("Voor ons mag hij op de wachtlijst, dat is geen probleem.", second, "referrer").action == "keep"


def test_of_two_decisions_the_one_that_is_not_meant_is_not_told():
    """It stands nowhere in what is understood."""
    told = read(TWO, weighing({"accept": 9.0}))

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

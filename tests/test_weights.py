"""The weights of the second reader as they are shipped."""

import numpy as np
import pytest
from shipped_words import TODAY, WORDS

from mailflow.configuration.weights import read_back, second_reader
from mailflow.core.certainty import CERTAIN, CODED, DOUBTFUL, LESS, MORE
from mailflow.core.two_readers import MAY_TELL, PROVES, read_twice
from mailflow.core.understood import Understood
from mailflow.settings import ConfigError, load
from mailflow.shipped import WEIGHTS, shipped


def test_it_knows_every_action_that_it_may_tell_and_when_a_mail_says_none():
    """An action without weights would never be told."""
    assert {name.partition(CODED)[0] for name in second_reader().actions} >= {*MAY_TELL, *PROVES, "unclear"}


@pytest.mark.parametrize(
    ("role", "text", "action"),
    [
        ("provider", "Er staat hier een stoel op haar te wachten, maandag verwachten we haar.", "accept"),
        ("provider", "We zitten tot de nok vol en een wachtlijst houden we niet bij.", "full"),
        ("referrer", "Zijn ouders hebben intussen zelf een school voor hem gevonden, dit hoeft niet meer.", "withdraw"),
        ("provider", "Morgen overleggen we in het team of het iets voor ons is.", "unclear"),
    ],
)
def test_it_reads_what_no_wording_holds(role, text, action):
    """Sure of it, and the likelihoods are shares of one."""
    likelihoods = second_reader().opinion(text, role, None).likely

    assert likelihoods[action] > 0.7
    assert sum(likelihoods.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("role", "text", "action"),
    [
        ("provider", "Sorry, wij zijn momenteel volzet en hebben geen wachtlijst.", "full"),
        ("referrer", "Het gezin is verhuisd naar Gent, het dossier mag dicht.", "withdraw"),
        ("desk", "Traject is afgelopen, leerling terug op school. Mag dicht.", "completed"),
        ("provider", "We hebben An gesproken: wachtlijst, afgesproken met de aanmelder.", "waitlist_agreed"),
        ("provider", "We starten op 1 maart.", "accept"),
        ("provider", "Sorry, toch geen match na de kennismaking.", "no_match"),
        ("provider", "Na het gesprek is dit toch geen match.", "no_match"),
        ("provider", "Mogen we hem op de wachtlijst zetten?", "waitlist"),
        ("desk", "Prima, dank voor de terugkoppeling.", "acknowledge"),
        ("referrer", "Mijn collega bram.claes@vclbleuven.be neemt dit dossier over.", "hand_over"),
    ],
)
def test_both_readers_together(role, text, action):
    """What the wordings alone leave open, and what the weights must not take from them."""
    got = read_twice(text, role, WORDS, today=TODAY)

    assert isinstance(got, Understood)
    assert got.action == action


def test_a_damaged_file_is_told(tmp_path):
    """Whatever is wrong with it; and what to do."""
    whole = WEIGHTS.read_bytes()
    empty, cut, other = (tmp_path / name for name in ("empty.npz", "cut.npz", "other.npz"))
    empty.write_bytes(b"")
    cut.write_bytes(whole[: len(whole) // 2])
    np.savez(other, layers=np.array(1))

    for file in (empty, cut, other):
        with pytest.raises(ValueError, match="is damaged: these are no weights"):
            read_back(file)


def test_a_release_without_its_weights_does_not_start(monkeypatch, tmp_path):
    """Said before any mail is taken in, with what to do."""
    monkeypatch.setattr("mailflow.configuration.draft.WEIGHTS", tmp_path / "second_reader.npz")

    with pytest.raises(ConfigError, match=r"second_reader\.npz: is missing\. Install mailflow again\."):
        load(None)


def test_the_thresholds_that_an_operator_reads_are_those_of_the_code():
    """In answers.toml as shipped: its values are what counts without them, its comment says how much more or less."""
    text = (shipped("config") / "answers.toml").read_text(encoding="utf-8")

    assert f"certain = {CERTAIN}\ndoubtful = {DOUBTFUL}\n" in text
    assert f"niets beslist, is {LESS} minder genoeg" in text
    assert f"tegen pleit, is {MORE} meer nodig; om te zeggen wie schreef, {2 * MORE}." in text

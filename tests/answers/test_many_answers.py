"""Mails labelled by their meaning: how many are read right, how many asked back, and none moves a case wrongly."""

import os
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from labelled import NO_STATE, RULED, Labelled, at_most, confusion, development, judged, right_of_sure, seen_by_file

from mailflow.shipped import WEIGHTS


def test_the_labelled_mails(capsys):
    """No wrong change of state, hardly a wrong fact, and more than nine in ten read without asking back."""
    results = judged(development())

    with capsys.disabled():
        print(f"\n{confusion(results)}")
    assert [(one.mail.role, one.mail.text, one.got) for one in results if one.moves_wrongly] == []
    assert sum(one.verdict == "wrong" for one in results) <= 3
    assert right_of_sure(results) >= 0.98


UNLEARNED = {f"seen_answers_{number}" for number in range(167, 171)}
"""What the weights have not learned either: what they are worth on the mail of tomorrow."""

EVERY = 1 if "MAILFLOW_EVERY_ANSWER" in os.environ else 32
"""One in so many is read of the mails that the weights were learned from: all of them take half an hour."""


@cache
def seen_files():
    """The seen mails of each file."""
    files: dict[str, list[Labelled]] = {}
    for file, mail in seen_by_file():
        files.setdefault(file, []).append(mail)
    return files


def test_the_mails_that_the_wordings_were_made_on(capsys):
    """Written without sight of the rules, then learned from: none of them moves a case wrongly any more."""
    results = judged(mail for file in RULED for mail in seen_files()[file])

    with capsys.disabled():
        print(f"\n{confusion(results)}")
    assert sum(one.moves_wrongly for one in results) == 0
    assert sum(one.mail.sure and one.verdict == "right" for one in results) >= 2_210


def test_the_mails_that_the_weights_were_learned_from(capsys):
    """Each file is a hand of its own."""
    results = judged(
        mail for file, mails in seen_files().items() if file not in RULED | UNLEARNED for mail in mails[::EVERY]
    )

    with capsys.disabled():
        print(f"\n{confusion(results)}")
    assert sum(one.moves_wrongly for one in results) / len(results) <= 0.003
    assert right_of_sure(results) >= 0.92


def test_the_mails_that_nothing_was_learned_from(capsys):
    """These bars only go up, until they are those of the labelled mails."""
    with np.load(WEIGHTS) as arrays:
        learned = bytes(arrays["learned"]).decode().split()
    results = judged(mail for file in UNLEARNED for mail in seen_files()[file])

    with capsys.disabled():
        print(f"\n{confusion(results)}")
    assert UNLEARNED.isdisjoint(learned)
    assert sum(one.moves_wrongly for one in results) / len(results) <= 0.01
    assert right_of_sure(results) >= 0.88


def test_there_are_enough_of_them():
    """The set stays worth its name."""
    mails = list(development())

    assert len(mails) >= 1_700
    assert sum(mail.nasty for mail in mails) >= 400


def test_what_none_of_so_many_is_worth():
    """No wrong one among three hundred still leaves one in a hundred possible (the rule of three)."""
    assert at_most(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))
    assert at_most(3, 100) == pytest.approx(0.0757, abs=0.0002)


TAKEN_BACK = (
    "Of nee, toch niet.", "Wacht, dat klopt niet.", "Maar dat moet ik nog navragen.", "Grapje!", "Onder voorbehoud.",
    "Dat was voor een andere leerling.", "Vergeet deze mail.", "Maar zeker ben ik niet.", "Of dat hoop ik toch.",
    "Maar eerst moet de directeur nog akkoord gaan.", "Maar het team moet dat nog goedkeuren.", "Toch niet.",
    "Maar niet voor haar.", "Ik laat morgen weten of dat definitief is.",
)  # fmt: skip


@cache
def short_decisions():
    """One in five of the mails that decide, of those that are read right and are short."""
    short = [mail for mail in list(development())[::5] if len(mail.text) < 160]
    decide = judged(mail for mail in short if not NO_STATE.issuperset(mail.meant))
    return [one.mail for one in decide if one.verdict == "right" and one.got not in NO_STATE]


@pytest.mark.parametrize("doubt", TAKEN_BACK)
def test_a_decision_that_its_writer_takes_back_or_doubts_moves_nothing(doubt):
    """Whatever was read before it: another sentence unsettles it, without a word of the decision in it."""
    short = short_decisions()

    after = judged(replace(mail, text=f"{mail.text.rstrip('.!? ')}. {doubt}") for mail in short)

    assert len(short) > 60
    # Holding back harms nobody, and a colleague who takes over says yes herself.
    moved = [one.mail.text for one in after if one.got not in NO_STATE | {"stop_release", "hand_over"}]
    assert moved == []

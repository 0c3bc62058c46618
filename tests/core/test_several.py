"""Which words of a mail are about which case?"""

from dataclasses import replace
from datetime import date

import pytest
from mailbag import CLB, FORM, NAFT, RULES, WORKER, Life, dispatched, reading
from rows import each_row

from mailflow.core.case import Case, Happened, replay
from mailflow.core.decide import decide
from mailflow.core.decision import OPENED, Decision, Outcome
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event, State
from mailflow.core.several import Piece, mentioned, pieces
from mailflow.core.several_replies import worth_looking_up
from mailflow.core.thread import Thread, digest_address

TODAY = date(2026, 11, 10)
ONE, TWO, OLD = "MSI-2026-0042", "MSI-2026-0043", "MSI-2025-0042"
KNOWN = {ref: Case(reference=ref, state=State.DISPATCHED) for ref in (ONE, TWO)}
NONE, ON_ONE = Thread(), Thread(reference=ONE, by="address")


# fmt: off
APART = [
    # written                                              thread  what is about what
    ("0042: wachtlijst, 0043: kan maandag starten",          NONE,   ((ONE, "wachtlijst"), (TWO, "kan maandag starten"))),
    ("0042 wachtlijst\n- 0043 ok voor ons",                  NONE,   ((ONE, "wachtlijst"), (TWO, "ok voor ons"))),
    ("MSI-2026-0042: ok\nMSI-2026-0043: volzet",             NONE,   ((ONE, "ok"), (TWO, "volzet"))),
    ("Voor 0042 is er plaats, voor 0043 helaas niet.",       NONE,   ((ONE, "is er plaats"), (TWO, "helaas niet."))),
    ("dossier nr. 0042: ok en 0043: volzet",                 NONE,   ((ONE, "ok"), (TWO, "volzet"))),
    ("Dag Els\n\n0043: volzet",                              NONE,   (("", "Dag Els"), (TWO, "volzet"))),
    ("0042: ok\n0042: en gesproken",                         NONE,   ((ONE, "ok\nen gesproken"),)),
    ("0042: ok\n0099: volzet",                               NONE,   ((ONE, "ok"), ("0099", "volzet"))),
    ("Aanvaard.\n0043: volzet",                              ON_ONE, ((ONE, "Aanvaard."), (TWO, "volzet"))),
    ("0042: aanvaard",                                       ON_ONE, ()),
    ("aanvaard",                                             ON_ONE, ()),
    ("aanvaard, zoals bij 0043 gezegd",                      ON_ONE, ()),
    ("0042: ok, zoals bij 0043 gezegd\n0043: volzet",        NONE,   ()),
    ("aanvaard\n3000 Leuven",                                ON_ONE, ()),
    ("0900 bellen we",                                       NONE,   ()),
    ("0043:",                                                NONE,   ()),
]
# fmt: on


@each_row(("written", "thread", "expected"), APART)
def test_the_words_about_each_case_are_told_apart(written, thread, expected):
    """Only a number that begins a line or a clause says what the words after it are about."""
    found = pieces(reading(written), thread, KNOWN, TODAY)

    assert tuple((piece.reference, piece.words) for piece in found) == expected


def test_a_short_number_means_this_year_or_the_last():
    """The one that exists; of two the one that is open; of two open ones neither."""
    mail = reading("0042: ok")
    last_year = {OLD: Case(reference=OLD, state=State.DISPATCHED)}
    ended = {ONE: Case(reference=ONE, state=State.CLOSED), **last_year}

    assert mentioned(mail, NONE, TODAY) == (ONE, OLD)
    assert pieces(mail, NONE, last_year, TODAY) == (Piece(OLD, "ok"),)
    assert pieces(mail, NONE, ended, TODAY) == (Piece(OLD, "ok"),)
    assert pieces(mail, NONE, {**KNOWN, **last_year}, TODAY) == (Piece("0042", "ok"),)


def test_the_own_case_is_not_looked_up_again():
    """Nor are years and postcodes within a sentence."""
    assert mentioned(reading("0042: ok, in 2011 in 3000 Leuven, zie 0043"), ON_ONE, TODAY) == (
        OLD,
        "MSI-2026-0043",
        "MSI-2025-0043",
    )


ITEM = ("- MSI-2026-0042 N.V.: wacht op jou", "sinds 3 november")


# fmt: off
ABOVE = [
    (ITEM,                                            ONE),
    (("- MSI-2026-0043 A.B.", *ITEM),                 ONE),
    (("- MSI-2026-0042 N.V.", "- mail 17"),           ""),
    (("MSI-2026-0042 N.V.", ""),                      ""),
    (("MSI-2026-0042 en MSI-2026-0043",),             ""),
    (("geen nummer",),                                ""),
    ((*ITEM, "", "  * Sluit"),                        ONE),
]
# fmt: on


@each_row(("above", "about"), ABOVE)
def test_words_below_a_quoted_item(above, about):
    """They are about the one case of the item directly above, and of nothing further up."""
    mail = replace(reading("stuur naar NAFT VBO"), answered=((above, "stuur naar NAFT VBO"),))

    found = pieces(mail, Thread(by="digest", digest="2026-11-10"), KNOWN, TODAY)

    assert found == ((Piece(about, "stuur naar NAFT VBO"),) if about else ())
    if about:
        assert about in mentioned(mail, NONE, TODAY)


def test_a_new_case_is_named_in_the_events_of_the_old_one():
    """FOLLOW_ON_MADE says which case followed, although that reference is given after the decision."""
    life = dispatched()
    draft = Draft(case=life.case, rules=RULES, now=life.now)
    new = Draft(case=Case(values=life.case.values), rules=RULES, now=life.now, opens=True)
    new.happen(Event.MAIL_CAME)
    draft.happen(Event.FOLLOW_ON_MADE, to=OPENED)
    draft.others.append(new.decided())

    decision = draft.decided().referenced(["MSI-2026-0099"])

    assert decision.events[-1].codes["to"] == "MSI-2026-0099"
    assert decision.case.history[-1] == decision.events[-1]
    assert [one.case.reference for one in decision.whole] == [ONE, "MSI-2026-0099"]
    assert (
        replay(
            decision.case.history,
            replace(life.case, history=(), state=State.NEW, letters=0, since=None, opened_at=None, provider=""),
        )
        == decision.case
    )


def test_a_decision_that_opens_a_case_has_one():
    """Without a case there is nothing to give a reference to."""
    with pytest.raises(ValueError, match="opens a case"):
        Decision(opens=True).referenced(["MSI-2026-0001"])


def several(text, *, sender=NAFT, to=None, proof="pass", lately=0):
    """What a mail does that names two cases of NAFT VBO."""
    first = dispatched()
    second = replace(first.case, reference=TWO)
    life = Life(now=first.now)
    came = life.came(text, sender=sender, proof=proof, lately=lately, **({"to": to} if to else {}))
    came = replace(came, mail_id=7, others={ONE: first.case, TWO: second})
    return decide(None, came, RULES, first.now)


def test_the_cases_of_one_mail_are_decided_together():
    """The main decision holds the one answer, the others a case each."""
    decision = several("0042: wachtlijst\n0043: aanvaard")

    assert decision.outcome is Outcome.REPLY
    assert decision.case is None
    assert [one.case.state for one in decision.others] == [State.WAITLIST_OFFERED, State.ACCEPTED]
    assert [row.label for row in decision.letters[0].values["rows"]] == [ONE, TWO]


def test_what_is_nobodys_is_told_to_the_desk():
    """The writer hears of it too, and the words before the first number are noted."""
    decision = several("Dag\n0042: wachtlijst\n0099: aanvaard")

    assert decision.outcome is Outcome.HELD
    assert [str(one.kind) for one in decision.letters] == ["echo", "other_mail"]
    assert "words before the first case" in decision.trace


def test_a_stranger_to_all_of_them_is_held():
    """A proven CLB worker who names two cases of somebody else."""
    decision = several("0042: stop\n0043: stop", sender="bram@vrijclbbro.be")

    assert decision.outcome is Outcome.HELD
    assert not decision.others


# fmt: off
NOT_APART = [
    {"proof": "none"},
    {"lately": 20},
    {"to": digest_address(RULES.desk.address, "2026-10-05", RULES.seal)},
]
# fmt: on


@each_row("kind", NOT_APART)
def test_what_is_not_taken_apart_changes_nothing(kind):
    """Without proof, beyond the limit of a day, or in answer to a digest by another than the desk."""
    assert not several("0042: wachtlijst\n0043: aanvaard", **kind).others


def test_the_desk_answers_the_digest():
    """Its seal stands for every line; a number that does not exist is told to the desk only."""
    to = digest_address(RULES.desk.address, "2026-10-05", RULES.seal)

    decision = several("0042: noteer aanvaard\n0099: negeer", sender=WORKER, to=to)

    assert [one.case.state for one in decision.others] == [State.ACCEPTED]
    assert [str(one.kind) for one in decision.letters] == ["echo"]
    assert [row.label for row in decision.letters[0].values["rows"]] == [ONE, "0099"]


def test_thanks_on_two_cases_need_no_answer():
    """Nothing was understood that anybody must confirm."""
    decision = several("0042: bedankt\n0043: bedankt", sender=CLB)

    assert len(decision.others) == 2
    assert not decision.letters


def test_a_number_in_a_form_names_no_case():
    """A form is about the pupil in it."""
    assert not several(f"{FORM}\n0042: vroeger", sender=CLB).others


def test_an_answer_on_one_case_by_a_stranger_to_both_goes_its_usual_way():
    """It is judged as a mail on the case that it answers."""
    life = dispatched()
    came = life.came("0043: aanvaard", sender="bram@vrijclbbro.be", role="provider")
    came = replace(came, others={TWO: replace(life.case, reference=TWO)})

    decision = decide(life.case, came, RULES, life.now)

    assert decision.outcome is Outcome.HELD
    assert decision.case.reference == ONE


def test_two_cases_that_cannot_be_told_apart_are_asked_about():
    """ "Aanvaard voor 0043" in an answer on 0042 accepts neither."""
    life = dispatched()
    came = life.came("aanvaard voor 0043", sender=NAFT, role="provider")
    came = replace(came, others={TWO: replace(life.case, reference=TWO)})

    decision = decide(life.case, came, RULES, life.now)

    assert decision.case.state is State.DISPATCHED
    assert "meerdere dossiers" in decision.letters[0].values["why"]
    assert Happened(at=life.now, kind=Event.ASKED_BACK, by="provider") in decision.events


def test_an_answer_on_one_case_that_goes_on_about_another():
    """What stands before the number is about the case that was answered, by its seal."""
    life = dispatched()
    came = life.came("Aanvaard.\n0043: volzet", sender=NAFT, role="provider")
    came = replace(came, others={TWO: replace(life.case, reference=TWO)})

    decision = decide(life.case, came, RULES, life.now)

    assert [one.case.state for one in decision.others] == [State.ACCEPTED, State.FULL]
    assert worth_looking_up(came, TODAY) == (TWO, "MSI-2025-0043")

"""Words that point to danger: nothing is decided by them, and a person is told at once."""

from mailbag import FORM, PARENT, RULES, SATURDAY, WORKER, Life
from rows import each_row

from mailflow.core.blank_form import blank_form
from mailflow.core.crisis import Words
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import State

WORDS = Words(RULES.crisis.words)
REASON = FORM.replace("komt sinds september amper nog op school", "sprak gisteren over zelfmoord")


@each_row(
    "text",
    [
        "Ze denkt aan ZELFMOORD.",
        "zelfmoordgedachten",
        "er was een suïcidepoging",
        "hij wil dood",
        "hij wil\nniet  meer leven",
        "dat ze niet meer wilde leven",
        "Thuis is er geweld",
        "een gewelddadige vader",
        "vermoeden van mishandeling",
        "hij werd seksueel-misbruikt",
        "une tentative de suicide",
    ],
)
def test_such_words_are_seen(text):
    """Whatever their capitals, accents and endings."""
    assert WORDS.found(text)


@each_row(
    "text",
    [
        "Geweldig, dank je!",
        "Het was een geweldige dag",
        "komt amper nog op school",
        "dood moe",
        "",
        "Alcoholmisbruik van niemand",
    ],
)
def test_other_words_are_not(text):
    """A false alarm too many, and nobody reads them."""
    assert WORDS.found(text) == ()


def test_without_words_nothing_is_found():
    """A meldpunt that lists none gets no such letters."""
    assert Words(()).found("zelfmoord") == ()
    assert Words(("*", " ")).found("zelfmoord") == ()


def test_our_own_form_holds_none():
    """Else every form that is mailed back filled in would tell the desk."""
    assert WORDS.found(blank_form(RULES.fields, RULES.providers)) == ()


def test_a_form_is_handled_as_ever_and_the_desk_told_at_once():
    """At night too; the confirmation names whom to phone, and the provider's letter nothing new."""
    life = Life(now=SATURDAY)

    life.mail(REASON)

    letters = {one.kind: one for one in life.last.letters}
    assert life.state is State.QUEUED
    assert life.kinds() == ["received", "danger"]
    assert letters[Kind.DANGER].address == WORKER
    assert letters[Kind.DANGER].not_before is None
    assert letters[Kind.DANGER].values["lines"] == ["Aanleiding: sprak gisteren over zelfmoord"]
    assert letters[Kind.RECEIVED].values["emergency"] == RULES.crisis.numbers


def test_a_stranger_without_a_form_too():
    """No case: the answer names whom to phone, and the desk gets both the mail and the alarm."""
    life = Life()

    life.mail("Mijn zoon wil niet meer leven, wat moet ik doen?", sender=PARENT)

    assert life.kinds() == ["family", "other_mail", "danger"]
    assert life.last.letters[0].values["emergency"] == RULES.crisis.numbers


def test_on_one_case_once_a_day():
    """A second mail of that day is handled as ever; the next day it is told again."""
    life = Life()
    life.mail(REASON)

    life.mail("Aanleiding: er is geweld thuis", role="referrer")
    same_day = life.kinds()
    life.later(days=1, hours=1)
    life.mail("Aanleiding: opnieuw geweld thuis", role="referrer")

    assert "danger" not in same_day
    assert "danger" in life.kinds()


def test_the_desk_is_not_flooded():
    """Beyond the number of config the answers still name whom to phone."""
    life = Life()

    life.mail(REASON, alarmed=RULES.crisis.letters_a_day)

    assert life.kinds() == ["received"]
    assert "emergency" in life.last.letters[0].values


def test_machines_and_the_desk_itself_are_passed_over():
    """An out-of-office that names a help line is no cry for help."""
    life = Life()

    life.mail("Bij gedachten aan zelfmoord bel 1813.", sender="info@elders.example", machine="auto_reply")
    by_machine = life.kinds()
    life.mail("Ze sprak over zelfmoord, ik heb gebeld.", sender=WORKER)

    assert "danger" not in by_machine
    assert "danger" not in life.kinds()

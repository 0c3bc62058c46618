"""Whom a referral is about, and which other cases are about the same pupil."""

from dataclasses import replace

from mailbag import FORM, RULES, Life, dispatched
from rows import each_row

from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event
from mailflow.core.pupil import Earlier, Pupil, family_of, named_in, pupil_of
from mailflow.core.same_pupil import link, pupils_in, tell_the_desk

NOOR = Pupil("noor voorbeeld", "2011-03-12")


@each_row(
    ("name", "birth_date", "key"),
    [("Van den Berg", "2011-03-12", "vandenberg 2011-03-12"), ("", "2011-03-12", ""), ("Proef", "", "")],
)
def test_a_family_is_looked_up_by_name_and_day(name, birth_date, key):
    """However it is spelt; not by half of it."""
    assert family_of(name, birth_date) == key


def test_a_whole_name_may_be_cut_in_more_than_one_place():
    """ "Jan Van den Berg": first and last name in either order."""
    found = named_in("Noor Van Voorbeeld", "2011-03-12")

    assert Pupil("noor vanvoorbeeld", "2011-03-12") in found
    assert named_in("Voorbeeld Noor", "2011-03-12") == (NOOR,)
    assert named_in("Noor", "2011-03-12") == ()


def test_a_mail_may_be_about_the_pupil_of_its_form_and_of_its_case():
    """And of the case as it is once that is filled in."""
    life = dispatched()
    mika = life.came(FORM.replace("Noor", "Mika"))
    adds = life.came("Voornaam: Mika\nGeboortedatum: 1/9/2011", role="referrer")

    assert pupils_in(mika, None, RULES) == {Pupil("mika voorbeeld", "2011-03-12")}
    assert pupils_in(mika, life.case, RULES) == {Pupil("mika voorbeeld", "2011-03-12"), NOOR}
    assert {one.birth_date for one in pupils_in(adds, life.case, RULES)} == {"2011-09-01"}


def test_a_link_is_written_down_and_told_once():
    """A third case later is another one."""
    life = dispatched()
    older, oldest = (
        Earlier(case=replace(life.case, reference=reference), sure=True)
        for reference in ("MSI-2026-0007", "MSI-2026-0008")
    )
    pupil = pupil_of(life.case.values)

    def linked(case, *others):
        draft = Draft(case=case, rules=RULES, now=life.now, pupils={pupil: others})
        link(draft)
        tell_the_desk(draft)
        return draft

    first = linked(life.case, older)
    second = linked(first.case, older)
    third = linked(second.case, older, oldest)

    assert [len(one.letters) for one in (first, second, third)] == [1, 0, 1]
    assert [h.codes["older"] for h in third.case.history if h.kind is Event.SAME_PUPIL] == [
        "MSI-2026-0007",
        "MSI-2026-0008",
    ]


def test_a_school_is_no_pupil():
    """Nor is half a name."""
    assert pupil_of({"subject_kind": "school", "first_name": "Noor", "last_name": "Proef"}) is None
    assert pupil_of({"first_name": "Noor"}) is None
    assert pupils_in(Life().came("Dag"), None, RULES) == frozenset()

"""The forms of a brother and a sister in one mail."""

from dataclasses import replace

from mailbag import FORM, RULES, Life, reading
from rows import each_row

from mailflow.core.decide import decide
from mailflow.core.form import Form
from mailflow.core.forms_apart import forms_apart, others_attachments
from mailflow.core.lifecycle import State
from mailflow.core.mail import Attachment
from mailflow.core.pupil import Earlier, pupil_of

LOU = FORM.replace("Noor", "Lou").replace("12/03/2011", "01/09/2013")
TODAY = Life().now.date()
OWN, PUPIL = FORM[FORM.index("Naam") :], FORM[: FORM.index("Naam")]


def names(text, **kind):
    """The first names of the forms that were told apart."""
    return [form.values["first_name"] for form in forms_apart(reading(text, **kind).found, RULES, TODAY)]


def test_two_forms_one_below_the_other():
    """The same questions again: another pupil."""
    assert names(f"{FORM}\n\n{LOU}") == ["Noor", "Lou"]


def test_one_head_and_two_pupils():
    """What stands above both counts for both."""
    text = f"{OWN}\n{PUPIL}\n{LOU[: LOU.index('Naam')]}"
    forms = forms_apart(reading(text).found, RULES, TODAY)

    assert [form.values["first_name"] for form in forms] == ["Noor", "Lou"]
    assert {form.values["referrer_name"] for form in forms} == {"An Peeters"}


def test_a_form_in_each_attachment():
    """The mail itself holds only who she is."""
    found = [replace(reading(one).found[0], source="docx", name=f"{n}.docx") for n, one in enumerate((FORM, LOU))]

    assert len(forms_apart(found, RULES, TODAY)) == 2


@each_row(
    "text",
    [
        FORM,
        f"{FORM}\n\n{FORM}",
        f"{FORM}\n\n{LOU.replace('Geboortedatum: 01/09/2013', '')}",
        f"{FORM}\n\nGeboortedatum: 5/6/2010\n",
    ],
)
def test_what_is_not_certain_stays_together(text):
    """One pupil, twice the same, or one without a birth date: as before, she is asked."""
    assert names(text) == []


def test_what_was_quoted_is_no_second_referral():
    """Somebody answered below an older form."""
    found = reading(f"{FORM}\n\n{LOU}").found

    assert forms_apart([replace(one, quoted=True) for one in found], RULES, TODAY) == ()


def test_each_pupil_has_a_case():
    """Two decisions, kept together; an unproven sender is asked, as before."""
    life = Life()
    life.mail(f"{FORM}\n\n{LOU}")

    assert life.state is State.QUEUED
    assert [one.case.values["first_name"] for one in life.last.whole] == ["Noor", "Lou"]
    stranger = Life()
    stranger.mail(f"{FORM}\n\n{LOU}", proof="none")
    assert len(stranger.last.whole) == 1


@each_row(
    ("attached", "not_of_noor", "not_of_lou"),
    [
        (["verslag Lou.pdf", "Noor.pdf"], "verslag Lou.pdf", "Noor.pdf"),
        (["verslag Lou.pdf", "foto Lou.jpg"], "verslag Lou.pdf\nfoto Lou.jpg", None),
        (["verslag.pdf"], None, None),
        ([""], None, None),
    ],
)
def test_each_case_keeps_the_names_of_the_attachments_that_are_about_the_other(attached, not_of_noor, not_of_lou):
    """So that no letter of hers shows them; where there are none, nothing is kept."""
    life = Life()
    came = life.came(f"{FORM}\n\n{LOU}")
    mail = replace(came.reading.mail, attachments=tuple(Attachment(one, "application/pdf", 9) for one in attached))

    life.decide(replace(came, reading=replace(came.reading, mail=mail)), None)

    assert [one.case.values.get("not_hers") for one in life.last.whole] == [not_of_noor, not_of_lou]
    assert [one.case.values["first_name"] for one in life.last.whole] == ["Noor", "Lou"]


def test_a_case_that_was_there_already_keeps_its_own_values():
    """The forms of both once more: what came along with that mail changes nothing on hers."""
    life = Life()
    life.mail(FORM)
    came = life.came(f"{FORM}\n\n{LOU}")
    mail = replace(came.reading.mail, attachments=(Attachment("verslag Lou.pdf", "application/pdf", 9),))
    pupils = {pupil_of(life.case.values): (Earlier(case=life.case, sure=True),)}

    decision = decide(None, replace(came, reading=replace(came.reading, mail=mail), pupils=pupils), RULES, life.now)

    noor, lou = decision.whole
    assert (noor.opens, lou.opens) == (False, True)
    assert noor.case.values == life.case.values


def test_an_attachment_that_is_about_the_other_is_not_hers():
    """It holds the other's form, or bears the other's first name and not hers; what tells nothing is everybody's."""
    noor = Form(source="docx", values={"first_name": "Noor"}, files={"first_name": "a.docx", "reason": "quoted"})
    lou = Form(source="docx", values={"first_name": "Lou"}, files={"first_name": "b.docx"})
    nobody = Form(source="text", values={})
    names = ["a.docx", "b.docx", "verslag_LOU.pdf", "Noor en Lou.pdf", "Louis.pdf", "gezin.pdf"]

    assert others_attachments(noor, (noor, lou, nobody), names) == ("b.docx", "verslag_LOU.pdf")
    assert others_attachments(lou, (noor, lou, nobody), names) == ("a.docx",)
    assert others_attachments(nobody, (nobody, nobody), names) == ()

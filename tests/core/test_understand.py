"""What do we make of a mail before any case is looked at?"""

from dataclasses import replace
from datetime import date

from mailbag import CLB, DESK, FORM, KNOWN, PARENT, RULES, reading
from rows import each_row

from mailflow.core.answer import Unclear, Understood
from mailflow.core.mail import QUOTED, Found
from mailflow.core.sender import Disposition
from mailflow.core.thread import Thread, reply_address
from mailflow.core.understand import answer_of, in_own_words, said_beside_the_form, understand
from mailflow.reading.documents.text import pairs

TODAY = date(2026, 10, 5)
SEALED = reply_address(DESK, "MSI-2026-0042", "provider", RULES.seal, action="accept")


def of(read):
    """What is understood of it."""
    return understand(read, RULES, TODAY)


def test_a_form_a_sender_and_no_case():
    """Each with its reason in the trace."""
    found = of(reading(FORM))

    assert found.form.values["first_name"] == "Noor"
    assert found.supplement is None
    assert found.verdict.disposition is Disposition.ACCEPT
    assert found.thread == Thread()
    assert "case: none named" in found.trace
    assert any(line.startswith("form: from text, ") for line in found.trace)


def test_on_a_case_one_line_is_a_supplement():
    """Which is no form."""
    found = of(reading("Thuistaal: Frans", to=SEALED))

    assert found.form is None
    assert found.supplement.values == {"home_language": "Frans"}
    assert "case: MSI-2026-0042 by address" in found.trace
    assert "form: none" in found.trace


@each_row("mark", [{"quoted": True}, {"name": QUOTED}])
def test_what_is_quoted_counts_for_a_forwarded_form_only(mark):
    """On a case it is our own letter."""
    quoted = Found(source="text", pairs=pairs(FORM, known=KNOWN), **mark)
    fresh, on_a_case = (replace(reading("zie onder", to=to), found=(quoted,)) for to in (DESK, SEALED))

    assert of(fresh).form is not None
    assert of(on_a_case).form is None


def test_the_form_and_reply_to_name_the_referrer():
    """For a form service or a private mailbox."""
    by_form = of(reading(FORM, sender=PARENT))
    by_reply_to = of(reading("x", sender=PARENT, reply_to="AN.Peeters@vclbleuven.be"))

    assert by_form.verdict.address == by_reply_to.verdict.address == CLB
    assert of(reading(FORM, sender=PARENT, reply_to="geen adres")).verdict.address == CLB


def test_what_was_odd_while_reading_is_in_the_trace():
    """For who wonders."""
    read = reading("x")
    read = replace(read, mail=replace(read.mail, problems=("unknown charset",)))

    assert "odd while reading: unknown charset" in of(read).trace


TAP = Thread(reference="MSI-2026-0042", by="address", party="provider", action="accept")


@each_row(
    ("written", "action"),
    [
        ("aanvaard", "accept"),
        ("", "accept"),
        ("aanvaard, we hebben elkaar gesproken", "accept"),
        ("bedankt", "accept"),
        ("volzet", None),
        ("aanvaard, of toch niet, wachtlijst", None),
    ],
)
def test_a_tap_counts_unless_the_words_contradict_it(written, action):
    """What is added may say more, not something else."""
    read = answer_of(written, "provider", TAP, asked=None, rules=RULES, today=TODAY)

    assert (read.action if isinstance(read, Understood) else None) == action


def test_a_tap_of_another_party_is_no_tap():
    """A forwarded letter does not carry the vote."""
    read = answer_of("", "referrer", TAP, asked=None, rules=RULES, today=TODAY)

    assert isinstance(read, Unclear)


def test_the_lines_of_the_form_are_no_answer():
    """ "Ouders akkoord: ja" agrees to nothing of ours; what stands below it may be her own words."""
    text = "Dag\nOuders akkoord: ja\nstop even\nAanleiding: moe\nen alles staat stil\n\ngroeten"
    read = reading(text, to=SEALED)

    beside = said_beside_the_form(read, of(read).supplement, RULES)

    assert beside.split() == ["Dag", "stop", "even", "groeten"]
    assert said_beside_the_form(read, None, RULES) == text
    assert not said_beside_the_form(replace(read, nothing_new=True), None, RULES)


def test_only_the_written_lines_are_left_out():
    """What an attachment or the quoted letter holds has other lines."""
    read = reading("stop even", to=SEALED)
    other = Found(source="docx", pairs=pairs("Thuistaal: Frans", known=KNOWN), name="form.docx")
    read = replace(read, found=(other,))

    assert said_beside_the_form(read, of(read).supplement, RULES) == "stop even"


def test_where_a_class_is_referred_its_words_come_back_as_they_were():
    """It is read as one pupil, and quoted as it stood."""
    values = {"subject_kind": "school"}
    unclear, understood = (
        Unclear("“we aanvaarden de leerling” is niet zeker"),
        Understood(action="accept", evidence="we nemen de leerling"),
    )

    assert "de klas" in in_own_words(unclear, "we aanvaarden de klas", values).why
    assert "deze klas" in in_own_words(understood, "we nemen deze klas", values).evidence
    assert in_own_words(unclear, "we aanvaarden de leerling", values) == unclear

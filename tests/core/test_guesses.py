"""An answer that names no case: what points to which of its writer's cases."""

from dataclasses import replace

from mailbag import CLB, COLLEAGUE, FORM, MONDAY, NAFT, RULES, WORKER, Life, at_state, dispatched
from rows import each_row

from mailflow.core.decide import decide
from mailflow.core.decision import Outcome
from mailflow.core.explained import because
from mailflow.core.guessing import guesses, is_hers, is_loose_answer
from mailflow.core.lifecycle import State
from mailflow.core.new_mail import UNPROVEN_ANSWER

TODAY = MONDAY.date()
NOT_OURS = next(one.address for key, one in RULES.providers.items() if key != "naft-vbo")


def loose(text, *, sender=NAFT, subject="", maybe=(), **kind):
    """A mail that names no case."""
    return replace(Life().came(text, sender=sender, subject=subject, **kind), maybe=tuple(maybe))


@each_row(
    ("text", "sender", "subject", "proof", "answers"),
    [
        ("We nemen Mika graag op.", NAFT, "Mika", "pass", True),
        ("Dit weten we nog niet.", CLB, "Antw: onze aanmelding", "pass", True),
        ("Kunnen jullie ons bellen?", NAFT, "Een vraag", "pass", False),
        ("Dit weten we nog niet.", NAFT, "Mika", "pass", False),
        ("We nemen Mika graag op.", NAFT, "Mika", "none", False),
        ("We nemen Mika graag op.", WORKER, "Re: Mika", "pass", False),
        ("We nemen Mika graag op.", "iemand@elders.example", "Re: Mika", "pass", False),
        (FORM, CLB, "Re: aanmelding", "pass", False),
    ],
)
def test_what_looks_like_an_answer(text, sender, subject, proof, answers):
    """Of a proven CLB or provider: a decision, or a subject that answers something; a form is none."""
    assert is_loose_answer(loose(text, sender=sender, subject=subject, proof=proof), RULES, TODAY) is answers


@each_row(
    ("text", "sender", "proof", "told"),
    [
        ("We nemen Mika graag op.", NAFT, "none", True),
        ("We nemen Mika graag op.", NAFT, "pass", False),
        ("Kunnen jullie ons bellen?", NAFT, "none", False),
        ("We nemen Mika graag op.", "iemand@elders.example", "none", False),
    ],
)
def test_an_answer_that_counts_for_nothing_as_its_sender_is_not_proven_says_so(text, sender, proof, told):
    """Beside "sender: provider, counts" nothing else would tell why no case moved."""
    came = loose(text, sender=sender, subject="Mika", proof=proof)

    made = decide(None, came, RULES, now=MONDAY)

    assert made.outcome is Outcome.OTHER
    assert because(made.outcome, made.trace).startswith(UNPROVEN_ANSWER) is told
    assert (UNPROVEN_ANSWER in made.trace) is told


def test_who_speaks_on_a_case():
    """Its referrer, a colleague of her CLB, its provider; nobody else."""
    case = dispatched().case

    assert [is_hers(case, one, RULES) for one in (CLB, COLLEAGUE, NAFT)] == [True, True, True]
    assert not is_hers(case, "els@vrijclbbro.be", RULES)
    assert not is_hers(case, "iemand@elders.example", RULES)
    assert not is_hers(case, NOT_OURS, RULES)


def test_names_weigh_more_than_whose_turn_it_is():
    """The likeliest first, with its reasons in Dutch; no name stands in them."""
    one = dispatched().case
    two = replace(one, reference="MSI-2026-0043", values={**one.values, "first_name": "Mika", "last_name": "Proef"})

    first, second = guesses(loose("We nemen Mika Proef graag op.", maybe=[one, two]), RULES)

    assert (first.reference, first.initials) == ("MSI-2026-0043", "M.P.")
    assert first.why == (
        "de mail noemt de achternaam, de mail noemt de voornaam, een dossier van de afzender, we wachten op de afzender"
    )
    assert (second.reference, second.why) == (
        one.reference,
        "een dossier van de afzender, we wachten op de afzender",
    )


def test_a_school_and_the_only_case_point_too():
    """The pupil has the name of her school here; of a case that a colleague of the writer referred, and on which another is to act."""
    case = at_state(State.DISPATCHED).case

    [guess] = guesses(
        loose("De school (Sint-Voorbeeld, Leuven) vraagt of het nog duurt.", sender=COLLEAGUE, maybe=[case]), RULES
    )

    assert guess.why == (
        "de mail noemt de achternaam, een dossier van een collega van de afzender, de mail noemt de school, het enige dat openstaat"
    )


def test_of_many_cases_five_are_named():
    """More would be a list of its writer's cases."""
    case = dispatched().case
    many = [replace(case, reference=f"MSI-2026-00{number}") for number in range(10, 20)]

    assert [one.reference for one in guesses(loose("aanvaard", maybe=many), RULES)] == [
        one.reference for one in many[:5]
    ]

"""The letters of the survey of under-12 needs, and what a CLB's answer to one does."""

from mailflow.core.anonymous import anonymous
from mailflow.core.decision import Decision, Outcome
from mailflow.core.known_senders import Clb, clb_of
from mailflow.core.letters import Kind, Letter
from mailflow.core.new_mail import held, passed_to_desk
from mailflow.core.occasions import MailCame
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.shown import Row
from mailflow.core.survey import QUESTIONS, Answers, SurveyAnswer, blank, read_answers

NOT_READ = frozenset({Disposition.DISCARD, Disposition.REJECT})


def question(clb: Clb, survey: int, *, reminder: bool = False) -> Letter:
    """The short form to a CLB's contact address; *survey* is the school year, by the year it begins in."""
    return Letter(
        kind=Kind.SURVEY,
        to="clb",
        address=clb.contact,
        values={
            "year": year_text(survey),
            "clb": clb.name,
            "reminder": reminder,
            "rows": [Row(one.label, one.asks) for one in QUESTIONS],
            "form": blank(),
        },
        survey=(survey, clb.key),
    )


def year_text(survey: int) -> str:
    """`2026-2027`."""
    return f"{survey}-{survey + 1}"


def survey_came(came: MailCame, rules: Rules) -> Decision | None:
    """What an answer to the survey does; None when this is none, or holds a referral, which goes first."""
    about, verdict = came.understanding.thread.survey, came.understanding.verdict
    if about is None or verdict.disposition in NOT_READ or came.understanding.form:
        return None
    survey, key = about
    clb = clb_of(came.reading.mail.author.key, rules.clbs)
    if clb is None or clb.key != key or verdict.disposition is Disposition.HOLD:
        return held(came, rules, "een antwoord op de bevraging, van een ander adres dan dat CLB")
    # Many fill in the lines of our letter below: there they stand without an answer.
    answers = read_answers(came.reading.written, came.reading.mail.text)
    trace = (*came.understanding.trace, f"survey {survey}: {len(answers.counts)} numbers, odd: {len(answers.odd)}")
    if answers.odd and came.survey_asked:
        passed = passed_to_desk(came, rules, "een antwoord op de bevraging dat we niet kunnen lezen")
        return Decision(outcome=Outcome.OTHER, letters=(passed,), trace=trace)
    kept = {one: anonymous(text, rules, came.people).text for one, text in answers.words.items()}
    answer = SurveyAnswer(survey=survey, clb=key, counts=answers.counts, words=kept)
    letter = _thanks(came, answers, answer)
    return Decision(outcome=Outcome.ANSWERED, letters=(letter,), survey=None if answers.odd else answer, trace=trace)


def _thanks(came: MailCame, answers: Answers, answer: SurveyAnswer) -> Letter:
    """What was understood, or what is still asked."""
    said = {one: str(count) for one, count in answer.counts.items()} | dict(answer.words)
    return Letter(
        kind=Kind.SURVEY_KEPT,
        to="clb",
        address=came.reading.mail.author.key,
        values={
            "year": year_text(answer.survey),
            "rows": [Row(one.label, said[one.key]) for one in QUESTIONS if one.key in said],
            "odd": list(answers.odd),
            "form": blank(),
        },
        answers_mail=True,
        survey=(answer.survey, answer.clb),
    )

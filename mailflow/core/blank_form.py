"""The form as text: to fill in and mail back. (leeg formulier)"""

from collections.abc import Mapping, Sequence

from mailflow.core.form_fields import Field
from mailflow.core.form_labels import MAX_LABEL
from mailflow.core.provider import Provider
from mailflow.core.wording import value_text

INTRODUCTION = """\
Aanmelding bij het meldpunt

Vul in wat je weet, achter of onder elke dubbelepunt, en mail dit terug.
Zonder de vragen met een sterretje (*) kan de aanmelding niet vertrekken; de rest kan later.
"""
SUBJECT_MARKS = {
    "pupil": "alleen voor een leerling",
    "school": "alleen voor een klas, team of school",
    "part": "alleen voor een klas of team",
    "class": "alleen voor een klas",
}


def blank_form(
    fields: Sequence[Field],
    providers: Mapping[str, Provider],
    *,
    values: Mapping[str, str] | None = None,
) -> str:
    """The form in groups, with hints and required marks; filled in, it reads back as the same values.

    *values* are written in already: a follow-on referral starts from the earlier one.
    """
    filled = values or {}
    named = ", ".join(provider.name for provider in providers.values()) or "nog niet bekend"
    lines = [INTRODUCTION, f"De aanbieders zijn {named}."]
    group = ""
    for one in fields:
        if one.group != group:
            group = one.group
            lines += ["", *([f"== {group} =="] if group else []), *_whom(fields, group), ""]
        answer = value_text(one, filled.get(one.key, ""), providers)
        lines.append(f"{_question(one, fields)}: {answer}".rstrip())
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _question(one: Field, fields: Sequence[Field]) -> str:
    """The label with its mark and, between parentheses, what may be answered."""
    mark = "" if _whom(fields, one.group) else SUBJECT_MARKS.get(one.asked, "")
    hint = "; ".join(part for part in (one.hint, mark, _answers(one)) if part)
    marked = f"{one.label}{' *' if one.holds else ''}"
    # A longer question is not recognised again: then rather without its hint.
    return f"{marked} ({hint})" if hint and len(marked) + len(hint) < MAX_LABEL - 5 else marked


def _whom(fields: Sequence[Field], group: str) -> list[str]:
    """For whom a whole group is meant, as the line under its heading; none when it differs per question."""
    asked = {one.asked for one in fields if one.group == group} - {"never"}
    return [f"({SUBJECT_MARKS[subject]})" for subject in asked if len(asked) == 1 and subject in SUBJECT_MARKS]


def _answers(one: Field) -> str:
    match one.kind:
        case "yes_no":
            return "ja / nee"
        case "choice":
            return " / ".join(words[0] for words in one.choices.values())
        case "provider":
            return "een naam uit de lijst hierboven, of geen voorkeur"
        case _:
            return ""

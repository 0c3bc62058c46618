"""Is a form in an answer on a case about somebody else?"""

from rapidfuzz import fuzz

from mailflow.core.case import Case
from mailflow.core.form import Form

WHO = ("first_name", "last_name", "birth_date")
ALIKE = 70
"""Of 100: "Noor" and "Nour" are one name spelt twice."""


def _same(key: str, one: str, other: str) -> bool:
    return one == other or (key != "birth_date" and fuzz.ratio(one, other) >= ALIKE)


def another_pupil(case: Case, form: Form) -> bool:
    """Whether the form holds a pupil, or school, that is plainly not this case's."""
    keys = ("school_name", "class_name") if case.values.get("subject_kind") == "school" else WHO
    both = [key for key in keys if form.values.get(key) and case.values.get(key)]
    differ = {key for key in both if not _same(key, form.values[key].casefold(), case.values[key].casefold())}
    # A twin has the same surname and birth date: in a whole form another first name is another child.
    return len(differ) >= 2 or ("first_name" in differ and len(both) == len(WHO))

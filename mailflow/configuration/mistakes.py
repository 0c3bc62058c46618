"""A table of the configuration against its model: the values, and every mistake in words that help to mend it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mailflow.configuration.kinds import MISTAKE
from mailflow.configuration.problems import SEE_SHIPPED, Problem, did_you_mean

SECRETS = frozenset({"password", "passwd", "wachtwoord", "secret", "token", "oauth_token", "client_secret"})


class Table(BaseModel):
    """A table of a TOML file; each field has a default, so that a table with mistakes can still be compared."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True, frozen=True)


M = TypeVar("M", bound=Table)

# fmt: off
WORDED: dict[str, tuple[str, str]] = {
    # pydantic's type            what is wrong                          what to do
    "string_type":              ("must be text",                        "Put it in quotes."),
    "int_type":                 ("must be a whole number",              "Write digits without quotes."),
    "int_from_float":           ("must be a whole number",              "Write digits without a point."),
    "bool_type":                ("must be true or false",               "Write true or false without quotes."),
    "list_type":                ("must be a list",                      'Write it in brackets: ["one", "two"].'),
    "model_type":               ("must be a table",                     "Give it its own [section]."),
    "dict_type":                ("must be a table",                     "Give it its own [section]."),
    "date_type":                ("must be a day",                       "Write it as 2026-07-11, without quotes."),
    "greater_than_equal":       ("must be at least {ge}",               "Write a higher number."),
    "less_than_equal":          ("must be at most {le}",                "Write a lower number."),
}
# fmt: on


def checked(
    model: type[M], table: object, *, file: str, where: str = "", also: Iterable[str] = ()
) -> tuple[M, list[Problem]]:
    """*table* as a *model*, and what is wrong with it; a value that is wrong has its default instead.

    *where* is the table's place in the file; *also* are keys of the same table that somebody else reads.
    """
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        known = (*model.model_fields, *also)
        problems = [_problem(detail, known=known, model=model, file=file, where=where) for detail in details]
        wrong = {detail["loc"][0] for detail in details if detail["loc"]}
        right = {key: value for key, value in _mapping(table).items() if key in model.model_fields and key not in wrong}
        return model.model_construct(**right), problems


def place(where: str, *path: str | int) -> str:
    """A key path as people read it: `mailbox[2].folder`, lists counted from 1."""
    for step in path:
        where += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if where else step
    return where


def from_value_error(text: str) -> tuple[str, str]:
    """(what is wrong, what to do) of a message of core, which says "what: what to do"."""
    what, _, remedy = text.partition(": ")
    return what, f"{remedy[:1].upper()}{remedy[1:]}." if remedy else SEE_SHIPPED


def _problem(detail: ErrorDetails, *, known: Iterable[str], model: type[Table], file: str, where: str) -> Problem:
    loc = detail["loc"]
    what, remedy = _worded(detail)
    if detail["type"] == "extra_forbidden":
        key = str(loc[-1])
        what, remedy = "this key is not known", did_you_mean(key, known if len(loc) == 1 else _keys_at(model, loc))
        if key.lower() in SECRETS:
            what = "a secret does not stand in this file"
            remedy = "Take it out and change it; give it by password_file or in the environment, as the comments say."
    return Problem(file, place(where, *loc), what, remedy)


def _worded(detail: ErrorDetails) -> tuple[str, str]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    if detail["type"] == MISTAKE:
        return context["what"], context["remedy"]
    if detail["type"] == "value_error":
        return from_value_error(str(context["error"]))
    what, remedy = WORDED.get(detail["type"], (f"cannot be used ({detail['type']})", SEE_SHIPPED))
    return what.format(**context), remedy


def _keys_at(model: type[Table], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the table around the last step of *loc* may have."""
    here: Any = model
    for step in loc[:-1]:
        if isinstance(step, str):
            here = here.model_fields[step].annotation
        here = _innermost(here)
    return list(here.model_fields)


def _innermost(annotation: Any) -> Any:  # noqa: ANN401 - an annotation is anything
    """The Table in `list[Annotated[Table, ...]]`."""
    while arguments := get_args(annotation):
        annotation = arguments[0]
    return annotation


def _mapping(table: object) -> Mapping[str, Any]:
    return table if isinstance(table, Mapping) else {}

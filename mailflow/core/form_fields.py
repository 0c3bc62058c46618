"""What may a form hold? The fields, read from form.toml and checked. (velden)"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailflow.core.form_labels import label_key

KINDS = ("text", "long", "name", "date", "phone", "email", "postcode", "municipality", "yes_no", "choice", "provider")
MAX_LINE = 500
"""Characters of a value of one line; more is cut and odd."""
MAX_LONG = 10_000
"""Characters of a value of kind long; more is cut and odd."""
HOLDS = ("", "always", "pupil", "school")
ASKED = ("always", "pupil", "school", "part", "class", "never")
SHOWN = ("always", "accepted", "never")
# Deciding leans on these: a form without one of them would hold every referral, or none.
NEEDED = (
    "subject_kind", "first_name", "last_name", "birth_date", "postcode", "municipality", "school_postcode",
    "referrer_name", "referrer_email", "reason", "provider",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the form as form.toml defines it."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    kind: str = "text"
    """One of KINDS; text is one line, long is paragraphs."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For kind choice: value -> the words that mean it; the first is the one that people are shown."""
    holds: str = ""
    """When a missing value holds the referral: always, pupil, school or "" (never)."""
    asked: str = "always"
    """For which subject it is asked at all: always, pupil, school, part (a class or a team), class.

    never: it stands on the form, that is all."""
    from_age: int = 0
    """It is asked of pupils of this age and older only; 0: of everybody."""
    shown: str = "never"
    """When a provider sees it: always, accepted or never."""
    group: str = ""
    """The heading it stands under, in Dutch."""
    hint: str = ""
    short: tuple[str, ...] = ()
    """Labels that mean this field only under its own heading or beside its own group: "Naam", "Telefoon"."""
    full: tuple[str, ...] = ()
    """For first_name: labels that hold first and last name together."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that means this field wherever it stands."""
        return (self.label, *self.synonyms, *self.full)

    def __hash__(self) -> int:
        """By its key, which no other field of a form has: for each mail the form's index is looked up by its fields."""
        return hash(self.key)


OLDEST = 25
"""No pupil is older."""


@dataclass(frozen=True)
class Value:
    """One value as understood: *text* normalised ("" when unusable), *why* it is odd ("" when it is not)."""

    text: str = ""
    why: str = ""
    options: tuple[str, ...] = ()
    """For a provider: the keys that the words can mean, when there are several."""


def fields_from(table: Mapping[str, object]) -> tuple[Field, ...]:
    """The fields of a parsed form.toml, in its order; ValueError lists every problem, a line each."""
    problems = [f"{key}: unknown; the file holds [field.KEY] tables only" for key in table if key != "field"]
    entries = table.get("field", {})
    if not isinstance(entries, Mapping):
        raise ValueError("\n".join([*problems, "field: must hold one table per field, [field.KEY]"]))  # noqa: TRY004  one kind of error for whoever reports them
    fields: list[Field] = []
    for key, entry in entries.items():
        read = _field(str(key), entry if isinstance(entry, Mapping) else {}, problems)
        if not isinstance(entry, Mapping):
            problems.append(f"field.{key}: must be a table")
        fields.append(read)
    problems += [f"field.{key}: is missing and cannot be done without" for key in NEEDED if key not in entries]
    problems += _shared_labels(fields)
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(fields)


def _field(key: str, entry: Mapping[str, object], problems: list[str]) -> Field:
    at = f"field.{key}"
    known = (
        "label", "synonyms", "kind", "choices", "holds", "asked", "from_age", "shown", "group", "hint", "short", "full",
    )  # fmt: skip
    problems += [f"{at}.{name}: unknown; known are {', '.join(known)}" for name in entry if name not in known]

    def text(name: str, default: str, allowed: tuple[str, ...] = ()) -> str:
        value = entry.get(name, default)
        if not isinstance(value, str):
            problems.append(f"{at}.{name}: must be text")
            return default
        if allowed and value not in allowed:
            problems.append(f'{at}.{name}: "{value[:40]}" is none of {", ".join(repr(one) for one in allowed)}')
            return default
        return value

    def texts(name: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(one, str) and label_key(one) for one in value):
            return tuple(value)
        problems.append(f"{at}.{name}: must be a list of words")
        return ()

    from_age = entry.get("from_age", 0)
    if not isinstance(from_age, int) or isinstance(from_age, bool) or not 0 <= from_age <= OLDEST:
        problems.append(f"{at}.from_age: must be an age in years, at most {OLDEST}")
        from_age = 0
    choices = entry.get("choices", {})
    if not isinstance(choices, Mapping):
        problems.append(f"{at}.choices: must be a table of value = [words]")
        choices = {}
    read = Field(
        key=key,
        label=text("label", ""),
        synonyms=texts("synonyms", entry.get("synonyms", [])),
        kind=text("kind", "text", KINDS),
        choices={str(value): texts(f"choices.{value}", words) for value, words in choices.items()},
        holds=text("holds", "", HOLDS),
        asked=text("asked", "always", ASKED),
        from_age=from_age,
        shown=text("shown", "never", SHOWN),
        group=text("group", ""),
        hint=text("hint", ""),
        short=texts("short", entry.get("short", [])),
        full=texts("full", entry.get("full", [])),
    )
    problems += _inner_problems(at, read)
    return read


def _inner_problems(at: str, read: Field) -> list[str]:
    """What is wrong with one field as a whole."""
    found = []
    if not label_key(read.label):
        found.append(f"{at}.label: must be filled in")
    if (read.kind == "choice") != bool(read.choices):
        found.append(f"{at}.choices: belongs to kind choice, which needs it")
    if not all(read.choices.values()):
        found.append(f"{at}.choices: every value needs at least one word")
    if read.full and read.key != "first_name":
        found.append(f"{at}.full: only first_name has it")
    if read.short and not read.group:
        found.append(f"{at}.short: works under a heading only, and this field has no group")
    owners: dict[str, str] = {}
    for value, words in read.choices.items():
        for word in words:
            if owners.setdefault(label_key(word), value) != value:
                found.append(f'{at}.choices: "{word}" means both {owners[label_key(word)]} and {value}')
    return found


def _shared_labels(fields: list[Field]) -> list[str]:
    """Labels that two fields claim, as they are compared: without case, accents, punctuation and little words."""
    problems: list[str] = []
    owners: dict[tuple[str, str], Field] = {}
    for one in fields:
        for scope, labels in (("", one.labels), (one.group, one.short)):
            for label in filter(label_key, labels):
                owner = owners.setdefault((scope, label_key(label)), one)
                if owner is not one:
                    problems.append(f'field.{one.key}: the label "{label}" is already that of field.{owner.key}')
    return problems

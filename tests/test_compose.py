"""docker-compose.yml holds what the compose specification allows, and its image is made as everybody else's install.

tests/compose/compose-spec.json is the specification's own schema (Apache-2.0, see LICENSE beside it).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((Path(__file__).parent / "compose" / "compose-spec.json").read_text())
FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = FILE["services"]
IMAGE = SERVICES["mailflow"]["build"]["dockerfile_inline"]
TYPES = {
    "object": dict, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool,
    "null": type(None),
}  # fmt: skip
KNOWN = {
    "type", "enum", "pattern", "minimum", "maximum", "required", "properties", "patternProperties",
    "additionalProperties", "items", "uniqueItems", "oneOf", "anyOf", "allOf", "$ref", "unevaluatedProperties",
    "$defs", "$id", "$schema", "title", "description", "default", "deprecated", "format",
}  # fmt: skip


def wrong(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """What a value has that its schema does not allow: as much of JSON Schema as the specification uses."""
    assert {*schema} <= KNOWN, f"the checker does not know { ({*schema} - KNOWN) }"
    if "$ref" in schema:
        yield from wrong(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    kinds = schema.get("type", [*TYPES])
    if not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{at}: {value!r} is no {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} is not like {schema['pattern']}"
    for one in schema.get("allOf", []):
        yield from wrong(value, one, at)
    for many, least, most in (("anyOf", 1, 99), ("oneOf", 1, 1)):
        fits = [one for one in schema.get(many, []) if not [*wrong(value, one, at)]]
        if many in schema and not least <= len(fits) <= most:
            yield f"{at}: {value!r} fits {len(fits)} of {many}"
    if isinstance(value, dict):
        yield from _object(value, schema, at)
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from wrong(one, schema.get("items", {}), f"{at}[{number}]")


def _object(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value)
    patterns = schema.get("patternProperties", {})
    for key, one in value.items():
        own = schema.get("properties", {}).get(key)
        fitting = [inner for pattern, inner in patterns.items() if re.search(pattern, key)]
        for inner in [own] if own is not None else fitting:
            yield from wrong(one, inner, f"{at}.{key}")
        if schema.get("unevaluatedProperties") is False and not _mentions(schema, key):
            yield f"{at}: {key} is not known"
        rest = schema.get("additionalProperties", True)
        if own is None and not fitting:
            if rest is False:
                yield f"{at}: {key} is not known"
            elif isinstance(rest, dict):
                yield from wrong(one, rest, f"{at}.{key}")


def _mentions(schema: dict[str, Any], key: str) -> bool:
    """Whether a schema, or one that it is made of, says something about that key."""
    parts = schema.get("allOf", [])
    if "$ref" in schema:
        parts = [*parts, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]]
    named = key in schema.get("properties", {}) or any(re.search(p, key) for p in schema.get("patternProperties", {}))
    return named or any(_mentions(one, key) for one in parts)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and not (isinstance(value, bool) and kind in ("number", "integer"))


def test_the_file_is_what_the_specification_allows():
    """Every service, volume and key of it."""
    assert [*wrong(FILE, SCHEMA)] == []


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ({"services": {"mailflow": {"imagee": "x"}}}, "imagee is not known"),
        ({"services": {"mailflow": {"image": 7}}}, "7 is no string"),
        ({"services": {"mailflow": {"depends_on": {"x": {"condition": "when_ready"}}}}}, "fits 0 of oneOf"),
        ({"service": {}}, "service is not known"),
    ],
)
def test_the_checker_sees_a_slip(slip: dict[str, Any], words: str):
    """A rule that nothing can break is no rule."""
    assert [one for one in wrong(slip, SCHEMA) if words in one]


def test_the_image_is_made_as_make_setup_does_it():
    """The same pinned packages, by the same pip options; no package is looked for beyond the lock."""
    makefile = (ROOT / "Makefile").read_text()
    options = [set(re.findall(r"--(?:no-deps|require-hashes|no-build-isolation)", line)) for line in _pips(IMAGE)]

    assert options == [{"--no-deps", "--require-hashes"}, {"--no-deps", "--no-build-isolation"}]
    assert [set(re.findall(r"--(?:no-deps|require-hashes|no-build-isolation)", line)) for line in _pips(makefile)][
        :2
    ] == options


def _pips(text: str) -> list[str]:
    return [line for line in text.splitlines() if "pip install" in line]


def test_what_the_image_copies_is_there():
    """Each file and folder that a COPY names."""
    copied = [word for line in re.findall(r"^\s*COPY (?!--)(.*)$", IMAGE, re.MULTILINE) for word in line.split()[:-1]]

    assert [word for word in copied if not (ROOT / word).exists()] == []
    assert {"mailflow", "config", "templates", "requirements.lock"} <= {*copied}


def test_mailflow_runs_as_nobody_on_a_disk_that_cannot_be_written():
    """But for its own volume."""
    service = SERVICES["mailflow"]

    assert service["user"].split(":")[0] in IMAGE
    assert "USER mailflow" in IMAGE
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["volumes"] == ["config:/config"]
    assert "healthcheck" in service


def test_the_trial_is_only_there_when_asked_for_and_only_on_this_machine():
    """Its mail server believes everybody."""
    trial = {name for name, one in SERVICES.items() if one.get("profiles") == ["try"]}

    assert trial == {"trial", "webmail"}
    assert SERVICES["webmail"]["ports"] == ["127.0.0.1:8080:80"]
    assert SERVICES["trial"]["network_mode"] == "service:mailflow"


def test_what_several_machines_add_is_allowed_too():
    """The block of docs/scale.md: laid over this file, and of services that are there."""
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "scale.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    added = yaml.safe_load(shown[1])

    assert [*wrong(added, SCHEMA)] == []
    assert added["services"]["worker"]["extends"]["service"] in SERVICES

"""The tag=value lists of RFC 6376 3.2: DKIM and ARC fields, key records, DMARC records."""

import re

TAG_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]{0,60}\Z")
BLANKS = re.compile(rb"[ \t\r\n]+")
LONGEST = 20_000
MOST_TAGS = 100


def parse_tags(value: bytes) -> dict[str, bytes] | None:
    """Each tag's value without blanks around it; None when this is no tag list, or a tag stands in it twice."""
    specs = value[: LONGEST + 1].split(b";")
    if len(value) > LONGEST or len(specs) > MOST_TAGS:
        return None
    if not specs[-1].strip():
        specs.pop()
    tags: dict[str, bytes] = {}
    for spec in specs:
        name, equals, content = spec.partition(b"=")
        name = name.strip()
        if not equals or not TAG_NAME.match(name) or name.decode("ascii") in tags:
            return None
        tags[name.decode("ascii")] = content.strip()
    return tags


def without_blanks(value: bytes) -> bytes:
    """*value* with the blanks taken out that folding put into it (base64 and lists of names)."""
    return BLANKS.sub(b"", value)


def without_signature(field: bytes) -> bytes:
    """A whole signature field with the value of its b= tag left empty, as RFC 6376 3.7 hashes it."""
    name, colon, value = field.partition(b":")
    specs = value.split(b";")
    for number, spec in enumerate(specs):
        tag, equals, _ = spec.partition(b"=")
        if equals and tag.strip() == b"b":
            specs[number] = tag + equals
            break
    return name + colon + b";".join(specs)

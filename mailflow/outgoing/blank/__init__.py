"""The blank form as a document to hand out: DOCX, ODT, PDF, HTML or text, made from form.toml. (leeg formulier)"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import cast

from mailflow.core.blank_form import blank_form
from mailflow.core.form_fields import Field
from mailflow.core.provider import Provider
from mailflow.outgoing.blank.questions import Form, form_of

# fmt: off
TYPES: dict[str, tuple[str, str]] = {
    # kind   type of the file, name of the file
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "aanmelding.docx"),
    "odt":  ("application/vnd.oasis.opendocument.text",                                 "aanmelding.odt"),
    "pdf":  ("application/pdf",                                                         "aanmelding.pdf"),
    "html": ("text/html",                                                               "aanmelding.html"),
    "txt":  ("text/plain",                                                              "aanmelding.txt"),
}
# fmt: on


def document(
    fields: Sequence[Field],
    providers: Mapping[str, Provider],
    kind: str,
    *,
    values: Mapping[str, str] | None = None,
) -> bytes:
    """The form as a file of that *kind*, a key of TYPES; text is UTF-8. Filled in, it reads back as the same values.

    *values* (normalised, by key) are written in already: a follow-on referral starts from the earlier one.
    KeyError for another kind. The library that makes a kind is loaded on first use.
    """
    TYPES[kind]
    if kind == "txt":
        return blank_form(fields, providers, values=values).encode("utf-8", "replace")
    made = cast(Callable[[Form], bytes], import_module(f"mailflow.outgoing.blank.as_{kind}").made)
    return made(form_of(fields, providers, values or {}))

"""The blank form as a web page without scripts: to print, to fill in, and to copy into a mail. (HTML)"""

from html import escape

from mailflow.outgoing.blank.questions import EXPLANATION, PRIVACY_TITLE, TITLE, Form, Group, Question

STYLE = """\
body { font: 10pt/1.3 Arial, Helvetica, sans-serif; max-width: 50rem; margin: 1rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 16pt; margin: 0 0 .4rem; } h2 { font-size: 11pt; margin: .8rem 0 .2rem; } p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; } tr { break-inside: avoid; }
th, td { border: 1px solid #777; padding: .15rem .4rem; text-align: left; vertical-align: top; }
th { background: #f2f2f2; width: 40%; font-weight: normal; } .required { font-weight: bold; }
small { color: #595959; } td:focus { outline: 2px solid #1a5fb4; } .long { height: 3.2rem; white-space: pre-wrap; }
@media print { @page { size: A4; margin: 1.2cm; } body { font-size: 8.5pt; max-width: none; margin: 0; padding: 0; }
  th, td { padding: .05rem .3rem; } h2 { margin: .35rem 0 .1rem; } .long { height: 1.6rem; } }
"""
HOW = "Je kan in de vakken typen. Kopieer daarna alles in een mail, of druk het af."


def made(form: Form) -> bytes:
    """The page, in UTF-8."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="nl-BE"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{TITLE}</title><style>\n{STYLE}</style></head><body>",
        f"<h1>{TITLE}</h1>",
        f"<p>{EXPLANATION} {HOW}</p>",
        f"<p><strong>{PRIVACY_TITLE}</strong> {escape(form.privacy)}</p>",
        *(_table(group) for group in form.groups),
        "</body></html>",
    ]
    return "\n".join(parts).encode()


def _table(group: Group) -> str:
    rows = "\n".join(_row(one) for one in group.questions)
    return f"<h2>{escape(group.heading)}</h2>\n<table>\n{rows}\n</table>"


def _row(one: Question) -> str:
    hint = "; ".join(part for part in (one.hint, " / ".join(one.options)) if part)
    label = f'<span class="required">{escape(one.marked)}</span>' if one.required else escape(one.label)
    small = f" <small>({escape(hint)})</small>" if hint else ""
    kind = ' class="long"' if one.long else ""
    answer = escape(one.answer).replace("\n", "<br>")
    return (
        f'<tr><th scope="row">{label}{small}</th>'
        f'<td{kind} contenteditable="true" role="textbox" aria-label="{escape(one.marked)}">{answer}</td></tr>'
    )

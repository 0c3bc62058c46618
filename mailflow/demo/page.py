"""All mails of a demo in one page, to open in a browser."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from mailflow.demo.office import ZONE, Seen

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f1;color:#1c1c1a}
main{max-width:760px;margin:0 auto;padding:24px 16px}
details{background:#fff;border:1px solid #d9d9d2;border-radius:6px;margin:10px 0}
summary{padding:12px 16px;cursor:pointer}
summary small{display:block;color:#5b5b55}
.in{border-left:6px solid #2f6f4f}.out{border-left:6px solid #2b5c8a}
pre{white-space:pre-wrap;padding:0 16px 12px;margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:720px;border:0;border-top:1px solid #d9d9d2}
"""


def write_page(mails: Sequence[Seen], path: Path) -> Path:
    """Write the page; *path* for printing."""
    parts = "\n".join(_mail(mail, number) for number, mail in enumerate(mails, start=1))
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>mailflow demo</title><style>{STYLE}</style><main><h1>mailflow demo</h1>"
        f"<p>{len(mails)} mails, in the order they went. Green came in, blue went out.</p>{parts}</main></html>",
        encoding="utf-8",
    )
    return path


def _mail(mail: Seen, number: int) -> str:
    message = mail.message
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    way = "in" if mail.to_us else "out"
    when = f"{mail.at.astimezone(ZONE):%a %d %b %Y %H:%M}"
    head = f"{escape(mail.sender)} → {escape(mail.recipient)}"
    # A sandboxed frame: nothing in a mail can run or reach out.
    frame = f'<iframe sandbox loading="lazy" srcdoc="{escape(rich.get_content())}"></iframe>' if rich else ""
    text = f"<pre>{escape(plain.get_content())}</pre>" if plain and not rich else ""
    title = f"{number}. {escape(str(message['Subject']))}"
    return f'<details class="{way}"><summary>{title}<small>{when} · {head}</small></summary>{text}{frame}</details>'

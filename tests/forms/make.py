"""Lays the forms of written.toml out in their shapes: `python tests/forms/make.py [FOLDER]`, with LibreOffice at hand.

The files are kept in the repository, so that tests read what LibreOffice once wrote whether it is installed or not.
"""

import csv
import io
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from pathlib import Path

import docx
import openpyxl
import pypdf
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "reading"))
import packets  # noqa: E402  # beside the tests of the wrappers

Rows = list[list[str]]
"""[heading] or [label, answer]."""

LONG = 60
"""Characters; an answer of more stands on lines of its own."""


# --- Word, by python-docx ---------------------------------------------------------------------------------------------


def docx_lines(rows: Rows) -> bytes:
    """`Label: answer`, the label in bold, a heading per group."""
    file = _word("Aanmeldingsformulier")
    for label, *answer in rows:
        if not answer:
            file.add_heading(label, level=2)
            continue
        paragraph = file.add_paragraph()
        paragraph.add_run(f"{label}:").bold = True
        paragraph.add_run(f" {answer[0]}")
    return _saved(file)


def docx_table(rows: Rows) -> bytes:
    """Two columns, a heading over both."""
    file = _word("AANMELDING MELDPUNT")
    table = file.add_table(rows=0, cols=2, style="Table Grid")
    for label, *answer in rows:
        cells = table.add_row().cells
        if not answer:
            cells[0].merge(cells[1]).text = label.upper()
            continue
        cells[0].text = label
        first, *more = answer[0].split("\n")
        cells[1].text = first
        for line in more:
            cells[1].add_paragraph(line)
    return _saved(file)


def docx_table4(rows: Rows) -> bytes:
    """Four columns: two questions beside each other, a table per group."""
    file = _word("Aanmeldingsfiche")
    group: Rows = []
    for row in [*rows, [""]]:
        if len(row) > 1:
            group.append(row)
            continue
        if group:
            table = file.add_table(rows=0, cols=4, style="Table Grid")
            for at in range(0, len(group), 2):
                for cell, words in zip(table.add_row().cells, sum(group[at : at + 2], []), strict=False):  # noqa: RUF017
                    cell.text = words
        if row[0]:
            file.add_heading(row[0], level=2)
        group = []
    return _saved(file)


def docx_controls(rows: Rows) -> bytes:
    """A content control for each answer; an unanswered one shows its placeholder."""
    file = _word("Aanmelding")
    table = file.add_table(rows=0, cols=2)
    for label, *answer in rows:
        cells = table.add_row().cells
        cells[0].text = label
        if answer:
            empty = "" if answer[0] else "<w:showingPlcHdr/>"
            shown = escape(answer[0] or "Klik hier als u tekst wilt invoeren.")
            cells[1].paragraphs[0]._p.append(
                parse_xml(
                    f"<w:sdt {nsdecls('w')}><w:sdtPr>{empty}<w:text/></w:sdtPr>"
                    f"<w:sdtContent><w:r><w:t>{shown}</w:t></w:r></w:sdtContent></w:sdt>"
                )
            )
    return _saved(file)


def docx_boxes(rows: Rows) -> bytes:
    """The answers in text boxes behind their labels, as a form that was drawn rather than typed."""
    file = _word("Formulier")
    for label, *answer in rows:
        paragraph = file.add_paragraph(f"{label}:" if answer else label)
        for line in answer:
            box = (
                f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox>'
                f"<w:txbxContent><w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p></w:txbxContent>"
                f"</v:textbox></v:shape></w:pict></w:r>"
            )
            paragraph._p.append(parse_xml(box))
    return _saved(file)


def docx_tracked(rows: Rows) -> bytes:
    """Filled in with "track changes" on: what was there before is struck out."""
    file = _word("Aanmelding")
    by = 'w:id="1" w:author="G." w:date="2026-11-20T10:00:00Z"'
    for label, *answer in rows:
        paragraph = file.add_paragraph(f"{label}: " if answer else label)
        for number, line in enumerate(answer[0].split("\n") if answer else ()):
            if number:
                paragraph = file.add_paragraph()
            old = f"<w:del {nsdecls('w')} {by}><w:r><w:delText>nog in te vullen</w:delText></w:r></w:del>"
            new = f"<w:ins {nsdecls('w')} {by}><w:r><w:t>{escape(line)}</w:t></w:r></w:ins>"
            for change in (old, new):
                paragraph._p.append(parse_xml(change))
    return _saved(file)


def _word(title: str) -> docx.document.Document:
    file = docx.Document()
    file.add_heading(title, level=0)
    file.add_paragraph("Terug te mailen naar het meldpunt.")
    return file


def _saved(file) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


# --- by LibreOffice, from the Word files ------------------------------------------------------------------------------


def by_libreoffice(make: Callable[[Rows], bytes], kind: str) -> Callable[[Rows], bytes]:
    """What LibreOffice saves as that *kind* when it opens the Word file."""

    def made(rows: Rows) -> bytes:
        return converted(make(rows), "docx", kind)

    return made


def converted(content: bytes, kind: str, to: str) -> bytes:
    """*content*, opened and saved as another kind by LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"a.{kind}").write_bytes(content)
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to]
        subprocess.run([*command, f"a.{kind}"], cwd=folder, check=True, capture_output=True, timeout=180)
        return (Path(folder) / f"a.{to.partition(':')[0]}").read_bytes()


# --- PDF --------------------------------------------------------------------------------------------------------------


def pdf_fields(rows: Rows) -> bytes:
    """A form to fill in on the screen: a field per answer, named as programs name them (Tekst1, Tekst2)."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    at = 800
    for number, (label, *answer) in enumerate(rows):
        canvas.drawString(50, at, f"{label}:" if answer else label)
        if answer:
            place = {"x": 230, "y": at - 5, "width": 320, "height": 18, "fontSize": 9}
            canvas.acroForm.textfield(name=f"Tekst{number}", value="", **place)
        at -= 28
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(file.getvalue()))
    answers = {f"Tekst{number}": answer[0] for number, (_, *answer) in enumerate(rows) if answer}
    writer.update_page_form_field_values(writer.pages[0], answers, auto_regenerate=False)
    return _written(writer)


def pdf_flat(rows: Rows) -> bytes:
    """The same, flattened: the answers are drawings."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_fields(rows)))
    answers = {f"Tekst{number}": answer[0] for number, (_, *answer) in enumerate(rows) if answer}
    writer.update_page_form_field_values(writer.pages[0], answers, auto_regenerate=False, flatten=True)
    writer.remove_annotations(subtypes="/Widget")
    return _written(writer)


def _written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# --- sheets -----------------------------------------------------------------------------------------------------------


def xlsx_beside(rows: Rows) -> bytes:
    """A label in B, its answer in C, as a form in Excel."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B1"] = "AANMELDINGSFORMULIER"
    for number, (label, *answer) in enumerate(rows, 3):
        sheet.cell(number, 2, label)
        if answer:
            sheet.cell(number, 3, answer[0])
    return _saved(book)


def xlsx_above(rows: Rows) -> bytes:
    """The labels in the first row, the answers below: a list with one line."""
    book = openpyxl.Workbook()
    book.active.append([label for label, *answer in rows if answer])
    book.active.append([answer[0] for _, *answer in rows if answer])
    return _saved(book)


def semicolons(rows: Rows) -> bytes:
    """CSV as a Belgian Excel saves it: semicolons, and the Windows character set."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([*row, ""][:2] for row in rows)
    return out.getvalue().encode("cp1252")


# --- mail -------------------------------------------------------------------------------------------------------------


def text_colon(rows: Rows) -> bytes:
    """`Label: answer` between a greeting and a signature."""
    lines = [f"{label}: {answer[0]}".rstrip() if answer else f"\n{label}\n" for label, *answer in rows]
    return _mail("\n".join(["Dag,", "", "Hierbij een aanmelding.", "", *lines, "", "Groeten"]))


def text_below(rows: Rows) -> bytes:
    """Each label on a line of its own, the answer below it."""
    return _mail("\n\n".join("\n".join([f"{row[0]}:", *row[1:]]) if len(row) > 1 else row[0] for row in rows))


def text_columns(rows: Rows) -> bytes:
    """In columns, as pasted from a table."""
    return _mail("\n".join(f"{label:40}{answer[0]}" if answer else f"\n{label}\n" for label, *answer in rows))


def text_numbered(rows: Rows) -> bytes:
    """Numbered questions."""
    return _mail("\n".join(f"{at}. {': '.join(row)}" for at, row in enumerate(rows, 1)))


def mail_flowed(rows: Rows) -> bytes:
    """As Thunderbird sends it (RFC 3676): long lines broken behind a blank."""
    lines = []
    for row in rows:
        words, line = ": ".join(row).split(" "), ""
        for word in words:
            if len(line) + len(word) > LONG:
                lines.append(line)
                line = ""
            line += f"{word} "
        lines.append(line.rstrip())
    message = EmailMessage()
    _head(message)
    message.set_content("\n".join(lines))
    message.set_param("format", "flowed")
    return message.as_bytes()


def mail_latin1(rows: Rows) -> bytes:
    """In an older character set, quoted-printable."""
    message = EmailMessage()
    _head(message)
    message.set_content("\n".join(": ".join(row) for row in rows), charset="iso-8859-1", cte="quoted-printable")
    return message.as_bytes()


def mail_reply(rows: Rows) -> bytes:
    """The blank form that we mailed, filled in between the lines that her program marked as quoted."""
    lines = []
    for label, *answer in rows:
        lines.append(f"> {label}: {answer[0].replace(chr(10), f'{chr(10)}> ')}" if answer else f"> == {label} ==")
    start = "Ingevuld hieronder.\n\nOp ma 23 nov. 2026 om 10:02 schreef Meldpunt <meldpunt@meldpunt.example>:\n>\n"
    return _mail(start + "\n".join(lines))


def mail_signed(rows: Rows) -> bytes:
    """Signed with a certificate, the whole letter inside the signature."""
    letter = "\n".join(": ".join(row) for row in rows).replace("\n", "\r\n")
    entity = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + letter.encode()
    head = EmailMessage()
    _head(head)
    return head.as_bytes().rstrip(b"\n") + b"\nMIME-Version: 1.0\n" + packets.signed(entity)


def winmail(rows: Rows) -> bytes:
    """The Word form in Outlook's packet."""
    message = EmailMessage()
    _head(message)
    message.set_content("In bijlage.")
    packet = packets.winmail(("aanmelding.docx", docx_lines(rows)))
    message.add_attachment(packet, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return message.as_bytes()


def zip_docx(rows: Rows) -> bytes:
    """A ZIP with the form, and a folder of a Mac beside it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("aanmelding/aanmelding.docx", docx_lines(rows))
        archive.writestr("__MACOSX/aanmelding/._aanmelding.docx", b"\x00\x05\x16\x07")
    return out.getvalue()


def html_table(rows: Rows) -> bytes:
    """A table in the letter."""
    cells = "".join(
        f"<tr><td><b>{escape(label)}</b></td><td>{escape(answer[0])}</td></tr>"
        if answer
        else f'<tr><th colspan="2">{escape(label)}</th></tr>'
        for label, *answer in rows
    )
    return _page(f"<p>Dag,</p><p>Hierbij de aanmelding.</p><table border=1>{cells}</table><p>Mvg</p>")


def html_definitions(rows: Rows) -> bytes:
    """A list of terms, as a website writes it."""
    items = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(answer[0])}</dd>" if answer else f"</dl><h3>{escape(label)}</h3><dl>"
        for label, *answer in rows
    )
    return _page(f"<h2>Aanmelding</h2><dl>{items}</dl>")


def html_gmail(rows: Rows) -> bytes:
    """Lines in divs, the label in bold, as Gmail writes them."""
    lines = "".join(
        f"<div><b>{escape(label)}:</b>&nbsp;{escape(answer[0])}</div>"
        if answer
        else f"<div><br></div><div><u>{escape(label)}</u></div>"
        for label, *answer in rows
    )
    return _page(f'<div dir="ltr"><div>Hallo,</div><div><br></div>{lines}<div><br></div><div>Groetjes</div></div>')


def html_word(rows: Rows) -> bytes:
    """The Word form, copied into the letter: what LibreOffice makes of it as a page."""
    return _page(converted(docx_table(rows), "docx", "html").decode("utf-8"))


def _mail(text: str) -> bytes:
    message = EmailMessage()
    _head(message)
    message.set_content(text)
    return message.as_bytes()


def _page(html: str) -> bytes:
    message = EmailMessage()
    _head(message)
    message.set_content(html, subtype="html")
    return message.as_bytes()


def _head(message: EmailMessage) -> None:
    message["From"] = "Secretariaat <secretariaat@clb.example>"
    message["To"] = "meldpunt@meldpunt.example"
    message["Subject"] = "Aanmelding"
    message["Date"] = "Mon, 23 Nov 2026 10:30:00 +0100"
    message["Message-ID"] = "<formulier@clb.example>"


# fmt: off
SHAPES: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    # shape              file    made by
    "docx_lines":       ("docx", docx_lines),
    "docx_table":       ("docx", docx_table),
    "docx_table4":      ("docx", docx_table4),
    "docx_controls":    ("docx", docx_controls),
    "docx_boxes":       ("docx", docx_boxes),
    "docx_tracked":     ("docx", docx_tracked),
    "odt_word":         ("odt",  by_libreoffice(docx_lines, "odt")),
    "odt_table":        ("odt",  by_libreoffice(docx_table, "odt")),
    "pdf_word":         ("pdf",  by_libreoffice(docx_lines, "pdf")),
    "pdf_table":        ("pdf",  by_libreoffice(docx_table, "pdf")),
    "pdf_fields":       ("pdf",  pdf_fields),
    "pdf_flat":         ("pdf",  pdf_flat),
    "xlsx_beside":      ("xlsx", xlsx_beside),
    "xlsx_above":       ("xlsx", xlsx_above),
    "csv":              ("csv",  semicolons),
    "zip_docx":         ("zip",  zip_docx),
    "text_colon":       ("eml",  text_colon),
    "text_below":       ("eml",  text_below),
    "text_columns":     ("eml",  text_columns),
    "text_numbered":    ("eml",  text_numbered),
    "html_table":       ("eml",  html_table),
    "html_definitions": ("eml",  html_definitions),
    "html_gmail":       ("eml",  html_gmail),
    "html_word":        ("eml",  html_word),
    "mail_reply":       ("eml",  mail_reply),
    "mail_flowed":      ("eml",  mail_flowed),
    "mail_latin1":      ("eml",  mail_latin1),
    "mail_signed":      ("eml",  mail_signed),
    "winmail":          ("eml",  winmail),
}
# fmt: on


def main(folder: Path) -> None:
    """Make every form in every shape that written.toml names."""
    for name, one in tomllib.loads((FOLDER / "written.toml").read_text(encoding="utf-8")).items():
        for shape in one["shapes"]:
            kind, make = SHAPES[shape]
            (folder / f"{name}.{shape}.{kind}").write_bytes(make(one["rows"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

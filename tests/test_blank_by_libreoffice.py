"""Our blank form after LibreOffice has opened and saved it: it still reads back, field by field."""

import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from needs import missing
from referrals import KNOWN, LIMITS, NOOR, REFERRALS, form_of, written
from test_blank_documents import READ, typed_in_odt, typed_in_word

from mailflow.reading.documents import pdf_form

if shutil.which("soffice") is None:
    missing("LibreOffice (soffice) is not here", module=True)

PLAIN = {**NOOR, "reason": "Noor komt al weken niet meer naar school.\n\nThuis is het rustig."}
FILL = {"docx": typed_in_word, "odt": typed_in_odt}
WAYS = [("docx", "odt"), ("docx", "docx"), ("odt", "docx"), ("odt", "odt")]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Opens files of one kind and saves them as another, in one folder with a profile of its own."""
    folder = tmp_path_factory.mktemp("office")

    def convert(files, kind, to):
        (folder / to).mkdir(exist_ok=True)
        names = []
        for number, content in enumerate(files):
            names.append(f"{number}.{kind}")
            (folder / names[-1]).write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder / to), *names]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        return [(folder / to / f"{number}.{to}").read_bytes() for number in range(len(files))]

    return convert


def joined(values):
    """Values as they are compared: LibreOffice 7.4 puts the line breaks of a Word field in front of it."""
    return {key: "".join(value.split()) for key, value in values.items()}


@pytest.mark.parametrize(("kind", "to"), WAYS)
@given(answers=st.lists(REFERRALS, min_size=4, max_size=4))
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_what_libreoffice_saved_reads_back(office, kind, to, answers):
    """Four referrals at a time, each field equal; a list left alone stays no answer."""
    answers = [PLAIN, *answers]

    saved = office([FILL[kind](written(one)) for one in answers], kind, to)

    for content, one in zip(saved, answers, strict=True):
        form = form_of(READ[to](content, LIMITS, known=KNOWN), to)
        assert joined(form.values) == joined(one)
        assert form.odd == ()


@pytest.mark.parametrize("kind", FILL)
@given(answers=st.lists(REFERRALS, min_size=4, max_size=4))
@settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_what_libreoffice_printed_to_pdf_reads_back(office, kind, answers):
    """Each field equal, though questions and answers take two lines in narrow columns and go on over the page."""
    answers = [PLAIN, {**PLAIN, "reason": "Zij komt amper nog. " * 200}, *answers]

    printed = office([FILL[kind](written(one)) for one in answers], kind, "pdf")

    for page, one in zip(printed, answers, strict=True):
        form = form_of(pdf_form.pairs(page, LIMITS, known=KNOWN), "pdf")
        assert joined(form.values) == joined(one)
        assert form.odd == ()

"""Which provider does a referrer name when she is asked to choose?"""

from rows import each_row

from mailflow.core.choosing import LONGEST, provider_named
from mailflow.core.provider import Provider

NAFT = Provider(key="naft-vbo", name="NAFT VBO", address="a@naft.example", synonyms=("NAFT Leuven",))
AHV = Provider(key="naft-ahv", name="NAFT AHV", address="a@ahv.example")
TIME_IN = Provider(key="time-in", name="Time-in Klaswerking", address="a@time.example", synonyms=("Time-in", ""))
PROVIDERS = {one.key: one for one in (NAFT, AHV, TIME_IN)}


@each_row(
    ("written", "key"),
    [
        ("Time-in Klaswerking", "time-in"),
        ("time in", "time-in"),
        ("Doe dan maar Time-in, dank je!\n\nBram", "time-in"),
        ("NAFT AHV", "naft-ahv"),
        ("Toch graag NAFT Leuven", "naft-vbo"),
    ],
)
def test_one_name_is_a_choice(written: str, key: str):
    """Name or synonym, whatever the case and the hyphens."""
    assert provider_named(written, PROVIDERS) == key


@each_row(
    "written",
    [
        "",
        "De Regenboog",
        "NAFT",
        "Liever niet Time-in",
        "Past Time-in ook?",
        "Time-in of NAFT AHV",
        "Time-in en NAFT AHV",
        "Time-in als er plaats is",
        "Naftalie AHV",
        "Time-in " * LONGEST,
    ],
)
def test_anything_else_is_no_choice(written: str):
    """None, two, denied, asked, supposed, or too long to be an answer."""
    assert provider_named(written, PROVIDERS) is None

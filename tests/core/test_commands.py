"""What the desk types is obeyed exactly, or asked back."""

from rows import each_row

from mailflow.core.commands import (
    AssignClb,
    Command,
    FromFamily,
    Ignore,
    LetFamilyChoose,
    Misread,
    SendTo,
    StartAlready,
    read_command,
)
from mailflow.core.known_senders import Clb
from mailflow.core.provider import Provider

CLBS = (
    Clb(key="clb-leuven", name="Vrij CLB Leuven"),
    Clb(key="clb-halle", name="Vrij CLB Halle"),
    Clb(key="go-leuven", name="GO! CLB Leuven"),
)
PROVIDERS = {
    "naft-vbo": Provider(key="naft-vbo", name="NAFT VBO", address="a@naft.example", synonyms=("NAFT Leuven",)),
    "naft-ahv": Provider(key="naft-ahv", name="NAFT AHV", address="b@naft.example"),
}


@each_row(
    ("typed", "order"),
    [
        ("wijs toe aan Vrij CLB Halle", AssignClb("clb-halle")),
        ("Wijs toe aan het vrij clb halle.", AssignClb("clb-halle")),
        ("CLB: vrij CLB Leuven", AssignClb("clb-leuven")),
        ("clb:go-leuven", AssignClb("go-leuven")),
        ("0042 stuur naar NAFT VBO", SendTo("naft-vbo")),
        ("MSI-2026-0042: stuur maar door naar naft leuven", SendTo("naft-vbo")),
        ("start al", StartAlready()),
        ("ouder", FromFamily()),
        ("Negeren", Ignore()),
        ("laat het gezin kiezen", LetFamilyChoose()),
        ("Dag systeem,\nnegeer\nGroeten", Ignore()),
    ],
)
def test_a_typed_line_is_obeyed(typed, order):
    """With or without the reference before it, in any case of letters."""
    assert Command(order=order) == read_command(typed, CLBS, PROVIDERS)


def test_a_sender_is_remembered_when_asked():
    """ "onthoud" at the end of the line."""
    assert Command(order=AssignClb("clb-halle"), remember="address") == read_command(
        "CLB: Vrij CLB Halle, onthoud", CLBS, PROVIDERS
    )
    assert Command(order=FromFamily(), remember="address") == read_command("ouder en onthouden", CLBS, PROVIDERS)
    assert Command(order=FromFamily(), remember="domain") == read_command("ouder, onthoud het domein", CLBS, PROVIDERS)


@each_row("typed", ["stuur naar NAFT", "CLB: Leuven", "stuur naar Zweinstein", "wijs toe aan CLB Gent"])
def test_a_name_that_fits_none_or_several_is_asked_back(typed):
    """Two readings is no reading."""
    assert isinstance(read_command(typed, CLBS, PROVIDERS), Misread)


@each_row("typed", ["", "Dank je wel", "Ik zal de ouder bellen", "stuur", "start", "x" * 100_000])
def test_other_words_are_no_command(typed):
    """A command is a whole line, never a word in a sentence."""
    assert read_command(typed, CLBS, PROVIDERS) is None

"""What the eye takes for a listed domain, and what it does not."""

import time

from rows import each_row

from mailflow.core.lookalikes import Listed, canonical, imitates, is_plain, oddities, shows
from mailflow.core.mail import Address

LISTED = Listed.of(
    clb_domains=("vclbleuven.be", "clbvgc.be", "kust.example"),
    domains=("meldpunt.example", "clb-m\u00fcgge.example"),
    addresses=("clb@scholen.example",),
    names=("Vrij CLB Leuven",),
)

# fmt: off
ALIKE = [
    # the domain                        why
    ("vclbleuven.be.evil.example",      "begins like vclbleuven.be"),
    ("mail.vclbleuven.be.evil.example", "begins like vclbleuven.be"),
    ("vclbleuven.be-login.example",     "begins like vclbleuven.be"),
    ("evil-vclbleuven.be",              "ends like vclbleuven.be"),
    ("mijnvclbleuven.be",               "ends like vclbleuven.be"),
    ("notkust.example",                 "ends like kust.example"),
    ("vclbleuven.be.",                  "ends like vclbleuven.be"),
    ("vclbleuvem.be",                   "is one letter off from vclbleuven.be"),
    ("vclbleuvn.be",                    "is one letter off from vclbleuven.be"),
    ("vclbleuvenn.be",                  "is one letter off from vclbleuven.be"),
    ("vclbleuvne.be",                   "is one letter off from vclbleuven.be"),
    ("vclb-leuven.be",                  "is one letter off from vclbleuven.be"),
    ("vclbleuven.de",                   "is one letter off from vclbleuven.be"),
    ("mail.vclbleuvem.be",              "is one letter off from vclbleuven.be"),
    ("clbvcg.be",                       "is one letter off from clbvgc.be"),
    ("vclbIeuven.be",                   "looks like vclbleuven.be"),
    ("vc1b1euven.be",                   "looks like vclbleuven.be"),
    ("vclbl\u00e9uven.be",              "looks like vclbleuven.be"),
    ("v\u0441lbleuven.be",              "looks like vclbleuven.be"),
    ("xn--vlbleuven-v3h.be",            "looks like vclbleuven.be"),
    ("XN--VLBLEUVEN-V3H.BE",            "looks like vclbleuven.be"),
    ("\uff56clbleuven.be",              "looks like vclbleuven.be"),
    ("vclbleuven\u3002be",              "looks like vclbleuven.be"),
    ("vclb\u200bleuven.be",             "looks like vclbleuven.be"),
    ("k\u03c5st.example",               "looks like kust.example"),
    ("rneldpunt.example",               "looks like meldpunt.example"),
    ("clb-mugge.example",               "looks like clb-m\u00fcgge.example"),
    ("vclbleuven.com",                  "holds the name of vclbleuven.be"),
    ("vclbleuven.evil.example",         "holds the name of vclbleuven.be"),
    ("login-vclbleuven.example",        "holds the name of vclbleuven.be"),
    ("xn--vclbleuven-.be",              "holds the name of vclbleuven.be"),
]
# fmt: on
OTHERS = (
    "vclbleuven.be",
    "VCLBLEUVEN.be",
    "noord.vclbleuven.be",
    "clb-m\u00fcgge.example",
    "xn--clb-mgge-b6a.example",
    "leuven.be",
    "clb.be",
    "vclbgent.be",
    "vrijclbleuven.be",
    "clbbr.be",
    "kust.be",
    "kunst.example",
    "rust.example",
    "meldpunt.be",
    "meldpunt-antwerpen.be",
    "scholen.example",
    "school.example",
    "familie.example",
    "be",
    "",
    ".",
    "..",
    "xn--",
    "xn---.be",
    "xn--\u00e9.be",
    "a." * 100 + "be",
)  # fmt: skip


@each_row(("domain", "why"), ALIKE)
def test_what_is_made_to_be_taken_for_a_listed_domain_is_named(domain, why):
    """With the listed one beside it."""
    assert imitates(f"an@{domain}", LISTED) == f"the domain {canonical(domain)} {why}"


@each_row("domain", OTHERS)
def test_what_nobody_takes_for_it_is_not(domain):
    """The listed ones, what lies below them, and names that only share a word."""
    assert imitates(f"an@{domain}", LISTED) == ""


def test_at_a_shared_domain_the_whole_address_counts():
    """Whose letters look the same; a colleague of the school is nobody's double."""
    assert imitates("c1b@scholen.example", LISTED) == "the address looks like a listed one at scholen.example"
    assert imitates("CLB@scholen.example", LISTED) == ""
    assert imitates("cl@scholen.example", LISTED) == ""
    assert imitates("geen adres", LISTED) == ""


@each_row(
    ("domain", "same"),
    [
        ("CLB-M\u00dcGGE.example", "clb-m\u00fcgge.example"),
        ("xn--clb-mgge-b6a.example", "clb-m\u00fcgge.example"),
        ("xn--vclbleuven-.be", "xn--vclbleuven-.be"),
        ("xn--99999999999.be", "xn--99999999999.be"),
        ("xn--\u00e9.be", "xn--\u00e9.be"),
        ("xn--.be", "xn--.be"),
    ],
)
def test_only_a_true_a_label_is_read(domain, same):
    """What would be written otherwise is another domain, which somebody else can own."""
    assert canonical(domain) == same


@each_row(
    ("address", "name", "own"),
    [
        ("x@evil.example", "An <an@vclbleuven.be>", "vclbleuven.be"),
        ("x@evil.example", "AN\uff20VCLBLEUVEN.BE", "vclbleuven.be"),
        ("x@evil.example", "clb@scholen.example", "scholen.example"),
        ("an=vclbleuven.be@evil.example", "", "vclbleuven.be"),
        ("x@noord.vclbleuven.be", "x@noord.vclbleuven.be", ""),
        ("x@evil.example", "An Peeters", ""),
        ("x@evil.example", "leraar@scholen.example", ""),
    ],
)
def test_the_name_can_show_a_listed_address(address, name, own):
    """Beside or within it; a program that shows the address itself as the name does not."""
    assert shows(Address(address, name), LISTED) == own


@each_row(
    ("address", "one"),
    [
        ("an@vclbleuven.be", True),
        ("an+x.y@sub.vclbleuven.be", True),
        ("x@evil.example,an@vclbleuven.be", False),
        ('"x@evil.example"@vclbleuven.be', False),
        ("an@vclbleuven.be\nbcc:x", False),
        ("an@vclbleuven.be\u2028", False),
        ("an", False),
        ("", False),
    ],
)
def test_what_a_form_names_is_one_address(address, one):
    """Two would make us write to both."""
    assert is_plain(address) is one


def test_hostile_names_are_cheap():
    """As long as a field may be, and longer."""
    hostile = ("a@" * 50_000, "xn--" * 30_000, "\u0441" * 100_000, "." * 100_000, "rn" * 50_000, "@" * 100_000)
    began = time.process_time()

    for words in hostile:
        imitates(f"x@{words}", LISTED)
        shows(Address(f"{words}@evil.example", words), LISTED)
        list(oddities(Address("x@evil.example", words), Address(words), (words,), LISTED))

    assert time.process_time() - began < 5

"""What the desk orders about no single case: read exactly, obeyed with a seal only, and read back."""

from dataclasses import replace
from datetime import date, timedelta

from mailbag import DESK, MONDAY, NAFT, RULES, WORKER, Life, at_state, reading
from rows import each_row

from mailflow.core.answer import Understood, read_answer
from mailflow.core.commands import Command, Misread, read_command
from mailflow.core.decide import decide
from mailflow.core.decision import ProviderMark
from mailflow.core.desk_says import as_said
from mailflow.core.desk_verbs import ALL, ON_A_CASE, ON_A_MAIL, ON_ITSELF, as_markdown
from mailflow.core.house import LookedUp, RememberedLine, Stuck
from mailflow.core.house_orders import Again, Back, Close, Find, Forget, Help, Places, Senders, house_order, ordered
from mailflow.core.kept_signal import Signal
from mailflow.core.known_senders import Clb, Meaning, Remembered
from mailflow.core.lifecycle import State
from mailflow.core.occasions import MailCame
from mailflow.core.school_year import Closure
from mailflow.core.thread import digest_address
from mailflow.core.understand import understand

TODAY = MONDAY.date()
DIGEST = digest_address(DESK, "2026-10-05", RULES.seal)
CHRISTMAS = Closure(date(2026, 12, 23), date(2027, 1, 2))


def came(text, *, sender=WORKER, to=DIGEST, looked_up=LookedUp(), others=None, **kind):  # noqa: B008 - a frozen value
    """The desk answers a digest."""
    read = reading(text, sender=sender, to=to, **kind)
    made = understand(read, RULES, TODAY)
    return MailCame(mail_id=9, reading=read, understanding=made, looked_up=looked_up, others=others or {})


def answer(decision):
    """What the desk reads back: label and words of each row."""
    return [(row.label, row.value) for letter in decision.letters for row in letter.values["rows"]]


@each_row(
    ("typed", "order"),
    [
        ("zoek Peeters 12/03/2011", Find("Peeters", "2011-03-12")),
        ("Zoek: Van den Broeck, 3 mei 2012.", Find("Van den Broeck", "2012-05-03")),
        ("aanbieder NAFT VBO volzet", Places("naft-vbo", full=True)),
        ("provider naft-vbo: weer plaats", Places("naft-vbo", full=False)),
        ("- aanbieder NAFT VBO heeft weer plaats!", Places("naft-vbo", full=False)),
        ("NAFT VBO heeft terug plaatsen", Places("naft-vbo", full=False)),
        ("NAFT VBO is volzet voor de rest van het schooljaar", Places("naft-vbo", full=True)),
        ("aanbieder NAFT VBO volzet tot einde schooljaar", Places("naft-vbo", full=True)),
        ("0042 volzet", None),
        ("we zijn gesloten op 12 november", Close(date(2026, 11, 12), date(2026, 11, 12))),
        ("Het meldpunt is gesloten op 12 november.", Close(date(2026, 11, 12), date(2026, 11, 12))),
        ("gesloten van 23 december tot en met 2 januari", Close(CHRISTMAS.first, CHRISTMAS.last)),
        ("gesloten van 2 tot en met 6 november", Close(date(2026, 11, 2), date(2026, 11, 6))),
        ("Gesloten op 12/10", Close(date(2026, 10, 12), date(2026, 10, 12))),
        ("niet gesloten van 23/12 tot 2/1", Close(CHRISTMAS.first, CHRISTMAS.last, lifted=True)),
        ("gesloten vandaag", Close(TODAY, TODAY)),
        ("gesloten vandaag en morgen", Close(TODAY, TODAY + timedelta(days=1))),
        ("Ik ben ziek, het meldpunt is vandaag en morgen gesloten.", Close(TODAY, TODAY + timedelta(days=1))),
        ("gesloten morgen", Close(TODAY + timedelta(days=1), TODAY + timedelta(days=1))),
        ("We zijn morgen dicht", Close(TODAY + timedelta(days=1), TODAY + timedelta(days=1))),
        ("ik ben terug", Back()),
        ("Ik ben er weer!", Back()),
        ("mail 17 opnieuw", Again(17)),
        ("alles opnieuw", Again()),
        ("afzenders", Senders()),
        ("vergeet afzender 3", Forget(3)),
        ("Wat kan ik hier typen?", Help()),
    ],
)
def test_a_typed_line_is_read(typed, order):
    """In any case of letters, with or without the full stop."""
    assert house_order(typed, RULES, TODAY) == order


@each_row(
    "typed",
    [
        "zoek Peeters",
        "aanbieder Zweinstein volzet",
        "aanbieder NAFT volzet",
        "gesloten van volgende week tot later",
        "gesloten van 12 oktober tot 9 oktober",
        "gesloten van 30 tot en met 6 november",
        "gesloten van 12 oktober tot 12 maart",
    ],
)
def test_what_is_nearly_an_order_is_told_why_not(typed):
    """Not guessed at."""
    assert isinstance(house_order(typed, RULES, TODAY), Misread)


@each_row("typed", ["opnieuw", "zoek 0042", "toon 0042", "volzet", "we zijn gesloten", "0042 stuur naar NAFT VBO"])
def test_what_is_about_a_case_is_none_of_these(typed):
    """Nor is ordinary Dutch."""
    assert house_order(typed, RULES, TODAY) is None


@each_row(
    ("below", "rows"),
    [
        ("\n\nMet vriendelijke groeten\nEls\nMeldpunt SI, 016 00 00 00", 1),
        ("\nBedankt!\nGroetjes, Els", 1),
        ("\nGroeten\nEls\nen 0042 mag ook dicht", 2),
        ("\nbel jij Jan eens?", 2),
    ],
)
def test_a_name_below_an_order_is_no_order(below, rows):
    """A signature is left alone; what may be an order is not, also below a greeting."""
    decision = decide(None, came(f"gesloten op 12/10{below}"), RULES, MONDAY)

    assert len(answer(decision)) == rows


@each_row("verb", ON_ITSELF)
def test_every_listed_line_is_an_order(verb):
    """So that the list that people get promises nothing that is not there."""
    assert not isinstance(house_order(verb.example, RULES, TODAY), Misread | None)


def test_the_list_names_every_line_once():
    """The same for docs/desk.md."""
    assert len({verb.example for verb in ALL}) == len(ALL) == len((*ON_A_CASE, *ON_A_MAIL, *ON_ITSELF))
    assert as_markdown().count("\n") == len(ALL) + 1


@each_row(
    "kind",
    [
        {"sender": NAFT},
        {"sender": "an.peeters@vclbleuven.be"},
        {"proof": "none"},
        {"proof": "fail"},
    ],
)
def test_nobody_but_the_proven_desk_orders(kind):
    """Its address alone is nothing."""
    mail = came("aanbieder NAFT VBO volzet", **kind)

    assert ordered(mail.reading, mail.understanding, RULES, TODAY) is None
    assert decide(None, mail, RULES, MONDAY).marks == ()


def test_without_a_seal_nothing_is_done_and_the_desk_reads_how():
    """A new mail to the plain address may be anybody's who can send as the desk."""
    decision = decide(None, came("gesloten op 12/10\naanbieder NAFT VBO volzet", to=DESK), RULES, MONDAY)

    assert decision.marks == decision.house.closes == ()
    (letter,) = decision.letters
    assert letter.kind == "desk_help"
    assert "antwoord op een overzicht" in letter.values["why"]


def test_each_line_is_obeyed_and_read_back():
    """Several in one mail, in their order; what was not done says why."""
    text = "aanbieder NAFT VBO volzet\nzoek Peeters\ngesloten van 23 december tot en met 2 januari"

    decision = decide(None, came(text), RULES, MONDAY)

    assert decision.marks == (ProviderMark("naft-vbo", date(2027, 8, 31)),)
    assert decision.house.closes == (CHRISTMAS,)
    rows = answer(decision)
    assert [label for label, _ in rows] == text.splitlines()
    assert rows[0][1] == "NAFT VBO: volzet tot en met 31/08/2027"
    assert rows[1][1].startswith("niet uitgevoerd: zoek met een dossiernummer")
    assert rows[2][1].endswith("weer open op maandag 4 januari 2027")


def test_places_again_lifts_the_mark():
    """Until the provider says otherwise."""
    decision = decide(None, came("aanbieder NAFT VBO weer plaats"), RULES, MONDAY)

    assert decision.marks == (ProviderMark("naft-vbo", None),)


def test_a_closure_is_told_once_and_can_be_taken_back():
    """By the days that it was told with."""
    known = LookedUp(closures=(CHRISTMAS,))

    again = decide(None, came("gesloten van 23/12 tot 2/1", looked_up=known), RULES, MONDAY)
    lifted = decide(None, came("niet gesloten van 23/12 tot 2/1", looked_up=known), RULES, MONDAY)
    unknown = decide(None, came("niet gesloten op 12/10", looked_up=known), RULES, MONDAY)

    assert again.house.closes == ()
    assert lifted.house.reopens == (CHRISTMAS,)
    assert unknown.house.reopens == ()
    assert "niet als sluiting gemeld" in answer(unknown)[0][1]


def test_stuck_work_is_tried_again():
    """Of one mail, or all of it."""
    known = LookedUp(stuck=(Stuck(3, 17), Stuck(4), Stuck(5, 18)))

    assert decide(None, came("mail 17 opnieuw", looked_up=known), RULES, MONDAY).house.retries == (3,)
    assert decide(None, came("alles opnieuw", looked_up=known), RULES, MONDAY).house.retries == (3, 4, 5)
    assert "niets vast" in answer(decide(None, came("mail 9 opnieuw", looked_up=known), RULES, MONDAY))[0][1]


def test_remembered_senders_are_listed_and_forgotten():
    """By number."""
    one = RememberedLine(3, Remembered(who="info@jeugdhulp.example", meaning=Meaning.FAMILY))
    clb = RememberedLine(4, Remembered(who="@clb.example", meaning=Meaning.CLB, clb="clb-leuven"))
    ignored = RememberedLine(5, Remembered(who="nieuwsbrief@krant.example", meaning=Meaning.IGNORE))
    known = LookedUp(senders=(one, clb, ignored))

    listed = answer(decide(None, came("afzenders", looked_up=known), RULES, MONDAY))
    forgotten = decide(None, came("vergeet afzender 3\nvergeet afzender 9", looked_up=known), RULES, MONDAY)

    assert [words.partition(",")[0] for _, words in listed] == [
        "3: info@jeugdhulp.example",
        "4: @clb.example",
        "5: nieuwsbrief@krant.example",
    ]
    assert forgotten.house.forgets == (3,)
    assert answer(decide(None, came("afzenders"), RULES, MONDAY)) == [("afzenders", "we onthouden niemand")]


def test_found_cases_are_told_by_reference_and_initials():
    """Never by name; the open ones first."""
    open_, ended = at_state(State.DISPATCHED).case, at_state(State.WITHDRAWN).case
    ended = replace(ended, reference="MSI-2026-0041")
    known = LookedUp(pupils={Find("Voorbeeld", "2011-03-12"): (ended, open_)})

    rows = answer(decide(None, came("zoek Voorbeeld 12/03/2011", looked_up=known), RULES, MONDAY))

    assert [words.partition(":")[0] for _, words in rows] == ["MSI-2026-0042 N.V.", "MSI-2026-0041 N.V."]
    assert not any("Noor" in words for _, words in rows)
    nobody = decide(None, came("zoek Janssens 12/03/2011"), RULES, MONDAY)
    assert "geen dossier" in answer(nobody)[0][1]


def test_orders_about_cases_go_along():
    """In one answer to the digest, and each case once."""
    case = at_state(State.NEEDS_DESK).case
    mail = came("aanbieder NAFT VBO weer plaats\n0042 stuur naar NAFT VBO", others={case.reference: case})

    decision = decide(None, mail, RULES, MONDAY)

    (other,) = decision.others
    assert other.case.state is State.QUEUED
    assert [label for label, _ in answer(decision)] == ["aanbieder NAFT VBO weer plaats", "MSI-2026-0042"]


def test_an_order_beside_an_answer_on_a_case():
    """The case's own words are still heard."""
    life = at_state(State.NEEDS_DESK)

    decision = life.says("stuur naar NAFT VBO\nafzenders", role="desk")

    assert [one.case.state for one in decision.others] == [State.QUEUED]


def test_words_that_belong_to_nothing_are_told():
    """Not lost without a word."""
    rows = answer(decide(None, came("afzenders\nen dan nog iets"), RULES, MONDAY))

    assert rows[-1][0] == "de rest van je mail"


def test_help_is_the_list():
    """Asked for, or after an answer to the digest that holds no order."""
    asked = decide(None, came("hulp"), RULES, MONDAY)
    wrong = decide(None, came("doe maar iets"), RULES, MONDAY)

    assert [letter.kind for letter in asked.letters] == [letter.kind for letter in wrong.letters] == ["desk_help"]
    assert not asked.letters[0].values["why"]
    assert "geen opdracht" in wrong.letters[0].values["why"]


def test_a_form_is_no_order():
    """Whatever its lines say."""
    life = Life()
    form = "Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\nSchool: Sint\nAanleiding: x\nafzenders"

    assert (
        ordered(life.came(form, sender=WORKER).reading, life.came(form, sender=WORKER).understanding, RULES, TODAY)
        is None
    )


@each_row("verb", [*ON_A_CASE, *ON_A_MAIL])
def test_every_listed_line_on_a_case_or_mail_is_understood(verb):
    """As an order, or as what a party said."""
    clb = Clb(key="clb-leuven", name="Vrij CLB Leuven")
    words = verb.example.removeprefix("0042 ").removesuffix(" 0042")

    command = read_command(words, (clb,), RULES.providers)
    said = read_answer(as_said(words), "desk", RULES.words, today=TODAY)

    stuck = house_order(words, RULES, TODAY)
    assert isinstance(command, Command) or isinstance(said, Understood) or stuck or words == "oeps"


def test_signals_are_listed_and_left_out_by_their_number():
    """What the working group is not to hear of."""
    known = LookedUp(signals=(Signal(mail=17, role="clb", text="Er is niets\nvoor kleuters."),))

    assert answer(decide(None, came("signalen", looked_up=known), RULES, MONDAY)) == [
        ("signalen", "17: Er is niets voor kleuters.")
    ]
    left_out = decide(None, came("signaal 17 weg\nsignaal 9 weg", looked_up=known), RULES, MONDAY)
    assert left_out.house.drops == (17,)
    assert [said for _, said in answer(left_out)] == ["signaal 17 is weg", "er is geen signaal met dat nummer"]
    assert answer(decide(None, came("signalen"), RULES, MONDAY)) == [("signalen", "er zijn geen signalen")]


def test_who_is_back_says_so_from_the_own_mailbox():
    """Who stands in cannot end it."""
    rules = replace(RULES, desk=replace(RULES.desk, stand_in="vervanger@meldpunt.example"))

    back = decide(None, came("ik ben terug"), rules, MONDAY)
    other = came("ik ben terug", sender="vervanger@meldpunt.example")
    stands_in = decide(None, replace(other, understanding=understand(other.reading, rules, TODAY)), rules, MONDAY)

    assert answer(back)[0][1].startswith("welkom terug")
    assert "jij vervangt" in answer(stands_in)[0][1]


def test_a_name_may_hold_a_figure():
    """The day is what is one."""
    assert house_order("zoek Peeters 2B 12/03/2011", RULES, TODAY) == Find("Peeters 2B", "2011-03-12")

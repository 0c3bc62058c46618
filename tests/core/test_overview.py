"""The weekly overview: a row per case for whoever owes something, with taps that answer on that very case."""

from dataclasses import replace

from mailbag import CLB, NAFT, RULES, at_state
from rows import each_row

from mailflow.core.lifecycle import State
from mailflow.core.overview import MOST_ROWS, overview, owed, week_of
from mailflow.core.watches import watch


def rows_of(life, **later):
    """Who owes what on this case, that much later."""
    life.later(**later)
    return owed([life.case], life.rules, life.now)


@each_row(
    ("state", "address", "asked"),
    [
        (State.ACCEPTED, NAFT, "aanvaard: wanneer start het traject?"),
        (State.COMPLETED, NAFT, "afgerond: hoe liep het af, en is de terugkoppeling gebeurd?"),
        (State.WAITLIST_OFFERED, CLB, "de aanbieder stelt de wachtlijst voor: behouden?"),
        (State.FULL, CLB, "volzet of geen match: wat wil je doen?"),
    ],
)
def test_whoever_owes_it_is_asked_for_it(state, address, asked):
    """And nobody else: one party per case."""
    found = rows_of(at_state(state))

    assert [*found] == [address]
    letter = overview(found[address], RULES, at_state(state).now.date())
    (row,) = letter.values["rows"]
    assert (row.reference, row.name, row.asked) == ("MSI-2026-0042", "Noor", asked)
    assert letter.taps
    assert all(tap.action.startswith("MSI-2026-0042/") for tap in letter.taps)


@each_row("state", [State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_DESK, State.CLOSED])
def test_what_a_party_does_not_owe_is_in_no_overview(state):
    """The desk has its digest; an address that is not proven gets nothing by the way."""
    assert rows_of(at_state(state)) == {}


@each_row(("state", "tap"), [(State.WAITLISTED, "waitlist"), (State.STARTED, "ongoing")])
def test_a_waitlist_is_asked_about_each_four_weeks(state, tap):
    """Not before; one tap without news begins the weeks again."""
    life = at_state(state)
    assert rows_of(life, days=20) == {}
    found = rows_of(life, days=20)
    assert [*found] == [NAFT]
    assert any(one.action == f"MSI-2026-0042/{tap}" for one in overview(found[NAFT], RULES, life.now.date()).taps)

    life.says({"waitlist": "wachtlijst", "ongoing": "loopt nog"}[tap], tap=tap)

    assert (life.state, life.kinds()) == (state, [])
    assert rows_of(life) == {}
    assert watch(life.case, RULES).due > life.now


def test_after_the_phone_call_the_decision_is_asked():
    """ "Gesproken" is not offered any more."""
    life = at_state(State.DISPATCHED)
    life.says("gesproken")

    letter = overview(rows_of(life)[NAFT], RULES, life.now.date())

    assert letter.values["rows"][0].asked == "jullie spraken elkaar: wat wordt het?"
    assert "gesproken" not in [tap.word for tap in letter.taps]


def test_an_outcome_that_is_known_is_not_asked_again():
    """Then only the feedback is."""
    life = at_state(State.STARTED)
    life.says("afgerond, terug naar school")

    letter = overview(rows_of(life)[NAFT], RULES, life.now.date())

    assert letter.values["rows"][0].asked == "afgerond: is de terugkoppeling naar de school gebeurd?"
    assert [tap.word for tap in letter.taps] == ["terugkoppeling gedaan"]


def test_the_first_contact_has_its_own_reminder():
    """Only after that, and after the desk was told, it stands in the overview too."""
    life = at_state(State.DISPATCHED)
    assert rows_of(life, days=9) == {}
    life.look()
    assert rows_of(life, days=9) == {}
    life.look()

    letter = overview(rows_of(life)[NAFT], RULES, life.now.date())

    assert letter.values["rows"][0].asked == "sprak je de aanmelder al?"


def test_a_long_list_is_cut_and_says_so():
    """The longest waited for come first; the others stand in it the week after."""
    (row,) = rows_of(at_state(State.ACCEPTED))[NAFT]

    letter = overview([row] * (MOST_ROWS + 2), RULES, at_state(State.ACCEPTED).now.date())

    assert (len(letter.values["rows"]), letter.values["more"]) == (MOST_ROWS, 2)


def test_a_provider_that_is_gone_gets_nothing():
    """Nobody knows its address any more; the digest has the case."""
    life = at_state(State.DISPATCHED)
    rules = type(RULES)(**{**vars(RULES), "providers": {}})

    assert owed([life.case], rules, life.now) == {}


def test_a_week_has_one_name():
    """Also where the year turns."""
    assert week_of(at_state(State.DISPATCHED).now.date()) == "2026-W41"


def test_a_provider_that_left_gets_none():
    """There is no address to ask."""
    life = at_state(State.ACCEPTED)
    life.rules = replace(RULES, providers={key: one for key, one in RULES.providers.items() if key != "naft-vbo"})

    assert rows_of(life) == {}

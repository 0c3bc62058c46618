"""What each_row of rows.py makes of a table: one test, and no row that is wrong goes untold."""

import pytest
from rows import each_row


def test_every_wrong_row_is_told_with_what_it_holds():
    """And those that are right are not."""

    @each_row(("text", "length"), [("aap", 3), ("noot", 5), ("mies", 4), ("wim", 2)])
    def lengths(text, length):
        assert len(text) == length

    with pytest.raises(AssertionError, match="2 of 4 rows are wrong") as raised:
        lengths()

    told = str(raised.value)
    assert "row 2: text='noot', length=5\n    AssertionError: assert 4 == 5" in told
    assert "row 4: text='wim', length=2\n    AssertionError: assert 3 == 2" in told
    assert "aap" not in told
    assert "mies" not in told


def test_any_other_mistake_of_a_row_is_told_as_well():
    """An error that nobody expected, and one that was expected and did not come."""

    @each_row("given", ["1", "x", 2])
    def refused(given):
        if given == "x":
            raise KeyError(given)
        with pytest.raises(TypeError):
            given + 1

    with pytest.raises(AssertionError, match="2 of 3 rows are wrong") as raised:
        refused()

    assert "row 2: given='x'\n    KeyError: 'x'" in str(raised.value)
    assert "row 3: given=2\n    Failed: DID NOT RAISE" in str(raised.value)


def test_two_tables_are_multiplied():
    """Each row of the one with each of the other, as `parametrize` does."""
    asked = []

    @each_row("letter", "ab")
    @each_row(("number", "sign"), [(1, "+"), (2, "-")])
    def pairs(letter, number, sign):
        asked.append((letter, number, sign))

    pairs()

    assert asked == [("a", 1, "+"), ("a", 2, "-"), ("b", 1, "+"), ("b", 2, "-")]


def test_in_a_class_the_test_keeps_itself():
    """The rows come after it."""

    class Asks:
        asked = ()

        @each_row("number", [1, 2])
        def test_numbers(self, number):
            self.asked += (number,)

    one = Asks()
    one.test_numbers()

    assert one.asked == (1, 2)


def test_a_table_that_asks_nothing_is_refused():
    """Else a test that lost its rows would pass."""
    with pytest.raises(ValueError, match="nothing_at_all: a table without rows"):

        @each_row("number", [])
        def nothing_at_all(number):
            """Never asked."""


def test_a_row_of_another_length_is_refused():
    """Where it stands, before anything is asked."""
    with pytest.raises(ValueError, match="zip"):
        each_row(("text", "length"), [("aap", 3, "?")])

"""The CLB is guessed with reasons; nobody is asked before a person chose."""

from mailflow.core.known_senders import Clb
from mailflow.core.likely_clb import likely_clbs, nearest_of_each_network
from mailflow.core.places import Place

PLACES = (
    Place("3000", "Leuven", "VBO"),
    Place("3300", "Tienen", "VBO"),
    Place("1500", "Halle", "AHV"),
)
LEUVEN = Clb(key="leuven", name="Vrij CLB Leuven", network="free", postcode="3000", municipalities=("Leuven",))
TIENEN = Clb(key="tienen", name="Vrij CLB Tienen", network="free", postcode="3300", schools=("Atheneum Voorbeeld",))
HALLE = Clb(key="halle", name="GO! CLB Halle", network="go", postcode="1500")
UNPLACED = Clb(key="vgc", name="CLB van de VGC", network="official")
CLBS = (LEUVEN, TIENEN, HALLE, UNPLACED)


def keys(found):
    return [one.key for one in found]


def test_the_school_comes_before_the_home():
    """The CLB of the school is responsible; the home's is only a guess."""
    values = {"school_name": "atheneum voorbeeld", "postcode": "3000", "municipality": "Leuven"}

    found = likely_clbs(values, CLBS, PLACES)

    assert ["tienen", "leuven"] == keys(found)
    assert "het CLB van de school" == found[0].why


def test_a_clb_that_the_form_names_comes_first():
    """Somebody knew it."""
    values = {"clb": "GO! clb halle", "postcode": "3000", "municipality": "Leuven"}

    assert ["halle", "leuven"] == keys(likely_clbs(values, CLBS, PLACES))


def test_the_last_school_counts_for_a_pupil_who_is_not_enrolled():
    """FAQ: het CLB van de laatste school."""
    values = {"enrolled": "no", "last_school": "Atheneum Voorbeeld", "school_name": "Iets anders"}

    assert ["tienen"] == keys(likely_clbs(values, CLBS, PLACES))


def test_a_form_without_school_or_home_points_to_nobody():
    """Never guess."""
    assert () == likely_clbs({}, CLBS, PLACES)


def test_the_school_s_place_is_a_guess_too():
    """Where no CLB lists the school, the municipality of the school counts."""
    assert ["leuven"] == keys(likely_clbs({"school_name": "X", "school_postcode": "3000"}, CLBS, PLACES))


def test_the_nearest_of_each_network_is_one_each():
    """FAQ: het CLB dichtst bij de woonplaats, vrije keuze van net."""
    found = nearest_of_each_network({"postcode": "3300", "municipality": "Tienen"}, CLBS, PLACES)

    assert ["tienen", "halle", "vgc"] == keys(found)


def test_serving_the_municipality_is_nearer_than_a_near_postcode():
    """A CLB that says it serves the place comes first, and without a known home the order is still certain."""
    near_home = nearest_of_each_network({"postcode": "3000", "municipality": "Leuven"}, CLBS, PLACES)
    no_home = nearest_of_each_network({}, CLBS, PLACES)

    assert "leuven" == near_home[0].key
    assert 3 == len(no_home)

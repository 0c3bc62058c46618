"""Where a referral belongs and who fits: regions, ages, subjects, full providers."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rows import each_row

from mailflow.core.checks import age_band, age_on, need_of, regions_of
from mailflow.core.fitting import AskDesk, AskReferrer, Chosen, choose_provider, fit
from mailflow.core.neighbours import Neighbour, neighbour_of
from mailflow.core.places import Place, locate, places_from, plain
from mailflow.core.provider import Provider

CSV = (Path(__file__).resolve().parents[2] / "config" / "postcodes.csv").read_text(encoding="utf-8")
PLACES = places_from(CSV)
TODAY = date(2026, 11, 23)


def provider(key, name, **more):
    return Provider(key=key, name=name, address=f"post@{key}.example", **more)


VBO = provider("naft-vbo", "NAFT Vlaams-Brabant Oost", regions=frozenset({"VBO"}), minimum_age=12)
AHV = provider("naft-ahv", "NAFT Asse-Halle-Vilvoorde", regions=frozenset({"AHV"}), minimum_age=12)
WILG = provider("de-wilg", "De Wilg", regions=frozenset({"VBO"}), minimum_age=6, maximum_age=11)
KLAS = provider("klas-in-zicht", "Klas in Zicht", subjects=frozenset({"school"}))
PROVIDERS = {one.key: one for one in (VBO, AHV, WILG, KLAS)}
TEEN, CHILD = "2011-05-05", "2017-05-05"


def need(values, clb_postcode=""):
    return need_of(values, PLACES, on=TODAY, clb_postcode=clb_postcode)


def choose(values, providers=PROVIDERS, *, clb_postcode="", today=TODAY, **more):
    asked = {"subject_kind": "pupil", "birth_date": TEEN, **values}
    return choose_provider(asked, need(asked, clb_postcode), providers, today=today, **more)


def keys(answer):
    return [one.key for one in answer.options]


# --- places ---------------------------------------------------------------------------------------------------------


def test_the_shipped_table_is_the_province():
    """63 municipalities: 33 in Asse-Halle-Vilvoorde and 30 in Vlaams-Brabant Oost (Statbel)."""
    assert len({place.municipality for place in PLACES}) == 63
    assert len({place.municipality for place in PLACES if place.region == "AHV"}) == 33
    assert len({place.municipality for place in PLACES if place.region == "VBO"}) == 30


@each_row(
    ("postcode", "name", "municipality"),
    [
        ("3300", "Tirlemont", "Tienen"), ("3000", "louvain", "Leuven"), ("1500", "HAL", "Halle"),
        ("1640", "Rhode Saint Genese", "Sint-Genesius-Rode"),
        ("1640", "St Genesius Rode", "Sint-Genesius-Rode"), ("1755", "Gooik", "Pajottegem"),
        ("1570", "Galmaarden", "Pajottegem"),
        ("1540", "Herne", "Pajottegem"), ("1540", "Gooik", "Pajottegem"), ("3090", "Overijse", "Overijse"),
        ("1760", "O.L.V.-Lombeek", "Roosdaal"),
        ("3000", "Leuven/Heverlee", "Leuven"), ("3000", "Leuven, België", "Leuven"), ("3020", "Herrent", "Herent"),
        ("1804", "Zemst", "Zemst"), ("1804", "Vilvoorde", "Vilvoorde"), ("1804", "Cargovil", "Cargovil"),
        ("", "Tirlemont", "Tienen"),
        ("", "Ergens", "Ergens"), ("3000", "", "Leuven"), ("1804", "", ""), ("1000", "", ""),
        ("1000", "Brussel", "Brussel"),
        ("2980", "Halle", "Halle"), ("9870", "Machelen", "Machelen"), ("3000", "België", "België"),
    ],
)  # fmt: skip
def test_names_are_located(postcode, name, municipality):
    """Official, old, French and village names, with abbreviations and small typing errors."""
    found = locate(postcode, name, PLACES)

    assert found.municipality == municipality
    assert found.agree or name == "België"


@each_row(
    ("postcode", "name"),
    [("3000", "Zaventem"), ("1804", "Leuven"), ("1000", "Vilvoorde"), ("3000", "Leuven/Zaventem"), ("2000", "Halle")],
)
def test_postcode_and_name_can_contradict(postcode, name):
    """A name of another municipality, or a municipality of the province under a postcode outside it."""
    assert not locate(postcode, name, PLACES).agree


def test_words_are_compared_plainly():
    """Case, accents, punctuation and spaces do not count."""
    assert plain("  Sint-Genesius–RODE_é ") == "sint genesius rode e"


def test_a_table_from_a_spreadsheet_is_read():
    """Semicolons, a byte order mark, no names column, empty cells at the end."""
    assert places_from("\ufeffpostcode;municipality;region\r\n1000; Brussel ;BXL;\r\n") == (
        Place("1000", "Brussel", "BXL"),
    )


@each_row(
    ("text", "says"),
    [
        ("", "column postcode, municipality, region is missing"),
        ("postcode,region\n1000,X\n", "column municipality is missing"),
        ("postcode,municipality,region\n", "no postcode in this file"),
        (
            "postcode,municipality,region\n100,Brussel,X\n1000,,X\n2000,Antwerpen\n",
            "line 2: a postcode is four digits\nline 3: mun",
        ),
    ],
)
def test_a_bad_table_is_refused(text, says):
    """With every line that is wrong."""
    with pytest.raises(ValueError, match=r"line|postcode") as refused:
        places_from(text)

    assert says in str(refused.value)


# --- regions and ages -----------------------------------------------------------------------------------------------


@each_row(
    ("values", "clb", "regions"),
    [
        ({"postcode": "3000"}, "", {"VBO"}), ({"postcode": "3090"}, "", {"AHV"}), ({"postcode": "1804"}, "", {"AHV"}),
        ({"postcode": "1000"}, "", set()),
        ({"postcode": "1000", "school_postcode": "1800"}, "", {"AHV"}),
        ({"postcode": "3000", "school_postcode": "1800"}, "", {"VBO", "AHV"}),
        ({"residence_postcode": "3300"}, "", {"VBO"}), ({"postcode": "1000"}, "3000", {"VBO"}),
        ({"municipality": "Tirlemont"}, "", {"VBO"}),
        ({"municipality": "Pajottegem"}, "", {"AHV"}), ({"municipality": "Ergens"}, "", set()), ({}, "", set()),
    ],
)  # fmt: skip
def test_fittings_come_from_home_residence_school_or_clb(values, clb, regions):
    """Each counts; a municipality stands in for a postcode that is missing; outside the province is no region."""
    assert regions_of(values, PLACES, clb) == regions


@each_row(
    ("born", "day", "age"),
    [
        ("2012-11-23", TODAY, 14), ("2012-11-24", TODAY, 13), ("2012-02-29", date(2026, 2, 28), 13),
        ("2012-02-29", date(2026, 3, 1), 14),
        ("2026-11-24", TODAY, None), ("", TODAY, None), ("gisteren", TODAY, None),
    ],
)  # fmt: skip
def test_an_age_is_counted_in_whole_years(born, day, age):
    """Whole years; born on 29 February is a year older on 1 March; no date is no age."""
    assert age_on(born, day) == age


def test_an_age_counts_in_one_band_of_the_figures():
    """The bands of the figures."""
    assert [age_band(age) for age in (3, 11, 12, 15, 16, 17, 18, 25)] == [
        "under_12", "under_12", "12_15", "12_15", "16_17", "16_17", "18_plus", "18_plus",
    ]  # fmt: skip


# --- one provider ---------------------------------------------------------------------------------------------------


def test_a_fit_says_why():
    """Reasons for, in Dutch, without a name."""
    found = fit(VBO, need({"postcode": "3000", "birth_date": TEEN}))

    assert found.fits
    assert found.reasons == (
        "werkt voor een leerling",
        "werkt in Vlaams-Brabant Oost",
        "werkt vanaf 12 jaar (de leerling is 15 jaar)",
    )


@each_row(
    ("one", "values", "says"),
    [
        (
            VBO,
            {"postcode": "1930", "birth_date": TEEN},
            "werkt in Vlaams-Brabant Oost, en deze aanmelding hoort bij Asse-Halle-Vilvoorde",
        ),
        (
            VBO,
            {"postcode": "1000", "birth_date": TEEN},
            "werkt in Vlaams-Brabant Oost, en de regio van deze aanmelding is niet bekend",
        ),
        (VBO, {"postcode": "3000", "birth_date": CHILD}, "werkt vanaf 12 jaar, en de leerling is 9 jaar"),
        (
            WILG,
            {"postcode": "3000", "birth_date": TEEN},
            "werkt vanaf 6 jaar tot en met 11 jaar, en de leerling is 15 jaar",
        ),
        (VBO, {"postcode": "3000"}, "werkt vanaf 12 jaar, en de leeftijd is niet bekend"),
        (VBO, {"postcode": "3000", "subject_kind": "school"}, "werkt niet voor een klas, team of school"),
        (
            replace(WILG, minimum_age=None),
            {"postcode": "3000"},
            "werkt tot en met 11 jaar, en de leeftijd is niet bekend",
        ),
    ],
)
def test_what_does_not_fit_comes_first(one, values, says):
    """And what cannot be told does not fit."""
    found = fit(one, need(values))

    assert not found.fits
    assert found.reasons[0] == says


def test_full_for_the_year_does_not_fit():
    """Whatever else does."""
    found = fit(VBO, need({"postcode": "3000", "birth_date": TEEN}), frozenset({"naft-vbo"}))

    assert not found.fits
    assert found.reasons[0] == "meldde volzet voor de rest van het schooljaar"


def test_a_provider_without_terms_takes_every_pupil():
    """No regions and no ages: everywhere, every age; a region without a Dutch name is shown as written."""
    assert fit(provider("x", "X"), need({})).fits
    odd = fit(provider("y", "Y", regions=frozenset({"BXL"})), need({"postcode": "3000"}))
    assert odd.reasons[0] == "werkt in BXL, en deze aanmelding hoort bij Vlaams-Brabant Oost"


# --- which provider -------------------------------------------------------------------------------------------------


def test_a_named_provider_gets_it():
    """No questions, no warnings."""
    assert choose({"provider": "naft-vbo", "postcode": "3000"}) == Chosen(
        "naft-vbo", "NAFT Vlaams-Brabant Oost is de aanbieder die je koos."
    )


@each_row(
    ("values", "warnings"),
    [
        ({"postcode": "1930"}, 1), ({"postcode": "3000", "birth_date": CHILD}, 1),
        ({"postcode": "1930", "birth_date": CHILD}, 2),
        ({"postcode": "3000", "subject_kind": "school"}, 1), ({"postcode": "1000"}, 0),
        ({"postcode": "1000", "birth_date": ""}, 0),
    ],
)  # fmt: skip
def test_a_mismatch_with_a_named_provider_only_warns(values, warnings):
    """Region, age and subject; what is not known is no mismatch."""
    answer = choose({"provider": "naft-vbo", **values})

    assert answer.key == "naft-vbo"
    assert len(answer.warnings) == warnings
    assert all(line.startswith("NAFT Vlaams-Brabant Oost: werkt") for line in answer.warnings)


def test_a_named_provider_that_is_full_is_asked_about():
    """The referrer sees who has not reported full, those that fit first."""
    answer = choose(
        {"provider": "naft-vbo", "postcode": "3000", "school_postcode": "1930"},
        full=frozenset({"naft-vbo", "klas-in-zicht"}),
    )

    assert isinstance(answer, AskReferrer)
    assert keys(answer) == ["naft-ahv", "de-wilg"]
    assert "volzet" in answer.why


def test_the_referrer_may_insist():
    """Then it goes to the full provider all the same, with a warning."""
    answer = choose({"provider": "naft-vbo", "postcode": "3000", "insist": "yes"}, full=frozenset({"naft-vbo"}))

    assert answer.key == "naft-vbo"
    assert "volzet" in answer.warnings[0]


def test_with_everybody_full_there_is_nothing_to_choose():
    """There is nothing to choose from, and it is said."""
    answer = choose({"provider": "naft-vbo", "postcode": "3000"}, full=frozenset(PROVIDERS))

    assert answer == AskReferrer(
        "NAFT Vlaams-Brabant Oost is volzet voor de rest van het schooljaar. "
        "Alle andere aanbieders meldden ook volzet.",
        (),
    )


@each_row("wish", ["none", ""])
@each_row(
    ("values", "key"),
    [
        ({"postcode": "3000"}, "naft-vbo"), ({"postcode": "1930"}, "naft-ahv"), ({"postcode": "3090"}, "naft-ahv"),
        ({"postcode": "1755"}, "naft-ahv"),
        ({"postcode": "3000", "birth_date": CHILD}, "de-wilg"),
        ({"postcode": "1000", "school_postcode": "3000"}, "naft-vbo"),
        ({"subject_kind": "school"}, "klas-in-zicht"),
        ({"postcode": "3000", "school_postcode": "1930", "birth_date": CHILD}, "de-wilg"),
    ],
)  # fmt: skip
def test_the_only_one_that_fits_is_taken(wish, values, key):
    """By region, age and subject, and it is said why."""
    answer = choose({"provider": wish, **values})

    assert (type(answer), answer.key) == (Chosen, key)
    assert PROVIDERS[key].name in answer.why


def test_the_clb_counts_for_the_region():
    """Providers also accept the region of the CLB."""
    assert choose({"postcode": "1000"}, clb_postcode="3000").key == "naft-vbo"


def test_both_regions_fit_so_the_referrer_chooses():
    """Home in one region, school in the other, one provider in each."""
    answer = choose({"postcode": "3000", "school_postcode": "1930"})

    assert isinstance(answer, AskReferrer)
    assert set(keys(answer)) == {"naft-vbo", "naft-ahv"}
    assert "Asse-Halle-Vilvoorde en Vlaams-Brabant Oost" in answer.why


def test_one_of_both_regions_full_leaves_the_other():
    """Exactly one fits then."""
    assert choose({"postcode": "3000", "school_postcode": "1930"}, full=frozenset({"naft-vbo"})).key == "naft-ahv"


def test_several_in_one_region_go_to_the_desk():
    """Ranked: what fits first, by name."""
    hoeve = replace(VBO, key="hoeve", name="Hoeve")

    answer = choose({"postcode": "3000"}, providers=PROVIDERS | {"hoeve": hoeve})
    both = choose({"postcode": "3000", "school_postcode": "1930"}, providers=PROVIDERS | {"hoeve": hoeve})

    assert isinstance(answer, AskDesk)
    assert keys(answer)[:2] == ["hoeve", "naft-vbo"]
    assert isinstance(both, AskDesk)


def test_none_fits_so_the_desk_decides():
    """Ranked by the fewest objections, then how far off the age is; who does not take pupils comes last."""
    answer = choose({"postcode": "1930", "birth_date": "2021-05-05"})

    assert isinstance(answer, AskDesk)
    assert keys(answer) == ["naft-ahv", "de-wilg", "naft-vbo", "klas-in-zicht"]
    assert not any(one.fits for one in answer.options)


def test_unknown_age_and_region_are_ranked_too():
    """Nothing is known: the desk sees everybody."""
    assert len(keys(choose({"birth_date": ""}))) == 4


def test_a_provider_that_left_goes_to_the_desk():
    """A key that the configuration no longer has."""
    answer = choose({"provider": "weg", "postcode": "3000"})

    assert isinstance(answer, AskDesk)
    assert keys(answer)[0] == "naft-vbo"


def test_no_providers_at_all():
    """The desk decides about nothing, without an error."""
    assert choose({"postcode": "3000"}, providers={}).options == ()


def test_whoever_is_too_young_reads_who_does_take_that_age():
    """The wish stands; the confirmation names the others."""
    answer = choose({"provider": "naft-vbo", "postcode": "3000", "birth_date": CHILD})

    assert answer.key == "naft-vbo"
    assert answer.warnings[0].endswith("Wie een leerling van 9 jaar wel neemt: De Wilg.")


def test_an_age_that_nobody_takes_is_told_so():
    """And is counted (see the next test of placing)."""
    answer = choose({"provider": "naft-vbo", "postcode": "3000", "birth_date": "2022-05-05"})

    assert "Niemand in onze lijst neemt daar een leerling van 4 jaar" in answer.warnings[0]


def test_outside_the_province_says_what_still_counts():
    """Without a wish: school or residence may lie inside; meanwhile the desk looks."""
    assert choose({"postcode": "9000"}).why.startswith("De postcodes liggen buiten onze regio's.")
    assert not choose({"postcode": "9000", "school_postcode": "3000"}).warnings


ANTWERP = Neighbour("Meldpunt Antwerpen", "meldpunt@buur.example", "03 000 00 00", (("2000", "2999"),))
ELSEWHERE = Neighbour("Meldpunt Elders", "meldpunt@elders.example")


@each_row(
    ("postcode", "neighbours", "named"),
    [
        ("2000", [ANTWERP, ELSEWHERE], ANTWERP), ("2999", [ELSEWHERE, ANTWERP], ANTWERP),
        ("3000", [ANTWERP, ELSEWHERE], ELSEWHERE), ("3000", [ANTWERP], None), ("", [ELSEWHERE], None), ("2000", [], None),
    ],
)  # fmt: skip
def test_whose_pupil_is_it(postcode, neighbours, named):
    """The neighbour that names the postcode, else the one that takes what is left."""
    assert neighbour_of(postcode, neighbours) == named


def test_the_neighbour_is_named_to_whoever_refers_from_outside():
    """With and without a wish; a school inside counts, and then nobody is sent away."""
    there = {"postcode": "2000"}

    for wish in ("", "naft-vbo"):
        answer = choose({**there, "provider": wish}, neighbours=(ANTWERP,))
        told = answer.why if isinstance(answer, AskDesk) else " ".join(answer.warnings)
        assert "Meldpunt Antwerpen: meldpunt@buur.example of 03 000 00 00." in told
        inside = choose({**there, "provider": wish, "school_postcode": "3000"}, neighbours=(ANTWERP,))
        assert "Antwerpen" not in f"{inside.why} {getattr(inside, 'warnings', '')}"


def test_in_summer_full_is_full_until_september():
    """She reads that it will not last."""
    asked = choose({"provider": "naft-vbo"}, today=date(2026, 7, 6), full=frozenset({"naft-vbo"}))

    assert "Vanaf 1 september geldt dat niet meer." in asked.why

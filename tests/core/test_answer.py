"""Do we read what people answer, or ask? Never a wrong state, seldom a needless question."""

import re
from datetime import date

import pytest
from rows import each_row
from shipped_words import TODAY, WORDS

from mailflow.core.answer import Unclear, Understood, Words, read_answer, words_from
from mailflow.core.asking import likely_first
from mailflow.core.examples import failing_examples
from mailflow.core.phrases import LISTS
from mailflow.core.taps import PROVIDER_TAPS

FEW = {
    "lists": {name: [f"woord van {name}"] for name in ("negations", "conditions", *LISTS)},
    "classes": {"plek": ["plaats", "plek"]},
    "slots": {"plaats": ["{plek}"], "vrij": ["vrij"]},
    "phrase": [{"action": "accept", "roles": ["provider"], "words": ["er is {plek}"], "examples": ["Er is plek!"]}],
    "frame": [{"action": "accept", "roles": ["provider"], "needs": ["plaats", "vrij"]}],
    "spelling": {},
    "language": [],
    "example": [],
}


def read(text, role="provider", asked=None):
    """The reading of one mail on that Tuesday."""
    return read_answer(text, role, WORDS, today=TODAY, asked=asked)


def outcome(text, role, asked):
    """The action, or "unclear"."""
    got = read(text, role, asked)
    return got.action if isinstance(got, Understood) else "unclear"


@each_row(
    ("role", "tap", "action"),
    [
        ("provider", "aanvaard", "accept"),
        ("provider", "er is plaats", "accept"),
        ("provider", "wachtlijst", "waitlist"),
        ("provider", "volzet", "full"),
        ("provider", "geldt voor alle aanmeldingen", "full_for_school_year"),
        ("provider", "geen match", "no_match"),
        ("provider", "gesproken", "contacted"),
        ("provider", "gestart", "started"),
        ("provider", "afgerond", "completed"),
        ("referrer", "behouden", "keep"),
        ("referrer", "liever sneller", "elsewhere"),
        ("referrer", "stop", "withdraw"),
        ("referrer", "stop even", "stop_release"),
        ("referrer", "bevestig", "confirm"),
        ("referrer", "dat was ik niet", "deny"),
        ("referrer", "gesproken", "contacted"),
    ],
)
@each_row("around", ["{}", "{}\n", "{}.", "\n\n{}\n\nMet vriendelijke groeten\nIne Wouters", "{}\nmvg Ine"])
def test_a_tap_is_certain(role, tap, action, around):
    """The one line that a tap sends is read with and without what mail programs put around it."""
    got = read(around.format(tap), role)

    assert isinstance(got, Understood)
    assert got.action == action
    assert tap in got.evidence.lower()


def test_a_tap_that_the_rest_contradicts_is_asked_about():
    """Added words that say something else make two answers, and two answers are none."""
    got = read("aanvaard\n\nOei, ik bedoel dat we volzet zijn.")

    assert isinstance(got, Unclear)
    assert got.why == "er staan meerdere antwoorden in: aanvaard, volzet"


@each_row(
    ("text", "role", "day", "also", "codes"),
    [
        ("Ze kan starten vanaf 1 maart.", "provider", date(2027, 3, 1), (), {}),
        ("We starten over twee weken.", "provider", date(2026, 11, 24), (), {}),
        ("Er is plaats vanaf maandag.", "provider", date(2026, 11, 16), (), {}),
        ("We starten op 24 nov. bij ons.", "provider", date(2026, 11, 24), (), {}),
        ("Noor is vrijdag gestart.", "provider", date(2026, 11, 6), (), {}),
        ("volzet tot 30 juni", "provider", date(2027, 6, 30), (), {"until": "2027-06-30", "for": "this_referral"}),
        ("we zijn sinds gisteren volzet", "provider", None, (), {}),
        ("Sinds maandag zijn wij volzet.", "provider", None, (), {}),
        ("Wij zijn vanaf maandag volzet.", "provider", None, (), {}),
        ("Volzet vanaf 1 december.", "provider", None, (), {}),
        ("Gisteren raakten we volzet.", "provider", None, (), {}),
        (
            "We zijn volzet en kunnen pas vanaf 5 januari opnieuw opstarten.",
            "provider",
            date(2027, 1, 5),
            (),
            {"until": "2027-01-05"},
        ),
        (
            "Volzet voor de rest van het schooljaar.",
            "provider",
            None,
            (),
            {"until": "school_year", "for": "this_referral"},
        ),
        ("We kunnen geen afdoende antwoord bieden.", "provider", None, (), {"reason": "no_sufficient_answer"}),
        ("De verwachtingen zijn niet haalbaar.", "provider", None, (), {"reason": "expectations_not_feasible"}),
        ("Gisteren gebeld met An. Aanvaard.", "provider", None, ("contacted",), {}),
        (
            "Aanvaard, rondetafel dinsdag 24 november 14u op school.",
            "provider",
            None,
            ("round_table",),
            {"round_table_on": "2026-11-24"},
        ),
        ("Rondetafel dinsdag 24 november 14u op school", "provider", date(2026, 11, 24), (), {}),
        ("NAFT belde: wachtlijst, voor ons oké", "referrer", None, ("contacted",), {}),
        ("NAFT is volzet, trek de aanmelding in.", "referrer", None, ("full",), {}),
        ("Match, geen plaats. Wil je haar op de wachtlijst?", "provider", None, (), {}),
        ("Aanvaard! Heb je het nummer van de school?", "provider", None, ("question",), {}),
        ("We starten begin maart.", "provider", None, (), {"day_unclear": "“begin maart” is geen precieze dag"}),
    ],
)
def test_what_stands_beside_the_action(text, role, day, also, codes):
    """Days, other facts of the same mail, and the codes of a decline."""
    got = read(text, role)

    assert isinstance(got, Understood), got
    assert (got.day, got.also, got.codes) == (day, also, codes)


@each_row(
    ("text", "role", "asked", "why"),
    [
        ("Aanvaard. Wachtlijst.", "provider", None, "meerdere antwoorden in: aanvaard, wachtlijst"),
        ("We hebben plaats. Of nee, geen plaats.", "provider", None, "aanvaard"),
        ("0042: wachtlijst, 0043: kan maandag starten", "provider", None, "meerdere dossiers"),
        ("MSI-2026-0042 aanvaard, MSI-2026-0043 ook.", "provider", None, "meerdere dossiers"),
        ("aanvaard " * 1_000, "provider", None, "te lang"),
        ("geen plaats", "provider", None, "wachtlijst of volzet?"),
        ("een match", "provider", None, "is er plaats"),
        ("ja", "provider", None, "alleen “ja”"),
        ("nee", "referrer", "keep", "stoppen"),
        ("Nee, behouden.", "referrer", "keep", "“nee” en ook “behouden”"),
        ("Nee!", "provider", None, "is het volzet, of geen match?"),
        ("Ja, als het snel gaat.", "referrer", "keep", "maakt dat onzeker"),
        ("Ok, bedankt.", "referrer", "keep", "maakt dat onzeker"),
        ("wachtlijst", "referrer", None, "wat de aanbieder zei, of wat je zelf wil?"),
        ("Gestart op 24 november.", "provider", None, "moet nog komen"),
        ("We zijn niet volzet.", "provider", None, "zegt wat het niet is"),
        ("Wij aanvaarden enkel vanaf 15 jaar.", "provider", None, "lijkt niet over deze aanmelding te gaan"),
        ("Als er plaats is aanvaarden we.", "provider", None, "is niet zeker gezegd"),
        ("Spijtig, ze kan starten.", "provider", None, "is niet zeker gezegd"),
        ("We aanvaarden indien gewenst.", "provider", None, "is niet zeker gezegd"),
        ("Aanvaard, maar niet voor dit jaar.", "provider", None, "maar ook"),
        ("Aanvaard, en dat niet voor dit jaar.", "provider", None, "maar ook"),
        ("Aanvaard. We aanvaarden niet.", "provider", None, "staat er ook met “niet”"),
        ("Aanvaard. Misschien volzet.", "provider", None, "misschien ook “volzet”"),
        ("Er is plaats op het parkeerterrein.", "provider", None, "meer dan ik zeker begrijp"),
        ("Hallo daar", "provider", None, "geen antwoord"),
        ("", "provider", None, "geen antwoord"),
        ("Voornaam: Noor", "provider", None, "geen antwoord"),
    ],
)
def test_why_it_is_asked_back(text, role, asked, why):
    """A person reads in Dutch what made it uncertain."""
    got = read(text, role, asked)

    assert isinstance(got, Unclear), got
    assert why in got.why


@each_row(
    ("text", "likely"),
    [
        ("Als er plaats is aanvaarden we.", "accept"),
        ("Aanvaard. Misschien volzet.", "accept"),
        ("We zetten haar misschien op de wachtlijst.", "waitlist"),
        ("Hallo daar", None),
    ],
)
def test_what_the_mail_may_mean_is_offered_first(text, likely):
    """Asked back, the writer finds the likeliest answer at the top."""
    got = read(text)

    assert isinstance(got, Unclear)
    offered = likely_first(PROVIDER_TAPS, got.likely)
    assert offered[0].action == (likely or PROVIDER_TAPS[0].action)
    assert sorted(offered, key=PROVIDER_TAPS.index) == list(PROVIDER_TAPS)


@each_row(
    ("typed", "action"),
    [
        ("wachtlist", "waitlist"),
        ("We aanvarden haar", "accept"),
        ("we aanvaaden haar", "accept"),
        ("gesprokken met An", "contacted"),
        ("Rondetaffel op 24/11", "round_table"),
        ("behoudn", "keep"),
    ],
)
def test_a_typing_error_in_a_long_word(typed, action):
    """One slip in a word of eight letters or more changes nothing."""
    assert outcome(typed, "referrer" if action == "keep" else "provider", None) == action


@each_row("typed", ["besproken met An", "gehouden", "gestopt", "gestort", "volgezet", "behoeden", "starter"])
def test_a_real_word_is_no_typing_error(typed):
    """Words that look like ours stay what they are."""
    assert outcome(typed, "provider", None) == "unclear"


@each_row(
    ("text", "action"),
    [("wij nemen noor aan", "accept"), ("volzet sorry joke", "full"), ("noor gaat op de wachtlijst", "waitlist")],
)
def test_names_of_the_case_need_no_capital(text, action):
    """On a phone few people write one, and a word that we do not know would make us ask."""
    assert outcome(text, "provider", None) == "unclear"

    got = read_answer(text, "provider", WORDS, today=TODAY, names=frozenset({"noor", "joke"}))

    assert got.action == action


@each_row(
    "text",
    [
        "Wij nemen Jolien dolgraag op.",
        "Jolien nemen wij dolgraag op.",
        "We hebben dolgraag beslist om Jolien op te nemen.",
        "We kennen Jolien en nemen haar dolgraag op.",
        "Nemen haar dolgraag op.",
    ],
)
def test_who_does_what_with_whom_in_any_order(text):
    """A frame names no order, and bears a word that we do not know; the subject may stand in the clause before."""
    assert outcome(text, "provider", None) == "accept"


@each_row(
    "text", ["We nemen Jolien dolgraag op in de nieuwsbrief.", "Wij nemen Jolien niet op.", "Zij nemen Jolien op."]
)
def test_a_frame_that_may_be_about_something_else_is_asked_about(text):
    """What follows "in" may be what the verb is about; a "niet" denies it; and "zij" is not the provider."""
    assert outcome(text, "provider", None) == "unclear"


@each_row(
    ("text", "action"),
    [
        ("We konden een andere jongere verschuiven, waardoor er voor Jana meteen plaats is.", "accept"),
        ("Er is een meisje uitgestroomd dus er is plaats voor Amina.", "accept"),
        ("Er is een meisje uitgestroomd.", "unclear"),
        ("Een jongen kan bij ons starten.", "unclear"),
        ("We zijn afgelopen woensdag gestart met Vince.", "started"),
        ("We zijn gestart met schelden.", "unclear"),
        ("wachtlijst voor Elien", "waitlist"),
        ("wachtlijst van Elien", "unclear"),
        ("CLB en ouders gaan akkoord met een plaats op de wachtlijst.", "waitlist_agreed"),
        ("De ouders gaan akkoord met een plaats op de wachtlijst.", "unclear"),
        ("Plaats: nog niet. Het is wel een match.", "waitlist"),
        ("We zitten godganse dagen vol.", "full"),
        ("We zitten vol vragen.", "unclear"),
        ("Volzet door de dinsdagwerking.", "full"),
        ("Wij nemen contact op met de aanmelder als de opstart kan doorgaan.", "acknowledge"),
        ("We zetten haar om 13u30 op de wachtlijst.", "waitlist"),
        ("Wij beschouwen dit als geen match.", "no_match"),
        ("Geen plaats meer, en een wachtlijst houden we niet bij.", "full"),
        ("Een wachtlijst is hier dicht.", "unclear"),
        ("Wachtlijst. Onze lijst is dicht.", "unclear"),
        ("We zouden Ella graag begeleiden zodra het kan, dus we noteren haar op onze wachtlijst.", "waitlist"),
        ("Misschien is er plaats, dus hij kan starten.", "unclear"),
        ("Als er plaats is, dus nog niet nu, kan hij starten.", "unclear"),
        ("Zij mag op de wachtlijst, want andere dagen doe ik niet.", "waitlist"),
        ("Zij mag op de wachtlijst, al doe ik dat niet.", "unclear"),
        ("We hebben pas plaats na nieuwjaar. Het is wel een match.", "waitlist"),
        ("Na contact met het CLB besluiten we dat de vraag niet past binnen onze werking.", "no_match"),
        ("Ik nam gisteren contact op met Bea.", "contacted"),
        ("Er is niemand gekomen op de opendeurdag van de tuinvereniging.", "unclear"),
        ("De rondetafel met de school, ouders en CLB is maandag.", "round_table"),
        ("Mogelijk starten we in januari.", "unclear"),
        ("Dus Fons op de wachtlijst.", "waitlist"),
        ("Sorry, geen match.", "no_match"),
        ("Wachtlijst, CLB is op de hoogte en akkoord.", "waitlist_agreed"),
        ("Wachtlijst, het CLB is nog niet op de hoogte en akkoord.", "unclear"),
        ("Alle trajecten zitten vol tot de zomervakantie.", "full_for_school_year"),
        ("We zitten vol. Misschien past hij niet bij ons.", "full"),
    ],
)
def test_what_stands_around_a_decision(text, action):
    """Why it is so, of whom it is said, and words that change nothing, against those that do."""
    assert outcome(text, "provider", None) == action


def test_a_word_that_decides_is_not_passed_over_for_a_thank_you():
    """Around it stands more than we know, so it is asked about."""
    got = read("Bedankt. De wachtlijst is bij ons intussen wat korter.")

    assert isinstance(got, Unclear)
    assert got.why == "“De wachtlijst is bij ons intussen wat korter”: is dat een antwoord op deze aanmelding?"


@each_row("unit", ["aanvaard ", "niet ", "we … ", "als ", "a", "aanvaarden,", "0042:", "?", "\n", "“"])
def test_a_hostile_text_is_read_in_no_time(unit):
    """Eight thousand characters of the same raise nothing and change no state by force of numbers."""
    got = read(unit * (7_900 // len(unit)))

    assert isinstance(got, Understood | Unclear)


def test_without_any_phrases_everything_is_asked_back():
    """An empty configuration reads nothing and raises nothing."""
    assert isinstance(read_answer("Aanvaard, ja.", "provider", Words(), today=TODAY, asked="keep"), Unclear)


def test_every_example_of_the_configuration_is_read_as_it_says():
    """What `mailflow check` shows an operator is empty as shipped."""
    assert failing_examples(WORDS) == []


def test_an_example_that_fails_is_named():
    """With its text, its role, and what came out instead."""
    table = {
        "lists": FEW["lists"],
        "classes": FEW["classes"],
        "phrase": [
            {"action": "accept", "roles": ["desk"], "words": ["=top"], "examples": ["top", "flop", "top -> full"]}
        ],
        "example": [{"text": "top", "action": "unclear", "role": "desk"}],
    }

    failing = failing_examples(words_from(table))

    assert [line.split(": ")[0] for line in failing] == [
        "“top” by the desk reads as accept, not unclear",
        "“flop” by the desk reads as unclear, not accept",
        "“top” by the desk reads as accept, not full",
    ]


def test_a_small_configuration_without_mistakes_is_taken():
    """Each of the changes below is what is wrong with it."""
    assert failing_examples(words_from(FEW)) == []


@each_row(
    ("change", "problem"),
    [
        ({"phrases": []}, "phrases: unknown key"),
        ({"classes": []}, "classes: must be a table of word lists"),
        (
            {"classes": {}, "phrase": [{"action": "accept", "roles": ["desk"], "words": ["nog {plek}"]}]},
            "phrase[1].words: “nog {plek}” names a class that [classes] does not hold: plek",
        ),
        ({"lists": []}, "lists: must be a table of word lists"),
        ({"lists": {**FEW["lists"], "moods": []}}, "lists.moods: unknown list"),
        ({"lists": {k: v for k, v in FEW["lists"].items() if k != "yes"}}, "lists.yes: missing"),
        ({"lists": {**FEW["lists"], "yes": "ja"}}, "lists.yes: must be a list of texts"),
        ({"phrase": {}}, "phrase: must be an array of tables, [[phrase]]"),
        ({"phrase": []}, "phrase: there is none"),
        ({"phrase": ["x"]}, "phrase[1]: must be a table"),
        ({"phrase": [{"action": "accepted", "roles": ["desk"], "words": ["x"]}]}, "phrase[1].action: must be one of"),
        ({"phrase": [{"action": "accept", "roles": ["boss"], "words": ["x"]}]}, "phrase[1].roles: must hold provider"),
        ({"phrase": [{"action": "accept", "roles": ["desk"]}]}, "phrase[1].words: must hold at least one phrase"),
        ({"phrase": [{"action": "accept", "roles": ["desk"], "words": ["… x"]}]}, "begins or ends with dots"),
        ({"phrase": [{"action": "accept", "roles": ["desk"], "words": ["?!"]}]}, "“?!” holds no word"),
        (
            {"phrase": [{"action": "accept", "roles": ["desk"], "words": ["x"], "code": 1}]},
            "phrase[1].code: must be text",
        ),
        ({"phrase": [{"action": "accept", "roles": ["desk"], "words": ["x"], "odd": 1}]}, "phrase[1].odd: unknown key"),
        (
            {"phrase": [{"action": action, "roles": ["desk"], "words": ["x"]} for action in ("full", "accept")]},
            "“x” of the desk means both full and accept",
        ),
        ({"lists": {**FEW["lists"], "yes": ["{gat}"]}}, "lists.yes: “{gat}” names a class that [classes] does not"),
        ({"slots": []}, "slots: must be a table of word lists"),
        ({"slots": {"plek": ["{gat}"]}}, "slots.plek: “{gat}” names a class that [classes] does not hold: gat"),
        (
            {"frame": [{"action": "accept", "roles": ["desk"], "needs": ["niets"]}]},
            "frame[1].needs: [slots] does not hold niets",
        ),
        ({"frame": [{"action": "accept", "roles": ["desk"]}]}, "frame[1].needs: must name at least one slot"),
        ({"frame": [{"action": "yes", "roles": ["desk"], "needs": ["plaats"]}]}, "frame[1].action: must be one of"),
        ({"frame": [{"action": "accept", "roles": [], "needs": ["plaats"]}]}, "frame[1].roles: must hold provider"),
        (
            {"frame": [{"action": "accept", "roles": ["desk"], "needs": ["plaats"], "code": 1}]},
            "frame[1].code: must be text",
        ),
        ({"frame": [{"odd": 1}]}, "frame[1].odd: unknown key"),
        ({"spelling": []}, "spelling: must be a table of word lists"),
        ({"spelling": {"geen": ["gin"], "gene": ["gin"]}}, "spelling.gene: “gin” stands for two things"),
        ({"second_reader": []}, "second_reader: must be a table"),
        ({"second_reader": {"certain": 2}}, "second_reader.certain: must be a number from 0 to 1"),
        ({"second_reader": {"sure": 1}}, "second_reader.sure: unknown key"),
        ({"example": [{"action": "accept"}]}, "example[1].text: must hold what somebody writes"),
        ({"example": [{"text": "x", "action": "yes"}]}, "example[1].action: must be an action or “unclear”"),
        ({"example": [{"text": "x", "action": "full", "role": "boss"}]}, "example[1].role: must be provider"),
        ({"example": [{"text": "x", "action": "full", "asked": "sure"}]}, "example[1].asked: must be an action"),
        ({"example": [{"text": "x", "action": "full", "odd": "x"}]}, "example[1].odd: unknown key"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(change, problem):
    """Every problem with its place."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        words_from({**FEW, **change})


def test_all_problems_are_told_at_once():
    """One line each."""
    with pytest.raises(ValueError, match="more: unknown key") as raised:
        words_from({"lists": {}, "phrase": [{}], "more": 1})

    assert len(str(raised.value).splitlines()) > 10

"""What a provider's answer does: it moves by the table, is told once, and can be taken back within the pause."""

from dataclasses import replace
from datetime import date

from mailbag import CLB, FORM, NAFT, RULES, WORKER, Life, at_state, dispatched
from rows import each_row

from mailflow.core.answer import Understood
from mailflow.core.decision import ProviderMark
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.provider_says import provider_says

END_OF_YEAR = date(2027, 8, 31)
EVERYBODY = "volzet, geldt voor alle aanmeldingen"

# fmt: off
SAYS = [
    # words                                          tap          then                     to the referrer     to the provider
    ("aanvaard",                                     None,        State.ACCEPTED,          "accepted",         ["after_accept", "echo"]),
    ("aanvaard",                                     "accept",    State.ACCEPTED,          "accepted",         ["after_accept"]),
    ("wachtlijst",                                   None,        State.WAITLIST_OFFERED,  "waitlist_offered", ["echo"]),
    ("",                                             "waitlist",  State.WAITLIST_OFFERED,  "waitlist_offered", []),
    ("wachtlijst, zo afgesproken met de aanmelder",  None,        State.WAITLISTED,        "waitlist_agreed",  ["echo"]),
    ("volzet",                                       None,        State.FULL,              "full",             ["echo"]),
    (EVERYBODY,                                      None,        State.FULL,              "full",             ["echo"]),
    ("geen match",                                   None,        State.NO_MATCH,          "no_match",         ["called"]),
    ("gestart",                                      None,        State.STARTED,           "started",          ["after_accept", "echo"]),
]
# fmt: on


@each_row(("words", "tap", "then", "referrer", "provider"), SAYS)
def test_each_answer_moves_the_case_and_is_told(words, tap, then, referrer, provider):
    """Free text is echoed and told after the pause; a tap is told at once."""
    life = dispatched()

    life.says(words, tap=tap)

    assert life.state is then
    assert [one.kind for one in life.last.letters if one.to == "referrer"] == [referrer]
    assert [one.kind for one in life.last.letters if one.to == "provider"] == provider
    told = next(one for one in life.last.letters if one.to == "referrer")
    assert told.not_before == (None if tap else life.now + RULES.terms.pause)
    assert told.values.get("words", "") in ("" if tap else words, "")


def test_a_day_that_reads_two_ways_is_asked_for():
    """What is certain counts already; the echo asks which day, and a second answer brings it."""
    life = dispatched()

    life.says("We starten begin maart.")

    assert life.state is State.ACCEPTED
    echo = next(one for one in life.last.letters if one.kind == "echo")
    assert echo.values["day"] == "“begin maart” is geen precieze dag"

    life.says("We starten op 1 maart.")

    assert life.case.last(Event.PROVIDER_ACCEPTED).codes["day"] == "2027-03-01"
    assert next(one for one in life.last.letters if one.kind == "echo").values["day"] == ""


def test_a_round_table_on_a_day_that_reads_two_ways_is_asked_about():
    """It is noted, and its writer is asked which day."""
    life = dispatched()

    life.says("Rondetafel voor 1 december op school")

    assert life.case.last(Event.ROUND_TABLE_NOTED).codes == {}
    assert life.kinds() == ["unclear"]
    assert "“voor 1 december” is geen precieze dag" in life.last.letters[0].values["why"]


def test_oeps_within_the_pause_takes_back_what_nobody_has_heard():
    """Both letters are voided; the clear answer that follows is the only one the referrer gets."""
    life = dispatched()
    life.says("aanvaard")
    life.later(minutes=5)
    life.says("oeps, dat was voor een andere leerling")
    assert {*life.last.voids} == {3, 4}
    assert life.kinds() == ["unclear"]

    life.says("volzet")
    life.later(minutes=16)

    assert life.state is State.FULL
    sent = [h.codes["letter"] for h in life.case.history if h.kind is Event.LETTER_SENT]
    assert "accepted" not in sent
    assert "full" in sent
    assert not life.case.unanswered


def test_accepting_after_all_hands_over_the_rest_again():
    """What "oeps" voided is written anew, for both sides."""
    life = dispatched()
    life.says("aanvaard")
    life.says("oeps")
    life.says("aanvaard")
    life.later(minutes=16)

    sent = [h.codes["letter"] for h in life.case.history if h.kind is Event.LETTER_SENT]

    assert sent.count("accepted") == 1
    assert sent.count("after_accept") == 1


def test_starting_within_the_pause_still_hands_over_the_rest():
    """The provider gets the surname and the guardians, whatever word came first."""
    life = dispatched()
    life.says("aanvaard")
    life.later(minutes=2)
    life.says("gestart")
    life.later(minutes=16)

    sent = [h.codes["letter"] for h in life.case.history if h.kind is Event.LETTER_SENT]

    assert sent.count("after_accept") == 1
    assert "accepted" not in sent
    assert "started" in sent


def test_a_no_after_a_yes_within_the_pause_keeps_the_rest_from_the_provider():
    """Surname and guardians are not sent to a provider that is full."""
    life = dispatched()
    life.says("aanvaard")
    life.says("volzet")
    life.later(minutes=16)

    assert "after_accept" not in [h.codes["letter"] for h in life.case.history if h.kind is Event.LETTER_SENT]


def test_a_tap_and_words_that_contradict_it_are_asked_about():
    """Nothing is told to anybody."""
    life = dispatched()

    life.says("volzet", tap="accept")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["unclear"])


def test_the_same_tap_twice_is_told_once():
    """Two coaches, or two thumbs."""
    life = dispatched()
    life.says("", tap="accept")
    life.later(minutes=1)

    life.says("", tap="accept", sender="coach@naft-vbo.example")

    assert (life.state, life.kinds()) == (State.ACCEPTED, [])


@each_row(("state", "words"), [(State.STARTED, "gestart"), (State.COMPLETED, "afgerond")])
def test_saying_it_again_is_no_contradiction(state, words):
    """A note, and no question."""
    life = at_state(state)

    life.says(words)

    assert (life.state, life.kinds()) == (state, [])


def test_the_waitlist_again_asks_the_referrer_nothing_again():
    """She kept her place already."""
    life = at_state(State.WAITLISTED)

    life.says("wachtlijst")

    assert (life.state, life.kinds()) == (State.WAITLISTED, ["echo"])
    assert life.last.letters[0].values["other"] == ""


def test_a_place_for_somebody_who_waits_is_its_own_event():
    """And the referrer hears that it came from the waitlist."""
    life = at_state(State.WAITLISTED)

    life.says("aanvaard")

    assert life.happened(Event.PLACE_FREE) == 1
    assert life.last.letters[0].values["from_waitlist"]


def test_full_for_everybody_marks_the_provider_until_31_august():
    """On its own word, and until the pause is over it can be taken back."""
    life = dispatched()

    life.says(EVERYBODY)
    assert life.last.marks == (ProviderMark("naft-vbo", END_OF_YEAR),)
    assert life.case.last(Event.PROVIDER_FULL).codes["until"] == "2027-08-31"
    life.says("oeps")
    assert life.last.marks == (ProviderMark("naft-vbo", None),)
    life.says("aanvaard")

    assert life.last.marks == ()


def test_a_correction_within_the_pause_takes_the_mark_back():
    """Full for everybody, no: only for this one."""
    life = dispatched()
    life.says(EVERYBODY)

    life.says("volzet")

    assert life.last.marks == (ProviderMark("naft-vbo", None),)


def test_once_heard_the_mark_stays():
    """It said so, and the referrer was told."""
    life = dispatched()
    life.says(EVERYBODY)
    life.later(minutes=16)

    life.says("aanvaard")

    assert life.last.marks == ()


def test_the_desk_marks_it_too_and_a_referrer_never():
    """A referrer reports what she heard: that answers her case only."""
    desk, referrer = dispatched(), dispatched()

    desk.says(EVERYBODY, role="desk")
    referrer.says("", role="referrer")
    understood = Understood(action="full_for_school_year", evidence="")
    draft = Draft(case=referrer.case, rules=RULES, now=referrer.now)
    provider_says(draft, understood, referrer.came("", role="referrer"), CLB, by=Party.REFERRER)

    assert desk.last.marks == (ProviderMark("naft-vbo", END_OF_YEAR),)
    assert (draft.case.state, draft.marks) == (State.FULL, [])


def test_a_provider_that_was_full_already_is_not_marked_again():
    """So "oeps" cannot take back what it said on another case."""
    life = dispatched(full=frozenset())
    life.full = frozenset({"naft-vbo"})

    life.says(EVERYBODY)

    assert life.last.marks == ()


@each_row(
    ("words", "event"),
    [
        ("gesproken", Event.CONTACT_MADE),
        ("bedankt", Event.NOTE),
    ],
)
def test_facts_are_noted_and_told_to_nobody(words, event):
    """They move nothing."""
    life = dispatched()

    life.says(words)

    assert (life.state, life.kinds()) == (State.DISPATCHED, [])
    assert life.happened(event) == 1


def test_the_day_of_the_round_table_is_kept():
    """As an ISO day in the event."""
    life = dispatched()

    life.says("rondetafel op 12 oktober")

    assert life.case.last(Event.ROUND_TABLE_NOTED).codes == {"day": "2026-10-12"}


def test_a_question_goes_to_the_referrer_in_its_own_words():
    """And in her absence to the desk."""
    life = dispatched()
    question = "Is de leerling nog ingeschreven?"

    life.says(question)
    assert life.kinds() == ["passed_on"]
    assert life.last.letters[0].values["words"] == question
    life.case = replace(life.case, parties={})
    life.says(question)

    assert life.kinds() == ["other_mail"]


def test_a_question_beside_a_tap_is_not_lost():
    """The letter of a tap holds no words, so the question goes along on its own."""
    life = dispatched()

    life.says("aanvaard. Is de leerling nog ingeschreven?", tap="accept")

    assert life.kinds() == ["accepted", "after_accept", "passed_on"]


def test_an_answer_while_the_letter_is_still_ours_proves_that_it_arrived():
    """The sending host has not reported back: the answer dispatches, and a later report is a note."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("aanvaard")
    assert life.state is State.ACCEPTED
    assert life.happened(Event.REFERRAL_SENT) == 1
    life.send(2)

    assert life.happened(Event.REFERRAL_SENT) == 1
    assert life.happened(Event.LETTER_SENT) == 1


def test_an_answer_before_anything_was_sent_is_asked_about():
    """The provider cannot know of it."""
    life = at_state(State.QUEUED)
    life.case = replace(life.case, provider="naft-vbo")

    life.says("aanvaard")

    assert (life.state, life.kinds()) == (State.QUEUED, ["unclear"])


def test_what_does_not_fit_is_asked_back_once():
    """Started, while the referrer has not said yes to the waitlist."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("gestart")

    assert (life.state, life.kinds()) == (State.WAITLIST_OFFERED, ["unclear"])


def test_a_word_that_no_provider_says_is_asked_back():
    """A referrer's tap in a provider's hand is just a reply."""
    life = dispatched()

    life.says("", tap="keep")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["unclear"])


@each_row(
    ("by", "sender", "name", "to_writer"),
    [("referrer", CLB, "De aanmelder", "referrer"), ("desk", WORKER, "Het meldpunt", "desk")],
)
def test_what_others_report_is_told_to_the_provider(by, sender, name, to_writer):
    """ "Volgens de aanmelder": the same event in her name; the echo goes to the one who wrote."""
    life = dispatched()

    life.says("NAFT belde: ze aanvaarden" if by == "referrer" else "aanvaard", role=by)

    assert life.state is State.ACCEPTED
    assert life.case.last(Event.PROVIDER_ACCEPTED).by is Party(by)
    kinds = {one.kind: one for one in life.last.letters}
    assert kinds["reported"].address == NAFT
    assert kinds["reported"].values == {"by": name, "sentence": "jullie aanvaarden deze aanmelding"}
    assert kinds["reported"].not_before == life.now + RULES.terms.pause
    assert (kinds["echo"].to, kinds["echo"].address) == (to_writer, sender)
    assert "de aanbieder" in kinds["echo"].values["other"]


def test_a_report_settles_what_the_provider_was_asked():
    """Somebody made it clear."""
    life = dispatched()
    life.says("misschien volgende week, we zien nog wel")
    assert Party.PROVIDER in life.case.unanswered

    life.says("NAFT belde: ze aanvaarden", role="referrer")

    assert not life.case.unanswered


def test_a_provider_that_left_the_list_is_spoken_for_by_the_desk():
    """There is nobody to write to, so a person arranges it."""
    life = dispatched()
    life.rules = replace(RULES, providers={})

    life.says("NAFT belde: ze aanvaarden", role="referrer")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["other_mail"])


def test_a_fact_alone_does_not_settle_a_decision_that_nobody_heard():
    """Accepted, oeps, "gesproken": the referrer still knows nothing, so it stays with the provider."""
    life = dispatched()
    life.says("aanvaard")
    life.says("oeps")

    life.says("gesproken")

    assert Party.PROVIDER in life.case.unanswered


def test_a_fact_settles_a_question_about_nothing_else():
    """Unclear, then "gesproken"."""
    life = dispatched()
    life.says("misschien volgende week, we zien nog wel")

    life.says("gesproken")

    assert not life.case.unanswered


def test_the_options_after_a_no_leave_out_who_said_it():
    """And who is full for the year."""
    life = dispatched()

    life.says("geen match")

    labels = [row.label for row in life.last.letters[0].values["options"]]
    assert "NAFT VBO" not in labels


def test_the_day_of_the_start_is_told():
    """In the letter, the echo and the event."""
    life = dispatched()

    life.says("gestart op 5 oktober")

    assert life.last.letters[0].values["day"] == "maandag 5 oktober 2026"
    assert life.case.last(Event.TRAJECTORY_STARTED).codes["day"] == "2026-10-05"


def test_no_match_without_a_phone_call_is_asked_once():
    """The answer stands, and is told; whether they spoke is asked, with a tap or by the word."""
    life = dispatched()

    life.says("geen match")

    (asked,) = (one for one in life.last.letters if one.to == "provider")
    assert (asked.kind, asked.values["sentence"]) == ("called", "geen match")
    life.later(minutes=16)
    life.says("nee, nog niet gebeld")
    assert life.kinds() == []
    assert life.case.last(Event.NOTE).codes == {"why": "not_called"}

    life.says("", tap="contacted")

    assert life.state is State.NO_MATCH
    assert life.kinds() == []
    assert life.happened(Event.CONTACT_MADE) == 1


def test_no_match_after_a_phone_call_is_only_echoed():
    """Whether either side said so: nobody asks what is known."""
    told, by_tap = dispatched(), dispatched()
    told.says("gesproken met NAFT", role="referrer")

    told.says("geen match")
    by_tap.says("", tap="no_match")

    assert [one.kind for one in told.last.letters if one.to == "provider"] == ["echo"]
    assert [one.values["sentence"] for one in by_tap.last.letters if one.to == "provider"] == [""]


@each_row(
    ("words", "reason"),
    [
        ("Na ons gesprek is dit geen match.", ""),
        ("Gesproken. Wij kunnen geen afdoende antwoord bieden.", "geen afdoende antwoord"),
        ("Gebeld. De verwachtingen van de school zijn niet realiseerbaar.", "niet realiseerbaar"),
        ("Gebeld: geen match", ""),
    ],
)
def test_the_reason_of_no_match_is_a_code_and_told(words, reason):
    """The two of the FAQ are counted; other words are quoted only."""
    life = dispatched()

    life.says(words)

    (letter,) = (one for one in life.last.letters if one.to == "referrer")
    assert reason in letter.values["reason"]
    assert letter.values["called"]
    assert bool(letter.values["reason"]) is bool(life.case.last(Event.PROVIDER_NO_MATCH).codes.get("reason"))


@each_row(
    ("words", "event"),
    [
        ("gebeld, geen gehoor", Event.CONTACT_ATTEMPTED),
        ("Twee keer gebeld, telkens voicemail. Ik probeer morgen opnieuw.", Event.CONTACT_ATTEMPTED),
        ("Ik bel het CLB morgen terug.", Event.CALLBACK_PROMISED),
        ("gesproken", Event.CONTACT_MADE),
    ],
)
def test_who_phoned_in_vain_is_told_as_that(words, event):
    """Neither as contact nor as a promise."""
    life = dispatched()

    life.says(words)

    kinds = (Event.CONTACT_ATTEMPTED, Event.CALLBACK_PROMISED, Event.CONTACT_MADE)
    assert [kind for kind in kinds if life.happened(kind)] == [event]


def test_an_attempt_beside_a_decision_is_a_fact_of_its_own():
    """The decision says nothing of it."""
    life = dispatched()

    life.says("Volzet. Ik heb de aanmelder gebeld, maar ze nam niet op.")

    assert life.happened(Event.CONTACT_ATTEMPTED) == 1
    assert life.case.last(Event.PROVIDER_FULL).codes == {"provider": "naft-vbo"}


def test_whoever_accepted_it_is_not_asked_whether_it_phoned():
    """Saying yes takes a talk: after a no that comes later, nobody asks "al gebeld?"."""
    life = dispatched()
    life.says("aanvaard")
    life.later(minutes=20)

    life.says("Sorry, toch geen match na de kennismaking.")

    assert life.state is State.NO_MATCH
    assert life.kinds() == ["no_match", "echo"]
    assert life.last.letters[0].values["called"]


@each_row(
    ("how", "words"),
    [
        ({"text": "Aanvaard, zij kan maandag komen."}, "Aanvaard, zij kan maandag komen."),
        ({"text": "", "tap": "accept"}, ""),
        ({"text": "aanvaard", "role": "desk"}, ""),
    ],
)
def test_the_referrer_reads_the_own_words_of_the_provider_and_of_nobody_else(how, words):
    """What was tapped, or reported by the desk, is told in ours."""
    life = dispatched()

    life.says(**how)

    [told] = [one for one in life.last.letters if one.kind == "accepted"]
    assert told.values["words"] == words


@each_row(("text", "tap"), [("aanvaard", None), ("", "accept")])
def test_after_accepting_the_provider_reads_what_it_may_see_only_then(text, tap):
    """The whole name; what it could always see is not told twice. A tap is certain, words can be taken back first."""
    life = dispatched()

    life.says(text, tap=tap)

    [rest] = [one for one in life.last.letters if one.kind == "after_accept"]
    told = str(rest.values["rows"])
    assert "Voorbeeld" in told
    assert "Noor" not in told
    assert "amper nog op school" not in told
    assert (rest.not_before is None) == (tap is not None)


@each_row(("text", "tap", "other"), [("geen match", None, "de aanmelder"), ("", "no_match", "")])
def test_who_sees_no_match_is_asked_whether_they_spoke_and_told_who_hears_of_it(text, tap, other):
    """After free text, which can be taken back; a tap was certain and needs no echo."""
    life = dispatched()

    life.says(text, tap=tap)

    [asked] = [one for one in life.last.letters if one.kind == "called"]
    assert (asked.values["other"], bool(asked.values["sentence"])) == (other, bool(other))


def test_a_contact_without_a_day_notes_none():
    """The history holds what was said, and no empty codes."""
    life = dispatched()

    life.says("gesproken")

    assert life.case.last(Event.CONTACT_MADE).codes == {}

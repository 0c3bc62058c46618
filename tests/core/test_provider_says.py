"""What a provider's answer does: it moves by the table, is told once, and can be taken back within the pause."""

from dataclasses import replace
from datetime import date

from mailbag import CLB, FORM, NAFT, RULES, WORKER, Life, at_state, dispatched
from rows import each_row

from mailflow.core.answer import Unclear, Understood
from mailflow.core.case import Happened, then
from mailflow.core.decision import ProviderMark
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.provider_says import CALLED_TAPS, note_fact, provider_says
from mailflow.core.taps import ACCEPTED_TAPS, CONTACTED

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
    why = "op welke dag is de rondetafel? “voor 1 december” is geen precieze dag"
    assert life.last.letters[0].values["why"] == why


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
    assert life.case.history[-1].kind is Event.NOTE


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
    assert life.case.last(Event.REFERRAL_SENT).codes == {"provider": "naft-vbo"}
    life.send(2)

    assert life.happened(Event.REFERRAL_SENT) == 1
    assert life.happened(Event.LETTER_SENT) == 1


def test_an_answer_before_anything_was_sent_is_asked_about():
    """The provider cannot know of it."""
    life = at_state(State.QUEUED)
    life.case = replace(life.case, provider="naft-vbo")

    life.says("aanvaard")

    assert (life.state, life.kinds()) == (State.QUEUED, ["unclear"])
    assert life.last.letters[0].values["why"] == "deze aanmelding is nog niet bezorgd"


def test_what_does_not_fit_is_asked_back_once():
    """Started, while the referrer has not said yes to the waitlist."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("gestart")

    assert (life.state, life.kinds()) == (State.WAITLIST_OFFERED, ["unclear"])
    assert life.last.letters[0].values["why"] == "dat past niet bij waar het dossier nu staat"


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
    assert life.last.letters[0].values["why"] == "de aanbieder van dit dossier staat niet meer in de lijst"


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


OCTOBER = date(2026, 10, 12)


def told(life, read, text="", *, by=Party.PROVIDER, tap=None):
    """What that answer does to the case: the draft, and the events of it."""
    draft = Draft(case=life.case, rules=RULES, now=life.now)
    came = life.came(text, sender=NAFT, role="provider", tap=tap)
    provider_says(draft, read, came, NAFT, by=by)
    return draft


def added(draft):
    """Which events, with their codes, but for letters."""
    letters = (Event.LETTER_WRITTEN, Event.LETTER_VOIDED)
    return [(h.kind, dict(h.codes)) for h in draft.decided().events if h.kind not in letters]


def says(action, **kind):
    """An answer as it was understood."""
    return Understood(action=action, evidence="", **kind)


def test_what_is_asked_back_offers_first_what_the_mail_may_mean():
    """With why it was not read; a word that no provider says is named as that."""
    [unclear] = told(dispatched(), Unclear("?", likely=("full",))).letters
    [unknown] = told(dispatched(), says("withdraw")).letters

    assert (unclear.values["why"], unclear.taps[0].action) == ("?", "full")
    assert unknown.values["why"] == "dat antwoord kennen we niet van een aanbieder"


def test_a_decision_below_a_no_to_our_question_counts():
    """Not phoned yet, and all the same it takes the pupil."""
    life = at_state(State.NO_MATCH)

    draft = told(life, says("accept"), "niet gebeld\n\ntoch aanvaard")

    assert draft.case.state is State.ACCEPTED


def test_full_for_the_year_said_of_this_referral_only_is_full_for_it():
    """No day until when, and no mark on the provider."""
    draft = told(dispatched(), says("full_for_school_year", codes={"for": "this_referral"}))

    assert (draft.case.last(Event.PROVIDER_FULL).codes, draft.marks) == ({"provider": "naft-vbo"}, [])


def test_an_end_says_that_it_had_started():
    """At that provider."""
    draft = told(at_state(State.ACCEPTED), says("completed"))

    assert added(draft)[:2] == [
        (Event.TRAJECTORY_STARTED, {"provider": "naft-vbo"}),
        (Event.TRAJECTORY_ENDED, {"provider": "naft-vbo"}),
    ]


def test_a_talk_is_noted_once_and_only_beside_no_match():
    """ "Na ons gesprek" before another answer may be about anything."""
    spoken = dispatched()
    spoken.says("gesproken")

    drafts = [
        told(dispatched(), says("full"), "Na ons gesprek: volzet."),
        told(dispatched(), says("no_match"), "Na ons gesprek: geen match."),
        told(spoken, says("no_match"), "Na ons gesprek: geen match."),
    ]

    assert [[kind for kind, _ in added(one)].count(Event.CONTACT_MADE) for one in drafts] == [0, 1, 0]


def test_whoever_reports_a_decision_made_clear_what_it_was_asked_itself():
    """The referrer was asked back, and then told what the provider decided."""
    life = dispatched()
    life.says("misschien volgende week, we zien nog wel", role="referrer")

    draft = told(life, says("accept"), by=Party.REFERRER)

    assert not draft.case.unanswered


def test_an_end_with_all_that_we_ask_of_it_closes_the_case():
    """What came of it, and that the school was told."""
    draft = told(at_state(State.STARTED), says("completed", also=("feedback",), codes={"outcome": "back_to_school"}))

    assert draft.case.state is State.CLOSED


def test_the_day_of_a_fact_is_noted_but_for_that_of_a_talk():
    """A call back is promised for a day; that they spoke is known by the day of the mail."""
    draft = Draft(case=dispatched().case, rules=RULES, now=dispatched().now)

    note_fact(draft, "callback", says("callback", day=OCTOBER), Party.DESK)
    note_fact(draft, "callback", says("callback"), Party.DESK)
    note_fact(draft, "contacted", says("contacted", day=OCTOBER), Party.DESK)

    assert added(draft) == [
        (Event.CALLBACK_PROMISED, {"day": "2026-10-12"}),
        (Event.CALLBACK_PROMISED, {}),
        (Event.CONTACT_MADE, {}),
    ]


@each_row(
    ("state", "codes"), [(State.STARTED, {"outcome": "back_to_school"}), (State.COMPLETED, {}), (State.DISPATCHED, {})]
)
def test_what_came_of_it_is_asked_back_unless_it_ended_and_says_what(state, codes):
    """Before that it may be something else."""
    draft = told(at_state(state), says("outcome", codes=codes))

    assert added(draft) == [(Event.ASKED_BACK, {})]
    assert draft.letters[0].values["why"] == "is het traject daarmee afgerond, en hoe"


def test_what_came_of_it_settles_what_was_asked():
    """The question was about that."""
    life = at_state(State.COMPLETED)
    life.says("misschien volgende week, we zien nog wel")

    draft = told(life, says("outcome", codes={"outcome": "back_to_school"}))

    assert added(draft) == [(Event.OUTCOME_NOTED, {"outcome": "back_to_school"}), (Event.UNDERSTOOD, {})]


def test_a_start_on_another_day_is_told_anew():
    """She forwards that letter to the school; the same day again tells her nothing."""
    life = dispatched()
    life.says("gestart op 5 oktober")
    life.later(minutes=16)

    again = told(life, says("started", day=date(2026, 10, 5)), "gestart op 5 oktober")
    moved = told(life, says("started", day=OCTOBER), "gestart op 12 oktober")

    assert (added(again), again.letters) == ([(Event.NOTE, {})], [])
    assert added(moved) == [(Event.DAY_NOTED, {"day": "2026-10-12"})]
    assert [(one.kind, one.to) for one in moved.letters] == [("started", "referrer"), ("echo", "provider")]


def test_a_tap_brings_the_day_that_we_did_not_have_and_moves_none():
    """It says only the day on which it was tapped."""
    unknown, known = dispatched(), dispatched()
    unknown.says("gestart")
    known.says("gestart op 5 oktober")
    without = replace(unknown.case.history[-1], kind=Event.TRAJECTORY_STARTED, codes={"provider": "naft-vbo"})
    unknown.case = replace(unknown.case, history=(*unknown.case.history, without))

    first = told(unknown, says("started", day=OCTOBER), tap="started")
    later = told(known, says("started", day=OCTOBER), tap="started")

    assert added(first) == [(Event.DAY_NOTED, {"day": "2026-10-12"})]
    assert added(later) == [(Event.NOTE, {})]


def test_an_answer_typed_to_our_letter_moves_the_day():
    """A reply is no tap."""
    life = dispatched()
    life.says("gestart op 5 oktober")

    for tap in (None, "reply"):
        assert (Event.DAY_NOTED, {"day": "2026-10-12"}) in added(told(life, says("started", day=OCTOBER), tap=tap))


def test_what_came_of_it_said_with_the_end_once_more_is_noted_without_a_letter():
    """She knows that it ended; what was asked is clear, and it closes where the school was told already."""
    life = at_state(State.COMPLETED)
    life.says("misschien volgende week, we zien nog wel")
    closing = at_state(State.COMPLETED)
    closing.says("terugkoppeling gedaan")
    back = says("completed", codes={"outcome": "back_to_school"})

    noted, closed = told(life, back, "afgerond"), told(closing, back, "afgerond")

    assert added(noted) == [(Event.OUTCOME_NOTED, {"outcome": "back_to_school"}), (Event.UNDERSTOOD, {})]
    assert noted.letters == []
    assert closed.case.state is State.CLOSED


def test_an_end_on_another_day_keeps_what_came_of_it():
    """The new day, and no outcome taken away."""
    life = at_state(State.COMPLETED)
    life.case = told(life, says("outcome", codes={"outcome": "back_to_school"})).case

    draft = told(life, says("completed", day=OCTOBER), "afgerond op 12 oktober")

    assert added(draft) == [(Event.DAY_NOTED, {"day": "2026-10-12"})]


def test_a_day_that_the_referrer_tells_settles_her_question_and_the_providers():
    """Each was asked back, and now it is clear."""
    life = at_state(State.STARTED)
    for role in ("provider", "referrer"):
        life.says("misschien volgende week, we zien nog wel", role=role)

    draft = told(life, says("started", day=OCTOBER), by=Party.REFERRER)

    assert not draft.case.unanswered


def test_a_question_beside_a_fact_is_passed_on():
    """The fact is noted all the same."""
    draft = told(dispatched(), says("contacted", also=("question",)), "Gesproken. Is Noor ingeschreven?")

    assert [one.kind for one in draft.letters] == ["passed_on"]
    assert (Event.CONTACT_MADE, {}) in added(draft)


def test_only_of_a_round_table_the_day_must_be_known():
    """Somebody who calls back one of these days need not be asked which."""
    draft = told(dispatched(), says("callback", codes={"day_unclear": "“begin maart” is geen precieze dag"}))

    assert draft.letters == []


@each_row("action", ["question", "acknowledge"])
def test_a_question_or_thanks_make_nothing_clear(action):
    """What was asked back stays asked."""
    life = dispatched()
    life.says("misschien volgende week, we zien nog wel")

    assert Party.PROVIDER in told(life, says(action), "bedankt").case.unanswered


def letters_of(draft, kind):
    """The letters of that kind."""
    return [one for one in draft.letters if one.kind == kind]


# fmt: off
READS_BACK = [
    # by              referrer   what the writer reads                               who hears of it                    taps
    (Party.PROVIDER,  True,      "jullie aanvaarden deze aanmelding",                "de aanmelder",                    ACCEPTED_TAPS),
    (Party.PROVIDER,  False,     "jullie aanvaarden deze aanmelding",                "",                                ACCEPTED_TAPS),
    (Party.REFERRER,  True,      "de aanbieder aanvaardt deze aanmelding",           "de aanbieder",                    ()),
    (Party.DESK,      True,      "de aanbieder aanvaardt deze aanmelding",           "de aanmelder en de aanbieder",    ()),
    (Party.DESK,      False,     "de aanbieder aanvaardt deze aanmelding",           "de aanbieder",                    ()),
]
# fmt: on


@each_row(("by", "referrer", "sentence", "other", "taps"), READS_BACK)
def test_who_wrote_it_reads_how_it_was_read_and_who_hears_of_it(by, referrer, sentence, other, taps):
    """A provider in its own words, whoever reports it in those of a report; nobody is named who is not there."""
    life = dispatched()
    life.case = life.case if referrer else replace(life.case, parties={})

    draft = told(life, says("accept"), by=by)

    [echo] = letters_of(draft, "echo")
    assert (echo.values["sentence"], echo.values["other"], echo.taps) == (sentence, other, taps)
    assert [one.taps for one in letters_of(draft, "after_accept")] == [ACCEPTED_TAPS]
    assert [one.taps for one in letters_of(draft, "reported")] == ([] if by is Party.PROVIDER else [ACCEPTED_TAPS])


@each_row(("day", "sentence"), [(OCTOBER, " op maandag 12 oktober 2026"), (None, "")])
def test_the_day_stands_in_what_is_read_back(day, sentence):
    """Where one was told."""
    draft = told(dispatched(), says("started", day=day))

    assert letters_of(draft, "echo")[0].values["sentence"] == f"het traject is gestart{sentence}"


def test_the_question_whether_they_spoke_answers_who_wrote():
    """At the writer's own address, with two taps; without a referrer nobody is said to hear of it."""
    alone = dispatched()
    alone.case = replace(alone.case, parties={})

    [asked], [nobody] = (letters_of(told(one, says("no_match")), "called") for one in (dispatched(), alone))

    assert (asked.address, asked.answers_mail, asked.taps) == (NAFT, True, CALLED_TAPS)
    assert (asked.values["other"], nobody.values["other"]) == ("de aanmelder", "")
    assert [(tap.label, tap.action, tap.word) for tap in CALLED_TAPS] == [
        (CONTACTED.label, "contacted", CONTACTED.word),
        ("Nog niet gebeld", "reply", "nog niet gebeld"),
    ]


def test_that_question_is_answered_where_it_was_asked():
    """A coach wrote: not the provider's general address."""
    life = dispatched()

    life.says("geen match", sender="coach@naft-vbo.example")

    assert [one.address for one in life.last.letters if one.kind == "called"] == ["coach@naft-vbo.example"]


def test_an_agreed_waitlist_is_told_to_a_referrer_who_had_kept_it():
    """She reads that it was agreed, though it stood on that list."""
    assert letters_of(told(at_state(State.WAITLISTED), says("waitlist_agreed")), "waitlist_agreed")


def test_the_waitlist_once_more_leaves_her_yes_on_its_way():
    """Her letter to the provider still has to go."""
    life = at_state(State.WAITLIST_OFFERED)
    life.says("behouden", role="referrer")

    assert told(life, says("waitlist")).voids == []


def test_a_report_that_nobody_read_yet_gives_way_to_the_next():
    """Of a case without a referrer as well."""
    life = dispatched()
    life.case = replace(life.case, parties={})
    life.says("wachtlijst", role="desk")
    [reported] = [number for number, codes in life.case.waiting_letters().items() if codes["letter"] == "reported"]

    assert told(life, says("full"), by=Party.DESK).voids == [reported]


def test_a_day_that_moved_within_the_pause_is_told_once():
    """The letter with the first one does not leave."""
    life = dispatched()
    life.says("gestart op 5 oktober")
    [first] = [number for number, codes in life.case.waiting_letters().items() if codes["letter"] == "started"]

    assert told(life, says("started", day=OCTOBER)).voids == [first]


@each_row("words", [("aanvaard", "aanvaard"), ("aanvaard", "gestart", "afgerond")])
def test_what_is_shown_after_accepting_is_sent_whatever_is_said_next(words):
    """Within the pause it is said again, or it began and ended."""
    life = dispatched()
    for one in words:
        life.says(one)
    life.later(minutes=16)

    sent = [h.codes["letter"] for h in life.case.history if h.kind is Event.LETTER_SENT]
    assert sent.count("after_accept") == 1


def test_a_provider_that_gets_it_anew_is_shown_the_rest_anew():
    """What was shown before it was opened again counts no more."""
    life = at_state(State.ACCEPTED)
    for kind in (Event.WITHDRAWN, Event.REOPENED, Event.REFERRAL_COMPLETE, Event.REFERRAL_SENT):
        life.case = then(life.case, Happened(at=life.now, kind=kind))

    assert letters_of(told(life, says("accept")), "after_accept")


def test_only_the_providers_no_to_our_question_is_noted_as_that():
    """From somebody else, in other words, to no question or to one of an earlier round it is asked back."""
    asked, spoken, accepted, again = (dispatched() for _ in range(4))
    asked.says("geen match")
    spoken.says("gesproken")
    spoken.says("geen match")
    for life, words in ((accepted, ("geen match", "aanvaard")), (again, ("geen match", "aanvaard", "geen match"))):
        for one in words:
            life.says(one)
            life.later(minutes=16)
    no = "nog niet gebeld"

    noted = told(asked, Unclear("?"), no)
    backs = [
        told(asked, Unclear("?"), no, by=Party.DESK),
        told(asked, Unclear("?"), "wablief"),
        told(spoken, Unclear("?"), no),
        told(accepted, Unclear("?"), no),
        told(again, Unclear("?"), no),
    ]

    assert added(noted) == [(Event.NOTE, {"why": "not_called"})]
    assert [added(one) for one in backs] == [[(Event.ASKED_BACK, {})]] * 5


# fmt: off
AGAIN = [
    # by              tap        what it says more                       a repetition
    (Party.PROVIDER,  None,      {},                                     False),
    (Party.PROVIDER,  "reply",   {},                                     False),
    (Party.PROVIDER,  "accept",  {},                                     True),
    (Party.DESK,      None,      {},                                     True),
    (Party.DESK,      "reply",   {},                                     True),
    (Party.DESK,      None,      {"also": ("callback",)},                False),
    (Party.DESK,      None,      {"codes": {"round_table_on": "x"}},     False),
    (Party.DESK,      None,      {"day": OCTOBER},                       False),
]
# fmt: on


@each_row(("by", "tap", "more", "repeats"), AGAIN)
def test_what_was_told_and_is_tapped_or_ordered_again_tells_nobody_anything(by, tap, more, repeats):
    """Free words may mean more, and so does an order that says more."""
    life = at_state(State.ACCEPTED)

    draft = told(life, says("accept", **more), by=by, tap=tap)

    assert bool(letters_of(draft, "accepted")) is not repeats


def test_a_tap_behind_words_that_nobody_read_yet_tells_them_at_once():
    """The pause was for taking it back; a tap is certain."""
    life = dispatched()
    life.says("aanvaard")

    [letter] = letters_of(told(life, says("accept"), tap="accept"), "accepted")

    assert letter.not_before is None


def test_a_tap_that_answers_what_was_asked_back_is_no_repetition():
    """Unclear words after a yes: a tap makes it clear."""
    life = at_state(State.ACCEPTED)
    life.says("misschien volgende week, we zien nog wel")

    draft = told(life, says("accept"), tap="accept")

    assert not draft.case.unanswered
    assert letters_of(draft, "accepted")


def test_full_for_one_and_taken_back_marks_nothing():
    """It never said that it is full for everybody; what says so is marked as that."""
    life = dispatched()
    life.says("volzet")

    draft = told(life, says("accept"))

    assert draft.marks == []
    assert told(dispatched(), says("full_for_school_year")).case.last(Event.PROVIDER_FULL).codes["marked"] == "yes"


def test_a_mark_that_was_heard_is_not_taken_back_by_a_later_no():
    """Full for everybody, and that was read; what is said now is not about the mark."""
    life = dispatched()
    life.says(EVERYBODY)
    life.later(minutes=16)
    life.case = then(life.case, Happened(at=life.now, kind=Event.PROVIDER_FULL, codes={"marked": "yes"}))

    assert told(life, says("accept")).marks == []


def test_a_question_of_the_desk_in_its_name_comes_back_to_the_desk():
    """A provider's goes to her, and says whose it is."""
    [passed_on] = told(dispatched(), says("question"), "Is Noor ingeschreven?").letters
    [other] = told(dispatched(), says("question"), "Is Noor ingeschreven?", by=Party.DESK).letters

    assert (passed_on.to, passed_on.values["by"]) == ("referrer", "NAFT VBO")
    assert (other.kind, other.values["why"]) == ("other_mail", "een vraag bij dit dossier")


def test_unclear_words_keep_back_a_report_too():
    """What others said of it waits until it is clear."""
    life = dispatched()
    life.says("wachtlijst", role="desk")

    draft = told(life, Unclear("?"))

    voided = {h.codes["letter"] for h in draft.case.history if h.kind is Event.LETTER_VOIDED}
    assert {"waitlist_offered", "reported"} <= voided

"""What a referrer's words do: more data, a choice, a stop; before, on and after the way to the provider."""

from dataclasses import replace
from datetime import datetime

from mailbag import BRUSSELS, CLB, COLLEAGUE, FORM, NAFT, RULES, WORKER, Life, at_state, dispatched
from rows import each_row

from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.referrer_decides import taps_for
from mailflow.core.watches import watch

UNSURE = "misschien volgende week, we zien nog wel"


def test_stop_even_on_saturday_is_obeyed_on_monday():
    """Nothing leaves until she says so; a bare yes is enough then."""
    life = at_state(State.QUEUED)
    life.says("stop even", role="referrer")
    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["echo"])
    life.later(days=3)
    assert life.to("provider") == []

    life.says("ja", role="referrer")
    assert life.state is State.QUEUED
    life.later(minutes=1)

    assert life.state is State.DISPATCHED


def test_unclear_words_on_a_held_referral_hold_it_up():
    """On Monday it does not leave; after one working day the desk has it."""
    life = at_state(State.QUEUED)
    life.says(UNSURE, role="referrer")
    assert life.kinds() == ["unclear"]
    life.later(days=2, hours=-1)
    assert life.state is State.QUEUED
    assert life.to("provider") == []

    life.later(days=2)
    life.look()

    assert life.state is State.NEEDS_DESK
    assert life.case.last(Event.DESK_NEEDED).codes == {"why": "unclear"}


def test_unclear_twice_gives_it_to_the_desk_at_once():
    """With the mail itself."""
    life = at_state(State.QUEUED)
    life.says(UNSURE, role="referrer")

    life.says(UNSURE, role="referrer")

    assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["other_mail"])


def test_bevestig_lets_it_leave_after_all():
    """The tap that the question offers."""
    life = at_state(State.QUEUED)
    life.says(UNSURE, role="referrer")
    assert "confirm" in [tap.action for tap in life.last.letters[0].taps]

    life.says("", tap="confirm", role="referrer")
    life.later(days=2)

    assert life.state is State.DISPATCHED


def test_a_thank_you_does_not_settle_what_was_asked():
    """ "Ok, bedankt" is no answer, and a question neither."""
    life = at_state(State.QUEUED)
    life.says(UNSURE, role="referrer")

    life.says("bedankt", role="referrer")
    life.says("hoe lang duurt dat meestal?", role="referrer")

    assert life.case.unsettled


def test_unclear_words_while_the_letter_waits_for_a_server_hold_it_back():
    """It was written but has not left: it is voided, and written again when all is clear."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says(UNSURE, role="referrer")
    assert life.last.voids == (2,)
    life.says("", tap="confirm", role="referrer")
    life.later(minutes=20)

    assert life.state is State.DISPATCHED
    assert life.to("provider") == ["referral", "referral"]


def test_a_question_before_it_leaves_goes_to_the_desk_and_holds_nothing_up():
    """She asks, a person answers, the referral goes its way."""
    life = at_state(State.QUEUED)

    life.says("hoe lang duurt dat meestal?", role="referrer")
    assert (life.state, life.kinds()) == (State.QUEUED, ["other_mail"])
    life.later(days=2)

    assert life.state is State.DISPATCHED


def test_a_question_afterwards_goes_to_the_provider():
    """In her own words."""
    life = dispatched()

    life.says("hoe lang duurt dat meestal?", role="referrer")

    assert life.kinds() == ["passed_on"]
    assert life.last.letters[0].to == "provider"


@each_row(
    ("text", "kinds"),
    [
        ("Nee, dit is haar eerste traject. Vervoer met de bus lukt.", ["passed_on"]),
        ("Neen, en ze heeft ook geen abonnement. Mvg, An", ["passed_on"]),
        ("Prima, dat kan. Ze neemt de bus van half acht.", ["passed_on"]),
        ("Dank je, ik vraag het na bij de school", ["passed_on"]),
        ("Bedankt!", []),
        ("Nee, wacht nog even", ["unclear"]),
        ("Ja, misschien", ["unclear"]),
        ("Nee, dat is geannuleerd", ["unclear"]),
        ("Nee, de ouders trekken de aanmelding in.", ["unclear"]),
    ],
)
def test_her_answer_to_the_providers_question_goes_to_it(text, kinds):
    """In her own words; but whatever may be a decision is asked back."""
    life = dispatched()
    life.says("Volgde ze al eens een traject? Is vervoer mogelijk?")
    life.later(minutes=20)

    life.says(text, role="referrer")

    assert (life.state, life.kinds()) == (State.DISPATCHED, kinds)


def test_only_her_first_answer_after_the_question_is_passed_on_unread():
    """What she writes later is read as ever."""
    life = dispatched()
    life.says("Volgde ze al eens een traject?")
    life.later(minutes=20)
    life.says("Nee, dit is haar eerste traject.", role="referrer")
    life.later(minutes=20)

    life.says("Nee", role="referrer")

    assert life.kinds() == ["unclear"]


def test_a_thank_you_is_her_first_answer_too():
    """It gets no letter; what she writes after it is read as ever."""
    life = dispatched()
    life.says("Volgde ze al eens een traject?")
    life.later(minutes=20)
    life.says("Bedankt!", role="referrer")
    life.later(minutes=20)

    life.says("Nee", role="referrer")

    assert life.kinds() == ["unclear"]


def test_handing_over_before_it_leaves_waits_until_it_is_known_to_whom():
    """The provider would phone the wrong person."""
    life = at_state(State.QUEUED)

    life.says("Mijn collega neemt dit dossier over.", role="referrer")

    assert life.kinds() == ["unclear"]
    assert life.case.unsettled


def test_handing_over_to_another_house_waits_for_the_desk():
    """Nobody but a person can arrange that."""
    life = at_state(State.QUEUED)

    life.says("Tine (tine@elders.example) neemt dit dossier over.", role="referrer")

    assert life.state is State.NEEDS_DESK
    assert "other_mail" in life.kinds()


def test_elsewhere_before_it_leaves_asks_which():
    """And the provider that she names gets it."""
    life = at_state(State.QUEUED)

    life.says("liever sneller", role="referrer")
    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["choose_provider"])
    life.says("Gewenste aanbieder: Time-in Klaswerking", role="referrer")

    assert (life.state, life.case.provider) == (State.QUEUED, "time-in")


@each_row("state", [State.ACCEPTED, State.STARTED])
def test_elsewhere_once_it_is_accepted_is_for_a_person(state):
    """The desk talks with her; the case stays as it is meanwhile."""
    life = at_state(state)

    life.says("liever sneller", role="referrer")

    assert (life.state, life.kinds()) == (state, ["other_mail"])


@each_row(
    ("state", "kinds"),
    [
        (State.QUEUED, ["received"]),
        (State.DISPATCHED, ["supplemented", "supplement"]),
        (State.WAITLISTED, ["supplemented", "supplement"]),
        (State.STARTED, ["supplemented", "supplement"]),
        (State.FULL, ["supplemented", "supplement"]),
        (State.UNCONFIRMED, ["received"]),
    ],
)
def test_more_data_in_each_state(state, kinds):
    """Before it leaves it simply counts; afterwards the provider gets the addition."""
    life = at_state(state)

    life.says("Dringendheid: ja, binnen de maand\nThuistaal: Frans", role="referrer")

    assert life.kinds() == kinds
    assert life.case.values["urgency"].startswith("ja")


def test_the_surname_is_an_addition_only_after_accepting():
    """What a provider may not see yet does not reach it by a correction."""
    before, after = dispatched(), at_state(State.ACCEPTED)

    for life in (before, after):
        life.says("Achternaam: Proef", role="referrer")

    assert before.kinds() == ["supplemented"]
    assert after.kinds() == ["supplemented", "supplement"]


def supplement_rows(life):
    """What the addition to the provider says: label, now, before."""
    letter = next(one for one in life.last.letters if one.kind == "supplement")
    return [(row.label, row.value, row.was) for row in letter.values["rows"]]


def test_an_addition_names_what_it_replaces():
    """The provider phones by what it read before: so it hears what changed, and what that was."""
    life = dispatched()

    life.says("Telefoon aanmelder: 016 99 88 77\nDringendheid: ja, binnen de maand", role="referrer")

    assert supplement_rows(life) == [
        ("Telefoon van de aanmelder", "016998877", "016123456"),
        ("Dringendheid", "ja, binnen de maand", ""),
    ]


def test_a_municipality_that_no_longer_fits_the_postcode_is_named():
    """What was dropped is told as well as what came in its place."""
    life = dispatched()

    life.says("Gemeente: Tienen", role="referrer")

    assert supplement_rows(life) == [("Gemeente", "Tienen", "Leuven")]
    assert [one.field for one in life.case.replaced] == ["postcode", "municipality"]


def test_another_birth_date_is_another_age_before_accepting():
    """The date itself waits for the yes; afterwards the provider gets that."""
    before, after = dispatched(), at_state(State.ACCEPTED)

    for life in (before, after):
        life.says("Geboortedatum: 12/03/2013", role="referrer")

    assert supplement_rows(before) == [("Leeftijd", "13 jaar", "15 jaar")]
    assert supplement_rows(after) == [("Geboortedatum", "12/03/2013", "12/03/2011")]


def test_what_was_replaced_stays_with_the_case():
    """The old value, when, and by which mail; what was empty before replaced nothing, and events hold no value."""
    life = dispatched()

    life.says("Telefoon aanmelder: 016 99 88 77\nDringendheid: ja, binnen de maand", role="referrer")
    life.says("Telefoon aanmelder: 016 55 44 33", role="referrer")

    assert [(one.field, one.was, one.mail) for one in life.case.replaced] == [
        ("referrer_phone", "+3216123456", "2"),
        ("referrer_phone", "+3216998877", "3"),
    ]
    assert "99" not in " ".join(str(h.codes) for h in life.case.history)


def test_after_accepting_the_provider_gets_the_corrected_fields():
    """What was corrected meanwhile, and it could not see yet, comes with the rest."""
    life = dispatched()
    life.says("Achternaam: Proef\nTelefoon ouders: 0475 12 34 56", role="referrer")

    life.says("aanvaard", role="provider")

    rest = next(one for one in life.last.letters if one.kind == "after_accept")
    assert {("Achternaam", "Proef"), ("Telefoon van de ouders", "0475123456")} <= {
        (row.label, row.value) for row in rest.values["rows"]
    }


def test_missing_fields_complete_it():
    """Just that line."""
    life = at_state(State.NEEDS_INFO)

    life.says("Geboortedatum: 5/6/2010", role="referrer")

    assert life.state is State.QUEUED


@each_row(
    ("words", "state", "kinds"),
    [
        ("hoe lang duurt dat meestal?", State.QUEUED, ["received", "other_mail"]),
        ("Tine (t@elders.example) neemt dit dossier over.", State.NEEDS_DESK, ["received", "other_mail"]),
        ("liever sneller", State.NEEDS_INFO, ["received", "choose_provider"]),
        ("gesproken", State.QUEUED, ["received"]),
        ("stop even", State.NEEDS_INFO, ["echo"]),
        ("stop", State.WITHDRAWN, ["withdrawn"]),
        ("bedankt", State.QUEUED, ["received"]),
    ],
)
def test_fields_and_a_wish_are_both_heard(words, state, kinds):
    """One mail can hold several things."""
    life = at_state(State.QUEUED)

    life.says(f"Thuistaal: Frans\n\n{words}", role="referrer")

    assert (life.state, life.kinds()) == (state, kinds)
    assert life.case.values["home_language"] == "Frans"


def test_another_provider_with_the_wish_for_it_is_enough():
    """ "Liever sneller" beside the name needs no question which."""
    life = at_state(State.QUEUED)

    life.says("Gewenste aanbieder: Time-in Klaswerking\n\nliever sneller", role="referrer")

    assert (life.state, life.case.provider, life.kinds()) == (State.QUEUED, "time-in", ["received"])


def test_fields_beside_a_report_are_passed_on_too():
    """What the provider said by phone, and the data it asked for."""
    life = dispatched()

    life.says("Thuistaal: Frans\nDringendheid: hoog\n\nNAFT belde: ze aanvaarden", role="referrer")

    assert life.state is State.ACCEPTED
    assert "supplement" in life.kinds()


def test_fields_beside_words_that_cannot_be_are_kept_and_asked_about():
    """It left already; the data is passed on all the same."""
    life = dispatched()

    life.says("Dringendheid: hoog\n\nbevestig en aanvaard", role="referrer")

    assert life.case.values["urgency"] == "hoog"


def test_a_line_that_we_had_already_is_noted():
    """Nothing changes, and nobody is asked what it means."""
    life = dispatched()

    life.says("Voornaam: Noor", role="referrer")

    assert (life.state, life.kinds()) == (State.DISPATCHED, [])
    assert [h.kind for h in life.last.events] == [Event.MAIL_CAME, Event.NOTE]


def test_fields_with_words_that_may_mean_something_hold_it_up():
    """The data counts, the words are asked about, and until then it stays here."""
    life = at_state(State.NEEDS_INFO)

    life.says(f"Geboortedatum: 5/6/2010\n\n{UNSURE}", role="referrer")
    life.later(hours=4)

    assert life.case.values["birth_date"] == "2010-06-05"
    assert (life.state, life.case.unsettled) == (State.QUEUED, True)
    assert life.to("provider") == []


def test_an_addition_while_the_letter_is_on_its_way_follows_it():
    """No second referral."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("Thuistaal: Frans\nDringendheid: ja", role="referrer")

    assert life.to("provider") == ["referral", "supplement"]


def test_another_provider_while_the_letter_is_on_its_way_replaces_it():
    """It has not left: it goes to the one she names now."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("Gewenste aanbieder: Time-in Klaswerking", role="referrer")

    assert 2 in life.last.voids
    assert life.case.provider == "time-in"


def test_another_provider_once_it_left_is_another_referral():
    """The one that has it keeps it; nothing is passed on to it."""
    life = dispatched()

    life.says("Gewenste aanbieder: Time-in Klaswerking", role="referrer")

    assert life.case.values["provider"] == "naft-vbo"
    assert "supplement" not in life.kinds()


def test_denying_it_stops_everything():
    """It was not she: before it leaves the desk decides, afterwards it hears of it at once."""
    for state in (State.UNCONFIRMED, State.QUEUED, State.NEEDS_INFO):
        life = at_state(state)
        life.says(
            "dat was ik niet\nThuistaal: Frans", role="referrer", tap="deny" if state is State.UNCONFIRMED else None
        )
        assert life.state is State.NEEDS_DESK
        assert "home_language" not in life.case.values
    life = dispatched()

    life.says("dat was ik niet", role="referrer")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["other_mail"])


def test_what_she_denied_does_not_go_on_by_a_new_line():
    """Only the desk can let it go on."""
    life = at_state(State.UNCONFIRMED)
    life.says("", tap="deny", role="referrer")

    life.says("Thuistaal: Frans", role="referrer")
    assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["supplemented"])
    life.says("bevestig", role="desk")

    assert life.state is State.QUEUED


@each_row("kind", [{"tap": "confirm"}, {"text": "bevestig"}, {"text": "ja"}, {"text": "Thuistaal: Frans"}])
def test_an_unproven_referral_is_confirmed_by_an_answer_to_our_letter(kind):
    """Who answers there got the letter."""
    life = at_state(State.UNCONFIRMED)

    life.says(**{"text": "", **kind}, role="referrer", proof="none")

    assert life.state is State.QUEUED
    assert life.happened(Event.SENDER_CONFIRMED) == 1


def test_or_by_a_proven_mail_that_names_the_case():
    """Without a seal, but certainly hers; unproven it counts for nothing."""
    life = at_state(State.UNCONFIRMED)

    life.mail("bevestig", subject="[MSI-2026-0042]", proof="none")
    assert (life.state, life.last.outcome) == (State.UNCONFIRMED, "held")
    life.mail("bevestig", subject="[MSI-2026-0042]")

    assert life.state is State.QUEUED


def test_withdrawing_after_dispatch_tells_the_provider():
    """At once by tap; by words after the pause."""
    for tap in ("withdraw", None):
        life = dispatched()

        life.says("stop", role="referrer", tap=tap)

        assert life.state is State.WITHDRAWN
        letter = next(one for one in life.last.letters if one.to == "provider")
        assert letter.kind == "withdrawn"
        assert letter.not_before == (None if tap else life.now + RULES.terms.pause)


def test_withdrawing_before_dispatch_tells_nobody_else():
    """A letter that waits for the opening never leaves."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("stop", role="referrer")

    assert 2 in life.last.voids
    assert [one.to for one in life.last.letters] == ["referrer"]
    life.later(days=1)
    assert life.state is State.WITHDRAWN


def test_withdrawing_voids_no_letter_to_the_desk():
    """What the desk must know it gets all the same."""
    life = at_state(State.ACCEPTED)
    life.says("liever sneller", role="referrer")

    life.says("stop", role="referrer")

    assert life.last.voids == ()


def test_stopping_after_a_no_closes_without_a_word_to_the_provider():
    """It said no itself."""
    life = at_state(State.NO_MATCH)

    life.says("stop", role="referrer")

    assert life.state is State.CLOSED
    assert [one.to for one in life.last.letters] == ["referrer"]


def test_keeping_and_oeps():
    """The provider hears it after the pause, unless she takes it back; then once she is clear."""
    life = at_state(State.WAITLIST_OFFERED)
    life.says("ja, graag behouden", role="referrer")
    assert (life.state, life.kinds()) == (State.WAITLISTED, ["waitlist_kept", "echo"])
    life.says("oeps", role="referrer")
    assert len(life.last.voids) == 1

    life.says("behouden", role="referrer")
    assert life.kinds() == ["waitlist_kept", "echo"]
    assert life.happened(Event.REFERRER_KEPT) == 1
    life.says("behouden", role="referrer")

    assert life.kinds() == []


def test_keeping_at_a_provider_that_left_the_list():
    """She is heard; there is nobody to tell."""
    life = at_state(State.WAITLIST_OFFERED)
    life.rules = replace(RULES, providers={})

    life.says("", tap="keep", role="referrer")

    assert (life.state, life.kinds()) == (State.WAITLISTED, [])


def test_contact_is_noted_from_her_side_too():
    """Also beside another answer."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("We hebben elkaar gesproken. Graag behouden op de wachtlijst.", role="referrer")
    assert life.state is State.WAITLISTED
    life.says("gesproken", role="referrer")

    assert life.happened(Event.CONTACT_MADE) == 2


def test_a_question_beside_an_answer_is_not_lost():
    """Both are done."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("Graag behouden. Hoe lang duurt dat meestal?", role="referrer")

    assert life.state is State.WAITLISTED
    assert "passed_on" in life.kinds()


def test_the_state_of_things_on_request():
    """To the one who asks."""
    life = dispatched()

    life.says("wat is de stand van zaken?", role="referrer")

    assert life.kinds() == ["status"]
    assert life.last.letters[0].values["provider"] == "NAFT VBO"


def test_what_she_cannot_say_now_is_asked_back():
    """Stop before sending, while it has left."""
    life = dispatched()

    life.says("", tap="stop_release", role="referrer")

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["unclear"])


@each_row(
    ("words", "state", "then"),
    [
        ("behouden", State.WAITLIST_OFFERED, State.WAITLISTED),
        ("stop", State.DISPATCHED, State.WITHDRAWN),
        ("stop even", State.QUEUED, State.NEEDS_INFO),
        ("aanvaard", State.DISPATCHED, State.ACCEPTED),
        ("gesproken", State.DISPATCHED, State.DISPATCHED),
    ],
)
def test_the_desk_speaks_for_her_and_for_the_provider(words, state, then):
    """The same events in the desk's name; the echo goes to the desk."""
    life = at_state(state)

    life.says(words, role="desk")

    assert life.state is then
    assert Party.DESK in {h.by for h in life.last.events[1:]}
    assert all(one.address == WORKER for one in life.last.letters if one.kind == "echo")
    assert all(one.to == "desk" for one in life.last.letters if one.address == WORKER)


def test_the_desk_is_asked_back_every_time():
    """It is the last who can know: nobody else reads it."""
    life = dispatched()

    for _ in range(2):
        life.says(UNSURE, role="desk")
        assert life.kinds() == ["unclear"]
    life.says("bedankt", role="desk")

    assert life.kinds() == ["unclear"]
    assert life.last.letters[0].to == "desk"


def test_a_case_without_a_referrer_goes_back_to_waiting_for_a_clb():
    """A parent's form that the desk withdrew and reopened."""
    life = at_state(State.AWAITING_CLB)
    life.says("stop", role="desk")
    assert life.state is State.WITHDRAWN
    life.says("bevestig", role="desk")
    assert life.state is State.NEEDS_DESK

    life.says("bevestig", role="desk")

    assert (life.state, life.kinds()) == (State.AWAITING_CLB, ["which_clb"])


def test_a_colleague_speaks_for_her():
    """At the exclusive domain of her CLB."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("behouden", role="referrer", sender=COLLEAGUE)

    assert life.state is State.WAITLISTED
    assert next(one.address for one in life.last.letters if one.kind == "echo") == COLLEAGUE


def test_without_proof_the_echo_goes_to_the_known_address():
    """Whoever pretends to be a colleague does not get the answer."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("behouden", role="referrer", sender=COLLEAGUE, proof="none")
    provider = dispatched()
    provider.says("aanvaard", sender="nieuw@naft-vbo.example", proof="none")

    # She came with proof: without it she is asked whether it was hers, and nothing moves.
    assert [(str(one.kind), one.address) for one in life.last.letters] == [("was_it_you", CLB)]
    assert life.state is State.WAITLIST_OFFERED
    assert next(one.address for one in provider.last.letters if one.kind == "echo") == NAFT


@each_row("tap", [None, "think"])
def test_time_to_think_begins_the_term_again(tap):
    """After a no she can decide later: a tap is quiet, free text is echoed."""
    life = at_state(State.NO_MATCH)
    due = watch(life.case, RULES).due
    life.later(days=7)

    life.says("bedenktijd", tap=tap, role="referrer")

    assert watch(life.case, RULES).due > due
    assert life.kinds() == ([] if tap else ["echo"])
    assert life.state is State.NO_MATCH


def test_a_choice_with_its_reason_beside_it_is_done():
    """Nothing in it is an answer to anything else: the referral leaves, and she is not asked what she meant."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.mail(FORM)
    assert life.state is State.NEEDS_INFO

    life.says("Toch graag bij NAFT VBO, zij kennen het gezin al.", role="referrer")

    assert (life.state, life.kinds()) == (State.QUEUED, ["received"])
    assert not life.case.unsettled


@each_row(
    "words",
    [
        "stop maar, akkoord met een andere oplossing",
        "Stop maar, de ouders zijn akkoord met een andere oplossing.",
        "We zijn akkoord met een andere oplossing, stop maar",
    ],
)
def test_stop_is_stop_also_beside_a_word_of_assent(words):
    """While a waitlist is offered: "akkoord" is with the other way, and the place on the list is not kept."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says(words, role="referrer")

    assert life.state is State.WITHDRAWN


@each_row("state", [state for state in State if state not in (State.NEW, State.REPLACED)])
def test_wherever_it_stands_she_can_tap(state):
    """Never more than fits in a letter, and each a word that we read."""
    taps = taps_for(at_state(state).case)

    assert 1 <= len(taps) <= 6
    assert len({one.word for one in taps}) == len(taps)


def test_asked_about_next_year_she_has_two_taps():
    """To stay on the list, or to stop."""
    life = at_state(State.WAITLISTED)
    life.now = datetime(2027, 6, 30, 10, 0, tzinfo=BRUSSELS)
    life.look()

    assert [one.word for one in taps_for(life.case)] == ["behouden", "stop"]


def test_a_question_which_provider_that_is_answered_otherwise_is_asked_back():
    """No name of ours stands in it."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.mail(FORM)
    assert life.state is State.NEEDS_INFO

    life.says("dat weten we nog niet", role="referrer")

    assert life.kinds() == ["unclear"]
    assert life.case.values["provider"] == "naft-vbo"


def test_in_her_name_the_desk_cannot_say_what_does_not_fit_there():
    """It reads what can be, without taps of hers."""
    life = dispatched()

    life.says("noteer nog niet doorsturen", role="desk")

    assert life.kinds() == ["unclear"]
    assert life.last.letters[0].taps == ()


def test_a_keep_and_another_provider_in_one_mail_are_both_done():
    """She stays on the list, and a linked referral goes out."""
    life = at_state(State.WAITLIST_OFFERED)
    life.says("elders", role="referrer")

    life.says("Time-in Klaswerking, maar graag ook op de wachtlijst behouden", role="referrer")

    assert life.state is State.WAITLISTED
    assert life.happened(Event.FOLLOW_ON_LINKED) == 1


def test_a_copy_may_be_asked_for_beside_a_decision():
    """Both are done."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("Behouden. Graag een kopie van het dossier.", role="referrer")

    assert life.state is State.WAITLISTED
    assert life.last.copy_at is not None


def test_what_the_desk_notes_chooses_no_other_provider_for_her():
    """She was asked; the desk has an order of its own for it."""
    life = at_state(State.WAITLIST_OFFERED)
    life.says("elders", role="referrer")

    life.says("noteer behouden, Time-in Klaswerking is ook goed", role="desk")

    assert life.happened(Event.FOLLOW_ON_LINKED) == 0


def test_denying_it_voids_the_letter_that_waits():
    """It was written and has not left: the provider never reads it, and nobody stands behind it any more."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("dat was ik niet", role="referrer")

    assert life.last.voids == (2,)
    assert not life.case.has_referrer
    life.later(days=3)
    assert life.to("provider") == ["referral"]
    assert life.happened(Event.REFERRAL_SENT) == 0


@each_row("state", [State.QUEUED, State.DISPATCHED])
def test_who_denied_it_is_no_referrer_any_more(state):
    """Before it leaves and afterwards."""
    life = at_state(state)

    life.says("dat was ik niet", role="referrer")

    assert not life.case.has_referrer


def test_what_she_denied_she_cannot_confirm():
    """Whoever wrote there may be either of them: it stays with the desk."""
    life = at_state(State.UNCONFIRMED)
    life.says("", tap="deny", role="referrer")

    life.says("bevestig", role="referrer")

    assert life.state is State.NEEDS_DESK


@each_row("state", [State.DISPATCHED, State.ACCEPTED])
def test_the_desk_confirms_nothing_that_is_out(state):
    """It has left: it is not placed again."""
    life = at_state(state)
    complete = life.happened(Event.REFERRAL_COMPLETE)

    life.says("bevestig", role="desk")

    assert (life.state, life.happened(Event.REFERRAL_COMPLETE)) == (state, complete)


def test_a_yes_beside_fields_asks_once_for_what_is_still_missing():
    """Placed by the yes, and not a second time by the fields."""
    life = Life()
    life.mail(FORM.replace("Geboortedatum: 12/03/2011\n", "").replace("Voornaam: Noor\n", ""))

    life.says("Voornaam: Noor\n\nbevestig", role="referrer")

    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["missing"])


def test_a_yes_beside_fields_passes_them_on_once_it_is_out():
    """Both sides hear what changed."""
    life = dispatched()

    life.says("Dringendheid: ja, binnen de maand\n\nbevestig", role="referrer")

    assert life.kinds() == ["supplemented", "supplement"]


def test_missing_fields_beside_another_word_complete_it():
    """What she adds that they spoke is noted, and the referral leaves."""
    life = at_state(State.NEEDS_INFO)

    life.says("Geboortedatum: 5/6/2010\n\ngesproken", role="referrer")

    assert (life.state, life.kinds()) == (State.QUEUED, ["received"])


def test_new_data_of_a_case_that_was_with_the_desk_counts_again():
    """The desk let it go on: from then on she settles it herself."""
    life = at_state(State.UNCONFIRMED)
    life.says("", tap="deny", role="referrer")
    life.says("bevestig", role="desk")
    assert life.state is State.QUEUED

    life.says("Thuistaal: Frans", role="referrer")

    assert (life.state, life.kinds()) == (State.QUEUED, ["received"])


def test_a_provider_that_she_names_while_the_desk_looks_for_one_is_enough():
    """Only that was open."""
    life = at_state(State.NEEDS_DESK)

    life.says("Gewenste aanbieder: NAFT VBO", role="referrer")

    assert (life.state, life.case.provider, life.kinds()) == (State.QUEUED, "naft-vbo", ["received"])


@each_row(
    ("words", "provider", "insist"),
    [
        ("Time-in Klaswerking graag", "time-in", ""),
        ("Toch graag NAFT VBO", "naft-vbo", "yes"),
    ],
)
def test_the_provider_that_she_names_gets_it(words, provider, insist):
    """The one that is full only because she insists."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.mail(FORM)
    assert life.state is State.NEEDS_INFO

    life.says(words, role="referrer")

    assert (life.state, life.case.provider) == (State.QUEUED, provider)
    assert life.case.values["insist"] == insist
    assert life.case.last(Event.INFO_ADDED).codes == {"fields": "provider"}


def test_a_provider_named_beside_nothing_that_was_asked_is_no_choice():
    """A birth date is asked for: where it goes stays as it was."""
    life = at_state(State.NEEDS_INFO)

    life.says("Time-in Klaswerking kent het gezin ook", role="referrer")

    assert life.case.values["provider"] == "naft-vbo"


def test_what_she_adds_is_noted_by_its_fields():
    """Which, and not what."""
    life = dispatched()

    life.says("Dringendheid: hoog\nThuistaal: Frans", role="referrer")

    assert set(life.case.last(Event.INFO_ADDED).codes["fields"].split(",")) == {"urgency", "home_language"}


@each_row("role", ["provider", "desk"])
def test_what_others_write_meanwhile_does_not_answer_for_her(role):
    """Her first answer to the provider's question is hers, whoever wrote before it."""
    life = dispatched()
    life.says("Volgde ze al eens een traject?")
    life.later(minutes=20)
    life.says("bedankt", role=role)
    life.later(minutes=20)

    life.says("Nee, dit is haar eerste traject.", role="referrer")

    assert "passed_on" in life.kinds()
    assert life.case.last(Event.NOTE).codes == {"why": "answer"}


def test_a_decision_in_her_answer_is_a_decision():
    """However many words it takes."""
    life = dispatched()
    life.says("Volgde ze al eens een traject?")
    life.later(minutes=20)

    life.says("Wij willen deze aanmelding graag stopzetten, trek ze maar in.", role="referrer")

    assert life.state is State.WITHDRAWN


@each_row(
    "word",
    [
        "wacht", "wachten", "even", "stop", "stoppen", "stopt", "annuleer", "annuleren", "geannuleerd", "intrekken",
        "ingetrokken", "uitstellen", "uitgesteld", "misschien", "bezorgen", "bezorg", "doorsturen", "sturen", "oeps",
    ],
)  # fmt: skip
def test_fields_beside_a_word_that_may_mean_wait_hold_it_up(word):
    """A word that we could not read and that may be a stop: she is asked, or it is obeyed; it does not just leave."""
    life = at_state(State.QUEUED)

    life.says(f"Thuistaal: Frans\n\n{word} blauw groen", role="referrer")

    assert life.kinds() != ["received"]


def test_elsewhere_while_it_waits_for_a_server_holds_it_back():
    """What she and the first provider would read is voided; the one that she names then gets its own."""
    life = Life()
    life.mail(FORM)
    life.release()
    assert life.state is State.QUEUED

    life.says("liever sneller", role="referrer")

    assert (life.last.voids, life.kinds()) == ((1, 2), ["choose_provider"])
    life.says("Time-in Klaswerking", role="referrer")
    assert (life.state, life.case.provider) == (State.QUEUED, "time-in")


def test_handing_over_to_another_house_voids_the_letter_that_waits():
    """The desk arranges it first."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.says("Tine (tine@elders.example) neemt dit dossier over.", role="referrer")

    assert (life.state, life.last.voids) == (State.NEEDS_DESK, (2,))


def test_a_question_when_the_provider_left_the_list_goes_to_the_desk():
    """There is nobody else to ask."""
    life = dispatched()
    life.rules = replace(RULES, providers={})

    life.says("hoe lang duurt dat meestal?", role="referrer")

    assert life.kinds() == ["other_mail"]


def test_unclear_words_once_it_is_out_plan_no_release():
    """It has left: nothing leaves a second time."""
    life = dispatched()

    life.says(UNSURE, role="referrer")

    assert life.last.release_at is None


def test_she_who_is_asked_back_before_it_leaves_can_let_it_go_hold_it_or_stop():
    """In that order."""
    life = at_state(State.QUEUED)

    life.says(UNSURE, role="referrer")

    assert [tap.action for tap in life.last.letters[0].taps] == ["confirm", "stop_release", "withdraw"]


@each_row("state", [State.FULL, State.NO_MATCH, State.WAITLIST_OFFERED])
def test_wherever_she_must_decide_she_may_think(state):
    """A pause is noted, and she stays where she was."""
    life = at_state(state)

    life.says("", tap="think", role="referrer")

    assert (life.state, life.kinds()) == (state, [])
    assert life.case.last(Event.PAUSED).codes == {"what": "think"}


def test_where_nothing_is_asked_of_her_there_is_nothing_to_think_about():
    """The provider has it: she is asked what she means."""
    life = dispatched()

    life.says("", tap="think", role="referrer")

    assert life.kinds() == ["unclear"]
    assert life.happened(Event.PAUSED) == 0


@each_row(
    ("state", "words", "codes"),
    [
        (State.DISPATCHED, "hoe lang duurt dat meestal?", {"why": "question"}),
        (State.ACCEPTED, "liever sneller", {"why": "elsewhere"}),
        (State.ACCEPTED, "Tine (tine@elders.example) neemt dit dossier over.", {"why": "hand_over"}),
        (State.DISPATCHED, "dat was ik niet", {"why": "denied"}),
        (State.DISPATCHED, "bedankt", {}),
        (State.DISPATCHED, "bevestig", {}),
    ],
)
def test_what_moves_nothing_is_noted(state, words, codes):
    """What it was about, for whoever reads the case later."""
    life = at_state(state)

    life.says(words, role="referrer")

    assert [dict(h.codes) for h in life.last.events if h.kind is Event.NOTE] == [codes]


def test_why_the_desk_has_it_is_known_after_handing_over():
    """It waits for the colleague's house, and for no provider."""
    life = at_state(State.QUEUED)

    life.says("Tine (tine@elders.example) neemt dit dossier over.", role="referrer")

    assert life.case.last(Event.DESK_NEEDED).codes == {"why": "hand_over"}


def test_a_proven_referral_is_not_confirmed_by_more_data():
    """It was hers from the start."""
    life = at_state(State.QUEUED)

    life.says("Thuistaal: Frans", role="referrer")

    assert life.happened(Event.SENDER_CONFIRMED) == 0


def test_a_question_beside_a_stop_goes_to_the_desk():
    """The provider is told that it stops, and is asked nothing."""
    life = dispatched()

    life.says("Stop deze aanmelding. Hoe lang duurt dat meestal?", role="referrer")

    assert "passed_on" not in life.kinds()


def test_an_addition_that_waits_is_held_back_by_unclear_words():
    """ "Oeps" within the pause: the provider does not get it before she is clear."""
    life = dispatched()
    life.says("Dringendheid: hoog", role="referrer")
    waiting = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "supplement"]

    life.says(UNSURE, role="referrer")

    assert life.last.voids == tuple(waiting)
    assert waiting


def test_what_was_reported_for_the_provider_is_held_back_by_unclear_words():
    """It would be told what she said by phone: not while that is in doubt."""
    life = dispatched()
    life.says("NAFT belde: ze aanvaarden", role="referrer")
    waiting = [n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "reported"]

    life.says(UNSURE, role="referrer")

    assert life.last.voids == tuple(waiting)
    assert waiting


@each_row(
    ("state", "words"),
    [
        (State.STARTED, "Noor kwam niet opdagen"),
        (State.STARTED, "het traject ligt stil"),
        (State.COMPLETED, "Noor is terug naar school"),
    ],
)
def test_of_a_course_she_tells_as_the_provider_does(state, words):
    """It is noted, and she is not asked what she meant."""
    life = at_state(state)

    life.says(words, role="referrer")

    assert (life.state, life.kinds()) == (state, [])

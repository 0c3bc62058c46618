"""What a referrer's words do to her case: more data, a choice, a stop."""

from mailflow.core import letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.case import can
from mailflow.core.choosing import provider_named
from mailflow.core.decision import Draft, MailCame
from mailflow.core.form import Form, merge
from mailflow.core.letters import Kind, Tap, When
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.placing import place
from mailflow.core.provider_says import SAID, provider_says
from mailflow.core.thread import REPLY

BEFORE_RELEASE = (State.UNCONFIRMED, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)


def referrer_says(
    draft: Draft, read: Understood | Unclear, came: MailCame, author: str, by: Party = Party.REFERRER
) -> None:
    """Write down what the referrer (or the desk in her name) said, and do what follows from it."""
    form = came.understanding.supplement
    changed = _supplement(draft, form) if form else ()
    changed = changed or _choice(draft, came)
    action = read.action if isinstance(read, Understood) else None
    match action:
        case "deny" if draft.case.state is State.UNCONFIRMED:
            draft.happen(Event.DESK_NEEDED, by, why="denied")
        case "withdraw":
            _withdraw(draft, by, author)
        case "stop_release" if draft.case.state in BEFORE_RELEASE:
            _stop_release(draft, by, author)
        case "keep" if can(draft.case, Event.REFERRER_KEPT) or _kept_but_untold(draft):
            _keep(draft, by, author, came)
        case "contacted":
            draft.happen(Event.CONTACT_MADE, by)
        case "status":
            draft.write(letters.status(draft.case, "referrer", author, draft.rules))
        case _ if draft.case.state in BEFORE_RELEASE and (changed or _goes_on(draft, came, action)):
            _place_again(draft, form, changed, came)
        case _ if changed:
            _pass_supplement(draft, changed)
        case "question" | "elsewhere" | "hand_over":
            _for_a_person(draft, came, action)
        case "acknowledge" | "keep" | "confirm":
            draft.happen(Event.NOTE, by)
        case None if isinstance(read, Unclear):
            _ask_back(draft, read.why, author, by)
        case _ if action in SAID or action in ("callback", "round_table", "paused", "no_show"):
            provider_says(draft, read, came, author, by=by)
        case _:
            _ask_back(draft, "dat past niet bij waar het dossier nu staat", author, by)


def taps_for(draft: Draft) -> tuple[Tap, ...]:
    """What a referrer can say now with one tap."""
    match draft.case.state:
        case State.UNCONFIRMED:
            return (letters.CONFIRM, letters.DENY)
        case State.QUEUED:
            return (letters.STOP_RELEASE, letters.WITHDRAW)
        case State.WAITLIST_OFFERED:
            return (letters.KEEP, letters.ELSEWHERE, letters.WITHDRAW)
        case _:
            return letters.REFERRER_TAPS


def _supplement(draft: Draft, form: Form) -> tuple[str, ...]:
    """Merge new values into the case; the keys that changed."""
    values, changed = merge(draft.case.values, form, places=draft.rules.places)
    if changed:
        draft.keep(values)
        draft.happen(Event.INFO_ADDED, Party.REFERRER, fields=",".join(changed))
    return tuple(changed)


def _choice(draft: Draft, came: MailCame) -> tuple[str, ...]:
    """The provider that she names in answer to our question which; naming the full one again is insisting."""
    asked = draft.case.last(Event.INFO_MISSING)
    if draft.case.state is not State.NEEDS_INFO or asked is None or asked.codes.get("why") != "provider":
        return ()
    key = provider_named(came.reading.written, draft.rules.providers)
    if key is None:
        return ()
    insists = "yes" if key == draft.case.values.get("provider") else ""
    draft.keep({**draft.case.values, "provider": key, "insist": insists})
    draft.happen(Event.INFO_ADDED, Party.REFERRER, fields="provider")
    return ("provider",)


def _goes_on(draft: Draft, came: MailCame, action: str | None) -> bool:
    """Whether she confirmed: by a sealed letter of ours that asked for it, or after she had stopped it herself."""
    if action not in ("confirm", "keep"):
        return False
    if draft.case.state is State.UNCONFIRMED:
        return came.understanding.thread.sealed
    return draft.case.state is State.NEEDS_INFO


def _place_again(draft: Draft, form: Form | None, changed: tuple[str, ...], came: MailCame) -> None:
    """New data before release simply counts; an unproven sender's data counts only with her confirmation."""
    if draft.case.state is State.UNCONFIRMED:
        if not came.understanding.thread.sealed:
            return
        draft.happen(Event.SENDER_CONFIRMED, Party.REFERRER)
    if draft.case.state is State.QUEUED:
        if changed and any(c["letter"] == Kind.REFERRAL for c in draft.case.waiting_letters().values()):
            # Already handed to the sender: the provider gets an addition rather than a second letter.
            _pass_supplement(draft, changed)
            return
        draft.void_waiting(Kind.RECEIVED)
    if draft.case.unsettled:
        draft.happen(Event.UNDERSTOOD)
    place(draft, form, came.full)


def _pass_supplement(draft: Draft, changed: tuple[str, ...]) -> None:
    rules = draft.rules
    values = {key: draft.case.values[key] for key in changed}
    draft.write(letters.to_referrer(Kind.SUPPLEMENTED, draft.case, rows=letters.rows(values, rules)))
    shown = ("always", "accepted") if draft.case.state in (State.ACCEPTED, State.STARTED) else ("always",)
    rows = letters.rows(values, rules, shown=shown)
    if rows and draft.case.provider in rules.providers:
        draft.write(letters.to_provider(Kind.SUPPLEMENT, draft.case, rules, rows=rows))


def _withdraw(draft: Draft, by: Party, author: str) -> None:
    reached = draft.case.state not in BEFORE_RELEASE and draft.case.provider in draft.rules.providers
    ends = Event.REFERRER_STOPPED if can(draft.case, Event.REFERRER_STOPPED) else Event.WITHDRAWN
    if not can(draft.case, ends):
        _ask_back(draft, "dit dossier is al afgesloten", author, by)
        return
    draft.void_waiting(*Kind)
    draft.happen(ends, by)
    if "referrer" in draft.case.parties:
        draft.write(letters.to_referrer(Kind.WITHDRAWN, draft.case, by="referrer", party="referrer"))
    if reached and ends is Event.WITHDRAWN:
        draft.write(letters.to_provider(Kind.WITHDRAWN, draft.case, draft.rules, by="referrer", party="provider"))


def _stop_release(draft: Draft, by: Party, author: str) -> None:
    draft.void_waiting(Kind.REFERRAL)
    draft.happen(Event.INFO_MISSING, by, why="stopped")
    taps = (Tap("Toch bezorgen", "confirm", "bevestig"), letters.WITHDRAW)
    sentence = "we bezorgen deze aanmelding nog niet; ze vertrekt pas als je dat laat weten"
    draft.write(letters.echo("referrer", author, sentence, "", taps))


def _keep(draft: Draft, by: Party, author: str, came: MailCame) -> None:
    certain = came.understanding.thread.action not in (None, REPLY)
    if can(draft.case, Event.REFERRER_KEPT):
        draft.happen(Event.REFERRER_KEPT, by)
    letter = letters.to_provider(Kind.WAITLIST_KEPT, draft.case, draft.rules, taps=letters.WAITLISTED_TAPS)
    draft.write(letter, when=When.AT_ONCE if certain else None)
    if not certain:
        sentence = "de aanmelding blijft op de wachtlijst"
        taps = (letters.ELSEWHERE, letters.WITHDRAW)
        draft.write(letters.echo("referrer", author, sentence, "de aanbieder", taps))


def _kept_but_untold(draft: Draft) -> bool:
    """Whether she kept her place, took it back with "oeps" before the provider heard, and keeps it after all."""
    told = [h.kind for h in draft.case.history if h.codes.get("letter") == Kind.WAITLIST_KEPT]
    return draft.case.state is State.WAITLISTED and told[-1:] == [Event.LETTER_VOIDED]


def _for_a_person(draft: Draft, came: MailCame, action: str | None) -> None:
    """A question goes to the provider once it knows the case; anything else to the desk."""
    draft.happen(Event.NOTE, Party.REFERRER, why=action or "")
    words = came.reading.written.strip()
    provider = draft.rules.providers.get(draft.case.provider)
    if action == "question" and provider and draft.case.state not in BEFORE_RELEASE:
        letter = letters.passed_on(draft.case, "provider", provider.address, draft.rules, by="referrer", words=words)
        draft.write(letter)
        return
    draft.write(
        letters.other_mail(
            draft.rules,
            reference=draft.case.reference,
            author=came.reading.mail.author.address,
            subject="",
            text=words,
            attachments=(),
            why="een vraag van de aanmelder" if action == "question" else "de aanmelder zoekt iets anders",
        )
    )


def _ask_back(draft: Draft, why: str, author: str, by: Party) -> None:
    draft.void_waiting(Kind.WAITLIST_KEPT, Kind.SUPPLEMENT)  # "oeps": see provider_says
    before = draft.case.last(Event.ASKED_BACK, Event.UNDERSTOOD, Event.REFERRAL_COMPLETE, by=by)
    if before and before.kind is Event.ASKED_BACK:
        draft.happen(Event.DESK_TOLD, what="unclear")
        return
    draft.happen(Event.ASKED_BACK, by)
    to = "referrer" if by is Party.REFERRER else "desk"
    draft.write(letters.unclear(to, author, why, taps_for(draft)))

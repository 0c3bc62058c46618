"""The digest: what the database knows of today, put before the meldpunt worker."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from mailflow.core import retry
from mailflow.core.absence import absence_of
from mailflow.core.case import Case
from mailflow.core.clb_letters import MOST_CLBS, clb_named
from mailflow.core.decision import Outcome
from mailflow.core.desk_taps import desk_taps
from mailflow.core.digest import UNREAD_AFTER, digest
from mailflow.core.digest_health import Trouble
from mailflow.core.digest_parts import TOP, Item, parts
from mailflow.core.invited import cannot_come
from mailflow.core.known_senders import Clb, clb_of
from mailflow.core.letters import Letter
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.likely_clb import likely_clbs
from mailflow.core.misfits import is_gone, misfits
from mailflow.core.moments import DECIDES_TOO, OF_AGE
from mailflow.core.rules import Rules
from mailflow.core.silence import with_stand_in
from mailflow.core.trace_lines import told_of
from mailflow.core.watches import waits_until
from mailflow.core.week import bounds, is_first_of_week
from mailflow.core.wording import initials
from mailflow.deputizing import silent_days
from mailflow.means import Means
from mailflow.reading.mime import parse
from mailflow.storage.case_rows import CaseLine
from mailflow.storage.cases import StoredCase
from mailflow.storage.measures import weeks_of
from mailflow.storage.store import Store

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def asks_the_desk(store: Store, now: datetime) -> bool:
    """Whether anything came in since the last digest that only the desk can decide: a case, or a mail of no case."""
    since = store.letters.last_digest_at() or BEFORE_ALL
    cases = any(line.turn == Party.DESK and since < line.since <= now for line in store.cases.lines(limit=None))
    mails = (*store.mails.held(since), *store.mails.lines(outcomes=[Outcome.QUARANTINED]))
    return cases or any(mail.reference is None and mail.received_at > since for mail in mails)


def waits_for_the_desk(store: Store, now: datetime) -> tuple[int, int]:
    """How many cases, and how many mails of no case, wait for the desk at *now*."""
    let_wait = {one.case.reference for one in store.cases.marked(now, ()) if waits_until(one.case)}
    cases = [line for line in store.cases.lines(limit=None) if line.turn == Party.DESK]
    mails = (*store.mails.held(BEFORE_ALL), *store.mails.lines(outcomes=[Outcome.QUARANTINED]))
    return sum(line.reference not in let_wait for line in cases), sum(mail.reference is None for mail in mails)


def digest_letters(means: Means) -> tuple[Letter, ...]:
    """The digest as it would be written now, and the one for who stands in when no worker is heard of."""
    return with_stand_in(digest_letter(means), silent_days(means, BEFORE_ALL), means.rules)


def digest_letter(means: Means) -> Letter:
    """The digest as it would be written now."""
    store, rules, now, day = means.store, means.rules, means.now, means.today
    since = store.letters.last_digest_at() or BEFORE_ALL
    mailboxes = store.mailboxes.states()
    suspects = store.mails.lines(outcomes=[Outcome.QUARANTINED])
    held = store.mails.held(since)
    trouble = Trouble(
        held=tuple((m.id, m.received_at) for m in held),
        why={m.id: why for m in held[:TOP] if (why := told_of(store.mails.trace(m.id)))},
        unsettled=tuple(m.id for m in held if m.reference is None),
        quarantined=tuple((m.id, m.received_at) for m in suspects),
        forged={m.id: clb.key for m in suspects[:TOP] if (clb := _forged_name(means, m.id))},
        stuck=len(store.stuck_tasks()),
        late_letters=store.late_letters(retry.COMPLAIN_AT),
        erased=store.erasures.since(since),
        copies=store.copies.left(),
        set_aside=sum(mailbox.set_aside for mailbox in mailboxes),
        unread_since={one.mailbox: one.read_at for one in mailboxes if now - one.read_at > UNREAD_AFTER},
    )
    full = store.full_providers(day)
    zone = rules.calendar.zone
    marked = store.cases.marked(since, [day + timedelta(days=n) for n in range(7)])
    items = {line.reference: _counted(line, rules) for line in store.cases.lines(limit=None)}

    def known(stored: StoredCase) -> Item:
        return _item(items[stored.case.reference], stored.case, rules, day=day, since=since, full=full)

    items |= {one.case.reference: known(one) for one in marked if one.case.reference in items}
    shown = parts(items.values(), since=since, now=now, zone=zone).shown() - {one.case.reference for one in marked}
    items |= {one.case.reference: known(one) for one in store.cases.of(shown)}
    weeks = weeks_of(store.database, bounds(day, zone)) if is_first_of_week(day, since, zone) else None
    return digest([*items.values()], trouble, rules, day=day, since=since, now=now, weeks=weeks)


def _counted(line: CaseLine, rules: Rules) -> Item:
    """A case as far as its columns tell: enough to count it where it belongs."""
    return Item(
        reference=line.reference,
        state=line.state,
        since=line.since,
        opened_at=line.opened_at,
        turn=line.turn,
        what=line.what,
        due_at=line.due_at,
        provider=line.provider,
        gone=is_gone(line.state, line.provider, rules),
    )


def _item(counted: Item, case: Case, rules: Rules, *, day: date, since: datetime, full: frozenset[str]) -> Item:
    """The same case with all that the digest says of it."""
    return replace(
        counted,
        initials=initials(case.values),
        likely=_likely(case, rules),
        away_until=_away(case, counted.turn, day),
        same_pupil=tuple(
            (h.codes["older"], h.codes["how"] == "name_and_birth")
            for h in case.history
            if h.kind is Event.SAME_PUPIL and h.at >= since
        ),
        clb_open=case.clb_open,
        waits_until=waits_until(case),
        turned=_turned(case, since),
        misfits=_misfits(case, rules, day, since),
        why=_why(case),
        taps=desk_taps(case, rules, day, full),
        round_table=_round_table(case),
        absent=tuple(party.value for party, _ in cannot_come(case)),
        refused=any(at >= since for _, at in cannot_come(case)),
        bounced=any(h.kind is Event.BOUNCED and h.at >= since for h in case.history),
    )


def _round_table(case: Case) -> tuple[date, str] | None:
    """The day and hour of the round table as it was told last, "" for an hour that is not known."""
    noted = case.last(Event.ROUND_TABLE_NOTED)
    day = noted.codes.get("day") if noted else None
    return (date.fromisoformat(day), noted.codes.get("time", "")) if noted and day else None


def _turned(case: Case, since: datetime) -> tuple[int, ...]:
    """The ages of 12 and 18 that it came to since then."""
    events = (h for h in case.history if h.kind is Event.CAME_OF_AGE and h.at >= since)
    return tuple(age for h in events if (age := int(h.codes["age"])) in {DECIDES_TOO, OF_AGE})


def _misfits(case: Case, rules: Rules, day: date, since: datetime) -> tuple[str, ...]:
    """Why it does not fit its provider any more, as far as that came to light since then, and not at its beginning."""
    found = misfits(case, rules, day)
    complete = {h.at for h in case.history if h.kind is Event.REFERRAL_COMPLETE}
    events = (h for h in case.history if h.kind is Event.NO_LONGER_FITS and h.at >= since and h.at not in complete)
    return tuple(found[h.codes["why"]] for h in events if h.codes["why"] in found)


def _why(case: Case) -> str:
    needed = case.last(Event.DESK_NEEDED) if case.state is State.NEEDS_DESK else None
    return needed.codes.get("why", "") if needed else ""


def _forged_name(means: Means, mail_id: int) -> Clb | None:
    """The CLB in whose name a mail in quarantine came."""
    return clb_of(parse(means.store.mails.raw(mail_id), means.reader.limits).author.key, means.rules.clbs)


def _away(case: Case, turn: str, day: date) -> date | None:
    """Until when whoever is waited for is away, when that is still to come."""
    absence = absence_of(case, Party(turn)) if turn else None
    return absence[1] if absence and absence[1] >= day else None


def _likely(case: Case, rules: Rules) -> tuple[str, ...]:
    """The names of the CLBs that may be responsible for a case that has none."""
    if case.state is not State.AWAITING_CLB or case.assigned_clb:
        return ()
    found = likely_clbs(case.values, rules.clbs, rules.places)[:MOST_CLBS]
    return tuple(clb.name for one in found if (clb := clb_named(one.key, rules)))

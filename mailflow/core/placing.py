"""Where does a referral go from here: is anything missing, which provider, and when does it leave?"""

from dataclasses import replace
from datetime import date

from mailflow.core import case_letters
from mailflow.core.case import Case
from mailflow.core.checks import age_band
from mailflow.core.closed import closed_meanwhile
from mailflow.core.draft import Draft
from mailflow.core.fitting import AskDesk, AskReferrer, Chosen, Fit, choose_provider, fit, ranked
from mailflow.core.form import Form, complete
from mailflow.core.lifecycle import Event, Party
from mailflow.core.misfits import note_misfits
from mailflow.core.needs import clb_behind, needs
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import rows_for_the_referrer, tell_the_desk


def place(draft: Draft, form: Form | None, full: frozenset[str]) -> None:
    """Decide on a referral whose sender is a CLB worker: ask, choose, or hold it until the next opening."""
    case, rules = draft.case, draft.rules
    missing, wanted = complete(case.values, rules.fields, draft.today)
    form = replace(form or Form(source="text", values={}), values=case.values, missing=missing, wanted=wanted)
    unread = draft.unread
    tell_the_desk(draft)
    if missing:
        draft.happen(Event.INFO_MISSING, why="fields")
        draft.write(case_letters.missing(draft.case, form, rules, unread=unread))
        return
    same = rows_for_the_referrer(draft)
    choice = choice_of(case, rules, draft.today, full)
    match choice:
        case Chosen(key=key, why=why, warnings=warnings):
            draft.trace.append(f"provider {key}: {why}")
            draft.release_at = rules.calendar.next_open(draft.now + draft.hold)
            draft.happen(Event.REFERRAL_COMPLETE, Party.MAILFLOW, provider=key, **facts(draft))
            note_misfits(draft)  # the warnings say so
            leaves = draft.release_at
            draft.write(
                case_letters.received(
                    draft.case,
                    form,
                    rules,
                    leaves=leaves,
                    now=draft.now,
                    warnings=(*warnings, *closed_meanwhile(rules.providers[key], leaves)),
                    unread=unread,
                    same=same,
                )
            )
        case AskReferrer(why=why, options=options):
            draft.happen(Event.INFO_MISSING, why="provider")
            draft.write(case_letters.choose_provider(draft.case, why, options, form, rules, unread=unread))
        case _:
            # Figures count it, and a question without an offer counts for the survey, whatever the desk decides.
            draft.happen(Event.DESK_NEEDED, why="provider", **facts(draft))
            draft.write(
                case_letters.received(
                    draft.case,
                    form,
                    rules,
                    leaves=None,
                    now=draft.now,
                    warnings=(choice.why,),
                    unread=unread,
                    same=same,
                )
            )


def choice_of(case: Case, rules: Rules, today: date, full: frozenset[str]) -> Chosen | AskReferrer | AskDesk:
    """Which provider gets the case, or who is asked for it; *full*: keys of those full for the school year."""
    need = needs(case, rules, today)
    return choose_provider(case.values, need, rules.providers, today=today, full=full, neighbours=rules.neighbours)


def fits_of(case: Case, rules: Rules, today: date, full: frozenset[str] = frozenset()) -> tuple[Fit, ...]:
    """How every provider fits, in the order of the configuration."""
    need = needs(case, rules, today)
    return tuple(fit(one, need, full) for one in rules.providers.values())


def ranked_for(case: Case, rules: Rules, today: date, full: frozenset[str] = frozenset()) -> tuple[Fit, ...]:
    """The same, best first: those that fit, then those with the fewest objections."""
    return ranked(needs(case, rules, today), rules.providers, full)


def facts(draft: Draft) -> dict[str, str]:
    """The codes that figures need later: no personal data."""
    values, rules = draft.case.values, draft.rules
    clb, need = clb_behind(draft.case, rules), needs(draft.case, rules, draft.today)
    offered = any(fit(one, need).fits for one in rules.providers.values())  # full or not
    codes = {
        "region": "+".join(sorted(need.regions)),
        "age": age_band(need.age) if need.age is not None else "",
        "subject": values.get("subject_kind", ""),
        "purpose": values.get("purpose", ""),
        "network": clb.network if clb else values.get("network", ""),
        "clb": clb.key if clb else "",
        "offer": "" if offered else "none",
    }
    return {key: value for key, value in codes.items() if value}

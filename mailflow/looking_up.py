"""What an order of the desk about no single case asks of the memory."""

from mailflow.core.case import Case
from mailflow.core.house import LookedUp, RememberedLine, Stuck
from mailflow.core.house_orders import Find, Ordered
from mailflow.core.lifecycle import State
from mailflow.core.places import plain
from mailflow.storage.store import Store


def looked_up(store: Store, typed: Ordered) -> LookedUp:
    """What is kept of all that those orders are about."""
    wanted = [order for order in typed.orders if isinstance(order, Find)]
    return LookedUp(
        pupils={one: _of_pupil(store, one) for one in wanted},
        stuck=tuple(Stuck(task=one["id"], mail=one["mail_id"]) for one in store.stuck_tasks()),
        senders=tuple(RememberedLine(one.id, one.remembered) for one in store.senders.lines()),
        closures=store.closures.told(),
    )


def _of_pupil(store: Store, wanted: Find) -> tuple[Case, ...]:
    """Those that ended too. The index of pupils needs a first name as well: here each case is opened and compared."""
    return tuple(one.case for one in store.cases.all_open(tuple(State)) if _is(one.case, wanted))


def _is(case: Case, wanted: Find) -> bool:
    first, last = (plain(case.values.get(key, "")) for key in ("first_name", "last_name"))
    same_day = case.values.get("birth_date") == wanted.birth_date
    return same_day and plain(wanted.last_name) in {last, f"{first} {last}", f"{last} {first}"}

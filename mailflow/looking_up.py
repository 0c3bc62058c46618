"""What an order of the desk about no single case asks of the memory."""

from mailflow.core.house import LookedUp, RememberedLine, Stuck
from mailflow.core.house_orders import Find, Ordered
from mailflow.storage.store import Store


def looked_up(store: Store, typed: Ordered) -> LookedUp:
    """What is kept of all that those orders are about."""
    wanted = [order for order in typed.orders if isinstance(order, Find)]
    return LookedUp(
        pupils={
            one: tuple(found.case for found in store.pupils.named(one.last_name, one.birth_date)) for one in wanted
        },
        stuck=tuple(Stuck(task=one["id"], mail=one["mail_id"]) for one in store.stuck_tasks()),
        senders=tuple(RememberedLine(one.id, one.remembered) for one in store.senders.lines()),
        signals=tuple(store.signals.lines()),
        closures=store.closures.told(),
    )

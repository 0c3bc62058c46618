"""When is a letter tried again, when does the desk hear of it, and when do we give up?"""

from datetime import datetime, timedelta

# RFC 5321 4.5.4.1 asks for four to five days; the desk hears after the fifth try, most of a working day later.
RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 20, 60, 240))
THEN_EVERY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
COMPLAIN_AT = len(RETRY_AFTER)

# The server's fault and not the letter's: no attempt is counted, the whole queue waits.
SERVER_AGAIN_AFTER = timedelta(minutes=1)

# A fault of ours: three tries, then a person looks at it.
OUR_FAULT_AFTER = (timedelta(seconds=10), timedelta(minutes=2))


def again_at(attempts: int, now: datetime) -> datetime:
    """When a letter that failed *attempts* times (1 or more) is tried again."""
    return now + (RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else THEN_EVERY)


def gives_up(first_try: datetime, now: datetime) -> bool:
    """Whether a letter first tried then has had its days."""
    return now - first_try >= GIVE_UP_AFTER


def after_our_fault(attempts: int, now: datetime) -> datetime | None:
    """When a task that raised *attempts* times (1 or more) is tried again; None: it is stuck."""
    return now + OUR_FAULT_AFTER[attempts - 1] if attempts <= len(OUR_FAULT_AFTER) else None

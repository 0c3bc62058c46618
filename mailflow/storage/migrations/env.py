"""Alembic's way in: runs the migrations on the connection that migrate.py hands over."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from mailflow.seams import reached
from mailflow.storage.tables import Mail, Moment


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Our own type, and SQLModel's string, as plain SQLAlchemy in migration files."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "AutoString":
        length = getattr(item, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Mail.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    on_version_apply=lambda **_: reached("after_revision"),
)
with context.begin_transaction():
    context.run_migrations()

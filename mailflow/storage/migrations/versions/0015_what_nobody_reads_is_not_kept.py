"""what nobody reads is not kept"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENTS = (("provider_state", "changed_at"), ("closure", "told_at"), ("expunge", "asked_at"))


def upgrade() -> None:
    # Not by a copy of the table, as a batch would on SQLite: other tables point at letter.
    op.drop_column("letter", "message_key")
    for table, column in MOMENTS:
        op.drop_column(table, column)


def downgrade() -> None:
    op.add_column("letter", sa.Column("message_key", sa.String(length=64), nullable=False, server_default=""))
    for table, column in MOMENTS:
        unknown = sa.text("'1970-01-01 00:00:00+00:00'")
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=False, server_default=unknown))

"""work of a lane is done in order"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What waits for a provider already is in no lane: of that, two workers may still change the order.
    with op.batch_alter_table("task") as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(length=70), nullable=True))
        batch_op.create_index(batch_op.f("ix_task_lane_due_at_id"), ["lane", "due_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_lane_due_at_id"))
        batch_op.drop_column("lane")

"""work of a kind is found by its due time"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # However long the queue is, the first task of each kind is found at once.
    with op.batch_alter_table("task") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_state_kind_due_at_id"), ["state", "kind", "due_at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_state_kind_due_at_id"))

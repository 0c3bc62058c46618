"""letters of an address are found by date"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was written to an address in the last day is asked for every mail: the index alone answers it.
    with op.batch_alter_table("letter") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_letter_address_key_written_at_kind"), ["address_key", "written_at", "kind"], unique=False
        )
        batch_op.drop_index(batch_op.f("ix_letter_address_key"))


def downgrade() -> None:
    with op.batch_alter_table("letter") as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_address_key"), ["address_key"], unique=False)
        batch_op.drop_index(batch_op.f("ix_letter_address_key_written_at_kind"))

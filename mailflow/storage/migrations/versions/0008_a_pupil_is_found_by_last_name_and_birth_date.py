"""a pupil is found by last name and birth date"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As with the other keys: those of cases that are there already are made at the next start.
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.add_column(sa.Column("family_key", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_care_case_family_key"), ["family_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_case_family_key"))
        batch_op.drop_column("family_key")

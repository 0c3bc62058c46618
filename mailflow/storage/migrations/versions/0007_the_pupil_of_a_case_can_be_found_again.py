"""the pupil of a case can be found again"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The keys of cases that are there already are made at the next start: a migration has no key to read them with.
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.add_column(sa.Column("pupil_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("name_key", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_care_case_pupil_key"), ["pupil_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_case_name_key"), ["name_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_case_name_key"))
        batch_op.drop_index(batch_op.f("ix_care_case_pupil_key"))
        batch_op.drop_column("name_key")
        batch_op.drop_column("pupil_key")

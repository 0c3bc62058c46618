"""which unread mails mention a case is asked at each release"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    some = sa.text("hint != ''")
    with op.batch_alter_table("mail") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mail_state_hint"), ["state", "hint"], unique=False, sqlite_where=some, postgresql_where=some
        )


def downgrade() -> None:
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_state_hint"))

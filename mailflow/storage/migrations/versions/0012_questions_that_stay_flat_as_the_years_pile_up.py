"""what is asked every day reads no rows of years gone by"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.add_column(sa.Column("nameless", sa.Boolean(), nullable=False, server_default="0"))
        batch_op.create_index(
            batch_op.f("ix_care_case_nameless_state_since"), ["nameless", "state", "since"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_care_case_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_case_provider_state"), ["provider", "state"], unique=False)
        batch_op.drop_index(batch_op.f("ix_care_case_provider"))
    case, referral = (
        sa.table("care_case", sa.column("id"), sa.column("nameless")),
        sa.table("referral", sa.column("case_id"), sa.column("sealed", sa.LargeBinary())),
    )
    erased = sa.select(referral.c.case_id).where(referral.c.sealed == b"")
    op.execute(sa.update(case).where(case.c.id.in_(erased)).values(nameless=sa.true()))
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_index(batch_op.f("ix_event_kind_at"), ["kind", "at"], unique=False)
        batch_op.drop_index(batch_op.f("ix_event_kind"))
    with op.batch_alter_table("mail") as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_state_case_id"), ["state", "case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_outcome_state"), ["outcome", "state"], unique=False)
        batch_op.drop_index(batch_op.f("ix_mail_state"))
        batch_op.drop_index(batch_op.f("ix_mail_outcome"))
    with op.batch_alter_table("letter") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_letter_role_kind_written_at"), ["role", "kind", "written_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_letter_state_sent_at"), ["state", "sent_at"], unique=False)
        batch_op.drop_index(batch_op.f("ix_letter_message_key"))  # nothing asks by it


def downgrade() -> None:
    with op.batch_alter_table("letter") as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_message_key"), ["message_key"], unique=False)
        batch_op.drop_index(batch_op.f("ix_letter_state_sent_at"))
        batch_op.drop_index(batch_op.f("ix_letter_role_kind_written_at"))
    with op.batch_alter_table("mail") as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_outcome"), ["outcome"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_state"), ["state"], unique=False)
        batch_op.drop_index(batch_op.f("ix_mail_outcome_state"))
        batch_op.drop_index(batch_op.f("ix_mail_state_case_id"))
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_index(batch_op.f("ix_event_kind"), ["kind"], unique=False)
        batch_op.drop_index(batch_op.f("ix_event_kind_at"))
    with op.batch_alter_table("care_case") as batch_op:
        batch_op.create_index(batch_op.f("ix_care_case_provider"), ["provider"], unique=False)
        batch_op.drop_index(batch_op.f("ix_care_case_provider_state"))
        batch_op.drop_index(batch_op.f("ix_care_case_opened_at"))
        batch_op.drop_index(batch_op.f("ix_care_case_nameless_state_since"))
        batch_op.drop_column("nameless")

"""messages: in the portal, receipts of texts, somebody sent, talk with the office, complaints"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OF_TEXTS = (
    "state", "fault", "reported_at", "application_id", "inbox_id", "second", "followed_up_at",
)  # fmt: skip


def upgrade() -> None:
    _texts_have_states()
    _make_what_is_told()
    _make_talk()
    _make_complaints()
    op.create_table(
        "draft_reminders",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_draft_reminders_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "days", name=op.f("pk_draft_reminders")),
    )


def downgrade() -> None:
    for table in (
        "draft_reminders", "complaints", "thread_messages", "contact_choices", "tasks",
        "inbox_messages",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_text_messages_application_id", table_name="text_messages")
    op.drop_index("ix_text_messages_state_created_at", table_name="text_messages")
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        for name in _OF_TEXTS:
            batch_op.drop_column(name)


def _texts_have_states() -> None:
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=16), nullable=False, server_default="queued")
        )
        batch_op.add_column(sa.Column("fault", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("application_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("inbox_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("second", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_text_messages_application_id", ["application_id"], unique=False)
        batch_op.create_index(
            "ix_text_messages_state_created_at", ["state", "created_at"], unique=False
        )
    texts = sa.table("text_messages", *(sa.column(n) for n in ("state", "sent_at", "dropped_at")))
    op.execute(sa.update(texts).where(texts.c.dropped_at.is_not(None)).values(state="failed"))
    op.execute(sa.update(texts).where(texts.c.sent_at.is_not(None)).values(state="sent"))


def _make_what_is_told() -> None:
    op.create_table(
        "inbox_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
    )
    op.create_index(
        "ix_inbox_messages_account_id_read_at", "inbox_messages", ["account_id", "read_at"]
    )
    op.create_index("ix_inbox_messages_application_id", "inbox_messages", ["application_id"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("topics", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("how", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_region_code_done_at", "tasks", ["region_code", "done_at"])
    op.create_index("ix_tasks_application_id", "tasks", ["application_id"])
    op.create_table(
        "contact_choices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("word_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("second_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reminders_off", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_contact_choices")),
    )


def _make_talk() -> None:
    op.create_table(
        "thread_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("voice_blob", sa.String(length=64), nullable=True),
        sa.Column("voice_type", sa.String(length=16), nullable=True),
        sa.Column("voice_seconds", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_thread_messages_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_messages")),
    )
    op.create_index(
        "ix_thread_messages_application_id_created_at",
        "thread_messages",
        ["application_id", "created_at"],
    )
    op.create_index(
        "ix_thread_messages_side_answered_at", "thread_messages", ["side", "answered_at"]
    )


def _make_complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("office_code", sa.String(length=12), nullable=False),
        sa.Column("above_code", sa.String(length=12), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_complaints_application_id")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["data_keys.id"], name=op.f("fk_complaints_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("code_index", name=op.f("uq_complaints_code_index")),
    )
    op.create_index(
        "ix_complaints_office_code_answered_at", "complaints", ["office_code", "answered_at"]
    )
    op.create_index("ix_complaints_account_id", "complaints", ["account_id"])

"""aid"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "petty_funds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance >= 0", name="ck_petty_funds_balance"),
        sa.ForeignKeyConstraint(["key_id"], ["data_keys.id"], name=op.f("fk_petty_funds_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petty_funds")),
        sa.UniqueConstraint("region_code", name=op.f("uq_petty_funds_region_code")),
    )
    op.create_table(
        "department_members",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_department_members_staff_id")
        ),
        sa.PrimaryKeyConstraint("staff_id", "department", name=op.f("pk_department_members")),
    )
    op.create_table(
        "petty_fund_closings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["petty_funds.id"], name=op.f("fk_petty_fund_closings_fund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petty_fund_closings")),
        sa.UniqueConstraint("fund_id", "month", name=op.f("uq_petty_fund_closings_fund_id_month")),
    )
    op.create_table(
        "petty_fund_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["petty_funds.id"], name=op.f("fk_petty_fund_requests_fund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petty_fund_requests")),
    )
    with op.batch_alter_table("petty_fund_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_petty_fund_requests_fund_id"), ["fund_id"], unique=False
        )

    op.create_table(
        "aid_conferences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("minutes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_aid_conferences_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_conferences")),
    )
    with op.batch_alter_table("aid_conferences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_aid_conferences_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "aid_papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_aid_papers_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_papers")),
        sa.UniqueConstraint(
            "application_id", "item", name=op.f("uq_aid_papers_application_id_item")
        ),
    )
    op.create_table(
        "petty_fund_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance >= 0", name="ck_petty_fund_lines_balance"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_petty_fund_lines_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["petty_fund_lines.id"], name=op.f("fk_petty_fund_lines_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["petty_funds.id"], name=op.f("fk_petty_fund_lines_fund_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["petty_fund_requests.id"], name=op.f("fk_petty_fund_lines_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petty_fund_lines")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_petty_fund_lines_corrects_id")),
        sa.UniqueConstraint("fund_id", "seq", name=op.f("uq_petty_fund_lines_fund_id_seq")),
        sa.UniqueConstraint("request_id", name=op.f("uq_petty_fund_lines_request_id")),
    )
    with op.batch_alter_table("petty_fund_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_petty_fund_lines_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "referral_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_referral_consents_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["data_keys.id"], name=op.f("fk_referral_consents_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_consents")),
    )
    with op.batch_alter_table("referral_consents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referral_consents_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "aid_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("conference_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_aid_grants_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["conference_id"], ["aid_conferences.id"], name=op.f("fk_aid_grants_conference_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_grants")),
    )
    with op.batch_alter_table("aid_grants", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_aid_grants_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("region_path", sa.String(length=64), nullable=False),
        sa.Column("from_region_code", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("moves_file", sa.Boolean(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_basis", sa.String(length=16), nullable=True),
        sa.Column("contents_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_referrals_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["referral_consents.id"], name=op.f("fk_referrals_consent_id")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["data_keys.id"], name=op.f("fk_referrals_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referrals_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            "ix_referrals_department_region_code_state",
            ["department", "region_code", "state"],
            unique=False,
        )
        batch_op.create_index(
            "ix_referrals_from_region_code_state", ["from_region_code", "state"], unique=False
        )

    op.create_table(
        "aid_instalments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.String(length=80), nullable=True),
        sa.Column("dropped", sa.String(length=16), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["aid_grants.id"], name=op.f("fk_aid_instalments_grant_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["petty_fund_lines.id"], name=op.f("fk_aid_instalments_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_instalments")),
        sa.UniqueConstraint("grant_id", "no", name=op.f("uq_aid_instalments_grant_id_no")),
    )
    op.create_table(
        "referral_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_steps_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_steps")),
        sa.UniqueConstraint("referral_id", "seq", name=op.f("uq_referral_steps_referral_id_seq")),
    )


def downgrade() -> None:
    op.drop_table("referral_steps")
    op.drop_table("aid_instalments")
    op.drop_table("referrals")
    op.drop_table("aid_grants")
    op.drop_table("referral_consents")
    op.drop_table("petty_fund_lines")
    op.drop_table("aid_papers")
    op.drop_table("aid_conferences")
    op.drop_table("petty_fund_requests")
    op.drop_table("petty_fund_closings")
    op.drop_table("department_members")
    op.drop_table("petty_funds")

"""open to the village, and after the decision"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("objections", sa.Column("code_index", sa.LargeBinary(), nullable=True))
    op.create_index("ix_objections_code_index", "objections", ["code_index"], unique=True)
    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("posted_by", sa.String(length=80), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _of_application("publications"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_application_id"), "publications", ["application_id"])
    op.create_index(
        "ix_publications_region_code_last_day", "publications", ["region_code", "last_day"]
    )
    op.create_table(
        "unlisted_cases",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _of_application("unlisted_cases"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_unlisted_cases")),
    )
    op.create_table(
        "change_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reported_by", sa.String(length=80), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        _of_application("change_reports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_reports")),
    )
    op.create_index(op.f("ix_change_reports_application_id"), "change_reports", ["application_id"])
    op.create_table(
        "rechecks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("every", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("how", sa.String(length=16), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("visit_asked_at", sa.DateTime(timezone=True), nullable=True),
        _of_application("rechecks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rechecks")),
    )
    op.create_index(op.f("ix_rechecks_application_id"), "rechecks", ["application_id"])
    op.create_index("ix_rechecks_due_on", "rechecks", ["due_on", "answered_at"])


def downgrade() -> None:
    for table in ("rechecks", "change_reports", "unlisted_cases", "publications"):
        op.drop_table(table)
    op.drop_index("ix_objections_code_index", "objections")
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.drop_column("code_index")


def _of_application(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["application_id"], ["applications.id"], name=op.f(f"fk_{table}_application_id")
    )

"""clocks"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column("machine", sa.String(length=16), nullable=False, server_default="standard"),
    )
    op.add_column(
        "staff", sa.Column("also", sa.String(length=200), nullable=False, server_default="")
    )
    op.add_column("staff", sa.Column("phone_sealed", sa.LargeBinary(), nullable=True))
    op.create_index("ix_applications_changed_at", "applications", ["changed_at"])
    _watch()
    _tell()


def _watch() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("under", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"],
            name=op.f("fk_case_clocks_application_id_applications"),
        ),
        sa.PrimaryKeyConstraint("application_id", "step", name=op.f("pk_case_clocks")),
    )  # fmt: skip
    op.create_index(op.f("ix_case_clocks_due_on"), "case_clocks", ["due_on"])
    op.create_table(
        "worker_marks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=False),
        sa.Column("under", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_marks")),
    )


def _tell() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"],
            name=op.f("fk_escalations_application_id_applications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint(
            "application_id", "step", "level", "due_on", name=op.f("uq_escalations_application_id_step_level_due_on")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_escalations_application_id"), "escalations", ["application_id"])
    op.create_index("ix_escalations_settled_at_level", "escalations", ["settled_at", "level"])
    op.create_table(
        "digests",
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "day", name=op.f("pk_digests")),
    )


def downgrade() -> None:
    for table in ("digests", "escalations", "worker_marks", "case_clocks"):
        op.drop_table(table)
    op.drop_index("ix_applications_changed_at", table_name="applications")
    op.drop_column("staff", "phone_sealed")
    op.drop_column("staff", "also")
    op.drop_column("applications", "machine")

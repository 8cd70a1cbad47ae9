"""the desk: who holds a file, the county above it, reasons to look, indexes for a million cases"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FEW = (
    ("ix_applications_alert", "alert", "alert IS NOT NULL"),
    ("ix_applications_held_by", "held_by", "held_by IS NOT NULL"),
    ("ix_applications_investigator_id", "investigator_id", "investigator_id IS NOT NULL"),
    ("ix_applications_bounces", "county_code", "bounces > 1"),
)
_COLUMNS = ("county_code", "held_by", "held_duty", "held_until", "investigator_id", "bounces")


def upgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("county_code", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("held_by", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("held_duty", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("investigator_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("bounces", sa.Integer(), nullable=False, server_default="0"))
    _fill_the_counties()
    op.drop_index("ix_applications_region_code_status", table_name="applications")
    for name, place in (("town", "region_code"), ("county", "county_code")):
        op.create_index(
            f"ix_applications_{name}", "applications", [place, "status", "urgent", "filed_at", "id"]
        )
    for name, column, where in _FEW:
        op.create_index(
            name, "applications", [column],
            sqlite_where=sa.text(where), postgresql_where=sa.text(where),
        )  # fmt: skip
    waiting = sa.text("taken_at IS NULL")
    op.create_index(
        "ix_intake_dossiers_leased_by", "intake_dossiers", ["leased_by"],
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
    _make_openings_and_flags()


def downgrade() -> None:
    op.drop_table("flags")
    op.drop_table("openings")
    op.drop_index("ix_intake_dossiers_leased_by", table_name="intake_dossiers")
    for name, _column, _where in _FEW:
        op.drop_index(name, table_name="applications")
    for name in ("county", "town"):
        op.drop_index(f"ix_applications_{name}", table_name="applications")
    op.create_index("ix_applications_region_code_status", "applications", ["region_code", "status"])
    with op.batch_alter_table("applications", schema=None) as batch_op:
        for name in _COLUMNS:
            batch_op.drop_column(name)


def _fill_the_counties() -> None:
    """The last code of six digits in each path from the province down."""
    files = sa.table("applications", sa.column("region_path"), sa.column("county_code"))
    bind = op.get_bind()
    for path in bind.scalars(sa.select(files.c.region_path).distinct()).all():
        counties = [code for code in (path or "").split("/") if len(code) == 6]
        if counties:
            here = sa.update(files).where(files.c.region_path == path)
            bind.execute(here.values(county_code=counties[-1]))


def _make_openings_and_flags() -> None:
    op.create_table(
        "openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_openings_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_openings_application_id"), ["application_id"], unique=False
        )
    op.create_table(
        "flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_flags_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
    )
    with op.batch_alter_table("flags", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_flags_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index("ix_flags_kind_at", ["kind", "at"], unique=False)

"""households: one family's file, and what was carried from one of its files to another"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_households_account_id")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["data_keys.id"], name=op.f("fk_households_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_index(op.f("ix_households_account_id"), "households", ["account_id"])
    _reference("applications", "household_id", "households.id")
    _reference("applications", "carried_from", "applications.id")
    _reference("documents", "sealed_for", "applications.id")
    op.add_column("applications", sa.Column("carried_why", sa.String(length=16), nullable=True))
    op.add_column(
        "applications", sa.Column("next_tier_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(op.f("ix_applications_household_id"), "applications", ["household_id"])
    op.create_index(
        "ix_applications_carried", "applications", ["carried_from", "program_id"], unique=True
    )
    op.create_index(op.f("ix_documents_sealed_for"), "documents", ["sealed_for"])


def _reference(table: str, name: str, other: str) -> None:
    """SQLite adds it without making the table anew, so no row is ever without its references."""
    key = sa.ForeignKey(other, name=op.f(f"fk_{table}_{name}"))
    op.add_column(table, sa.Column(name, sa.Uuid(), key, nullable=True), inline_references=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_documents_sealed_for"), "documents")
    op.drop_index("ix_applications_carried", "applications")
    op.drop_index(op.f("ix_applications_household_id"), "applications")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_column("sealed_for")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        for name in ("next_tier_at", "carried_why", "carried_from", "household_id"):
            batch_op.drop_column(name)
    op.drop_table("households")

"""pass_codes: a household's file from a helper's phone to the person's own, and back"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pass_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_pass_codes_household_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_pass_codes_made_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["accounts.id"], name=op.f("fk_pass_codes_taken_by")),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandates.id"], name=op.f("fk_pass_codes_mandate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_pass_codes_digest")),
    )
    op.create_index(op.f("ix_pass_codes_household_id"), "pass_codes", ["household_id"])


def downgrade() -> None:
    op.drop_table("pass_codes")

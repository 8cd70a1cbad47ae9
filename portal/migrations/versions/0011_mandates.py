"""mandates: who helps whom, signing by link, and marks by which the county compares"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _mandates()
    _signing()
    _marks()
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided_at", _MOMENT, nullable=True))
    for table in ("documents", "signatures", "submissions"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("mandate_id", sa.Uuid(), nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_{table}_mandate_id"), "mandates", ["mandate_id"], ["id"]
            )
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.alter_column(
            "signer", existing_type=sa.String(length=32), type_=sa.String(length=64)
        )
        batch_op.add_column(sa.Column("text", sa.Text(), nullable=True))
        for name in ("device", "via", "signed_as"):
            batch_op.add_column(sa.Column(name, sa.String(length=16), nullable=True))


def _mandates() -> None:
    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("helper_account_id", sa.Uuid(), nullable=True),
        sa.Column("helper_index", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("programs", sa.JSON(), nullable=False),
        sa.Column("acts", sa.JSON(), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(), nullable=True),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=True),
        sa.Column("basis_at", _MOMENT, nullable=True),
        sa.Column("strokes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("paper_id", sa.Uuid(), nullable=True),
        sa.Column("proof_id", sa.Uuid(), nullable=True),
        sa.Column("audio_blob", sa.String(length=64), nullable=True),
        sa.Column("audio_type", sa.String(length=16), nullable=True),
        sa.Column("audio_size", sa.Integer(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("revoked_by", sa.String(length=80), nullable=True),
        sa.Column("revoke_code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("revoke_code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("payee_open_until", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["helper_account_id"], ["accounts.id"], name=op.f("fk_mandates_helper_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_mandates_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("revoke_code_digest", name=op.f("uq_mandates_revoke_code_digest")),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        for column in ("household_id", "helper_account_id", "helper_index", "person_index"):
            batch_op.create_index(batch_op.f(f"ix_mandates_{column}"), [column])


def _signing() -> None:
    op.create_table(
        "sign_links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_sign_links_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandates.id"], name=op.f("fk_sign_links_mandate_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_links")),
    )
    op.create_index(
        "ix_sign_links_application_id_signer", "sign_links", ["application_id", "signer"]
    )
    op.create_table(
        "outside_signers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_outside_signers_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_signers")),
    )
    op.create_index(
        op.f("ix_outside_signers_application_id"), "outside_signers", ["application_id"]
    )


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_marks_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "kind", "digest", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_kind_digest", "marks", ["kind", "digest"])


def downgrade() -> None:
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        for name in ("signed_as", "via", "device", "text"):
            batch_op.drop_column(name)
        batch_op.alter_column(
            "signer", existing_type=sa.String(length=64), type_=sa.String(length=32)
        )
    for table in ("submissions", "signatures", "documents"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"fk_{table}_mandate_id"), type_="foreignkey")
            batch_op.drop_column("mandate_id")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_column("decided_at")
    for table in ("marks", "outside_signers", "sign_links", "mandates"):
        op.drop_table(table)

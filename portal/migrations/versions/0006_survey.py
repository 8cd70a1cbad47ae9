"""survey: visits, surveys, means checks and disputes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_obligors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_check_obligors_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_obligors")),
    )
    with op.batch_alter_table("check_obligors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_obligors_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "check_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("sentence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_check_requests_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_requests")),
        sa.UniqueConstraint(
            "application_id", "round", name=op.f("uq_check_requests_application_id_round")
        ),
    )
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("investigators", sa.JSON(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("findings_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_surveys_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint(
            "application_id", "round", name=op.f("uq_surveys_application_id_round")
        ),
    )
    op.create_table(
        "visit_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sent_blob", sa.String(length=64), nullable=False),
        sa.Column("prepared_blob", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_visit_photos_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photos")),
    )
    with op.batch_alter_table("visit_photos", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_photos_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_visit_photos_state"), ["state"], unique=False)

    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("investigators", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_visits_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visits_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "check_disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("sentence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_check_disputes_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["check_requests.id"], name=op.f("fk_check_disputes_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_disputes")),
    )
    with op.batch_alter_table("check_disputes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_disputes_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "check_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=48), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=True),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_check_records_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["check_requests.id"], name=op.f("fk_check_records_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_records")),
        sa.UniqueConstraint(
            "request_id", "subject", name=op.f("uq_check_records_request_id_subject")
        ),
    )
    with op.batch_alter_table("check_records", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_records_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_check_records_phone_index"), ["phone_index"], unique=False
        )
        batch_op.create_index(
            "ix_check_records_state_next_try_at", ["state", "next_try_at"], unique=False
        )

    op.create_table(
        "check_answers",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["check_records.id"], name=op.f("fk_check_answers_record_id")
        ),
        sa.PrimaryKeyConstraint("record_id", "number", name=op.f("pk_check_answers")),
    )
    op.create_table(
        "visit_signatures",
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_visit_signatures_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signatures.id"], name=op.f("fk_visit_signatures_signature_id")
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_visit_signatures")),
    )
    with op.batch_alter_table("visit_signatures", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_signatures_application_id"), ["application_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("visit_signatures")
    op.drop_table("check_answers")
    op.drop_table("check_records")
    op.drop_table("check_disputes")
    op.drop_table("visits")
    op.drop_table("visit_photos")
    op.drop_table("surveys")
    op.drop_table("check_requests")
    op.drop_table("check_obligors")

"""the names of blobs are found by how they begin"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = (
    ("documents", "sent_blob"),
    ("documents", "prepared_blob"),
    ("documents", "thumbnail_blob"),
    ("upload_parts", "blob"),
    ("thread_messages", "voice_blob"),
    ("visit_photos", "sent_blob"),
    ("visit_photos", "prepared_blob"),
    ("mandates", "audio_blob"),
    ("intake_dossiers", "blob"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_index(f"ix_{table}_{column}", table)

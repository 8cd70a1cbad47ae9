"""objections to what was made public; leads told above and forgotten"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.alter_column("notice_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("publication_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_objections_publication_id"), "publications", ["publication_id"], ["id"]
        )
    op.add_column("leads", sa.Column("late_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("leads", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_leads_status_created_at", "leads", ["status", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_leads_status_created_at", "leads")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
        batch_op.drop_column("late_since")
    op.execute("DELETE FROM objections WHERE notice_id IS NULL")
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_objections_publication_id"), type_="foreignkey")
        batch_op.drop_column("publication_id")
        batch_op.alter_column("notice_id", existing_type=sa.Uuid(), nullable=False)

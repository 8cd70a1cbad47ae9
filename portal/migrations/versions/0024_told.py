"""texts about a mandate know which one"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("text_messages", sa.Column("mandate_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.drop_column("mandate_id")

"""wechat: bindings and quotas, the shared token, pushes, codes for print; texts WeChat took"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _platform()
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("phone_by_button", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("wechat_no", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_text_messages_wechat_no"), ["wechat_no"])


def _people() -> None:
    op.create_table(
        "wechat_bindings",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("bound_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_wechat_bindings_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_wechat_bindings")),
        sa.UniqueConstraint("openid_index", name=op.f("uq_wechat_bindings_openid_index")),
    )
    op.create_table(
        "wechat_quotas",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("answered", sa.String(length=8), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_wechat_quotas_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "moment", name=op.f("pk_wechat_quotas")),
    )


def _platform() -> None:
    op.create_table(
        "wechat_tokens",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("renewing_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_wechat_tokens")),
    )
    op.create_table(
        "wechat_pushes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_wechat_pushes")),
    )
    op.create_index(op.f("ix_wechat_pushes_at"), "wechat_pushes", ["at"])
    op.create_table(
        "wechat_codes",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("scene", sa.String(length=64), nullable=False),
        sa.Column("made", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "scene", name=op.f("pk_wechat_codes")),
    )


def downgrade() -> None:
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_messages_wechat_no"))
        batch_op.drop_column("wechat_no")
        batch_op.drop_column("account_id")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("phone_by_button")
    for table in (
        "wechat_codes", "wechat_pushes", "wechat_tokens", "wechat_quotas", "wechat_bindings",
    ):  # fmt: skip
        op.drop_table(table)

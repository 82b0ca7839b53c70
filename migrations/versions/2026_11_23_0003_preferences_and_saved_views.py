"""How people like their lists, and the lists that they named.

Revision 20261123_0003, after 20261123_0002.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backoffice.db import types

revision = "20261123_0003"
down_revision = "20261123_0002"
branch_labels = None
depends_on = None

OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_unicode_ci",
}


def upgrade() -> None:
    op.create_table(
        "user_preferences",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_preferences_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_preferences")),
        **OPTIONS,
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", types.UniqueText(64), nullable=False),
        sa.Column("name", types.UniqueText(100), nullable=False),
        sa.Column("query", sa.String(4000), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column(
            "created_at", types.UTCDateTime(), server_default=types.utc_now(), nullable=False
        ),
        sa.Column("deleted_at", types.UTCDateTime(), nullable=True),
        sa.Column("live", sa.Boolean(), server_default=sa.true(), nullable=True),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_saved_views_name_not_blank")),
        sa.CheckConstraint(
            "(live IS NULL) = (deleted_at IS NOT NULL)",
            name=op.f("ck_saved_views_live_or_deleted"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_saved_views_owner_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["roles.id"],
            name=op.f("fk_saved_views_role_id_roles"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "owner_id",
            "identity",
            "name",
            "live",
            name=op.f("uq_saved_views_owner_id_identity_name_live"),
        ),
        **OPTIONS,
    )
    for column in ("role_id", "deleted_at"):
        op.create_index(op.f(f"ix_saved_views_{column}"), "saved_views", [column])


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_table("user_preferences")

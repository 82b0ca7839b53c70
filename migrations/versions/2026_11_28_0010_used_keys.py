"""The keys of confirmation pages that were used: each page acts once.

Revision 20261128_0010, after 20261127_0009.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backoffice.db import types

revision = "20261128_0010"
down_revision = "20261127_0009"
branch_labels = None
depends_on = None

TABLE = "used_keys"
OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_unicode_ci",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("used_at", types.UTCDateTime(), nullable=False),
        sa.Column(
            "changeset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_used_keys")),
        **OPTIONS,
    )
    op.create_index(op.f("ix_used_keys_used_at"), TABLE, ["used_at"])


def downgrade() -> None:
    op.drop_table(TABLE)

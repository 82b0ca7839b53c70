"""Room for the permissions for single fields, "write:" and any name that a column may have.

Revision 20261128_0011, after 20261128_0010.
"""

import sqlalchemy as sa
from alembic import op

from backoffice.db import types

revision = "20261128_0011"
down_revision = "20261128_0010"
branch_labels = None
depends_on = None

TABLE = "role_grants"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column(
            "action",
            existing_type=types.UniqueText(64),
            type_=types.UniqueText(128),
            existing_nullable=False,
        )


def downgrade() -> None:
    # The release before knows no permissions for fields: a limited role has all fields there.
    # Those that fit stay, and limit the role again after the next upgrade.
    grants = sa.table(TABLE, sa.column("action", sa.String()))
    op.execute(sa.delete(grants).where(sa.func.length(grants.c.action) > 64))
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column(
            "action",
            existing_type=types.UniqueText(128),
            type_=types.UniqueText(64),
            existing_nullable=False,
        )

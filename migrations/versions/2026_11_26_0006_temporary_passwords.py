"""A password that somebody else chose, to be changed at the first sign-in.

Revision 20261126_0006, after 20261126_0005. Nobody who is there already is asked to change theirs.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0006"
down_revision = "20261126_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(
            sa.Column(
                "password_is_temporary", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("password_is_temporary")

"""Which records a load made: ranges of keys by table, beside the counts.

Revision 20261126_0007, after 20261123_0004. Loads of before keep their counts alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261126_0007"
down_revision = "20261123_0004"
branch_labels = None
depends_on = None

VALUES = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    # A column that may be empty needs no rebuild on SQLite, so the triggers on the table stay.
    op.add_column("changesets", sa.Column("loaded_keys", VALUES, nullable=True))


def downgrade() -> None:
    op.drop_column("changesets", "loaded_keys")

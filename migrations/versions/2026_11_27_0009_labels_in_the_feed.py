"""An index for the search of the feed: the labels of changes.

Revision 20261127_0009, after 20261127_0008. PostgreSQL only, and nothing waits for it. No row is
rewritten: seals and triggers stay.
"""

from migrations.indexes import create_search_index, drop_search_index

revision = "20261127_0009"
down_revision = "20261127_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_search_index("changes", "label")


def downgrade() -> None:
    drop_search_index("changes", "label")

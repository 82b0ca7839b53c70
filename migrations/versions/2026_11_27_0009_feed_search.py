"""A search index for the names in the changes feed.

Revision 20261127_0009, after 20261127_0008. PostgreSQL only, where nothing waits for the build: about
half a minute for a million changes.
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

"""One category's items by name, from an index alone.

Revision 20261127_0008, after 20261127_0007. The index had everything but the key, so that counting a
category read each of its rows. On PostgreSQL nothing waits for the build.
"""

from migrations.indexes import create_index_concurrently, drop_index_concurrently

revision = "20261127_0008"
down_revision = "20261127_0007"
branch_labels = None
depends_on = None

BEFORE, AFTER = ("category_id", "name"), ("category_id", "name", "id")


def upgrade() -> None:
    _replace(BEFORE, AFTER)


def downgrade() -> None:
    _replace(AFTER, BEFORE)


def _replace(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    # The new one first: there is an index for the foreign key at every moment.
    create_index_concurrently(f"ix_items_{'_'.join(new)}", "items", new)
    drop_index_concurrently(f"ix_items_{'_'.join(old)}", "items")

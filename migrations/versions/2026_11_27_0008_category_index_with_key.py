"""The index of one category's items by name gets the key as its last column.

Revision 20261127_0008, after 20261127_0007. With the key in it, PostgreSQL counts a category's
items from the index alone. The new index is built before the old one is dropped: the foreign key
and the lists have one at all times. On PostgreSQL nothing waits for it.
"""

from migrations.indexes import create_index_concurrently, drop_index_concurrently

revision = "20261127_0008"
down_revision = "20261127_0007"
branch_labels = None
depends_on = None

TABLE = "items"
BEFORE = ("category_id", "name")
AFTER = (*BEFORE, "id")


def upgrade() -> None:
    _replace(BEFORE, AFTER)


def downgrade() -> None:
    _replace(AFTER, BEFORE)


def _replace(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    create_index_concurrently(_name(new), TABLE, new)
    drop_index_concurrently(_name(old), TABLE)


def _name(columns: tuple[str, ...]) -> str:
    return f"ix_{TABLE}_{'_'.join(columns)}"

"""Indexes for the lists: every order that they may be asked for, and their search.

Revision 20261123_0004, after 20261123_0003. On PostgreSQL nothing waits for the builds: ten million
items take about a quarter of an hour, nearly all of it for the search in descriptions.
"""

from migrations.indexes import (
    create_index_concurrently,
    create_search_index,
    drop_index_concurrently,
    drop_search_index,
)

revision = "20261123_0004"
down_revision = "20261123_0003"
branch_labels = None
depends_on = None

ORDERS = (("price", "id"), ("quantity", "id"), ("category_id", "name"))
SEARCHED = (("items", "name"), ("items", "description"), ("categories", "name"))


def upgrade() -> None:
    for columns in ORDERS:
        create_index_concurrently(f"ix_items_{'_'.join(columns)}", "items", columns)
    # The new one begins with the same column, which the foreign key needs.
    drop_index_concurrently("ix_items_category_id", "items")
    for table, column in SEARCHED:
        create_search_index(table, column)


def downgrade() -> None:
    for table, column in SEARCHED:
        drop_search_index(table, column)
    create_index_concurrently("ix_items_category_id", "items", ["category_id"])
    for columns in ORDERS:
        drop_index_concurrently(f"ix_items_{'_'.join(columns)}", "items")

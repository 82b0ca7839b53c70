"""Deleting rows that are no longer needed, a few at a time."""

from typing import Any

import sqlalchemy as sa

from backoffice.history import RecordSession


def delete_some(
    session: RecordSession, key: sa.Column[Any], condition: sa.ColumnElement[bool], most: int
) -> int:
    """Delete rows that meet a condition, ``most`` at most; returns how many were found.

    ``key``: the primary key of their table.
    """
    # In the order of the key, so that two processes that prune cannot deadlock.
    found = sa.select(key).where(condition).order_by(key).limit(most)
    if keys := session.scalars(found).all():
        # The condition once more: a row may have been written in between.
        session.execute(sa.delete(key.table).where(key.in_(keys), condition))
    return len(keys)

"""History of records with any key: room for its text, and for a table's name with its schema.

Revision 20261127_0007, after 20261126_0006. No row is rewritten: seals and triggers stay.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from backoffice.db import types

revision = "20261127_0007"
down_revision = "20261126_0006"
branch_labels = None
depends_on = None

BEFORE, AFTER = {"model": 64, "record_id": 64}, {"model": 130, "record_id": 500}


def upgrade() -> None:
    _resize(BEFORE, AFTER)


def downgrade() -> None:
    longer = sa.or_(*(sa.func.length(sa.column(name)) > BEFORE[name] for name in BEFORE))
    if op.get_bind().scalar(sa.select(sa.exists().select_from(sa.table("changes")).where(longer))):
        raise CommandError(
            "The history has keys of more than 64 characters, which the previous release cannot "
            "store: keep this release, or prune that history first."
        )
    _resize(AFTER, BEFORE)


def _resize(lengths: dict[str, int], to: dict[str, int]) -> None:
    # SQLite does not enforce lengths, so there is no need to rebuild a table of all history.
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, length in to.items():
        op.alter_column(
            "changes",
            name,
            existing_type=types.UniqueText(lengths[name]),
            type_=types.UniqueText(length),
            existing_nullable=False,
        )

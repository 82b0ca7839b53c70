"""Changes that only set secrets, such as a password: no undo restores their values, which the
history does not store."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import (
    all_columns_of,
    audited_mappers,
    history_name,
    key_fields,
    version_field,
)
from backoffice.history.encoding import is_secret, sql_has_field
from backoffice.history.links import all_links_of
from backoffice.models.tables import changes


def has_secrets(mapper: Mapper[Any]) -> bool:
    """Whether records of ``mapper`` have values that the history does not store."""
    return any(map(is_secret, all_columns_of(mapper).values()))


def restorable_fields(mapper: Mapper[Any]) -> list[str]:
    """The fields, columns and links, whose values the history stores and an update can set."""
    fixed = {*key_fields(mapper), version_field(mapper)}
    columns = all_columns_of(mapper).items()
    own = [name for name, column in columns if name not in fixed and not is_secret(column)]
    return [*own, *all_links_of(mapper)]


def is_restorable(dialect: str) -> Any:
    """The condition that a change has something that an undo could restore: all but an update that
    set nothing but secrets."""
    of_secrets_alone = [
        sa.and_(
            changes.c.model == history_name(mapper),
            changes.c.operation == "update",
            *(
                sa.not_(sql_has_field(dialect, changes.c.after, name))
                for name in restorable_fields(mapper)
            ),
        )
        for mapper in audited_mappers().values()
        if has_secrets(mapper)
    ]
    return sa.not_(sa.or_(sa.false(), *of_secrets_alone))

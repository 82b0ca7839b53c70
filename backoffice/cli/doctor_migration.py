"""The text of a migration that creates missing indexes."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from backoffice.db.queries.indexes import WantedIndex

LONGEST_LINE = 100

MIGRATION = '''\
"""Missing indexes of the lists.

Revision {revision}, after {down_revision}; written by `python -m backoffice doctor`. On PostgreSQL
the builds block nobody.
"""

{imports}

revision = "{revision}"
down_revision = "{down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrades}


def downgrade() -> None:
{downgrades}
'''


def migration_text(
    missing: Sequence[WantedIndex], down_revision: str, known: Collection[str]
) -> str:
    """A migration that creates these indexes. It can be run again after a failed build.

    ``known``: the existing revisions; it gets a new one.
    """
    ups = [_call("create", index) for index in missing]
    downs = [_call("drop", index) for index in reversed(missing)]
    return MIGRATION.format(
        revision=_revision(known),
        down_revision=down_revision,
        imports=_imports(missing),
        upgrades="\n".join(ups),
        downgrades="\n".join(downs),
    )


def _revision(known: Collection[str]) -> str:
    """A revision from the minute, like those of migrations/env.py."""
    minute = datetime.now(UTC)
    while (revision := minute.strftime("%Y%m%d_%H%M")) in known:
        minute += timedelta(minutes=1)
    return revision


def _function(action: str, index: WantedIndex) -> str:
    return f"{action}_search_index" if index.kind == "trigram" else f"{action}_index_concurrently"


def _imports(missing: Sequence[WantedIndex]) -> str:
    names = sorted({_function(action, index) for action in ("create", "drop") for index in missing})
    line = f"from migrations.indexes import {', '.join(names)}"
    if len(line) <= LONGEST_LINE:
        return line
    return "from migrations.indexes import (\n" + "".join(f"    {n},\n" for n in names) + ")"


def _call(action: str, index: WantedIndex) -> str:
    """A line of the migration, as the formatter leaves it."""
    quoted = [f'"{column}"' for column in index.columns]
    if index.kind == "trigram":
        arguments = [f'"{index.bare_table}"', *quoted]
    else:
        arguments = [f'"{index.name}"', f'"{index.bare_table}"']
        if action == "create":
            arguments.append(f"[{', '.join(quoted)}]")
            arguments += ["unique=True"] if index.unique else []
    if index.schema:
        arguments.append(f'schema="{index.schema}"')
    name = _function(action, index)
    line = f"    {name}({', '.join(arguments)})"
    if len(line) <= LONGEST_LINE:
        return line
    within = f"        {', '.join(arguments)}"
    if len(within) <= LONGEST_LINE:
        return f"    {name}(\n{within}\n    )"
    return f"    {name}(\n" + "".join(f"        {argument},\n" for argument in arguments) + "    )"

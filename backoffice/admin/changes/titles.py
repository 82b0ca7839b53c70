"""What a change did, in words without who did it: "Price changed on “Bolt”", "3 items deleted"."""

from collections.abc import Mapping, Sequence

from backoffice.admin.changes.fields import view_of_table
from backoffice.admin.options import within_a_sentence
from backoffice.admin.pages.history import FieldChange, Title
from backoffice.admin.pages.parts import Link
from backoffice.admin.view import Context
from backoffice.history.queries import Summary
from backoffice.language import N_, _, ngettext, number
from backoffice.models import Changeset

UNSEEN = N_("Something that you don't have permission to see")

OF_RECORD = {
    "create": N_("{kind} “{name}” added"),
    "update": N_("{kind} “{name}” changed"),
    "delete": N_("{kind} “{name}” deleted"),
    "restore": N_("{kind} “{name}” restored"),
}
OF_THIS = {
    "create": N_("Added"),
    "update": N_("Changed"),
    "delete": N_("Deleted"),
    "restore": N_("Restored"),
}
OF_RECORDS = {
    "create": N_("{records} added"),
    "update": N_("{records} changed"),
    "delete": N_("{records} deleted"),
    "restore": N_("{records} restored"),
}

_NAME = "\x00"
"""Where the link is; no text of the database has this character."""


def record_title(
    context: Context,
    table: str,
    operation: str,
    link: Link,
    fields: Sequence[FieldChange] = (),
    values: Sequence[str] = (),
) -> Title:
    """The title of what was done to one record. ``operation``: also "restore". ``fields``: the
    changed fields, if they are known. ``values``: the first of them with their values, where the
    title is all that is shown."""
    view = view_of_table(context, table)
    if operation == "update" and values:
        text = _("{changes} on “{name}”", changes=_join(values), name=_NAME)
        if more := len(fields) - len(values):
            text = ngettext(
                "{changes} and {count} more on “{name}”",
                "{changes} and {count} more on “{name}”",
                more,
                changes=_join(values),
                name=_NAME,
            )
    elif operation == "update" and fields:
        labels = [field.label for field in fields]
        text = ngettext(
            "{count} field changed on “{name}”",
            "{count} fields changed on “{name}”",
            len(labels),
            name=_NAME,
        )
        if len(labels) == 1:
            text = _("{field} changed on “{name}”", field=labels[0], name=_NAME)
        elif len(labels) == 2:
            text = _(
                "{field} and {other} changed on “{name}”",
                field=labels[0],
                other=within_a_sentence(labels[1]),
                name=_NAME,
            )
    else:
        text = _(OF_RECORD[operation], kind=view.title if view else table, name=_NAME)
    before, _mark, after = text.partition(_NAME)
    return Title(before, link, after)


def own_title(operation: str, fields: Sequence[FieldChange]) -> Title:
    """The title of a change in its record's own history, which need not name the record."""
    if operation == "update" and fields:
        labels = [field.label for field in fields]
        if len(labels) == 1:
            return Title(_("{field} changed", field=labels[0]))
        if len(labels) == 2:
            other = within_a_sentence(labels[1])
            return Title(_("{field} and {other} changed", field=labels[0], other=other))
        return Title(ngettext("{count} field changed", "{count} fields changed", len(labels)))
    return Title(_(OF_THIS[operation]))


def records_title(
    context: Context, changeset: Changeset, parts: Sequence[Summary], readable: Sequence[str]
) -> Title:
    """The title of a changeset that is not about one record: "2 items added, 1 category deleted".

    ``parts``: what it did, as far as the person may read it; ``readable``: the tables that they may
    read of.
    """
    loaded = {
        table: count for table, count in (changeset.loaded or {}).items() if table in readable
    }
    if loaded:
        return Title(_phrase("create", _loaded(context, loaded)))
    texts = []
    for operation in ("create", "update", "delete"):
        counts = [
            _counted(context, part.model, part.readable)
            for part in parts
            if part.operation == operation
        ]
        if counts:
            texts.append(_phrase(as_told(changeset, operation), counts))
    return Title(_join(texts) or _(UNSEEN))


def as_told(changeset: Changeset, operation: str) -> str:
    """The operation of a change, or "restore" for what an undo created."""
    return "restore" if operation == "create" and changeset.undoes_id is not None else operation


def _phrase(operation: str, counts: Sequence[str]) -> str:
    return _(OF_RECORDS[operation], records=_join(counts))


def _loaded(context: Context, loaded: Mapping[str, int]) -> list[str]:
    """The loaded records. Without the number for a person who may see only some: nobody knows how
    many of those were loaded."""
    texts = []
    for table, count in loaded.items():
        view = view_of_table(context, table)
        sees_some = view is not None and not context.sees_all(view)
        texts.append(view.label_plural if view and sees_some else _counted(context, table, count))
    return texts


def _counted(context: Context, table: str, count: int) -> str:
    view = view_of_table(context, table)
    return view.counted(count) if view else f"{number(count)} {table}"


def _join(texts: Sequence[str]) -> str:
    joined = ""
    for text in texts:
        joined = _("{first}, {second}", first=joined, second=text) if joined else text
    return joined

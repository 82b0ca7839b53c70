"""Describing changesets and changes: the lines of the feed and of a record's history."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from backoffice.admin.changes.fields import field_changes, related_names, view_of_table
from backoffice.admin.changes.visible_changes import is_record_visible, views_with_conditions
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.labels import stored_label
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.history.audited import history_name
from backoffice.history.queries import Summary, summaries, undone_by
from backoffice.history.undo.plan import NEEDS
from backoffice.models import Change, Changeset

SOURCES = {
    "web": "in the back office",
    "cli": "by a command",
    "undo": "by undoing",
    "import": "by an import",
    "script": "by a script",
    "load": "by a load",
}
VERBS = {"create": "added", "update": "changed", "delete": "deleted"}


def readable_tables(context: Context) -> list[str]:
    """The tables whose records' history the person may read."""
    return [
        history_name(view.mapper)
        for view in context.site.record_views
        if context.may(HISTORY, view)
    ]


def readable_changes(context: Context) -> ColumnElement[bool]:
    """The SQL condition that the person may read the history of a change's record. Every search,
    filter and count of changes in the feed uses it. Superusers may read all changes, also those of
    tables that no view shows any more, but those of records that a view's ``visible`` excludes."""
    return context.once("readable changes", lambda: _find_readable_changes(context))


def _find_readable_changes(context: Context) -> ColumnElement[bool]:
    conditions = {
        history_name(view.mapper): is_record_visible(context, view)
        for view in views_with_conditions(context)
        # Derived classes share a table: the view of the base shows the records of all of them.
        if view is view_of_table(context, history_name(view.mapper))
    }
    if context.person.is_superuser and not conditions:
        return true()
    tables = set(readable_tables(context))
    whole = sorted(tables - conditions.keys())
    of_whole = Change.model.in_(whole)
    if context.person.is_superuser:
        of_whole = Change.model.not_in(sorted(conditions))
    # The table decides which condition is asked: each reads the key in the way of its own table.
    return or_(
        of_whole,
        *(
            and_(Change.model == table, condition)
            for table, condition in conditions.items()
            if table in tables or context.person.is_superuser
        ),
    )


def readable_parts(context: Context, changeset_ids: Sequence[int]) -> dict[int, list[Summary]]:
    """``summaries`` of these changesets for the person; one statement."""
    readable = readable_changes(context) if views_with_conditions(context) else None
    return summaries(context.session, changeset_ids, readable)


def may_read(context: Context, tables: Collection[str]) -> bool:
    """Whether the person may read the history of all these tables. Without any table, only
    superusers may: nobody knows what the changeset was about."""
    if context.person.is_superuser:
        return True
    return bool(tables) and set(tables) <= set(readable_tables(context))


def may_read_parts(context: Context, parts: Iterable[Summary]) -> bool:
    """Whether the person may read all that a changeset did."""
    parts = list(parts)
    is_whole = all(part.readable == part.number for part in parts)
    return is_whole and may_read(context, [part.model for part in parts])


def may_undo(context: Context, parts: Iterable[Summary]) -> bool:
    """Whether the person may undo all parts of a changeset, and an undo has something to
    restore."""
    parts = list(parts)
    for part in parts:
        view = view_of_table(context, part.model)
        if view is None or not may_undo_of(context, view, part.operation):
            return False
        if part.readable < part.number:
            return False
    return any(part.restorable for part in parts)


def may_undo_of(context: Context, view: RecordView, operation: str) -> bool:
    """Whether the person may undo an ``operation`` on records of ``view``: they need the
    permissions to see the history, to undo, and to make the reverse change."""
    needs = (HISTORY, UNDO, NEEDS[operation])
    return all(context.may(action, view) for action in needs)


def visible_reason(context: Context, changeset: Changeset, parts: Iterable[Summary]) -> str:
    """The reason that was given for a changeset; "" if the person may not read the history of all
    its records with all their fields, because a reason may mention any of them."""
    parts = list(parts)
    tables = {part.model for part in parts} | set(changeset.loaded or ())
    is_whole = all(part.readable == part.number for part in parts)
    if not (is_whole and may_read(context, tables)):
        return ""
    views = (view_of_table(context, table) for table in tables)
    is_limited = any(view is not None and context.fields(view).hides_own for view in views)
    return "" if is_limited else changeset.reason


def author_name(changeset: Changeset) -> str:
    """The name of the person or program that made a change."""
    return changeset.actor or {"load": "A load", "script": "A script"}.get(changeset.source, "?")


def feed_entries(context: Context, changesets: Sequence[Changeset]) -> list[Entry]:
    """A line for each changeset, about the parts that the person may read. Two statements for all
    changesets together."""
    ids = [changeset.id for changeset in changesets]
    parts_by_id = readable_parts(context, ids)
    undone = undone_by(context.session, ids, readable_changes(context))
    return [
        describe_changeset(
            context, changeset, parts_by_id.get(changeset.id, []), undone.get(changeset.id)
        )
        for changeset in changesets
    ]


def describe_changeset(
    context: Context,
    changeset: Changeset,
    parts: Sequence[Summary],
    undone: int | None,
) -> Entry:
    """The line about one changeset.

    ``parts``: what it did to each kind of record. ``undone``: the id of the changeset that undid
    it, None if none did.
    """
    readable = readable_tables(context)
    read_parts = [part for part in parts if part.model in readable and part.readable]
    operations = {part.operation for part in read_parts}
    operation: Any = "mixed" if len(operations) != 1 else operations.pop()
    record = None
    if len(read_parts) == 1 and read_parts[0].readable == 1:
        (part,) = read_parts
        record = record_link(context, part.model, part.record_id, part.label)
    can_undo = undone is None and changeset.loaded is None and may_undo(context, parts)
    return Entry(
        what=_describe_parts(context, changeset, read_parts, readable, record is not None),
        who=author_name(changeset),
        at=datetime_cell(context.settings, changeset.at),
        source=SOURCES.get(changeset.source, changeset.source),
        href=context.site.href("changeset", "details", changeset.id),
        operation="load" if changeset.loaded is not None else operation,
        record=record,
        reason=visible_reason(context, changeset, parts),
        undo_href=context.site.href("changeset", "undo", changeset.id) if can_undo else None,
        undone=changeset_link(context, undone) if undone is not None else None,
    )


def changeset_link(context: Context, number: int) -> Link:
    """A link to a changeset, by its number."""
    return Link(f"#{number}", context.site.href("changeset", "details", number))


def _describe_parts(
    context: Context,
    changeset: Changeset,
    parts: Sequence[Summary],
    readable: Sequence[str],
    has_record: bool,
) -> str:
    """What a changeset did: "deleted 3 items and 1 category"."""
    loaded = {
        table: number for table, number in (changeset.loaded or {}).items() if table in readable
    }
    if loaded:
        counts = [_loaded_label(context, table, number) for table, number in loaded.items()]
        return f"loaded {_join(counts)}"
    if not parts:
        return "did something that you may not see"
    if has_record:
        view = view_of_table(context, parts[0].model)
        return f"{VERBS[parts[0].operation]} {view.label if view else parts[0].model}"
    phrases = []
    for operation, verb in VERBS.items():
        counts = [
            _counted_label(context, part.model, part.readable)
            for part in parts
            if part.operation == operation
        ]
        if counts:
            phrases.append(f"{verb} {_join(counts)}")
    return _join(phrases)


def _loaded_label(context: Context, table: str, number: int) -> str:
    """The number of loaded records and what they are called. Without the number for a person who
    may see only some records: nobody knows how many of those were loaded."""
    view = view_of_table(context, table)
    if view is not None and not context.sees_all(view):
        return view.label_plural
    return _counted_label(context, table, number)


def _counted_label(context: Context, table: str, number: int) -> str:
    view = view_of_table(context, table)
    label = table if view is None else (view.label if number == 1 else view.label_plural)
    return f"{number:,} {label}"


def _join(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def record_link(context: Context, table: str, record_id: str, label: str) -> Link:
    """A link to a record's history, which remains after the record is deleted. ``label``: what the
    record was called at the time. The label is part of the history, so a person who may not read
    that sees "–"."""
    view = view_of_table(context, table)
    label = stored_label(context, view, label, record_id)
    if view is None or not context.may(HISTORY, view):
        return Link(label if may_read(context, [table]) else HIDDEN_VALUE)
    return Link(label, context.site.href(view.identity, "history", record_id))


def change_entries(
    context: Context,
    changes: Sequence[tuple[Change, Changeset]],
    *,
    with_record: bool,
    undo: bool = True,
) -> list[Entry]:
    """A line for each change, with its fields. A few statements for all changes together.

    ``with_record``: whether the line names the record. ``undo``: whether it offers to undo the
    changeset, and shows the changeset's reason.
    """
    ids = [changeset.id for _change, changeset in changes]
    parts_by_id = readable_parts(context, ids) if undo else {}
    undone = undone_by(context.session, ids, readable_changes(context)) if undo else {}
    names = related_names(context, _values_in([change for change, _changeset in changes]))
    entries = []
    for change, changeset in changes:
        undone_id = undone.get(changeset.id)
        parts = parts_by_id.get(changeset.id, [])
        can_undo = undo and undone_id is None and may_undo(context, parts)
        view = view_of_table(context, change.model)
        operation: Any = change.operation
        entries.append(
            Entry(
                what=f"{VERBS[change.operation]} {view.label if view else change.model}",
                who=author_name(changeset),
                at=datetime_cell(context.settings, changeset.at),
                source=SOURCES.get(changeset.source, changeset.source),
                href=context.site.href("changeset", "details", changeset.id),
                operation=operation,
                record=(
                    record_link(context, change.model, change.record_id, change.label)
                    if with_record
                    else None
                ),
                reason=visible_reason(context, changeset, parts) if undo else "",
                fields=tuple(field_changes(context, view, change, names)),
                undo_href=context.site.href("changeset", "undo", changeset.id)
                if can_undo
                else None,
                undone=changeset_link(context, undone_id) if undone_id is not None else None,
            )
        )
    return entries


def _values_in(changes: Sequence[Change]) -> Iterator[tuple[str, str, Any]]:
    """Table, field and value of each value in these changes."""
    for change in changes:
        for values in (change.before, change.after):
            for name, value in (values or {}).items():
                yield change.model, name, value

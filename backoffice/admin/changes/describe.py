"""Describing changesets and changes: the lines of the feed and of a record's history."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from backoffice.admin.changes.fields import (
    field_changes,
    related_names,
    short_changes,
    view_of_table,
)
from backoffice.admin.changes.titles import as_told, own_title, record_title, records_title
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
from backoffice.language import N_, _
from backoffice.models import Change, Changeset

SOURCES = {
    "web": N_("in the back office"),
    "cli": N_("by a command"),
    "undo": N_("by undoing"),
    "import": N_("by an import"),
    "script": N_("by a script"),
    "load": N_("by an import"),
}


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


def author_name(changeset: Changeset, *, within: bool = False) -> str:
    """The name of the person or program that made a change. ``within``: inside a sentence."""
    if changeset.actor:
        return changeset.actor
    programs = {"load": _("Setup"), "script": _("a script") if within else _("A script")}
    return programs.get(changeset.source, "?")


def source_text(changeset: Changeset) -> str:
    """How a change was made, in a few words."""
    source = SOURCES.get(changeset.source)
    return _(source) if source else changeset.source


def feed_entries(context: Context, changesets: Sequence[Changeset]) -> list[Entry]:
    """A line for each changeset, about the parts that the person may read, with the first values of
    a change to one record. Three statements for all changesets together."""
    ids = [changeset.id for changeset in changesets]
    parts_by_id = readable_parts(context, ids)
    undone = undone_by(context.session, ids, readable_changes(context))
    updates = updates_of_one_record(context, parts_by_id)
    return [
        describe_changeset(
            context,
            changeset,
            parts_by_id.get(changeset.id, []),
            undone.get(changeset.id),
            updates.get(changeset.id),
        )
        for changeset in changesets
    ]


def updates_of_one_record(
    context: Context, parts_by_id: Mapping[int, Sequence[Summary]]
) -> dict[int, Change]:
    """The change of each changeset whose readable part is an update of one record; one statement if
    there is any."""
    tables = readable_tables(context)
    ids = [
        read[0].change_id
        for parts in parts_by_id.values()
        if len(read := _read(parts, tables)) == 1
        if read[0].operation == "update" and read[0].readable == 1
    ]
    if not ids:
        return {}
    found = context.session.scalars(select(Change).where(Change.id.in_(ids)))
    return {change.changeset_id: change for change in found}


def _read(parts: Iterable[Summary], tables: Collection[str]) -> list[Summary]:
    """The parts that the person may read, if only of some records."""
    return [part for part in parts if part.model in tables and part.readable]


def describe_changeset(
    context: Context,
    changeset: Changeset,
    parts: Sequence[Summary],
    undone: int | None,
    update: Change | None = None,
) -> Entry:
    """The line about one changeset.

    ``parts``: what it did to each kind of record. ``undone``: the id of the changeset that undid
    it, None if none did. ``update``: the change, if it is an update of one record and was loaded.
    """
    readable = readable_tables(context)
    read_parts = _read(parts, readable)
    operations = {part.operation for part in read_parts}
    operation: Any = "mixed" if len(operations) != 1 else operations.pop()
    if len(read_parts) == 1 and read_parts[0].readable == 1:
        (part,) = read_parts
        link = record_link(context, part.model, part.record_id, part.label)
        view = view_of_table(context, part.model)
        fields = field_changes(context, view, update, {}) if update is not None else []
        values = short_changes(view, update, fields) if update is not None else []
        told = as_told(changeset, part.operation)
        title = record_title(context, part.model, told, link, fields, values)
    else:
        title = records_title(context, changeset, read_parts, readable)
    can_undo = undone is None and changeset.loaded is None and may_undo(context, parts)
    return Entry(
        title=title,
        who=author_name(changeset),
        at=datetime_cell(context.settings, changeset.at),
        source=source_text(changeset),
        href=context.site.href("changeset", "details", changeset.id),
        operation="load" if changeset.loaded is not None else operation,
        reason=visible_reason(context, changeset, parts),
        undo_href=context.site.href("changeset", "undo", changeset.id) if can_undo else None,
        undone=changeset_link(context, undone) if undone is not None else None,
    )


def changeset_link(context: Context, number: int) -> Link:
    """A link to a changeset, by its number."""
    return Link(f"#{number}", context.site.href("changeset", "details", number))


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
        fields = field_changes(context, view, change, names)
        told = as_told(changeset, operation)
        title = own_title(told, fields)
        if with_record:
            link = record_link(context, change.model, change.record_id, change.label)
            title = record_title(context, change.model, told, link, fields)
        entries.append(
            Entry(
                title=title,
                who=author_name(changeset),
                at=datetime_cell(context.settings, changeset.at),
                source=source_text(changeset),
                href=context.site.href("changeset", "details", changeset.id),
                operation=operation,
                reason=visible_reason(context, changeset, parts) if undo else "",
                fields=tuple(fields),
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

"""Telling what was done: changes of the history as lines that a person reads."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, true

from backoffice.admin.changes.fields import field_changes, related_names, view_of_table
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.cells import datetime_cell
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
    """The condition that a change is of a record whose history the person may read. Every search,
    filter and count of the feed that looks at changes asks it."""
    return true() if reads_all(context) else Change.model.in_(readable_tables(context))


def reads_all(context: Context) -> bool:
    """Whether the person may read all of the history, as superusers may: also of what no view shows
    any more."""
    return "*" in {identity for identity, _action in context.person.grants}


def may_read(context: Context, tables: Collection[str]) -> bool:
    """Whether the person may read the history of all these tables. An act on none of any that is
    known tells nobody but superusers what it was about."""
    return reads_all(context) or (bool(tables) and set(tables) <= set(readable_tables(context)))


def may_undo(context: Context, parts: Iterable[Summary]) -> bool:
    """Whether the person may take back all of what an act did."""
    parts = list(parts)
    for part in parts:
        view = view_of_table(context, part.model)
        if view is None or not may_undo_of(context, view, part.operation):
            return False
    return bool(parts)


def may_undo_of(context: Context, view: RecordView, operation: str) -> bool:
    """Whether the person may undo an ``operation`` on records of ``view``: see their history, undo,
    and make the write that takes it back."""
    needs = (HISTORY, UNDO, NEEDS[operation])
    return all(context.may(action, view) for action in needs)


def told_reason(context: Context, changeset: Changeset, parts: Iterable[Summary]) -> str:
    """The reason that was given for an act, which may name any of its records: "" for who may not
    read the history of all of them."""
    tables = {part.model for part in parts} | set(changeset.loaded or ())
    return changeset.reason if may_read(context, tables) else ""


def author_name(changeset: Changeset) -> str:
    """The name of the person or program that made a change."""
    return changeset.actor or {"load": "A load", "script": "A script"}.get(changeset.source, "?")


def feed_entries(context: Context, changesets: Sequence[Changeset]) -> list[Entry]:
    """A line for each act, of what the person may read of it; two statements for all of them."""
    ids = [changeset.id for changeset in changesets]
    found = summaries(context.session, ids)
    readable = readable_tables(context)
    undone = undone_by(context.session, ids, readable)
    return [
        describe_changeset(
            context, changeset, found.get(changeset.id, []), readable, undone.get(changeset.id)
        )
        for changeset in changesets
    ]


def describe_changeset(
    context: Context,
    changeset: Changeset,
    parts: Sequence[Summary],
    readable: Sequence[str],
    undone: int | None,
) -> Entry:
    """The line about one act."""
    shown = [part for part in parts if part.model in readable]
    operations = {part.operation for part in shown}
    operation: Any = "mixed" if len(operations) != 1 else operations.pop()
    record = None
    if len(shown) == 1 and shown[0].number == 1:
        record = record_link(context, shown[0].model, shown[0].record_id, shown[0].label)
    can = undone is None and changeset.loaded is None and may_undo(context, parts)
    return Entry(
        what=_what(context, changeset, shown, readable, record is not None),
        who=author_name(changeset),
        at=datetime_cell(context.settings, changeset.at),
        source=SOURCES.get(changeset.source, changeset.source),
        href=context.site.href("changeset", "details", changeset.id),
        operation="load" if changeset.loaded is not None else operation,
        record=record,
        reason=told_reason(context, changeset, parts),
        undo_href=context.site.href("changeset", "undo", changeset.id) if can else None,
        undone=changeset_link(context, undone) if undone is not None else None,
    )


def changeset_link(context: Context, number: int) -> Link:
    """A changeset's number, leading to it."""
    return Link(f"#{number}", context.site.href("changeset", "details", number))


def _what(
    context: Context,
    changeset: Changeset,
    parts: Sequence[Summary],
    readable: Sequence[str],
    has_record: bool,
) -> str:
    """What an act did, without who did it: "deleted 3 items and 1 category"."""
    loaded = {
        table: number for table, number in (changeset.loaded or {}).items() if table in readable
    }
    if loaded:
        counts = [_counted(context, table, number) for table, number in loaded.items()]
        return f"loaded {_joined(counts)}"
    if not parts:
        return "did something that you may not see"
    if has_record:
        view = view_of_table(context, parts[0].model)
        return f"{VERBS[parts[0].operation]} {view.label if view else parts[0].model}"
    told = []
    for operation, verb in VERBS.items():
        counts = [
            _counted(context, part.model, part.number)
            for part in parts
            if part.operation == operation
        ]
        if counts:
            told.append(f"{verb} {_joined(counts)}")
    return _joined(told)


def _counted(context: Context, table: str, number: int) -> str:
    view = view_of_table(context, table)
    noun = table if view is None else (view.label if number == 1 else view.label_plural)
    return f"{number:,} {noun}"


def _joined(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def record_link(context: Context, table: str, record_id: str, label: str) -> Link:
    """A record as it was called then; it leads to its history, which outlives it. Its history is
    where that name is from: who may not read it gets no name."""
    view = view_of_table(context, table)
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
    """A line for each change, with its fields; a few statements for all of them."""
    ids = [changeset.id for _change, changeset in changes]
    found = summaries(context.session, ids) if undo else {}
    undone = undone_by(context.session, ids, readable_tables(context)) if undo else {}
    names = related_names(context, _values_in([change for change, _changeset in changes]))
    entries = []
    for change, changeset in changes:
        by = undone.get(changeset.id)
        parts = found.get(changeset.id, [])
        can = undo and by is None and may_undo(context, parts)
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
                reason=told_reason(context, changeset, parts) if undo else "",
                fields=tuple(field_changes(context, view, change, names)),
                undo_href=context.site.href("changeset", "undo", changeset.id) if can else None,
                undone=changeset_link(context, by) if by is not None else None,
            )
        )
    return entries


def _values_in(changes: Sequence[Change]) -> Iterator[tuple[str, str, Any]]:
    """Table, field and value of all that these changes hold."""
    for change in changes:
        for values in (change.before, change.after):
            for name, value in (values or {}).items():
                yield change.model, name, value

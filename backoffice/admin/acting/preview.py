"""What an action would change, and whether that is still what its page showed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backoffice.admin.actions import Action
from backoffice.admin.changes.fields import field_changes, related_names
from backoffice.admin.pages.history import Entry, Title, UndoStep
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.links import record_link
from backoffice.admin.view import Context, RecordView
from backoffice.history.audited import columns_of, history_name
from backoffice.history.encoding import Values, encode, same_encoded
from backoffice.models import Change

Preview = Sequence[Entry | UndoStep]


def run_preview(
    context: Context, view: RecordView, action: Action, records: Sequence[Any], form: Any
) -> tuple[Entry | UndoStep, ...]:
    """What the view's preview says. It cannot write: a flush raises RuntimeError.

    Raises:
        InvalidValue: the form's values do not fit these records.
        TypeError: it returned something else than ``Entry`` and ``UndoStep``.
    """
    session = context.session
    writes, session.writes = session.writes, False
    try:
        preview: Any = tuple(getattr(view, action.preview)(context, list(records), form))
    finally:
        session.writes = writes
    for part in preview:
        if not isinstance(part, Entry | UndoStep):
            raise TypeError(
                f"{type(view).__name__}.{action.preview} returned {part!r}: return Entry and "
                "UndoStep of backoffice.admin.pages.history"
            )
    return tuple(preview)


def preview_changes(
    context: Context, view: RecordView, changes: Iterable[tuple[Any, Mapping[str, Any]]]
) -> list[Entry]:
    """The values before and after, for a preview: a line for each record that would change.

    ``changes``: records, each with its new values by the name of a column, or of a relation to one
    record. A value that stays the same is left out, and so is a record without any other. Fields
    that the person may not see show no values. One statement for each kind of related record.
    """
    table = history_name(view.mapper)
    planned = [
        (record, Change(model=table, operation="update", before=before, after=after))
        for record, values in changes
        for before, after in [_difference(view, record, values)]
        if after
    ]
    names = related_names(
        context,
        (
            (table, name, value)
            for _record, change in planned
            for values in (change.before, change.after)
            for name, value in (values or {}).items()
        ),
    )
    return [
        Entry(
            title=Title("", record_link(context, view, record)),
            who="",
            at=Cell(""),
            source="",
            href="",
            operation="update",
            fields=tuple(field_changes(context, view, change, names)),
        )
        for record, change in planned
    ]


def _difference(view: RecordView, record: Any, values: Mapping[str, Any]) -> tuple[Values, Values]:
    """The encoded values before and after of the columns that change."""
    columns = columns_of(view.mapper)
    wanted: dict[str, Any] = {}
    for name, value in values.items():
        if name in columns:
            wanted[name] = value
            continue
        relation = view.mapper.relationships[name]
        for local, remote in relation.local_remote_pairs or ():
            attribute = relation.mapper.get_property_by_column(remote).key
            own = view.mapper.get_property_by_column(local).key
            wanted[own] = None if value is None else getattr(value, attribute)
    before, after = {}, {}
    for name, value in wanted.items():
        column = columns[name]
        old, new = encode(column, getattr(record, name)), encode(column, value)
        if not same_encoded(column, old, new):
            before[name], after[name] = old, new
    return before, after


def seen_digest(
    context: Context, view: RecordView, records: Iterable[Any], form: Any | None
) -> str:
    """A digest of the records' own values and of the form's: what a preview was made of. Without
    the fields that the person may not see: the digest is in their page."""
    hidden = context.hidden(view)
    columns = {name: one for name, one in columns_of(view.mapper).items() if name not in hidden}
    values = [
        [
            key_text(record),
            # Not what was not loaded: each such value would cost a statement.
            {
                name: encode(columns[name], record.__dict__[name])
                for name in _loaded(record, columns)
            },
        ]
        for record in records
    ]
    typed = {} if form is None else {field.name: repr(field.data) for field in form}
    text = json.dumps([values, typed], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _loaded(record: Any, columns: Mapping[str, Any]) -> list[str]:
    return [name for name in columns if name in record.__dict__]

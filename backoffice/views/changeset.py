"""The feed: all changes, who made them, and links to their undo."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, true

from backoffice.admin.changes.describe import feed_entries, readable_changes, readable_tables
from backoffice.admin.changes.fields import view_of_table
from backoffice.admin.pages.parts import Cell, CellKind
from backoffice.admin.view import Context, OptionFilter, RecordView
from backoffice.columns.numbers import parse_whole_number
from backoffice.db.queries.search import like, narrowed_to, read_in_turn
from backoffice.history.audited import history_name
from backoffice.language import N_, _
from backoffice.models import Change, Changeset, User
from backoffice.models.rules import LARGEST_INTEGER

OPERATIONS = {"create": N_("Added"), "update": N_("Changed"), "delete": N_("Deleted")}
SOURCES = {
    "web": N_("Back office"),
    "cli": N_("Command"),
    "import": N_("Import"),
    "undo": N_("Undo"),
    "script": N_("Script"),
    "load": N_("Setup"),
}

_HAS_TRIGRAM = re.compile(r"[^\W_]{3}")
"""A pattern that a trigram index leads to. For a shorter word PostgreSQL would read all of it."""


def _people(context: Context) -> Sequence[tuple[str, str]]:
    """The people in the filter "Who": everybody, or only the person who may not list users."""
    if not _may_list_people(context):
        return [(str(context.person.user_id), context.person.name)]
    statement = select(User.id, User.first_name, User.last_name).order_by(
        User.first_name, User.last_name
    )
    rows = context.session.execute(statement.limit(200))
    return [(str(row[0]), f"{row[1]} {row[2]}") for row in rows]


def _models(context: Context) -> Sequence[tuple[str, str]]:
    views = [(table, view_of_table(context, table)) for table in readable_tables(context)]
    return [(table, view.title_plural) for table, view in views if view is not None]


def _operations(context: Context) -> Sequence[tuple[str, str]]:
    return [(value, _(text)) for value, text in OPERATIONS.items()]


def _sources(context: Context) -> Sequence[tuple[str, str]]:
    return [(value, _(text)) for value, text in SOURCES.items()]


def _has_change(*conditions: Any) -> ColumnElement[bool]:
    return exists().where(Change.changeset_id == Changeset.id, *conditions)


def _has_readable_change(
    context: Context | None, condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Changesets with such a change to a record whose history the person may read. A filter must
    not tell anything about the others."""
    readable = readable_changes(context) if context is not None else true()
    return _has_change(condition) if readable is true() else _has_change(condition, readable)


def _with_shown_label(
    context: Context | None, condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    """``condition`` without the changes to records whose labels the person may not see."""
    views = context.site.record_views if context is not None else []
    hidden = [
        history_name(view.mapper)
        for view in views
        if context is not None and context.fields(view).label_hidden
    ]
    return and_(condition, Change.model.not_in(hidden)) if hidden else condition


def _may_list_people(context: Context) -> bool:
    return any(
        view.shows_people and context.may("list", view) for view in context.site.record_views
    )


def _is_offered(context: Context, value: str) -> bool:
    """Whether the filter "Who" accepts a value. It costs no statement."""
    return _may_list_people(context) or value == str(context.person.user_id)


def _by_person(view: RecordView, value: str, context: Context | None) -> ColumnElement[bool] | None:
    number = parse_whole_number(value, most=LARGEST_INTEGER)
    return Changeset.actor_id == number if number is not None else None


def _on_records(view: RecordView, value: str, context: Context | None) -> ColumnElement[bool]:
    return _has_readable_change(context, Change.model == value)


def _by_operation(
    view: RecordView, value: str, context: Context | None
) -> ColumnElement[bool] | None:
    if value not in OPERATIONS:
        return None
    return _has_readable_change(context, Change.operation == value)


def _by_source(view: RecordView, value: str, context: Context | None) -> ColumnElement[bool] | None:
    return Changeset.source == value if value in SOURCES else None


class ChangesetView(RecordView, model=Changeset):
    """Read-only. People see the part of a changeset whose history they may read."""

    name = N_("Change")
    name_plural = N_("Changes")
    icon = "clock"

    can_create = can_edit = can_delete = False
    has_history = False
    has_fields = False  # what a person sees of a change follows from its records

    column_list = ["what", Changeset.actor, Changeset.at, Changeset.source, Changeset.id]
    always_loaded = (
        Changeset.actor_id,
        Changeset.reason,
        Changeset.undoes_id,
        Changeset.loaded,
    )
    column_details_list = column_list
    column_searchable_list = [Changeset.actor]
    column_sortable_list = [Changeset.id]
    column_default_sort = (Changeset.id, True)
    column_labels = {
        Changeset.id: N_("ID"),
        "what": N_("What"),
        Changeset.actor: N_("Who"),
        Changeset.at: N_("When"),
        Changeset.source: N_("How"),
    }
    list_filters = (Changeset.at,)
    option_filters = (
        OptionFilter(
            "person", N_("Who"), _people, _by_person, offers=_is_offered, search_name="who"
        ),
        OptionFilter("model", N_("Records"), _models, _on_records, search_name="kind"),
        OptionFilter("operation", N_("What"), _operations, _by_operation, search_name="what"),
        OptionFilter("source", N_("How"), _sources, _by_source, search_name="how"),
    )
    search_hint = N_("Search the names of records")

    def column_kind(self, name: str) -> CellKind | None:
        return "long" if name == "what" else None

    def search_condition(self, pattern: str, context: Context | None) -> ColumnElement[bool]:
        if not _HAS_TRIGRAM.search(pattern):
            label = read_in_turn(Change.label) if pattern.isascii() else Change.label
            return _has_readable_change(context, _with_shown_label(context, like(label, pattern)))
        labelled = _with_shown_label(context, like(Change.label, pattern))
        # What a person may read is asked of the few that are found, not while looking for them.
        found = narrowed_to(Changeset.id, select(Change.changeset_id).where(labelled))
        return and_(found, _has_readable_change(context, labelled))

    def visible(self, context: Context) -> ColumnElement[bool]:
        """Changesets of records whose history the person may read; superusers see all and loads."""
        readable = readable_changes(context)
        return super().visible(context) if readable is true() else _has_change(readable)

    def cells(
        self, context: Context, records: Sequence[Any], names: Sequence[str]
    ) -> list[list[Cell]]:
        rows = []
        for record, entry in zip(records, feed_entries(context, records), strict=True):
            what = entry.title.text
            if entry.undone is not None:
                what = _("{title} (undone by {change})", title=what, change=entry.undone.text)
            cells = {
                "id": Cell(f"#{record.id}"),
                "what": Cell(what, "long", hover=entry.reason or None),
                "actor": Cell(entry.who),
                "at": entry.at,
                "source": Cell(_(SOURCES.get(record.source, record.source))),
            }
            rows.append([cells[name] for name in names])
        return rows

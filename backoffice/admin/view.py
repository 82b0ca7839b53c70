"""The base class of every record's screens: what a developer may set, in one place."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from sqladmin import ModelView
from sqlalchemy import ColumnElement, false, inspect, or_, true
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from starlette.requests import Request
from wtforms import Field, Form

from backoffice.admin.cells import cell_for, cells_for, kind_of
from backoffice.admin.counting import ColumnTotal
from backoffice.admin.fields import RecordForm
from backoffice.admin.lists.attributes import attribute_of, label_names
from backoffice.admin.lists.filters import ChoiceFilter, Filter, OptionFilter, filter_for
from backoffice.admin.lists.relations import related
from backoffice.admin.lists.wording import attribute_words, label_texts
from backoffice.admin.pages import Cell, CellKind, FieldKind, Link, Mark, OptionGroup
from backoffice.admin.records.values import put_values
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.columns import kind_of as kind_of_column
from backoffice.db.queries.search import like
from backoffice.history.audited import history_name, version_field
from backoffice.models import Audited, Change

if TYPE_CHECKING:
    from backoffice.admin.site import BackOffice
    from backoffice.admin.visit import Visit

Attribute = InstrumentedAttribute[Any]

PERMITTED = {
    "list": "List",
    "details": "Details",
    "create": "Create",
    "edit": "Edit",
    "delete": "Delete",
    HISTORY: "History",
    UNDO: "Undo",
}
"""Every action that a role may be granted on a view, and what it is called."""

_FLAGS = {
    "list": None,
    "details": "can_view_details",
    "create": "can_create",
    "edit": "can_edit",
    "delete": "can_delete",
    HISTORY: "has_history",
    UNDO: "has_history",
}

_RECORDED = {"create", "edit", "delete", HISTORY, UNDO}
"""Actions on records that have a history."""


class RecordView(ModelView):
    """A model's list, details, create, edit and delete screens.

    Besides SQLAdmin's own options (``name``, ``name_plural``, ``column_list``,
    ``column_labels``, ``column_searchable_list``, ``column_sortable_list``,
    ``column_default_sort``, ``column_details_list``, ``form_columns``, ``form_args``,
    ``form_overrides``, ``page_size``, ``can_create`` and its like), a view may set those below.

        class SupplierView(RecordView, model=Supplier):
            name, name_plural = "Supplier", "Suppliers"
            column_list = [Supplier.name, Supplier.country]
            column_searchable_list = [Supplier.name]
            form_columns = [Supplier.name, Supplier.country]

    What goes into a record is cleaned by its model; a rule broken there shows at its field.
    """

    # SQLAdmin's screens that are not built here.
    can_export = False
    can_import = False

    page_size: ClassVar[int] = 50
    page_size_options: ClassVar[Sequence[int]] = [25, 50, 100, 200]

    has_history: ClassVar[bool] = True
    """Whether the history keeps these records; it does for every audited model."""

    list_filters: ClassVar[Sequence[Attribute]] = ()
    """What the list may be narrowed by at its side: relations to one record, and columns, hybrids
    and expressions whose kind has a facet, ``[Item.category, Item.price]``. A search may name
    every listed column."""

    option_filters: ClassVar[Sequence[OptionFilter]] = ()
    """Further filters, each a list of choices with a condition of its own; they stand first."""

    list_totals: ClassVar[Sequence[ColumnTotal]] = ()
    """Sums over all that matches: ``[ColumnTotal("Stock value", Item.price * Item.quantity)]``."""

    always_loaded: ClassVar[Sequence[Attribute]] = ()
    """Columns that ``cell`` or ``__str__`` needs although the list does not show them."""

    column_units: ClassVar[dict[Attribute, str]] = {}
    """A unit to stand in a column's header and beside its field; ``"currency"`` is the setting."""

    column_marks: ClassVar[dict[Attribute, Callable[["Visit", Any], Mark | None]]] = {}
    """A word for the state of a value, to stand beside it: from a visit and a record the ``Mark``,
    or None where there is nothing to say."""

    form_extra_fields: ClassVar[dict[str, Field]] = {}
    """WTForms fields that are no column, by name; ``apply`` decides what they do."""

    form_kinds: ClassVar[dict[Attribute, FieldKind]] = {}
    """How a field is drawn, where its column's type does not say: ``{User.email: "email"}``."""

    superusers_only: ClassVar[bool] = False
    """Whether nobody but superusers sees these records at all."""

    shows_people: ClassVar[bool] = False
    """Whether these records are the people who sign in; the top bar links to one's own."""

    site: ClassVar["BackOffice"]
    form_class: type[RecordForm]

    @cached_property
    def statements(self) -> dict[Any, Any]:
        """Statements that were made for this view, by what asked for them: making one takes longer
        than running it."""
        return {}

    @cached_property
    def mapper(self) -> Mapper[Any]:
        mapper: Mapper[Any] = inspect(self.model)
        return mapper

    @property
    def noun(self) -> str:
        """The record's name inside a sentence: "item"."""
        return self.name if self.name.isupper() else self.name[:1].lower() + self.name[1:]

    @property
    def nouns(self) -> str:
        """The records' name inside a sentence: "items"."""
        plural = self.name_plural
        return plural if plural.isupper() else plural[:1].lower() + plural[1:]

    def allows(self, action: str) -> bool:
        """Whether this view has that screen at all, whoever asks. Records without history are only
        shown."""
        flag = _FLAGS.get(action)
        if action in _RECORDED and not issubclass(self.model, Audited):
            return False
        return flag is None or bool(getattr(self, flag))

    def get_details_columns(self) -> list[str]:
        """What a record's page shows. Unless the view says so, first what the list shows, then the
        rest, but for our count of changes."""
        names: list[str] = super().get_details_columns()
        if self.column_details_list:
            return names
        audited = issubclass(self.model, Audited)
        counter = version_field(inspect(self.model)) if audited else None
        rest = (name for name in names if name != counter)
        return list(dict.fromkeys([*(n for n in self.get_list_columns() if n in names), *rest]))

    def label_for(self, name: str) -> str:
        """A column's or field's label, as a person would write it."""
        for key, label in self.column_labels.items():
            if attribute_name(key) == name:
                return str(label)
        return attribute_words(name)

    def field_label(self, name: str) -> str:
        """The label of a form's field, ``form_extra_fields`` included."""
        extra: Any = self.form_extra_fields.get(name)
        return self.label_for(name) if extra is None else str(extra.args[0])

    @property
    def label_attribute(self) -> Any:
        """The column that sorts records by what they are called."""
        return self.label_attributes[0]

    @property
    def label_attributes(self) -> list[Any]:
        """The columns that make up what a record is called (its model's ``label_from``)."""
        return [getattr(self.model, name) for name in label_names(self.model)]

    def related_view(self, name: str) -> "RecordView":
        """The view of the records that the relation ``name`` leads to."""
        return self.site.view_of(self.mapper.relationships[name].mapper.class_)

    def unit_for(self, name: str) -> str:
        """The unit of a column, "" if it has none."""
        units = {attribute_name(key): unit for key, unit in self.column_units.items()}
        unit = units.get(name, "")
        return self.site.settings.currency if unit == "currency" else unit

    def cell(self, visit: "Visit", record: Any, name: str) -> Cell:
        """How the column ``name`` of ``record`` prints. Override for another text."""
        return cell_for(visit, self, record, name)

    @cached_property
    def marks(self) -> dict[str, Callable[["Visit", Any], Mark | None]]:
        """``column_marks`` by column name."""
        return {attribute_name(key): mark for key, mark in self.column_marks.items()}

    def column_kind(self, name: str) -> CellKind:
        """How a column of the list prints; by its type, if nothing else is said."""
        return kind_of(self.mapper, name)

    def cells(
        self, visit: "Visit", records: Sequence[Any], names: Sequence[str]
    ) -> list[list[Cell]]:
        """The list's cells for the columns ``names``, a row for each record. Override where a row
        needs more than itself."""
        if type(self).cell is RecordView.cell:
            return cells_for(visit, self, records, names)
        return [[self.cell(visit, record, name) for name in names] for record in records]

    def visible(self, visit: "Visit") -> ColumnElement[bool]:
        """The records that the person may see at all; every list, count and page asks it."""
        return true()

    details_options: ClassVar[Sequence[Any]] = ()
    """Loader options that the details page and the form need besides to-one relations."""

    search_hint: ClassVar[str] = ""
    """What stands in the empty search box; made from the searchable columns if ""."""

    def details_links(self, visit: "Visit", record: Any) -> Sequence[Link]:
        """Where else one may go from a record's details page."""
        return ()

    def values_of(self, record: Any) -> dict[str, Any]:
        """What the edit form starts with, by field name."""
        return {name: getattr(record, name) for name in self.get_form_columns()}

    def prepare_form(self, form: Form, created: bool) -> None:
        """Change a form's fields before they are shown or read: ``form["code"].required = True``.

        ``created``: whether it is for a new record.
        """

    def apply(self, visit: "Visit", record: Any, values: dict[str, Any], created: bool) -> None:
        """Put a form's cleaned values on a record, those that differ from what it has; runs before
        the one flush. A new record has no value for what was left blank and has a default.

        Raises:
            InvalidValue: shown at its field; nothing is saved.
        """
        put_values(visit, self, record, values)

    def saved(self, visit: "Visit", record: Any, values: dict[str, Any], created: bool) -> None:
        """Runs after the flush, inside the same transaction."""

    def reasons_against_delete(self, visit: "Visit", records: Sequence[Any]) -> list[str]:
        """Why these records cannot be deleted, in sentences; empty if they can."""
        return []

    def option_groups(
        self, visit: "Visit", name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        """The checkboxes of a ChecksField, in groups, those of ``chosen`` ticked."""
        return ()

    guards_changes: ClassVar[bool] = False
    """Whether ``check_change`` is to be asked about every change of these records."""

    def check_change(self, visit: "Visit", change: Change) -> None:
        """Whether the person may make this change, however they made it: form, delete or undo.

        Runs before the commit, for those who are no superusers.

        Raises:
            InvalidValue: they may not; nothing is written.
        """

    def check_changes(self, visit: "Visit", written: Mapping[str, Sequence[Change]]) -> None:
        """``check_change`` of each of these records' changes; override where one must know others.

        ``written``: the changes of this unit of work to records whose views guard them, by table,
        in order.

        Raises:
            InvalidValue: they may not; nothing is written.
        """
        for change in written.get(history_name(self.mapper), ()):
            self.check_change(visit, change)

    def locked_fields(self, visit: "Visit", record: Any | None) -> dict[str, str]:
        """Fields of the form that this person may not change on ``record``, each with a sentence
        that says why: they are shown as text, and refused when posted.

        ``record``: None for one to be created, whose form has no such field at all.
        """
        return {}

    def locked_text(self, visit: "Visit", record: Any, name: str) -> str | None:
        """What a form shows for a field that is locked; None to leave it out."""
        return self.cell(visit, record, name).text

    def offers(self, visit: "Visit", action: str, record: Any) -> bool:
        """Whether a page of ``record`` offers ``action`` ("edit", "delete") to this person, who may
        do it to these records in general. Asked for links alone: ``check_change`` is the rule."""
        return True

    def reason_against_undo(self, visit: "Visit", changes: Sequence[Change]) -> str:
        """Why this person may not undo these changes, as far as that is known before; or ""."""
        return ""

    def searchable_names(self, hidden: Collection[str] = ()) -> list[str]:
        """The fields that the search box looks in, without those that the person may not see."""
        names = (attribute_name(attribute) for attribute in self.column_searchable_list)
        return [name for name in names if name not in hidden]

    def search_condition(self, pattern: str, visit: "Visit | None") -> ColumnElement[bool]:
        """What a word of a search must match: any searchable column (``pattern`` is for LIKE).

        ``visit``: who searches, so that nothing is found by what they may not see; None for nobody
        in particular, where indexes are looked for.
        """
        found: list[ColumnElement[bool]] = []
        for name in self.searchable_names(visit.hidden(self) if visit is not None else ()):
            if name in self.mapper.relationships:
                words = label_texts(self.related_view(name))
                labels = or_(*(like(label, pattern) for label in words))
                found.append(related(self, name, labels, visit))
            elif (attribute := attribute_of(self.model, name)) is not None:
                kind = kind_of_column(attribute)
                found.append(like(kind.sql_words(self.site.database.dialect, attribute), pattern))
        return or_(*found) if found else false()

    @cached_property
    def filters(self) -> dict[str, Filter]:
        """The filters at the list's side, by name, in order."""
        own: list[Filter] = [ChoiceFilter(self, one) for one in self.option_filters]
        fitting = (filter_for(self, attribute_name(attribute)) for attribute in self.list_filters)
        return {one.name: one for one in (*own, *(one for one in fitting if one is not None))}

    @cached_property
    def search_fields(self) -> dict[str, Filter]:
        """What a search may compare, by what it is called there: ``price``, ``created``."""
        names = [*self.get_list_columns(), *map(attribute_name, self.column_searchable_list)]
        fitting = (filter_for(self, name) for name in names)
        fields: dict[str, Filter] = {}
        for one in (*self.filters.values(), *(one for one in fitting if one is not None)):
            fields.setdefault(one.term_name, one)
        return fields

    def is_accessible(self, request: Request) -> bool:
        return self.has_permission(request, "list")


def has_form(view: RecordView) -> bool:
    """Whether records of a view are created or edited at all."""
    return view.allows("create") or view.allows("edit")


def attribute_name(attribute: "str | Attribute") -> str:
    """The name of a mapped attribute, given as such or as a string."""
    return attribute if isinstance(attribute, str) else attribute.key

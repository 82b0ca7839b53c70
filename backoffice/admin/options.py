"""What a view declares: the options that a developer sets, and the words for its records."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from sqladmin import ModelView
from sqlalchemy import inspect
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from wtforms import Field

from backoffice.admin.attributes import attribute_name, attribute_words, label_names
from backoffice.admin.pages.parts import FieldKind
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.columns import Kind, kind_of
from backoffice.history.audited import version_field
from backoffice.models import Audited

Attribute = InstrumentedAttribute[Any]
T = TypeVar("T")

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


@dataclass(frozen=True)
class ColumnTotal:
    """A sum over all records that a list matches.

    ``expression``: of the model's columns, as ``Item.price * Item.quantity``. ``unit``: as in
    ``column_units``; "currency" is the setting.
    """

    label: str
    expression: Any
    unit: str = ""

    @property
    def kind(self) -> Kind:
        """What is summed: numbers, or it has no sum."""
        return kind_of(self.expression)


class ViewOptions(ModelView):
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
    """The filters at the list's side: relations to one record, and columns, hybrids and expressions
    whose kind has a facet, ``[Item.category, Item.price]``. A search can filter by every listed
    column."""

    list_totals: ClassVar[Sequence[ColumnTotal]] = ()
    """Sums over all that matches: ``[ColumnTotal("Stock value", Item.price * Item.quantity)]``."""

    always_loaded: ClassVar[Sequence[Attribute]] = ()
    """Columns that ``cell`` or ``__str__`` needs although the list does not show them."""

    column_units: ClassVar[dict[Attribute, str]] = {}
    """A unit to stand in a column's header and beside its field; ``"currency"`` is the setting."""

    form_extra_fields: ClassVar[dict[str, Field]] = {}
    """WTForms fields that are no column, by name; ``apply`` decides what they do."""

    form_kinds: ClassVar[dict[Attribute, FieldKind]] = {}
    """How a field is drawn, where its column's type does not say: ``{User.email: "email"}``."""

    superusers_only: ClassVar[bool] = False
    """Whether nobody but superusers sees these records at all."""

    shows_people: ClassVar[bool] = False
    """Whether these records are the people who sign in; the top bar links to one's own."""

    search_hint: ClassVar[str] = ""
    """What stands in the empty search box; made from the searchable columns if ""."""

    @cached_property
    def cache(self) -> dict[Any, Any]:
        """Values made once for this view, by key. They live as long as the application."""
        return {}

    def once(self, key: Any, make: Callable[[], T], *, limit: int | None = None) -> T:
        """The cached value of ``key``; ``make`` makes it the first time.

        For what takes longer to make than to use, such as SQL statements. ``limit``: once the cache
        holds so many values, a new one is not kept; None for a key that each view has once.
        """
        if key in self.cache:
            cached: T = self.cache[key]
            return cached
        value = make()
        if limit is None or len(self.cache) < limit:
            self.cache[key] = value
        return value

    @cached_property
    def mapper(self) -> Mapper[Any]:
        mapper: Mapper[Any] = inspect(self.model)
        return mapper

    @property
    def label(self) -> str:
        """The record's name inside a sentence: "item"."""
        return self.name if self.name.isupper() else self.name[:1].lower() + self.name[1:]

    @property
    def label_plural(self) -> str:
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

    def searchable_names(self, hidden: Collection[str] = ()) -> list[str]:
        """The fields that the search box looks in, without those that the person may not see."""
        names = (attribute_name(attribute) for attribute in self.column_searchable_list)
        return [name for name in names if name not in hidden]


def has_form(view: ViewOptions) -> bool:
    """Whether records of a view are created or edited at all."""
    return view.allows("create") or view.allows("edit")

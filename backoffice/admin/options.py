"""The options that a developer sets on a view, and the labels that follow from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from sqladmin import ModelView
from sqlalchemy import inspect
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from wtforms import Field

from backoffice.admin.actions import Action, declared_actions
from backoffice.admin.aggregates import Aggregate
from backoffice.admin.attributes import attribute_name, attribute_words, label_names
from backoffice.admin.pages.parts import FieldKind
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.columns import Kind, kind_of
from backoffice.db.queries.statement_cache import StatementCache
from backoffice.history.audited import version_field
from backoffice.language import N_, _, current_language, ngettext, number
from backoffice.models import Audited

Attribute = InstrumentedAttribute[Any]
T = TypeVar("T")

ACTIONS = {
    "list": N_("List"),
    "details": N_("Details"),
    "create": N_("Create"),
    "edit": N_("Edit"),
    "delete": N_("Delete"),
    HISTORY: N_("History"),
    UNDO: N_("Undo"),
}
"""The actions on every view that a role may be permitted, and their English labels. ``actions_of``
adds a view's own."""

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
"""The actions that need a history. A view of records without one only shows them."""


@dataclass(frozen=True)
class ColumnTotal:
    """A sum over all records of a filtered list.

    ``expression``: what is summed, such as ``Item.price * Item.quantity``. ``unit``: its unit, ""
    for none; "currency" is the currency of the settings.
    """

    label: str
    expression: Any
    unit: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of the expression. It must be a kind of numbers."""
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

    A record's model cleans its values. An error that it raises is shown at the field.
    """

    # Screens of SQLAdmin that the back office does not have.
    can_export = False
    can_import = False

    name_with_article: ClassVar[str] = ""
    """A record inside a sentence, "an item"; "" to put "a" or "an" before the name by its first
    letter. Set it for names such as "hour" and "unit"."""

    page_size: ClassVar[int] = 50
    page_size_options: ClassVar[Sequence[int]] = [25, 50, 100, 200]

    has_history: ClassVar[bool] = True
    """Whether these records have a history screen. Every audited model has one by default."""

    list_filters: ClassVar[Sequence[Attribute]] = ()
    """The filters beside the list: ``[Item.category, Item.price]``. Relations to one record, and
    columns, hybrids and expressions whose kind has a facet. A search can filter by every listed
    column without this."""

    list_totals: ClassVar[Sequence[ColumnTotal]] = ()
    """Sums over the filtered list: ``[ColumnTotal("Stock value", Item.price * Item.quantity)]``."""

    column_aggregates: ClassVar[Mapping[str, Aggregate]] = {}
    """Columns that count or add up related records, by names of their own, which ``column_list``,
    ``column_details_list`` and ``column_sortable_list`` use:

        column_list = [Category.name, "item_count", "stock_value"]
        column_aggregates = {
            "item_count": RelatedCount("Items", Category.items),
            "stock_value": RelatedSum(
                "Stock value", Category.items, Item.price * Item.quantity, unit="currency"
            ),
        }

    All of one relation cost a page one statement. A list can be sorted by one while neither table
    is large, and if an index finds the related records."""

    always_loaded: ClassVar[Sequence[Attribute]] = ()
    """Columns that ``cell`` or ``__str__`` needs although the list does not show them."""

    column_units: ClassVar[dict[Attribute, str]] = {}
    """The unit in a column's header and beside its field. ``"currency"`` is the currency of the
    settings."""

    form_extra_fields: ClassVar[dict[str, Field]] = {}
    """Fields of the form that are no columns, by name. ``apply`` uses their values."""

    form_kinds: ClassVar[dict[Attribute, FieldKind]] = {}
    """The kind of input of a field, if not that of its column's type: ``{User.email: "email"}``."""

    has_fields: ClassVar[bool] = True
    """Whether roles may permit the fields of these records one by one."""

    superusers_only: ClassVar[bool] = False
    """Whether only superusers see these records."""

    shows_people: ClassVar[bool] = False
    """Whether these records are the users. The top bar links to the record of the signed-in
    user."""

    search_hint: ClassVar[str] = ""
    """The text in the empty search box; "" for one that names the searchable columns."""

    @cached_property
    def cache(self) -> StatementCache:
        """What is made once for this view and used by each request: statements, and what they are
        built of. It lives as long as the application."""
        return StatementCache()

    @cached_property
    def mapper(self) -> Mapper[Any]:
        mapper: Mapper[Any] = inspect(self.model)
        return mapper

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The view's own actions (``admin/actions.py``)."""
        return declared_actions(type(self))

    @property
    def title(self) -> str:
        """What a record is called, in the current language: "Item"."""
        return _(self.name)

    @property
    def title_plural(self) -> str:
        """What records are called, as a heading: "Items"."""
        return _(self.name_plural)

    @property
    def label(self) -> str:
        """What a record is called inside a sentence: "item"."""
        return _(inside_a_sentence(self.name))

    @property
    def label_plural(self) -> str:
        """What records are called inside a sentence: "items"."""
        return _(inside_a_sentence(self.name_plural))

    @property
    def label_with_article(self) -> str:
        """A record inside a sentence, one of many: "an item"."""
        return _(self.english_with_article)

    @property
    def english_with_article(self) -> str:
        """The English for ``label_with_article``, which translations are found by."""
        label = inside_a_sentence(self.name)
        article = "an" if label[:1].lower() in "aeiou" else "a"
        return self.name_with_article or f"{article} {label}"

    def label_of(self, count: int) -> str:
        """What so many records are called inside a sentence: "item" or "items"."""
        one, many = inside_a_sentence(self.name), inside_a_sentence(self.name_plural)
        return ngettext(one, many, count)

    def counted(self, count: int) -> str:
        """So many records, inside a sentence: "1,234 items"."""
        return f"{number(count)} {self.label_of(count)}"

    def allows(self, action: str) -> bool:
        """Whether the view has the screen for ``action``, for anybody. Records without a history
        can only be listed and shown."""
        flag = _FLAGS.get(action)
        if action in _RECORDED and not issubclass(self.model, Audited):
            return False
        return flag is None or bool(getattr(self, flag))

    def get_details_columns(self) -> list[str]:
        """The columns of the details page: ``column_details_list``, or else those of the list,
        followed by the other ones without our version."""
        names: list[str] = super().get_details_columns()
        if self.column_details_list:
            return names
        audited = issubclass(self.model, Audited)
        version = version_field(inspect(self.model)) if audited else None
        listed = (name for name in self.get_list_columns() if name in names)
        others = (name for name in names if name != version)
        return list(dict.fromkeys([*listed, *others]))

    def label_for(self, name: str) -> str:
        """The label of an attribute, in the current language: from ``column_labels``, or else its
        name as words."""
        return _(self.declared_label(name))

    def declared_label(self, name: str) -> str:
        """The label of an attribute as the code has it, for what is made once for all languages."""
        label = self._labels.get(name)
        return attribute_words(name) if label is None else label

    @cached_property
    def _labels(self) -> dict[str, str]:
        """``column_labels`` by name, and the labels of aggregates."""
        aggregates = {name: one.label for name, one in self.column_aggregates.items()}
        return aggregates | {
            attribute_name(key): str(label) for key, label in self.column_labels.items()
        }

    @cached_property
    def units(self) -> dict[str, str]:
        """``column_units`` by name, and the units of aggregates."""
        aggregates = {name: one.unit for name, one in self.column_aggregates.items()}
        return aggregates | {attribute_name(key): unit for key, unit in self.column_units.items()}

    def field_label(self, name: str) -> str:
        """The label of a field of the form, which may be one of ``form_extra_fields``."""
        extra: Any = self.form_extra_fields.get(name)
        return self.label_for(name) if extra is None else _(str(extra.args[0]))

    @property
    def label_attribute(self) -> Any:
        """The first of ``label_attributes``."""
        return self.label_attributes[0]

    @property
    def label_attributes(self) -> list[Any]:
        """The attributes whose values are a record's label (the model's ``label_from``)."""
        return [getattr(self.model, name) for name in label_names(self.model)]

    def searchable_names(self, hidden: Collection[str] = ()) -> list[str]:
        """The fields that a search looks in, without the ``hidden`` ones."""
        names = (attribute_name(attribute) for attribute in self.column_searchable_list)
        return [name for name in names if name not in hidden]


def inside_a_sentence(name: str) -> str:
    """A name as English writes it inside a sentence: "item" for "Item", and "SKU" as it is."""
    return name if name.isupper() else name[:1].lower() + name[1:]


def within_a_sentence(shown: str) -> str:
    """What is shown in the current language, as it is written inside a sentence. English writes it
    small; a translation is as it should be."""
    return inside_a_sentence(shown) if current_language().catalogue is None else shown


def actions_of(view: ViewOptions) -> dict[str, str]:
    """The actions on a view that a role may be permitted, and their labels, with the view's own."""
    own = {action.permission: action.label for action in view.actions if action.own_permission}
    return ACTIONS | own


def has_form(view: ViewOptions) -> bool:
    """Whether a view has a form to create or edit records."""
    return view.allows("create") or view.allows("edit")

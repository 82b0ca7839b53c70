"""A view of a model's records, the registry of all views, and the context of a request.

They are one module because each of them refers to the others. The rooms of ``admin`` import it; it
imports of ``admin`` only what describes a view, a page and their look.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from sqlalchemy import ColumnElement, true
from starlette.exceptions import HTTPException
from starlette.requests import Request
from wtforms import Form

from backoffice.admin.attributes import attribute_name
from backoffice.admin.branding.brand import load_brand
from backoffice.admin.field_access import FieldAccess, field_access
from backoffice.admin.options import Attribute, ViewOptions
from backoffice.admin.page_options import ADDRESS, PageOptions
from backoffice.admin.pages.parts import Cell, CellKind, Link, Mark, OptionGroup
from backoffice.admin.refused import Refused
from backoffice.admin.request_context import RequestContext
from backoffice.auth.backend import SignInBackend
from backoffice.auth.permissions import Access, Fields, Permissions
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.queries.statement_cache import StatementCache
from backoffice.history.audited import history_name
from backoffice.language import _
from backoffice.models import Change, InvalidValue

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class OptionFilter:
    """A view's own filter, whose choices are not the values of a column.

    ``name``: of the parameter, and in a search (``is:low``). ``options``: returns the choices, as
    (value, text); it may run one statement. ``condition``: returns the SQL condition of a value for
    a person, or None if the value has no meaning; it must not use fields that the person may not
    see. ``counted``: whether the list shows how many records each choice has; set it to False if
    the condition reads other tables. ``offers``: returns whether a person is offered a value, if
    that is quicker than all ``options``. A value that is not offered is refused. ``search_name``:
    what people call it in a search, if that is not its name (``who:ada``); both are read.
    ``on_overview``: whether the overview counts each choice; an index should serve them.
    """

    name: str
    label: str
    options: "Callable[[Context], Sequence[tuple[str, str]]]"
    condition: "Callable[[RecordView, str, Context | None], ColumnElement[bool] | None]"
    counted: bool = False
    offers: "Callable[[Context, str], bool] | None" = None
    search_name: str = ""
    on_overview: bool = False


class RecordView(ViewOptions):
    """A model's list, details, create, edit and delete screens.

    Set the options of ``ViewOptions``, which include SQLAdmin's own. Override the methods below
    where a view differs from the others; those that return None by default may return None for the
    usual behaviour.

        class SupplierView(RecordView, model=Supplier):
            name, name_plural = "Supplier", "Suppliers"
            column_list = [Supplier.name, Supplier.country]
            column_searchable_list = [Supplier.name]
            form_columns = [Supplier.name, Supplier.country]
    """

    option_filters: ClassVar[Sequence[OptionFilter]] = ()
    """Further filters, each a list of choices with a condition of its own. They come first."""

    column_marks: ClassVar[dict[Attribute, Callable[["Context", Any], Mark | None]]] = {}
    """Marks beside values, such as "overdue" for a date: functions of a context and a record that
    return a ``Mark``, or None for none."""

    value_marks: ClassVar[dict[Attribute, Callable[["Context", Any], Mark | None]]] = {}
    """Marks that only depend on the value that they are beside, such as "low" for a quantity:
    functions of a context and the value, which may be None. A list with ``column_marks`` loads
    whole records; with these it reads their values only, which is quicker."""

    site: ClassVar["Registry"]
    """The registry that the view is in, with the settings and the database."""

    def related_view(self, name: str) -> "RecordView":
        """The view of the records that the relation ``name`` refers to."""
        return self.site.view_of(self.mapper.relationships[name].mapper.class_)

    def unit_for(self, name: str) -> str:
        """The unit of a column; "" if it has none."""
        unit = self.units.get(name, "")
        return self.site.settings.currency if unit == "currency" else unit

    def cell(self, context: "Context", record: Any, name: str) -> Cell | None:
        """The cell for the attribute ``name`` of ``record``; None to print it by its column's
        kind."""
        return None

    @cached_property
    def marks(self) -> dict[str, Callable[["Context", Any], Mark | None]]:
        """``column_marks`` by column name."""
        return {attribute_name(key): mark for key, mark in self.column_marks.items()}

    @cached_property
    def marks_of_values(self) -> dict[str, Callable[["Context", Any], Mark | None]]:
        """``value_marks`` by column name."""
        return {attribute_name(key): mark for key, mark in self.value_marks.items()}

    def column_kind(self, name: str) -> CellKind | None:
        """How a column of the list prints; None to print it by its kind."""
        return None

    def cells(
        self, context: "Context", records: Sequence[Any], names: Sequence[str]
    ) -> list[list[Cell]] | None:
        """The list's cells for the columns ``names``, a row for each record. Override it where
        cells need a statement for all records together; None to print each cell by ``cell``."""
        return None

    def visible(self, context: "Context") -> ColumnElement[bool]:
        """The SQL condition for the records that the person may see, or ``true()`` for all:
        ``Stock.warehouse_id.in_(select(…))``. See docs/permissions.md.

        It reads columns of the model's own table, and other tables by subqueries. Every page asks
        it. A record must be visible before a change and after it. A deleted record is judged by its
        last values.
        """
        return true()

    def may(self, context: "Context", action: str, record: Any) -> "bool | Refused":
        """Whether the person, who has the permission, may do ``action`` on this record; if not,
        ``Refused("This order is closed. A Manager can reopen it.")``. See docs/permissions.md.

        Asked before a change, with the record as it is stored; for "create" with the new one. Write
        the same rule as ``may_condition``, for writes that load no records.
        """
        return True

    def may_condition(self, context: "Context", action: str) -> ColumnElement[bool] | None:
        """The rule of ``may`` as an SQL condition; None if it cannot be written as one. Without it,
        writes that load no records are refused: moves, deletes of the records below, undos.
        """
        return true() if type(self).may is RecordView.may else None

    details_options: ClassVar[Sequence[Any]] = ()
    """Loader options that the details page and the form need besides to-one relations."""

    def details_links(self, context: "Context", record: Any) -> Sequence[Link]:
        """Further links on a record's details page."""
        return ()

    def values_of(self, record: Any) -> dict[str, Any]:
        """The values that the edit form starts with, by field name."""
        return {name: getattr(record, name) for name in self.get_form_columns()}

    def prepare_form(self, form: Form, created: bool) -> None:
        """Change a form's fields before they are shown or read: ``form["code"].required = True``.

        ``created``: whether it is for a new record.
        """

    def apply(self, context: "Context", record: Any, values: dict[str, Any], created: bool) -> None:
        """Write to a record what is not the value of a column, such as ``form_extra_fields``, after
        those values and before the flush. ``values``: cleaned, by field name; a field of a new
        record that was left blank, and whose column has a default, has none.

        Raises:
            InvalidValue: the form shows it at its field, and nothing is saved.
        """

    def check_values(
        self, context: "Context", record: Any, values: dict[str, Any], created: bool
    ) -> Iterable[InvalidValue]:
        """What else is wrong with a form's values, shown beside all other mistakes: a value that
        has one is missing, or not written. Called before ``apply``, with the same parameters."""
        return ()

    def saved(self, context: "Context", record: Any, values: dict[str, Any], created: bool) -> None:
        """Called after the flush, in the same transaction, with the parameters of ``apply``."""

    def reasons_against_delete(self, context: "Context", records: Sequence[Any]) -> dict[Any, str]:
        """Why some of these records cannot be deleted: a sentence for each of those. The page says
        so before anybody presses Delete, and offers to delete the others."""
        return {}

    def option_groups(
        self, context: "Context", name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        """The checkboxes of a ``ChecksField``, in groups. ``chosen``: the values that are
        ticked."""
        return ()

    guards_changes: ClassVar[bool] = False
    """Whether ``check_change`` is called for every change of these records."""

    def check_change(self, context: "Context", change: Change) -> None:
        """Check that the person may make this change, by a form, a delete or an undo.

        Called before the commit, unless the person is a superuser.

        Raises:
            InvalidValue: they may not, and nothing is written.
        """

    def check_changes(self, context: "Context", written: Mapping[str, Sequence[Change]]) -> None:
        """Check all changes of these records: calls ``check_change`` for each. Override it for a
        rule about several changes together.

        ``written``: the changes of this unit of work to guarded records of any view, in order, by
        table.

        Raises:
            InvalidValue: the person may not make one of them, and nothing is written.
        """
        for change in written.get(history_name(self.mapper), ()):
            self.check_change(context, change)

    def locked_fields(self, context: "Context", record: Any | None) -> dict[str, str]:
        """The form's fields that this person may not change on ``record``, each with a sentence
        that says why. The form shows them as text, and refuses them if they are posted.

        ``record``: None for a new record, whose form leaves such fields out.
        """
        return {}

    def locked_text(self, context: "Context", record: Any, name: str, text: str) -> str | None:
        """What the form shows for a locked field; None to leave the field out. ``text``: the text
        of its cell."""
        return text

    def offers(self, context: "Context", action: str, record: Any) -> bool:
        """Whether a page of ``record`` links to ``action`` ("edit", "delete") for this person, who
        has the permission. This hides links; ``check_change`` is what refuses the change."""
        return True

    def reason_against_undo(self, context: "Context", changes: Sequence[Change]) -> str:
        """Why this person may not undo these changes, as a sentence, if that is known before the
        undo; "" if they may."""
        return ""

    def search_condition(
        self, pattern: str, context: "Context | None"
    ) -> ColumnElement[bool] | None:
        """The SQL condition that a record matches a word of a search; None to look in the
        searchable columns.

        ``pattern``: the word, for LIKE. ``context``: of the person who searches, so that a search
        finds nothing by a field that they may not see; None when only indexes are checked.
        """
        return None

    def is_accessible(self, request: Request) -> bool:
        return self.has_permission(request, "list")


@dataclass(frozen=True, slots=True)
class Context(RequestContext):
    """A signed-in person's request, with the session of its one unit of work.

    A screen is a function that takes a context and a view and returns a response. It runs in a
    worker thread. Its writes are committed after it returns, unless the response is a refusal
    (4xx, 5xx).
    """

    site: "Registry"
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def settings(self) -> Settings:
        return self.site.settings

    def may(self, action: str, view: RecordView, record: Any | None = None) -> bool:
        """Whether the person may do ``action``: the view allows it, they have the permission, and
        the view's ``may`` allows it for ``record``, if there is one."""
        if not (view.allows(action) and view.has_permission(self.request, action)):
            return False
        return record is None or bool(view.may(self, action, record))

    def refusal(self, action: str, view: RecordView, record: Any) -> str:
        """Why the view does not allow ``action`` on that record, as a sentence; "" if it does. It
        does not ask for the permission."""
        answer = view.may(self, action, record)
        if answer:
            return ""
        return (
            answer.reason
            if isinstance(answer, Refused)
            else _("This {label} is locked.", label=view.label)
        )

    def may_see(self, view: RecordView, name: str) -> bool:
        """Whether the person may see the field ``name`` of records of ``view``, a column or a
        relation. Every screen, search and message that shows a value asks this."""
        return name not in self.hidden(view)

    def may_write(self, view: RecordView, name: str) -> bool:
        """Whether the person may change the field ``name`` of records of ``view``."""
        return name not in self.fields(view).fixed

    def hidden(self, view: RecordView) -> frozenset[str]:
        """The names of the fields of ``view`` that the person may not see."""
        return self.fields(view).hidden

    def fields(self, view: RecordView) -> FieldAccess:
        """What the person may do with the fields of ``view``. Found once for a request, without a
        statement."""
        return self.once(("fields", view), lambda: self._find_fields(view))

    def _find_fields(self, view: RecordView) -> FieldAccess:
        def find() -> FieldAccess:
            return field_access(
                self.site.record_views,
                view,
                readable=lambda other: self._permitted(other, "read"),
                writable=lambda other: self._permitted(other, "write"),
                may_list=lambda other: self.may("list", other),
            )

        # It follows from the grants alone, so people with the same roles share it.
        return view.cache.get(("field access", self.person.grants), find)

    def _permitted(self, view: ViewOptions, access: Access) -> Fields:
        permissions, grants = self.site.permissions, self.person.grants
        # Somebody who may do nothing on a view is kept out of it, and has no limits to its fields:
        # a user's roles are named to people who may not list roles.
        if not view.has_fields or not permissions.holds_any(grants, view.identity):
            return Fields(all=True)
        return permissions.fields(grants, view.identity, access)

    def visible(self, view: RecordView) -> ColumnElement[bool]:
        """The SQL condition for the records of ``view`` that the person may see. Asked once for a
        request. Every statement that reads records for a person has it."""
        return self.once(("visible", view), lambda: self._find_visible(view))

    def _find_visible(self, view: RecordView) -> ColumnElement[bool]:
        found: Any = view.visible(self)
        if isinstance(found, ColumnElement):
            return found
        raise TypeError(
            f"{type(view).__name__}.visible returned {found!r}. Return an SQL condition, such as "
            "true() for all records and false() for none."
        )

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` returned the first time in this request. ``key``: its name."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def sees_all(self, view: RecordView) -> bool:
        """Whether the person may see every record of ``view``."""
        return self.visible(view) is true()


@lru_cache(maxsize=4096)
def _quoted(part: str) -> str:
    return quote(part, safe="")


class Registry:
    """All views and pages, and what they share: settings, database, permissions and addresses."""

    def __init__(
        self, settings: Settings, database: Database, sign_in_backend: SignInBackend
    ) -> None:
        self.settings = settings
        self.brand = load_brand(settings)
        self.database = database
        self.sign_in_backend = sign_in_backend
        self.permissions = Permissions()
        self.record_views: list[RecordView] = []
        self.pages: list[PageOptions] = []
        self.base_url = "/admin"
        self.cache = StatementCache()
        self._nearest: dict[type, RecordView | None] = {}

    def view_of(self, model: type) -> RecordView:
        """The view of a model's records.

        Raises:
            LookupError: no registered view shows them.
        """
        for view in self.record_views:
            if view.model is model:
                return view
        raise LookupError(f"no view in VIEWS shows {model.__name__}")

    def nearest_view(self, model: type) -> RecordView | None:
        """The view of a model's records, or of the nearest class above it that has one; None if
        there is none."""
        if model not in self._nearest:
            views = {view.model: view for view in self.record_views}
            self._nearest[model] = next((views[c] for c in model.__mro__ if c in views), None)
        return self._nearest[model]

    def find_view(self, identity: str) -> RecordView:
        """The view with that identity.

        Raises:
            HTTPException: 404, there is none.
        """
        for view in self.record_views:
            if view.identity == identity:
                return view
        raise HTTPException(404)

    def href(self, *parts: Any) -> str:
        """The address of ``parts`` below /admin: ``href("item", "edit", 5)``."""
        return "/".join([self.base_url, *(_quoted(str(part)) for part in parts)])

    def page_href(self, page: PageOptions) -> str:
        """The address of a custom page."""
        return self.href(ADDRESS, page.identity)

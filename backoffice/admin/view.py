"""A view of a model's records, the registry that it is in, and the context of a request to it.

One module, since each of the three names the others. The rooms of ``admin`` import it; it imports
only page objects and what a view declares (``options``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar
from urllib.parse import quote
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import ONETOMANY
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from wtforms import Form

from backoffice.admin.attributes import attribute_name
from backoffice.admin.options import Attribute, ViewOptions
from backoffice.admin.pages.parts import Cell, CellKind, Link, Mark, OptionGroup
from backoffice.auth.backend import SignInBackend
from backoffice.auth.browser import Browser
from backoffice.auth.permissions import Permissions
from backoffice.auth.signed_in import SignedIn
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import RecordSession
from backoffice.history.audited import history_name
from backoffice.models import Change


@dataclass(frozen=True)
class OptionFilter:
    """A view's own filter: choices that are no column's values.

    ``name``: of the parameter, and what a search calls it (``is:low``). ``options``: what may be
    chosen, as (value, text); it may ask the database once. ``condition``: what a value means as
    SQL on a list of the view for who asks, or None if it means nothing; that must not depend on
    what they may not see. ``counted``: whether the list may say how many records each choice has;
    not where a condition looks into other tables. ``offers``: whether somebody is offered a value,
    where that is quicker to say than by asking for all ``options``. What is not offered is refused.
    """

    name: str
    label: str
    options: "Callable[[Context], Sequence[tuple[str, str]]]"
    condition: "Callable[[RecordView, str, Context | None], ColumnElement[bool] | None]"
    counted: bool = False
    offers: "Callable[[Context, str], bool] | None" = None

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, OptionFilter) and other.name == self.name


class RecordView(ViewOptions):
    """A model's list, details, create, edit and delete screens: its options, and what a view may do
    in a way of its own.

    Options are those of ``ViewOptions``, SQLAdmin's own among them. Methods that return None by
    default are hooks: None means that nothing is special here.

        class SupplierView(RecordView, model=Supplier):
            name, name_plural = "Supplier", "Suppliers"
            column_list = [Supplier.name, Supplier.country]
            column_searchable_list = [Supplier.name]
            form_columns = [Supplier.name, Supplier.country]

    What goes into a record is cleaned by its model; a rule broken there shows at its field.
    """

    option_filters: ClassVar[Sequence[OptionFilter]] = ()
    """Further filters, each a list of choices with a condition of its own; they stand first."""

    column_marks: ClassVar[dict[Attribute, Callable[["Context", Any], Mark | None]]] = {}
    """A word for the state of a value, to stand beside it: from a context and a record the
    ``Mark``, or None where there is nothing to say."""

    site: ClassVar["Registry"]
    """The registry that the view is in, with the settings and the database."""

    def related_view(self, name: str) -> "RecordView":
        """The view of the records that the relation ``name`` leads to."""
        return self.site.view_of(self.mapper.relationships[name].mapper.class_)

    def unit_for(self, name: str) -> str:
        """The unit of a column, "" if it has none."""
        units = {attribute_name(key): unit for key, unit in self.column_units.items()}
        unit = units.get(name, "")
        return self.site.settings.currency if unit == "currency" else unit

    def cell(self, context: "Context", record: Any, name: str) -> Cell | None:
        """How the column ``name`` of ``record`` prints; None as the kind of the column says."""
        return None

    @cached_property
    def marks(self) -> dict[str, Callable[["Context", Any], Mark | None]]:
        """``column_marks`` by column name."""
        return {attribute_name(key): mark for key, mark in self.column_marks.items()}

    def column_kind(self, name: str) -> CellKind | None:
        """How a column of the list prints; None as the kind of the column says."""
        return None

    def cells(
        self, context: "Context", records: Sequence[Any], names: Sequence[str]
    ) -> list[list[Cell]] | None:
        """The list's cells for the columns ``names``, a row for each record, where a row needs more
        than its own record; None to print each by ``cell``."""
        return None

    def visible(self, context: "Context") -> ColumnElement[bool]:
        """The records that the person may see at all; every list, count and page asks it."""
        return true()

    details_options: ClassVar[Sequence[Any]] = ()
    """Loader options that the details page and the form need besides to-one relations."""

    def details_links(self, context: "Context", record: Any) -> Sequence[Link]:
        """Where else one may go from a record's details page."""
        return ()

    def values_of(self, record: Any) -> dict[str, Any]:
        """What the edit form starts with, by field name."""
        return {name: getattr(record, name) for name in self.get_form_columns()}

    def prepare_form(self, form: Form, created: bool) -> None:
        """Change a form's fields before they are shown or read: ``form["code"].required = True``.

        ``created``: whether it is for a new record.
        """

    def apply(self, context: "Context", record: Any, values: dict[str, Any], created: bool) -> None:
        """Put on a record what its columns do not say, such as ``form_extra_fields``.

        Runs before the one flush, after the values of its columns and relations were put on it.
        ``values``: the cleaned ones by field name; a new record has none for what was left blank
        and has a default.

        Raises:
            InvalidValue: shown at its field; nothing is saved.
        """

    def saved(self, context: "Context", record: Any, values: dict[str, Any], created: bool) -> None:
        """Runs after the flush, inside the same transaction."""

    def reasons_against_delete(self, context: "Context", records: Sequence[Any]) -> list[str]:
        """Why these records cannot be deleted, in sentences; empty if they can."""
        return []

    def option_groups(
        self, context: "Context", name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        """The checkboxes of a ChecksField, in groups, those of ``chosen`` ticked."""
        return ()

    guards_changes: ClassVar[bool] = False
    """Whether ``check_change`` is to be asked about every change of these records."""

    def check_change(self, context: "Context", change: Change) -> None:
        """Whether the person may make this change, however they made it: form, delete or undo.

        Runs before the commit, for those who are no superusers.

        Raises:
            InvalidValue: they may not; nothing is written.
        """

    def check_changes(self, context: "Context", written: Mapping[str, Sequence[Change]]) -> None:
        """``check_change`` of each of these records' changes; override where one must know others.

        ``written``: the changes of this unit of work to records whose views guard them, by table,
        in order.

        Raises:
            InvalidValue: they may not; nothing is written.
        """
        for change in written.get(history_name(self.mapper), ()):
            self.check_change(context, change)

    def locked_fields(self, context: "Context", record: Any | None) -> dict[str, str]:
        """Fields of the form that this person may not change on ``record``, each with a sentence
        that says why: they are shown as text, and refused when posted.

        ``record``: None for one to be created, whose form has no such field at all.
        """
        return {}

    def locked_text(self, context: "Context", record: Any, name: str, text: str) -> str | None:
        """What a form shows for a field that is locked; None to leave it out. ``text``: what the
        field's cell prints."""
        return text

    def offers(self, context: "Context", action: str, record: Any) -> bool:
        """Whether a page of ``record`` offers ``action`` ("edit", "delete") to this person, who may
        do it to these records in general. Asked for links alone: ``check_change`` is the rule."""
        return True

    def reason_against_undo(self, context: "Context", changes: Sequence[Change]) -> str:
        """Why this person may not undo these changes, as far as that is known before; or ""."""
        return ""

    def search_condition(
        self, pattern: str, context: "Context | None"
    ) -> ColumnElement[bool] | None:
        """What a word of a search must match (``pattern`` is for LIKE); None for any searchable
        column.

        ``context``: who searches, so that nothing is found by what they may not see; None for
        nobody in particular, where indexes are looked for.
        """
        return None

    def is_accessible(self, request: Request) -> bool:
        return self.has_permission(request, "list")


@dataclass(frozen=True, slots=True)
class Context:
    """A signed-in person's request, with the session of its one unit of work.

    A screen is a function from a context and its view to a response. It runs in a worker thread;
    whatever it wrote is committed after it returns, unless its response is a refusal (4xx, 5xx).
    """

    request: Request
    session: RecordSession
    site: "Registry"
    _hidden: dict[RecordView, frozenset[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def browser(self) -> Browser:
        browser: Browser = self.request.state.browser
        return browser

    @property
    def person(self) -> SignedIn:
        signed_in: SignedIn = self.request.state.signed_in
        return signed_in

    @property
    def form(self) -> FormData:
        """What was posted; empty for a GET. The guard has read and bounded it."""
        form: FormData = getattr(self.request.state, "form", None) or FormData()
        return form

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    def may(self, action: str, view: RecordView, obj: Any | None = None) -> bool:
        """Whether the person may do ``action`` here: the view allows it, and so do their rights."""
        return view.allows(action) and view.has_permission(self.request, action, obj)

    def may_see(self, view: RecordView, name: str) -> bool:
        """Whether the person may see the field ``name`` of the records of ``view``, a column or a
        relation. Every screen, search and message that tells a value asks; see ``hidden_fields``.
        """
        return name not in self.hidden(view)

    def hidden(self, view: RecordView) -> frozenset[str]:
        """The fields of ``view`` that ``may_see`` refuses; found out once a request, without a
        statement."""
        if view not in self._hidden:
            self._hidden[view] = hidden_fields(self, view)
        return self._hidden[view]

    def act_as(self, **changes: Any) -> None:
        """Set ``reason``, ``source`` or ``undoes_id`` of this request's ``AuditContext``."""
        self.session.audit_context = replace(self.session.audit_context, **changes)

    def redirect(self, href: str) -> Response:
        """See the page at ``href`` next (303, so that reloading it repeats nothing)."""
        return RedirectResponse(href, status_code=303)


@lru_cache(maxsize=4096)
def _quoted(part: str) -> str:
    return quote(part, safe="")


class Registry:
    """Every view, with what all of them share: settings, database, permissions, addresses."""

    def __init__(
        self, settings: Settings, database: Database, sign_in_backend: SignInBackend
    ) -> None:
        self.settings = settings
        self.database = database
        self.sign_in_backend = sign_in_backend
        self.permissions = Permissions()
        self.record_views: list[RecordView] = []
        self.base_url = "/admin"

    def view_of(self, model: type) -> RecordView:
        """The view of a model's records.

        Raises:
            LookupError: no registered view shows them.
        """
        for view in self.record_views:
            if view.model is model:
                return view
        raise LookupError(f"no view in VIEWS shows {model.__name__}")

    def find_view(self, identity: str) -> RecordView:
        """The view with that identity; HTTPException 404 if there is none."""
        for view in self.record_views:
            if view.identity == identity:
                return view
        raise HTTPException(404)

    def href(self, *parts: Any) -> str:
        """The address below /admin that ``parts`` make: ``href("item", "edit", 5)``."""
        return "/".join([self.base_url, *(_quoted(str(part)) for part in parts)])


Guards = Mapping[str, tuple[RecordView, ...]]

_GUARDS: WeakKeyDictionary[RecordView, Guards] = WeakKeyDictionary()
"""The same for everybody, and found by the first request: not as a property of the view, which
SQLAdmin reads while it registers them, when others are still missing."""


def guards_of(view: RecordView) -> Guards:
    """The fields of ``view`` that lead to other records, each with the views that one must be
    allowed to list to see it.

    A relation to one record, and the foreign key column under it: the view of that record. A
    relation to many is the same fact read from the other end, so it takes both views. Links (a
    user's roles) are part of their owner and are seen with it. Records that no view shows are
    nobody's to list, and guard nothing.
    """
    if view not in _GUARDS:
        _GUARDS[view] = _find_guards(view)
    return _GUARDS[view]


def _find_guards(view: RecordView) -> Guards:
    views = {one.mapper.local_table: one for one in view.site.record_views}
    links = getattr(view.model, "links", ())
    guards: dict[str, tuple[RecordView, ...]] = {}
    for name, relation in view.mapper.relationships.items():
        target = views.get(relation.mapper.local_table)
        if target is not None and name not in links:
            ends = (target, view) if relation.direction is ONETOMANY else (target,)
            guards[name] = ends
    for name, column in view.mapper.columns.items():
        if column.primary_key:
            continue
        targets = (views.get(key.column.table) for key in column.foreign_keys)
        if found := tuple(target for target in targets if target is not None):
            guards[name] = found
    return guards


def hidden_fields(context: Context, view: RecordView) -> frozenset[str]:
    """The names of the fields of ``view`` that the person may not see. No statement is run.

    ``Context.hidden`` keeps the answer for the request.
    """
    return frozenset(
        name
        for name, guards in guards_of(view).items()
        if not all(context.may("list", guard) for guard in guards)
    )

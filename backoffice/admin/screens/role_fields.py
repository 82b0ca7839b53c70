"""Which fields of one view a role permits: all, or those that are chosen here."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import may_undo_of
from backoffice.admin.field_access import limitable_fields
from backoffice.admin.pages.parts import Link, Option
from backoffice.admin.pages.role_fields import FieldChoice, Permitted, RoleFieldsPage
from backoffice.admin.posted import posted_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import crumbs_to
from backoffice.admin.records.load import load_record
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import READ, WRITE, is_of_field
from backoffice.language import N_, _, number
from backoffice.models import Grant, InvalidValue

LIMITED = "limited"
"""The field with the choice between all fields ("all") and those chosen ("chosen")."""

OPENED = "opened"
"""The hidden field with the choices as they were when the page was made. Only what differs from
them is changed, so two people who change different fields both have their way."""

FIELD = "field."
"""The beginning of the name of a field's radio buttons."""

BOTH = N_(
    "You changed single fields and chose all fields. Choose “Only those chosen below” instead."
)

Chosen = dict[str, str]
"""The posted choices by the names of their radio buttons."""

PERMITTED: Mapping[Permitted, str] = {
    "": N_("No"),
    "read": N_("See"),
    "write": N_("See and change"),
}


def role_fields_screen(context: Context, view: RecordView) -> Response:
    """GET shows the fields of the view in the address that a role permits. POST changes them.

    Raises:
        HTTPException: 404, there is no such role, no such view, or its fields cannot be limited;
            403, the person may not change what roles permit.
    """
    if not context.may_write(view, "grants"):
        raise HTTPException(403, _("You don't have permission to change what roles permit."))
    of = context.site.find_view(context.request.path_params["of"])
    if of.superusers_only or not limitable_fields(of):
        raise HTTPException(
            404, _("The fields of {records} cannot be limited.", records=of.label_plural)
        )
    role = load_record(context, view, for_update=context.posted)
    if not context.posted:
        return _show(context, view, of, role, _choices(of, role))
    opened, posted = _read_opened(context), _posted_choices(context, of)
    changed = {name: value for name, value in posted.items() if opened.get(name) != value}
    unknown = [name for name in context.form if _is_unknown(of, name)]
    if unknown:
        problem = _("This form has no field named “{name}”.", name=unknown[0][:40])
        return _show(context, view, of, role, posted, [problem], 422)
    if context.refusal("edit", view, role):  # the page says why
        return _show(context, view, of, role, posted, status=422)
    chosen = _choices(of, role) | changed
    if chosen[LIMITED] == "all" and changed.keys() - {LIMITED}:
        return _show(context, view, of, role, posted, [_(BOTH)], 422)
    try:
        _write(of, role, chosen)
        context.session.flush()
        check_changes(context)
    except InvalidValue as error:
        context.session.rollback()
        role = load_record(context, view)
        return _show(context, view, of, role, posted, [error.message], 422)
    _notify(context, view, of, role)
    return context.redirect(context.site.href(view.identity, "edit", role.id))


def _choices(of: RecordView, role: Any) -> Chosen:
    """The choices as the role has them now: all fields, if they are not limited. Fields that the
    view does not have any more have no radio buttons, and stay as they are."""
    actions = {grant.action for grant in role.grants if grant.identity == of.identity}
    is_limited = any(map(is_of_field, actions))
    chosen: Chosen = {LIMITED: "chosen" if is_limited else "all"}
    for name in limitable_fields(of):
        permitted: Permitted = ""
        if WRITE + name in actions or not is_limited:
            permitted = "write"
        elif READ + name in actions:
            permitted = "read"
        chosen[FIELD + name] = permitted
    return chosen


def _posted_choices(context: Context, of: RecordView) -> Chosen:
    """The posted choices. A script leaves out those that were not touched."""
    names = [LIMITED, *(FIELD + name for name in limitable_fields(of))]
    return {name: posted_text(context.form, name) for name in names if name in context.form}


def _is_unknown(of: RecordView, name: str) -> bool:
    fields = [FIELD + field for field in limitable_fields(of)]
    return name not in (LIMITED, OPENED, "csrf_token", "save", *fields)


def _read_opened(context: Context) -> Chosen:
    try:
        opened = json.loads(posted_text(context.form, OPENED) or "{}")
    except (ValueError, RecursionError):
        return {}
    return opened if isinstance(opened, dict) else {}


def _write(of: RecordView, role: Any, chosen: Chosen) -> None:
    """Give the role the chosen grants.

    Raises:
        InvalidValue: one of the choices is none.
    """
    if chosen[LIMITED] not in ("all", "chosen"):
        raise InvalidValue("grants", _("Choose between all fields and those that you choose."))
    wanted: set[str] = set()
    if chosen[LIMITED] == "chosen":
        wanted.add(READ)  # the role is limited even if nothing is chosen
        for name in limitable_fields(of):
            permitted = chosen[FIELD + name]
            if permitted not in PERMITTED:
                raise InvalidValue(
                    "grants", _("Choose what to permit of {field}.", field=of.field_label(name))
                )
            if permitted:
                wanted.add((WRITE if permitted == "write" else READ) + name)
    fields = set(limitable_fields(of))
    kept = []
    for grant in role.grants:
        is_ours = grant.identity == of.identity and is_of_field(grant.action)
        name = grant.action.removeprefix(READ).removeprefix(WRITE)
        is_gone = name not in fields and name != "" and chosen[LIMITED] == "chosen"
        if not is_ours or grant.action in wanted or is_gone:
            kept.append(grant)
            wanted.discard(grant.action if is_ours else "")
    new = [Grant(identity=of.identity, action=action) for action in sorted(wanted)]
    if new or len(kept) < len(role.grants):
        role.grants = [*kept, *new]


def _notify(context: Context, view: RecordView, of: RecordView, role: Any) -> None:
    number, label = context.session.changeset, record_label(context, role)
    if number is None:
        context.browser.notify(
            "success", _("Nothing was changed in {record} “{name}”.", record=view.label, name=label)
        )
        return
    may_undo = may_undo_of(context, view, "update")
    context.browser.notify(
        "success",
        _(
            "{record} “{name}”: the fields of {records} were saved.",
            record=view.title,
            name=label,
            records=of.label_plural,
        ),
        link=_("Undo") if may_undo else "",
        href=context.site.href("changeset", "undo", number) if may_undo else "",
    )


def _show(
    context: Context,
    view: RecordView,
    of: RecordView,
    role: Any,
    chosen: Chosen,
    problems: list[str] | None = None,
    status: int = 200,
) -> Response:
    stored, label = _choices(of, role), record_label(context, role)
    shown = stored | chosen
    heading = _("Fields of {records} for {role}", records=of.label_plural, role=label)
    locked = context.refusal("edit", view, role)
    page = RoleFieldsPage(
        heading=heading,
        intro=_(
            "What people with the role “{role}” see of {records}, and may change where the role "
            "lets them create or edit {records}. Several roles add up.",
            role=label,
            records=of.label_plural,
        ),
        action=context.site.href(view.identity, "fields", of.identity, role.id),
        cancel_href=context.site.href(view.identity, "edit", role.id),
        limited=FieldChoice(
            LIMITED,
            _("Fields"),
            (
                Option("all", _("All, also those added later"), shown[LIMITED] == "all"),
                Option("chosen", _("Only those chosen below"), shown[LIMITED] == "chosen"),
            ),
        ),
        fields=tuple(_choice(of, name, shown[FIELD + name]) for name in limitable_fields(of)),
        problems=(*([locked] if locked else []), *(problems or [])),
        hidden=((OPENED, _opened(context, stored)),),
        may_save=not locked,
    )
    crumb = _("Fields of {records}", records=of.label_plural)
    crumbs = (*crumbs_to(context, view, role, crumb),)
    return page_response(
        context, "role_fields.html", page.heading, page, crumbs=crumbs, status=status
    )


def _opened(context: Context, stored: Chosen) -> str:
    """The choices as the person first saw them: a page that is shown again posts them again."""
    opened = _read_opened(context) if context.posted else stored
    return json.dumps(opened, separators=(",", ":"))


def _choice(of: RecordView, name: str, chosen: str) -> FieldChoice:
    may_change = of.allows("create") or of.allows("edit")
    if chosen == "write" and not may_change:
        chosen = "read"
    options = tuple(
        Option(value, _(text), value == chosen)
        for value, text in PERMITTED.items()
        if may_change or value != "write"
    )
    return FieldChoice(FIELD + name, of.field_label(name), options)


def field_summary(of: RecordView, role: Any) -> str:
    """How many fields of a view a role permits, in words: "all fields", "3 of 8 fields"."""
    chosen = _choices(of, role)
    if chosen.pop(LIMITED) == "all":
        return _("all fields")
    return _(
        "{seen} of {all} fields",
        seen=number(sum(map(bool, chosen.values()))),
        all=number(len(chosen)),
    )


def fields_link(context: Context, of: RecordView, role: Any) -> Link | None:
    """A link to the fields of a view that a role permits; None if they cannot be limited."""
    if of.superusers_only or not limitable_fields(of):
        return None
    view = context.site.find_view("role")
    may_change = context.may("edit", view) and context.may_write(view, "grants")
    href = context.site.href(view.identity, "fields", of.identity, role.id)
    return Link(field_summary(of, role), href if may_change else None)

"""After a record was saved: what the person is told, and which page comes next."""

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.responses import Response

from backoffice.admin.changes.describe import may_undo_of
from backoffice.admin.changes.undo_permissions import may_undo_update
from backoffice.admin.forms.build import may_add, posted_name
from backoffice.admin.forms.page import ANOTHER, CONTINUE
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.return_url import next_value, return_url, with_next
from backoffice.admin.view import Context, RecordView
from backoffice.auth.browser import saved_record
from backoffice.language import _


def redirect_after_save(
    context: Context,
    view: RecordView,
    record: Any,
    done: Literal["added", "saved"],
    taken_over: Sequence[str] = (),
    *,
    changed: bool,
) -> Response:
    """Notify the person of what was ``done`` and redirect as the button says.

    ``taken_over``: sentences about changes of others. ``changed``: whether the form changed the
    record; a change that the history does not keep has no changeset.
    """
    back = next_value(context, view)
    here = with_next(context.site.href(view.identity, "edit", key_text(record)), back)
    _notify(context, view, record, done, taken_over, changed)
    button = context.form.get("save")
    if button == CONTINUE.value and context.may("edit", view, record):
        return context.redirect(here)
    if button == ANOTHER.value and may_add(context, view):
        create = context.site.href(view.identity, "create") + _prefilled(context, view, record)
        return context.redirect(with_next(create, back))
    return context.redirect(return_url(context, view))


def _notify(
    context: Context,
    view: RecordView,
    record: Any,
    done: Literal["added", "saved"],
    taken_over: Sequence[str],
    changed: bool,
) -> None:
    changeset_id = context.session.changeset
    names = {
        "title": view.title,
        "label": view.label,
        "name": record_label(context, record),
    }
    if done == "added":
        text = _("{title} “{name}” was added.", **names)
    elif changeset_id is None and not changed:
        text = _("Nothing changed in {label} “{name}”.", **names)
    else:
        text = _("{title} “{name}” was saved.", **names)
    may_undo = changeset_id is not None and (
        may_undo_of(context, view, "create") if done == "added" else may_undo_update(context, view)
    )
    context.browser.notify(
        "success",
        " ".join([text, *taken_over]),
        button="undo" if may_undo else "",
        href=context.site.href("changeset", "undo", changeset_id) if may_undo else "",
        saved=saved_record(view.identity, key_text(record)),
    )


def _prefilled(context: Context, view: RecordView, record: Any) -> str:
    """The query string that chooses the same related records in the next form: people who add
    several records in a row often add to the same category."""
    chosen = {
        posted_name(name): key_text(related)
        for name in view.get_form_columns()
        if name in view.mapper.relationships
        and not view.mapper.relationships[name].uselist
        and context.may_see(view, name)
        and (related := getattr(record, name)) is not None
    }
    return f"?{urlencode(chosen)}" if chosen else ""

"""Adding a record."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.field_permissions import refusing_view
from backoffice.admin.forms.after_save import redirect_after_save
from backoffice.admin.forms.build import missing_to_add, posted_name
from backoffice.admin.forms.fields import RecordField, RecordForm
from backoffice.admin.forms.locked import fixed_fields
from backoffice.admin.forms.open import open_form
from backoffice.admin.forms.page import FormState, form_response
from backoffice.admin.forms.save import add_problems, read_form, save
from backoffice.admin.refusal import permission_refusal
from backoffice.admin.view import Context, RecordView
from backoffice.language import _


def create_screen(context: Context, view: RecordView) -> Response:
    """GET shows a form; the address may fill fields in. POST saves a new record.

    Raises:
        HTTPException: 403, the person may not write a field that every new record needs.
    """
    _require_needed_fields(context, view)
    locked = view.locked_fields(context, None) | fixed_fields(context, view)
    if not context.posted:
        form = open_form(view, locked, created=True)
        _prefill(context, form)
        return form_response(context, view, FormState(form=form))

    form = open_form(view, locked, context.form, created=True)
    if "find" in context.form:
        return form_response(context, view, FormState(form=form))
    values, refusal = read_form(context, view, form, locked)
    record = view.model()
    if refusal:
        add_problems(context, view, record, values, refusal, created=True)
    else:
        refusal = save(context, view, record, values, created=True)
    if refusal:
        return form_response(context, view, FormState(form=form, refusal=refusal))
    return redirect_after_save(context, view, record, "added", changed=True)


def _require_needed_fields(context: Context, view: RecordView) -> None:
    name = missing_to_add(context, view)
    if name is None:
        return
    values = {
        "labels": view.label_plural,
        "label": view.label,
        "field": view.field_label(name).lower(),
    }
    if guard := refusing_view(context, view, name):
        text = _("You can't add {labels}: a new {label} needs a {field}.", **values)
        raise HTTPException(403, f"{text} {permission_refusal(guard, 'list')}")
    raise HTTPException(
        403,
        _(
            "You can't add {labels}: a new {label} needs its {field}, and you don't have "
            "permission to set that.",
            **values,
        ),
    )


def _prefill(context: Context, form: RecordForm) -> None:
    for name, field in form.fields.items():
        text = context.request.query_params.get(posted_name(name))
        if text is not None and isinstance(field, RecordField):
            field.prefill(text)

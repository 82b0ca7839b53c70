"""The search of a choice field: the related records that its script offers."""

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from backoffice.admin.attributes import attribute_name
from backoffice.admin.forms.choices import find_records
from backoffice.admin.view import Context, RecordView
from backoffice.language import _


def lookup_screen(context: Context, view: RecordView) -> Response:
    """The related records that ``q`` finds: ``{"results": [{"id", "text"}, …], "more": bool}``.

    Forms and filters of lists ask for them. The person needs the permission for that form or list,
    and the permission to list the related records.

    Raises:
        HTTPException: 404, the view has no such choice; 403, the person may not list the records.
    """
    name = context.request.path_params["field"]
    filters = [attribute_name(attribute) for attribute in view.list_filters]
    in_form = name in view.get_form_columns() and name in view.mapper.relationships
    in_list = name in filters and name in view.mapper.relationships
    if not (in_form or in_list):
        raise HTTPException(404, _("There is no choice “{text}”", text=name[:40]))
    allowed = (in_list and context.may("list", view)) or (
        in_form and (context.may("create", view) or context.may("edit", view))
    )
    allowed = allowed and context.may_see(view, name)
    target = view.related_view(name)
    if not (allowed and context.may("list", target)):
        raise HTTPException(
            403, _("You don't have permission to list {records}.", records=target.label_plural)
        )
    found, more = find_records(context, target, context.request.query_params.get("q", ""))
    results = [{"id": key, "text": text} for key, text in found]
    return JSONResponse({"results": results, "more": more})

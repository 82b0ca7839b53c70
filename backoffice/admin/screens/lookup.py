"""What a choice field's search finds, for its script."""

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from backoffice.admin.attributes import attribute_name
from backoffice.admin.forms.choices import find_records
from backoffice.admin.view import Context, RecordView


def lookup_screen(context: Context, view: RecordView) -> Response:
    """The related records that ``q`` finds: ``{"results": [{"id", "text"}, …], "more": bool}``.

    Whoever fills in the form or narrows the list by the relation may ask, if they may list the
    related records themselves.
    """
    name = context.request.path_params["field"]
    filters = [attribute_name(attribute) for attribute in view.list_filters]
    in_form = name in view.get_form_columns() and name in view.mapper.relationships
    in_list = name in filters and name in view.mapper.relationships
    if not (in_form or in_list):
        raise HTTPException(404, f"{view.name_plural} have no choice named “{name[:40]}”.")
    allowed = (in_list and context.may("list", view)) or (
        in_form and (context.may("create", view) or context.may("edit", view))
    )
    target = view.related_view(name)
    if not (allowed and context.may("list", target)):
        raise HTTPException(403, f"You may not list {target.label_plural}.")
    found, more = find_records(context, target, context.request.query_params.get("q", ""))
    results = [{"id": key, "text": text} for key, text in found]
    return JSONResponse({"results": results, "more": more})

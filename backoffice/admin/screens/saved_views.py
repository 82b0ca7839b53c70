"""The saved views of a list: their page, and saving a new one."""

from starlette.responses import Response

from backoffice.admin.posted import posted_text
from backoffice.admin.saved_views.notices import notify_saved
from backoffice.admin.saved_views.page import Refusal, saved_views_page
from backoffice.admin.saved_views.query import list_href
from backoffice.admin.saved_views.store import create_view
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import save_list_preferences
from backoffice.models import InvalidValue


def saved_views_screen(context: Context, view: RecordView) -> Response:
    """GET shows the saved views. POST saves one: ``name``, ``query``, ``share``, ``default``."""
    if not context.posted:
        return saved_views_page(context, view)
    name, query, share = (posted_text(context.form, field) for field in ("name", "query", "share"))
    try:
        saved, problems = create_view(context, view, name, query, share)
    except InvalidValue as error:
        context.session.rollback()
        return saved_views_page(context, view, Refusal(error))
    if "default" in context.form:
        save_list_preferences(context.session, context.person.user_id, view.identity, view=saved.id)
    notify_saved(context, saved, problems)
    return context.redirect(list_href(context, view, saved.query, str(saved.id)))

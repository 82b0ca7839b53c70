"""Choosing the language of texts, numbers and dates."""

from starlette.responses import Response

from backoffice.admin.posted import posted_text
from backoffice.admin.view import Context
from backoffice.auth.preferences import save_language
from backoffice.auth.return_url import safe_return_url


def language_screen(context: Context) -> Response:
    """POST saves the language in the person's preferences and redirects to the page on which it was
    chosen. One that is not offered follows the browser."""
    code = posted_text(context.form, "language")
    if code not in context.settings.offered_languages:
        code = ""
    save_language(context.session, context.person.user_id, code)
    return context.redirect(safe_return_url(posted_text(context.form, "next")))

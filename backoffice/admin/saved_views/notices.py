"""What a person is told after a view was saved."""

from collections.abc import Sequence

from backoffice.admin.view import Context
from backoffice.language import _
from backoffice.models import SavedView


def notify_saved(context: Context, saved: SavedView, problems: Sequence[str]) -> None:
    """A notice on the next page. ``problems``: sentences about what of the query was left out."""
    if problems:
        text = _(
            "The view “{name}” was saved without this: {problems}",
            name=saved.name,
            problems=" ".join(problems),
        )
        context.browser.notify("warning", text)
    else:
        context.browser.notify("success", _("The view “{name}” was saved.", name=saved.name))

"""What a person is told after a view was saved."""

from collections.abc import Sequence

from backoffice.admin.view import Context
from backoffice.models import SavedView


def notify_saved(context: Context, saved: SavedView, problems: Sequence[str]) -> None:
    """A notice on the next page. ``problems``: sentences about what of the query was left out."""
    text = f"Saved the view “{saved.name}”."
    if problems:
        context.browser.notify("warning", " ".join([text, "Left out:", *problems]))
    else:
        context.browser.notify("success", text)

"""The buttons that lead to actions, for people who may do them."""

from typing import Any
from urllib.parse import quote

from backoffice.admin.actions import Action
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.keys import key_text, quote_key
from backoffice.admin.return_url import next_value, with_next
from backoffice.admin.view import Context, RecordView
from backoffice.language import _

BACK = "from"
"""Parameter of an action's page: the page of the record that the person came from, "details" or
"edit"."""


def list_actions(context: Context, view: RecordView) -> tuple[Link, ...]:
    """The actions on the ticked rows of a list: where the form of ticks goes."""
    if not view.actions:  # most views, and a list is to cost nothing more
        return ()
    return tuple(
        Link(_(action.label), _href(context, view, action))
        for action in view.actions
        if action.add_in_list and context.may(action.permission, view)
    )


def record_actions(context: Context, view: RecordView, record: Any, page: str) -> tuple[Link, ...]:
    """The actions on one record. ``page``: which of its pages the buttons are on, "details" or
    "edit"."""
    if not view.actions:
        return ()
    query, back = f"?pks={quote(quote_key(key_text(record)))}", next_value(context, view)
    return tuple(
        Link(
            _(action.label), with_next(f"{_href(context, view, action)}{query}&{BACK}={page}", back)
        )
        for action in view.actions
        if action.add_in_detail
        and context.may(action.permission, view, record)
        and view.offers(context, action.permission, record)
    )


def _href(context: Context, view: RecordView, action: Action) -> str:
    return context.site.href(view.identity, "action", action.name)

"""What a view may not say, found at the start and not by a request."""

from typing import TYPE_CHECKING

from backoffice.admin.addresses import PARAMETERS
from backoffice.admin.sorting import sortable_names
from backoffice.admin.view import PERMITTED, RecordView, attribute_name
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.models import Audited

if TYPE_CHECKING:
    from backoffice.admin.site import BackOffice


class ViewError(Exception):
    """A view's options contradict its model. Its text names the view and what to write."""


def check_views(site: "BackOffice") -> None:
    """Check every registered view.

    Raises:
        ViewError: an option is misspelt or cannot work; all that is wrong is listed.
    """
    wrong = [problem for view in site.record_views for problem in problems_of(site, view)]
    if wrong:
        raise ViewError("\n".join(wrong))


def problems_of(site: "BackOffice", view: RecordView) -> list[str]:
    """What is wrong with one view, in sentences."""
    name = type(view).__name__
    problems = []
    if len(view.mapper.primary_key) != 1:
        problems.append(f"{name}: {view.model.__name__} needs a primary key of one column.")
    shown = {*view.get_list_columns(), *view.get_details_columns(), *view.get_form_columns()}
    shown |= {attribute_name(attribute) for attribute in view.list_filters}
    shown -= set(getattr(view.model, "links", ()))
    if view.has_history and not issubclass(view.model, Audited):
        problems.append(f"{name}: make {view.model.__name__} Audited, so that its history is kept.")
    registered = {other.model for other in site.record_views}
    for relation in sorted(shown & set(view.mapper.relationships.keys())):
        target = view.mapper.relationships[relation].mapper.class_
        if target not in registered:
            problems.append(f"{name}.{relation}: put a view of {target.__name__} into VIEWS.")
    for option in ("column_sortable_list", "column_searchable_list"):
        for attribute in getattr(view, option):
            key = attribute_name(attribute)
            if key not in view.mapper.attrs:
                problems.append(f"{name}.{option}: {view.model.__name__} has no {key!r}.")
    problems += [
        f"{name}: no filter may be named {key!r}, which every list's address uses for itself."
        for one in view.filters.values()
        for key in one.parameters
        if key in PARAMETERS
    ]
    problems += [
        f"{name}.column_sortable_list: {key!r} must be in column_list."
        for key in sortable_names(view)
        if key in view.mapper.relationships and key not in view.get_list_columns()
    ]
    return problems


def refusal(view: RecordView, action: str) -> str:
    """Why an action was refused, and who can change that."""
    if not view.allows(action):
        return f"{view.name_plural} have no such page."
    verb = {"details": "see", HISTORY: "see the history of", UNDO: "undo changes of"}
    return (
        f"You may not {verb.get(action, action)} {view.nouns}: that takes the permission "
        f"“{view.name_plural}: {PERMITTED.get(action, action)}”. A superuser, or somebody who has "
        "it and may edit roles, can grant it."
    )

"""What a view or model cannot do, said at the start and not by a request: all of it at once."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import inspect as sa_inspect

from backoffice.admin.checks.forms import form_problems
from backoffice.admin.checks.lists import list_problems
from backoffice.admin.checks.models import key_problems, model_problems
from backoffice.admin.checks.sqladmin_options import unused_problems
from backoffice.admin.checks.view_options import name_problems, relation_problems
from backoffice.admin.options import PERMITTED
from backoffice.admin.view import RecordView
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.history.audited import audited_mappers
from backoffice.models import Audited


class ViewError(Exception):
    """Views or models that cannot work. Its text has a line for each problem: the view and its
    option, or the model and its column, and what to write instead."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


Views = Sequence[type[RecordView]]


def check_names(views: Views) -> dict[type[RecordView], list[str]]:
    """What is wrong with the views' options by themselves: names that their models do not have.

    A view for which something is found cannot be registered; there is an entry for each of them.
    """
    wrong: dict[type[RecordView], list[str]] = {}
    for view in views:
        name = view.__name__
        if not hasattr(view, "model"):
            wrong[view] = [
                f"{name} has no model: write class {name}(RecordView, model=…), or take it out "
                "of VIEWS."
            ]
            continue
        # SQLAdmin's own __init__ reads the options, and fails on the first that is wrong.
        if found := list(name_problems(view.__new__(view))):
            wrong[view] = found
    return wrong


def check_views(
    views: Views,
    wrong: Mapping[type[RecordView], list[str]],
    registered: Sequence[RecordView],
    dialect: str,
) -> None:
    """Check every view and every audited model.

    ``wrong``: what ``check_names`` found. ``registered``: the other views. ``dialect``: the name of
    the database that they are to work on.

    Raises:
        ViewError: something cannot work, or has no effect; all that is wrong is listed.
    """
    models = [view.model for view in views if hasattr(view, "model")]
    problems = [one for found in wrong.values() for one in found]
    problems += _shared_addresses([view for view in views if hasattr(view, "model")])
    for view in registered:
        problems += problems_of(view, models)
    shown = (sa_inspect(model) for model in models if issubclass(model, Audited))
    kept = (one for base in audited_mappers().values() for one in base.self_and_descendants)
    for mapper in dict.fromkeys((*shown, *kept)):
        problems += model_problems(mapper, dialect)
    if problems:
        raise ViewError(list(dict.fromkeys(problems)))


def problems_of(view: RecordView, models: Sequence[type]) -> list[str]:
    """What is wrong with one view, whose options name what is there. ``models``: all that have a
    view."""
    return [
        *relation_problems(view, models),
        *unused_problems(view),
        *key_problems(view),
        *list_problems(view),
        *form_problems(view),
    ]


_RESERVED = ("statics",)
"""First parts of addresses that are no view's."""


def _shared_addresses(views: Views) -> Iterator[str]:
    seen: dict[str, type[RecordView]] = {}
    for view in views:
        other = seen.setdefault(view.identity, view)
        names = f"{other.__name__} and {view.__name__}"
        if view.identity in _RESERVED:
            yield (
                f"{view.__name__}: /admin/{view.identity} is another page's address: give "
                f"the class {view.model.__name__} another name."
            )
        if other is view:
            continue
        if other.model is view.model:
            yield (
                f"{names} both show {view.model.__name__}, at one address: take one of them out "
                "of VIEWS."
            )
        else:
            yield (
                f"{names} have one address, /admin/{view.identity}, since both models are called "
                f"{view.model.__name__}: give one of the two classes another name."
            )


def refusal(view: RecordView, action: str) -> str:
    """Why an action was refused, and who can change that."""
    if not view.allows(action):
        return f"{view.name_plural} have no such page."
    verb = {"details": "see", HISTORY: "see the history of", UNDO: "undo changes of"}
    return (
        f"You may not {verb.get(action, action)} {view.label_plural}: that takes the permission "
        f"“{view.name_plural}: {PERMITTED.get(action, action)}”. A superuser, or somebody who has "
        "it and may edit roles, can grant it."
    )

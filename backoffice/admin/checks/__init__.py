"""Checks of views, models and pages at the start, which list every problem, before any request."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import inspect as sa_inspect

from backoffice.admin.checks.actions import action_problems
from backoffice.admin.checks.aggregates import aggregate_problems
from backoffice.admin.checks.forms import form_problems
from backoffice.admin.checks.lists import list_problems
from backoffice.admin.checks.models import key_problems, model_problems
from backoffice.admin.checks.pages import page_problems
from backoffice.admin.checks.sqladmin_options import unused_problems
from backoffice.admin.checks.view_options import name_problems, relation_problems
from backoffice.admin.page import Page
from backoffice.admin.page_options import ADDRESS
from backoffice.admin.view import RecordView
from backoffice.history.audited import audited_mappers
from backoffice.models import Audited


class ViewError(Exception):
    """Views, models or pages that cannot work. The text has a line for each problem: the view or
    page and its option, or the model and its column, and what to write instead."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


Views = Sequence[type[RecordView]]


def check_names(views: Views) -> dict[type[RecordView], list[str]]:
    """The problems with the names in the views' options, by view; no entry for a view without any.

    A view with such a problem cannot be registered, since SQLAdmin would fail on it.
    """
    wrong: dict[type[RecordView], list[str]] = {}
    for view in views:
        name = view.__name__
        if not hasattr(view, "model"):
            wrong[view] = [
                f"{name} has no model: write class {name}(RecordView, model=…), or remove it "
                "from VIEWS."
            ]
            continue
        # Not initialised: SQLAdmin's __init__ fails on the first option that is wrong.
        if found := list(name_problems(view.__new__(view))):
            wrong[view] = found
    return wrong


def check_views(
    views: Views,
    wrong: Mapping[type[RecordView], list[str]],
    registered: Sequence[RecordView],
    dialect: str,
    pages: Sequence[type[Page]] = (),
) -> None:
    """Check every view, every audited model and every custom page.

    ``wrong``: the result of ``check_names``. ``registered``: the views without an entry in it.
    ``dialect``: SQLAlchemy's name of the database, such as "postgresql".

    Raises:
        ViewError: something cannot work, or has no effect. It lists all of it.
    """
    models = [view.model for view in views if hasattr(view, "model")]
    problems = [problem for found in wrong.values() for problem in found]
    problems += _address_problems([view for view in views if hasattr(view, "model")])
    for view in registered:
        problems += problems_of(view, models)
    problems += page_problems(pages, [view for view in views if hasattr(view, "model")])
    shown = (sa_inspect(model) for model in models if issubclass(model, Audited))
    audited = (
        mapper for base in audited_mappers().values() for mapper in base.self_and_descendants
    )
    for mapper in dict.fromkeys((*shown, *audited)):
        problems += model_problems(mapper, dialect)
    if problems:
        raise ViewError(list(dict.fromkeys(problems)))


def problems_of(view: RecordView, models: Sequence[type]) -> list[str]:
    """The problems with one view that ``check_names`` passed. ``models``: all that have a view."""
    return [
        *relation_problems(view, models),
        *unused_problems(view),
        *key_problems(view),
        *list_problems(view),
        *aggregate_problems(view),
        *form_problems(view),
        *action_problems(view),
    ]


_RESERVED = ("statics", ADDRESS)
"""Identities that no view can have, since the address is taken."""


def _address_problems(views: Views) -> Iterator[str]:
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
                f"{names} both show {view.model.__name__}, at one address: remove one of them "
                "from VIEWS."
            )
        else:
            yield (
                f"{names} have one address, /admin/{view.identity}, since both models are called "
                f"{view.model.__name__}: give one of the two classes another name."
            )

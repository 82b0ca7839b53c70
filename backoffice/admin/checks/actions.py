"""Problems with a view's actions: names, functions, permissions and forms."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from wtforms import Form

from backoffice.admin.acting.form import OUR_NAMES, kind_of_field
from backoffice.admin.actions import Action
from backoffice.admin.checks.names import option, suggestion
from backoffice.admin.forms.fields import RecordField
from backoffice.admin.options import ACTIONS, actions_of
from backoffice.admin.view import RecordView
from backoffice.models import Audited

TAKEN = {action.removeprefix("action:") for action in ACTIONS}
"""Names of what every view has."""

LONGEST_NAME = 50
"""A grant has 64 characters, with "action:" before the name."""

PARAMETERS = ["context", "records", "form"]
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def action_problems(view: RecordView) -> Iterator[str]:
    """The problems with the actions of a view."""
    names: dict[str, Action] = {}
    for action in view.actions:
        where = option(view, action.method)
        if not issubclass(view.model, Audited):
            model = view.model.__name__
            yield (
                f"{where}: {model} has no history and is read-only here. Make {model} Audited, "
                "or remove the action."
            )
        other = names.setdefault(action.name, action)
        if other is not action:
            yield (
                f"{where} and {other.method} are both called {action.name!r}: give one another "
                "name."
            )
        yield from _name_problems(where, action)
        yield from _function_problems(view, where, action.method)
        if action.preview:
            yield from _preview_problems(view, where, action)
        yield from _permission_problems(view, where, action)
        if action.most < 1:
            yield f"{where}: most is {action.most}. Set it to a number of records."
        if action.form is not None:
            yield from _form_problems(where, action.form)


def _name_problems(where: str, action: Action) -> Iterator[str]:
    if action.name in TAKEN:
        yield f"{where}: every view has an action {action.name!r}. Give it another name."
    elif not _NAME.fullmatch(action.name) or len(action.name) > LONGEST_NAME:
        yield (
            f"{where}: {action.name!r} cannot be part of an address. Write up to {LONGEST_NAME} "
            "letters, digits and “-”."
        )
    if not action.label.strip():
        yield f"{where}: the label is blank. Write a verb, such as 'Restock'."


def _function_problems(view: RecordView, where: str, name: str) -> Iterator[str]:
    function: Any = getattr(type(view), name)
    write = f"Write def {name}(self, context, records, form)."
    if not inspect.isfunction(function):
        yield f"{where} is not a method. {write}"
    elif inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{where} is async and would never run. {write}"
    else:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        names = [parameter.name.lstrip("_") for parameter in parameters]
        plain = all(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters)
        if names != PARAMETERS or not plain:
            yield f"{where} has the wrong parameters. {write}"


def _preview_problems(view: RecordView, where: str, action: Action) -> Iterator[str]:
    if not hasattr(type(view), action.preview):
        known = [name for name in dir(type(view)) if not name.startswith("_")]
        yield (
            f"{where}: the view has no method {action.preview!r} for the preview."
            f"{suggestion(action.preview, known)}"
        )
        return
    yield from _function_problems(view, option(view, action.preview), action.preview)


def _permission_problems(view: RecordView, where: str, action: Action) -> Iterator[str]:
    known = actions_of(view)
    if action.permission not in known:
        yield (
            f"{where}: there is no permission {action.permission!r}."
            f"{suggestion(action.permission, known)}"
        )
    elif issubclass(view.model, Audited) and not view.allows(action.permission):
        yield (
            f"{where}: the view has no {known[action.permission].lower()} screen, so nobody has "
            f"the permission {action.permission!r}. Name another one."
        )


def _form_problems(where: str, form_class: Any) -> Iterator[str]:
    if not (isinstance(form_class, type) and issubclass(form_class, Form)):
        yield f"{where}: form must be a class derived from wtforms.Form."
        return
    try:
        form = form_class()
    except Exception as error:  # somebody else's code: whatever it raises stops the start
        yield f"{where}: {form_class.__name__} cannot be created: {error}."
        return
    for field in form:
        of_form = f"{where}: {form_class.__name__}.{field.name}"
        if field.name in OUR_NAMES:
            yield f"{of_form} has the same name as an input of the page. Give it another name."
        elif kind_of_field(field) is None:
            kind = type(field).__name__
            why = "files are not accepted here" if "File" in kind else "there is no control for it"
            yield f"{of_form} is a {kind}: {why}. Remove it, or write another field."
        elif not isinstance(field, RecordField) and getattr(field, "choices", ()) is None:
            yield f"{of_form} has no choices. Write choices=[(value, text), …]."

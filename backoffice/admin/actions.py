"""Actions: methods of a view that do something to chosen records.

    class ItemView(RecordView, model=Item):
        @action("restock", "Restock", form=RestockForm, preview="preview_restock")
        def restock(self, context, records, form):
            for record in records:
                record.quantity = form.level.data
            return f"{len(records)} items restocked."

This declares them. ``admin/acting/`` shows their pages and runs them; docs/actions.md says how to
write one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

MOST = 500
"""Records that an action takes at once, if it says nothing else."""

_DECLARED = "__backoffice_action__"


@dataclass(frozen=True)
class Action:
    """What ``action`` says of a method, whose name is ``method``.

    ``name``: in the address and in grants, with "-" for "_" and blanks, as SQLAdmin writes it.
    ``preview``: the name of the method that says what would happen; "" for none.
    """

    name: str
    label: str
    method: str
    confirm: str = ""
    form: type[Any] | None = None
    own_permission: bool = True
    permission: str = ""
    preview: str = ""
    most: int = MOST
    add_in_detail: bool = True
    add_in_list: bool = True


def action(
    name: str,
    label: str | None = None,
    confirm: str = "",
    *,
    form: type[Any] | None = None,
    permission: str = "",
    preview: str = "",
    most: int = MOST,
    add_in_detail: bool = True,
    add_in_list: bool = True,
) -> Callable[[Function], Function]:
    """Make a method ``(self, context, records, form)`` of a view an action on its records.

    ``label``: of the buttons, a verb such as "Restock"; None for the name as words. ``confirm``: a
    sentence on the page that asks first. ``form``: a form of WTForms that the page shows; the
    method gets it filled in, or None. ``permission``: another action whose permission it takes,
    such as "edit"; "" for one of its own, ``action:NAME``. ``preview``: the name of a method with
    the same parameters that returns what would change. ``most``: records at once.
    ``add_in_detail``, ``add_in_list``: where its buttons are.

    The method returns a sentence, a file (a response with ``Content-Disposition: attachment``) or a
    redirect to a page of this site. An ``InvalidValue`` that it raises is shown at the form's
    field of that name, or above the form, and nothing is written.
    """
    words = re.sub(r"[-_ ]+", " ", name).strip()
    own_permission = not permission
    slug = re.sub(r"[_ ]", "-", name).lower()

    def declare(function: Function) -> Function:
        declared = Action(
            name=slug,
            label=words[:1].upper() + words[1:] if label is None else label,
            method=function.__name__,
            confirm=confirm,
            form=form,
            own_permission=own_permission,
            permission=permission or f"action:{slug}",
            preview=preview,
            most=most,
            add_in_detail=add_in_detail,
            add_in_list=add_in_list,
        )
        setattr(function, _DECLARED, declared)
        return function

    return declare


def declared_actions(view: type[Any]) -> tuple[Action, ...]:
    """The actions of a view's class and its bases, in the order of their declaration.

    A method that overrides an action is an action only if it is declared again.
    """
    members: dict[str, Any] = {}
    for base in reversed(view.__mro__):
        members |= vars(base)  # a name keeps the place where it was declared first
    found = ((name, getattr(member, _DECLARED, None)) for name, member in members.items())
    return tuple(replace(one, method=name) for name, one in found if isinstance(one, Action))

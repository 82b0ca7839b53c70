"""A view's rule about single records (``may``), asked of records that are not loaded."""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, not_, select

from backoffice.admin.records.keys import key_text
from backoffice.admin.view import Context, RecordView
from backoffice.language import N_, _

_ONE_AT_A_TIME = {
    "edit": N_("Who can edit which {labels} can only be asked of one {label} at a time."),
    "delete": N_("Who can delete which {labels} can only be asked of one {label} at a time."),
}


def has_locks(view: RecordView) -> bool:
    """Whether the view has a rule of its own for single records."""
    return type(view).may is not RecordView.may


def refusal_of_write(
    context: Context, view: RecordView, action: str, condition: ColumnElement[bool]
) -> str:
    """Why the person may not do ``action`` on all records that meet ``condition``, as a sentence;
    "" if they may. One statement, if the view has a rule.

    The records are not loaded, so a rule without ``may_condition`` refuses all.
    """
    if not has_locks(view):
        return ""
    allowed = view.may_condition(context, action)
    if allowed is None:
        return why_not_a_selection(view, action)
    records: Select[Any] = select(view.model).where(condition)
    statement = records.where(not_(func.coalesce(allowed, false()))).limit(1)
    refused: Any = context.session.scalars(statement).first()
    return "" if refused is None else reason_of(context, view, action, refused)


def why_not_a_selection(view: RecordView, action: str) -> str:
    """Why ``action`` is refused for many records at once, as a sentence."""
    text = _ONE_AT_A_TIME.get(action, _ONE_AT_A_TIME["edit"])
    return _(text, labels=view.label_plural, label=view.label)


def reason_of(context: Context, view: RecordView, action: str, record: Any) -> str:
    """The view's reason against ``action`` on a record that ``may_condition`` excludes."""
    return context.refusal(action, view, record) or _(
        "{title} {key} is locked.", title=view.title, key=key_text(record)
    )

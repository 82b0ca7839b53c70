"""Restock to a level: a form, a preview, and one undo for all of it."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, NumberRange

from backoffice.admin.acting.preview import preview_changes
from backoffice.admin.actions import action
from backoffice.admin.pages.history import Entry, UndoStep
from backoffice.admin.view import Context, RecordView
from backoffice.language import N_, ngettext, number
from backoffice.models import Item


class RestockForm(Form):
    level = IntegerField(
        N_("Level"),
        [InputRequired(N_("Enter the level.")), NumberRange(0, 1_000_000)],
        description=N_("Items with fewer pieces get this many. The others stay as they are."),
    )


class Restock(RecordView):
    """Put it before the view that gets the action: ``class Items(Restock, ItemView, …)``."""

    @action("restock", N_("Restock"), form=RestockForm, preview="preview_restock")
    def restock(self, context: Context, records: Sequence[Item], form: RestockForm) -> str:
        level = form.level.data or 0
        low = [item for item in records if item.quantity < level]
        for item in low:
            item.quantity = level
        return ngettext(
            "{count} item was restocked to {level}.",
            "{count} items were restocked to {level}.",
            len(low),
            level=number(level),
        )

    def preview_restock(
        self, context: Context, records: Sequence[Item], form: RestockForm
    ) -> list[Entry | UndoStep]:
        level = form.level.data or 0
        low = [item for item in records if item.quantity < level]
        shown: list[Any] = preview_changes(
            context, self, [(item, {"quantity": level}) for item in low]
        )
        if stays := len(records) - len(low):
            text = ngettext(
                "{count} stays as it is: it has {level} or more.",
                "{count} stay as they are: they have {level} or more.",
                stays,
                level=number(level),
            )
            shown.append(UndoStep(text))
        return shown

"""Restock to a level: a form, a preview, and one undo for all of it."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, NumberRange

from backoffice.admin.acting.preview import preview_changes
from backoffice.admin.actions import action
from backoffice.admin.pages.history import Entry, UndoStep
from backoffice.admin.view import Context, RecordView
from backoffice.models import Item


class RestockForm(Form):
    level = IntegerField(
        "Level",
        [InputRequired("Enter the level."), NumberRange(0, 1_000_000)],
        description="Items with fewer pieces than this get as many. The others stay.",
    )


class Restock(RecordView):
    """Put it before the view that gets the action: ``class Items(Restock, ItemView, …)``."""

    @action("restock", "Restock", form=RestockForm, preview="preview_restock")
    def restock(self, context: Context, records: Sequence[Item], form: RestockForm) -> str:
        level = form.level.data or 0
        low = [item for item in records if item.quantity < level]
        for item in low:
            item.quantity = level
        items = "1 item was" if len(low) == 1 else f"{len(low):,} items were"
        return f"{items} restocked to {level:,}."

    def preview_restock(
        self, context: Context, records: Sequence[Item], form: RestockForm
    ) -> list[Entry | UndoStep]:
        level = form.level.data or 0
        low = [item for item in records if item.quantity < level]
        shown: list[Any] = preview_changes(
            context, self, [(item, {"quantity": level}) for item in low]
        )
        if stays := len(records) - len(low):
            text = (
                "1 stays as it is: it has"
                if stays == 1
                else f"{stays:,} stay as they are: they have"
            )
            shown.append(UndoStep(f"{text} {level:,} or more."))
        return shown

"""Discontinue with a reason, which the history keeps."""

from collections.abc import Sequence

from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from backoffice.admin.actions import action
from backoffice.admin.view import Context, RecordView
from backoffice.models import Item

MARK = "Discontinued. "


class DiscontinueForm(Form):
    reason = StringField(
        "Reason",
        [DataRequired("Enter the reason."), Length(max=200)],
        description="Shown in the history.",
    )


class Discontinue(RecordView):
    """Put it before the view that gets the action: ``class Items(Discontinue, ItemView, …)``."""

    @action(
        "discontinue",
        "Discontinue",
        "Their quantity becomes 0, and their description begins with “Discontinued”.",
        form=DiscontinueForm,
        permission="edit",
    )
    def discontinue(self, context: Context, records: Sequence[Item], form: DiscontinueForm) -> str:
        context.act_as(reason=f"Discontinued: {form.reason.data}")
        for item in records:
            item.quantity = 0
            if not item.description.startswith(MARK):
                item.description = MARK + item.description
        items = "1 item was" if len(records) == 1 else f"{len(records):,} items were"
        return f"{items} discontinued."

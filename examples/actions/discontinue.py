"""Discontinue with a reason, which the history keeps."""

from collections.abc import Sequence

from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from backoffice.admin.actions import action
from backoffice.admin.view import Context, RecordView
from backoffice.language import N_, ngettext
from backoffice.models import Item

MARK = "Discontinued. "


class DiscontinueForm(Form):
    reason = StringField(
        N_("Reason"),
        [DataRequired(N_("Enter the reason.")), Length(max=200)],
        description=N_("Shown in the history."),
    )


class Discontinue(RecordView):
    """Put it before the view that gets the action: ``class Items(Discontinue, ItemView, …)``."""

    @action(
        "discontinue",
        N_("Discontinue"),
        N_("Their quantity becomes 0, and their description begins with “Discontinued”."),
        form=DiscontinueForm,
        permission="edit",
    )
    def discontinue(self, context: Context, records: Sequence[Item], form: DiscontinueForm) -> str:
        context.act_as(reason=f"Discontinued: {form.reason.data}")
        for item in records:
            item.quantity = 0
            if not item.description.startswith(MARK):
                item.description = MARK + item.description
        return ngettext(
            "{count} item was discontinued.", "{count} items were discontinued.", len(records)
        )

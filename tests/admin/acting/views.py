"""A view of items with actions of every kind, those of the examples among them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm.exc import StaleDataError
from starlette.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    EmailField,
    FloatField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from backoffice.admin.acting.preview import preview_changes
from backoffice.admin.actions import action
from backoffice.admin.forms.fields import RecordField
from backoffice.admin.pages.history import Entry, UndoStep
from backoffice.admin.refused import Refused
from backoffice.admin.view import Context
from backoffice.history import update_where
from backoffice.models import Category, Grant, InvalidValue, Item, Role
from backoffice.views import VIEWS
from backoffice.views.item import ItemView
from backoffice.views.role import RoleView
from examples.actions.discontinue import Discontinue
from examples.actions.restock import Restock

LOCKED = "Locked"
HIDDEN = "Hidden"
"""How the names of items begin that nobody may mark, and that nobody sees."""


SINCE: Any = datetime.fromisoformat("2026-01-02T03:04")


class RenameForm(Form):
    name = StringField("Name", [InputRequired()])
    price = DecimalField("Price", [Optional()])


class EveryForm(Form):
    line = StringField("Line", [Length(max=10)])
    text = TextAreaField("Text")
    email = EmailField("E-mail", [Optional(), Length(max=50)])
    word = PasswordField("Word")
    whole = IntegerField("Whole", [Optional()])
    money = DecimalField("Money", [Optional()])
    ratio = FloatField("Ratio", [Optional()])
    day = DateField("Day", [Optional()])
    at = DateTimeLocalField("At", [Optional()])
    hour = TimeField("Hour", [Optional()])
    size = SelectField("Size", choices=[("s", "Small"), ("l", "Large")])
    colour = RadioField("Colour", choices=[("r", "Red"), ("b", "Blue")], default="r")
    shade = SelectField("Shade", [Optional()], choices=[("l", "Light"), ("d", "Dark")])
    corner = SelectField("Corner", choices=[("", "None"), ("l", "Left"), ("r", "Right")])
    since = DateTimeLocalField("Since", [Optional()], default=SINCE)
    until = DateField("Until", [Optional()], default=date(2026, 5, 6))
    least = DecimalField("Least", [Optional()], default=Decimal("1E+2"))
    tags = SelectMultipleField("Tags", choices=[("x", "Extra"), ("y", "Yellow")])
    sure = BooleanField("Sure")
    own = RecordField("Own", description="A field of records' forms.")

    def validate_line(self, field: Any) -> None:
        if field.data == "no":
            raise ValidationError("Not this one.")


class ActedView(Restock, Discontinue, ItemView, model=Item):
    name, name_plural = "Item", "Items"

    def may(self, context: Context, action: str, record: Any) -> bool | Refused:
        if action == "action:mark" and record.name.startswith(LOCKED):
            return Refused("It is being counted until noon.")
        return super().may(context, action, record)

    def visible(self, context: Context) -> ColumnElement[bool]:
        return ~Item.name.startswith(HIDDEN)

    @action("mark", "Mark", "Their descriptions become “Marked”.")
    def mark(self, context: Context, records: Any, form: None) -> str:
        for item in records:
            item.description = "Marked"
        return f"{len(records)} marked."

    @action("mark_all", "Mark together", most=400)
    def mark_all(self, context: Context, records: Any, form: None) -> str:
        keys = [item.id for item in records]
        update_where(context.session, Item, {"quantity": 7}, Item.id.in_(keys))
        return "Marked together."

    @action("nothing-at-all", "Do nothing", most=2, add_in_detail=False)
    def only_says(self, context: Context, records: Any, form: None) -> str:
        return "Nothing was to be done."

    @action("labels", "Print labels", add_in_list=False)
    def labels(self, context: Context, records: Any, form: None) -> PlainTextResponse:
        text = "\n".join(item.name for item in records)
        attached = {"Content-Disposition": 'attachment; filename="labels.txt"'}
        return PlainTextResponse(text, headers=attached)

    @action("move", "Move")
    def move(self, context: Context, records: Any, form: None) -> RedirectResponse:
        for item in records:
            item.quantity += 1
        return RedirectResponse("/admin/category/list")

    @action("remove", "Remove")
    def remove(self, context: Context, records: Any, form: None) -> str:
        for item in records:
            context.session.delete(item)
        return "Removed."

    @action("rename", "Rename", form=RenameForm)
    def rename(self, context: Context, records: Any, form: RenameForm) -> str:
        for item in records:
            item.name = form.name.data
            if form.price.data is not None:
                item.price = form.price.data
        return "Renamed."

    @action("empty", "Empty")
    def empty(self, context: Context, records: Any, form: None) -> str:
        records[0].description = "half done"
        context.session.flush()
        raise InvalidValue("quantity", "This is never empty.")

    @action("uncategorise", "Uncategorise")
    def uncategorise(self, context: Context, records: Any, form: None) -> str:
        records[0].category_id = 999_999
        return "Never."

    @action("every", "Every field", form=EveryForm)
    def every(self, context: Context, records: Any, form: EveryForm) -> str:
        return repr({field.name: field.data for field in form})

    @action("foresee", "Foresee", preview="foreseen")
    def foresee(self, context: Context, records: Any, form: None) -> str:
        records[0].quantity = 99
        return "Foreseen."

    def foreseen(self, context: Context, records: Any, form: None) -> list[UndoStep]:
        return [UndoStep(f"The first has {records[0].quantity}.", ("and a trouble",))]

    @action("refile", "Refile", preview="refiling")
    def refile(self, context: Context, records: Any, form: None) -> str:
        return "Never."

    def refiling(self, context: Context, records: Any, form: None) -> list[Entry]:
        screws = context.session.scalars(select(Category).where(Category.name == "Screws")).one()
        return preview_changes(context, self, [(item, {"category": screws}) for item in records])

    @action("meddle", "Meddle", preview="meddling")
    def meddle(self, context: Context, records: Any, form: None) -> str:
        return "Never."

    def meddling(self, context: Context, records: Any, form: None) -> list[UndoStep]:
        records[0].quantity = 1234
        context.session.flush()
        return []

    @action("hide", "Hide")
    def hide(self, context: Context, records: Any, form: None) -> str:
        for item in records:
            item.name = f"{HIDDEN} {item.id}"
        return "Hidden."

    @action("overfill", "Overfill")
    def overfill(self, context: Context, records: Any, form: None) -> str:
        records[0].description = "half done"
        context.session.flush()
        raise DataError("UPDATE", {}, ValueError("out of range"))

    @action("collide", "Collide")
    def collide(self, context: Context, records: Any, form: None) -> str:
        records[0].description = "half done"
        context.session.flush()
        raise StaleDataError("another was quicker")

    # What no action may do.

    @action("burst", "Burst")
    def burst(self, context: Context, records: Any, form: None) -> str:
        records[0].description = "half done"
        context.session.flush()
        raise RuntimeError("the action burst")

    @action("silent", "Silent")
    def silent(self, context: Context, records: Any, form: None) -> None:
        records[0].description = "half done"

    @action("away", "Away")
    def away(self, context: Context, records: Any, form: None) -> RedirectResponse:
        records[0].description = "half done"
        return RedirectResponse("https://elsewhere.example/admin/")

    @action("inline", "Inline")
    def inline(self, context: Context, records: Any, form: None) -> PlainTextResponse:
        records[0].description = "half done"
        return PlainTextResponse("shown in the page")

    @action("stream", "Stream")
    def stream(self, context: Context, records: Any, form: None) -> StreamingResponse:
        attached = {"Content-Disposition": "attachment"}
        return StreamingResponse(iter(["a", "b"]), headers=attached)

    @action("back", "Roll back")
    def roll_back(self, context: Context, records: Any, form: None) -> str:
        context.session.rollback()
        return "As if nothing was."


class WidenedView(RoleView, model=Role):
    name, name_plural = "Role", "Roles"

    @action("widen", "Widen")
    def widen(self, context: Context, records: Any, form: None) -> str:
        for role in records:
            role.grants = [*role.grants, Grant.from_token("user:edit")]
        return "Widened."


_IN_PLACE_OF = {ItemView: ActedView, RoleView: WidenedView}
ACTED_VIEWS = tuple(_IN_PLACE_OF.get(view, view) for view in VIEWS)

"""What follows from the fields that a role permits, as it is found out of the views."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column
from starlette.applications import Starlette

from backoffice.admin.field_access import FieldAccess, field_access
from backoffice.admin.forms.refusals import refuse_violation
from backoffice.admin.view import RecordView
from backoffice.auth.permissions import Fields
from backoffice.db import Violation
from backoffice.models import Audited

pytestmark = pytest.mark.databases("sqlite")


class Own(DeclarativeBase):
    """Models of this test alone."""


class Crate(Audited, Own):
    """A column that the database computes, one that a SELECT does, and a hybrid."""

    __tablename__ = "crates"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    width: Mapped[int]
    height: Mapped[int]
    depth: Mapped[int]
    area: Mapped[int] = mapped_column(sa.Computed("width * height"))

    @hybrid_property
    def edge(self) -> int:
        return self.width + self.depth


Crate.sum = column_property(Crate.__table__.c.width + Crate.__table__.c.height)


class CrateView(RecordView, model=Crate):
    name, name_plural = "Crate", "Crates"
    column_list = (Crate.name, Crate.area)
    form_columns = (Crate.name, Crate.width, Crate.height, Crate.depth)


def access(view: Any, views: Sequence[Any], *permitted: str) -> FieldAccess:
    """What somebody may do whose role permits these fields of ``view``, and everything else."""

    def fields(other: Any) -> Fields:
        return Fields(frozenset(permitted)) if other is view else Fields(all=True)

    return field_access(views, view, readable=fields, writable=fields, may_list=lambda other: True)


def test_what_is_computed_from_a_hidden_column_is_hidden() -> None:
    view, every = CrateView(), {"name", "width", "height", "depth", "area", "edge", "sum"}
    for column, computed in (
        ("width", {"area", "edge", "sum"}),
        ("height", {"area", "sum"}),
        ("depth", {"edge"}),
        ("name", set()),
    ):
        found = access(view, [view], *(every - {column}))
        assert found.hidden == {column, *computed}, column
        assert found.label_hidden == (column == "name")


def test_a_violated_constraint_on_a_hidden_field_is_told_at_no_field(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = app.state.site.find_view("item")
    violation = Violation("unique", "uq_items_name_quantity", ("name", "quantity"))
    monkeypatch.setattr("backoffice.admin.forms.refusals.read_violation", lambda *_args: violation)
    error: Any = None
    for hidden, fields in ((frozenset(), {"quantity"}), (frozenset({"name"}), set())):
        context: Any = type("C", (), {"hidden": lambda self, view, hidden=hidden: hidden})()
        refusal = refuse_violation(context, view, error, {"quantity": 5})
        assert set(refusal.fields) == fields
        assert bool(refusal.problems) != bool(fields)

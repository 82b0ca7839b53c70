"""What a view or model cannot do is refused at the start, in a sentence that says what to write."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backoffice.admin.checks import ViewError
from backoffice.admin.view import RecordView
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.models import Audited
from backoffice.views import VIEWS
from backoffice.web.app import create_app


def refusal_of(settings: Settings, database: Database, model: type[Any], **options: Any) -> str:
    """What a start with a view of ``model`` says."""
    make: Any = type(RecordView)
    named = {"name": "Thing", "name_plural": "Things"}
    view = make(f"{model.__name__}View", (RecordView,), {**named, **options}, model=model)
    with pytest.raises(ViewError) as refused:
        create_app(settings, database, views=(*VIEWS, view))
    return str(refused.value)


@pytest.mark.databases("sqlite")
def test_a_computed_column_in_a_form_is_refused(settings: Settings, database: Database) -> None:
    class Base(DeclarativeBase):
        pass

    class Sum(Audited, Base):
        __tablename__ = "sums"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        one: Mapped[int]
        double: Mapped[int] = mapped_column(sa.Computed("one * 2"))

    told = refusal_of(settings, database, Sum, form_columns=[Sum.name, Sum.one, Sum.double])

    assert told.splitlines() == [
        "SumView.form_columns: Sum.double is computed by the database and cannot be changed. "
        "Remove it from form_columns."
    ]


@pytest.mark.databases("sqlite")
def test_a_version_that_is_not_ours_is_refused_until_the_model_says_so(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Program(Audited, Base):
        __tablename__ = "programs"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        version: Mapped[str] = mapped_column(sa.String(20))

    told = refusal_of(settings, database, Program, form_columns=[Program.name, "version"])

    assert "versioned = False" in told


@pytest.mark.databases("sqlite", "mariadb")
def test_a_number_without_a_scale_is_refused_where_it_would_be_rounded(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Part(Audited, Base):
        __tablename__ = "fractions"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        share: Mapped[Decimal] = mapped_column(sa.Numeric())

    told = refusal_of(settings, database, Part, form_columns=[Part.name, Part.share])

    assert "Part.share" in told
    assert "Numeric(precision, scale)" in told


@pytest.mark.databases("sqlite")
def test_more_digits_than_sqlite_keeps_are_refused_there(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Sum(Audited, Base):
        __tablename__ = "big_sums"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        total: Mapped[Decimal] = mapped_column(sa.Numeric(20, 2))

    told = refusal_of(settings, database, Sum, form_columns=[Sum.name, Sum.total])

    assert "Sum.total" in told
    assert "SQLite stores 15" in told


@pytest.mark.databases("sqlite")
def test_a_form_that_lacks_what_every_record_needs_is_refused(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Loan(Audited, Base):
        __tablename__ = "loans"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        lasts: Mapped[timedelta]

    told = refusal_of(settings, database, Loan, form_columns=[Loan.name])

    assert "LoanView.form_columns lacks Loan.lasts" in told


@pytest.mark.databases("sqlite")
def test_a_filter_that_would_have_no_effect_is_refused(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Photo(Audited, Base):
        __tablename__ = "photos"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        pixels: Mapped[bytes | None]

    told = refusal_of(
        settings, database, Photo, form_columns=[Photo.name], list_filters=[Photo.pixels]
    )

    assert "PhotoView.list_filters" in told
    assert "Photo.pixels" in told


@pytest.mark.databases("sqlite")
def test_a_class_without_history_cannot_be_made_writable(
    settings: Settings, database: Database
) -> None:
    class Base(DeclarativeBase):
        pass

    class Row(Base):
        __tablename__ = "rows"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))

    told = refusal_of(settings, database, Row, can_edit=True, form_columns=[Row.name])

    assert "RowView.can_edit" in told
    assert "read-only" in told


@pytest.mark.databases("sqlite")
def test_everything_that_is_wrong_is_told_at_once(settings: Settings, database: Database) -> None:
    class Base(DeclarativeBase):
        pass

    class Sum(Audited, Base):
        __tablename__ = "two_sums"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(20))
        double: Mapped[int] = mapped_column(sa.Computed("id * 2"))
        photo: Mapped[bytes | None]

    told = refusal_of(
        settings,
        database,
        Sum,
        form_columns=[Sum.name, Sum.double],
        list_filters=[Sum.photo],
    )

    assert len(told.splitlines()) == 2
    assert "SumView.list_filters" in told
    assert "SumView.form_columns" in told

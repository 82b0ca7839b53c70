"""A company's records, which hold each other in every way that a foreign key can."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from backoffice.admin.view import RecordView
from backoffice.models import Audited, Base


class Company(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=Base.metadata.naming_convention)


assignments = sa.Table(
    "assignments",
    Company.metadata,
    sa.Column("employee_id", ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("skill_id", ForeignKey("skills.id", ondelete="CASCADE"), primary_key=True),
)


class Employee(Audited, Company):
    """Reports to one, is the deputy of another; a contractor has a row more."""

    __tablename__ = "employees"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    type: Mapped[str] = mapped_column(String(20), default="employee")
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id", ondelete="SET NULL"))
    manager: Mapped["Employee | None"] = relationship(
        foreign_keys=manager_id, remote_side="Employee.id", back_populates="team"
    )
    team: Mapped[list["Employee"]] = relationship(foreign_keys=manager_id, back_populates="manager")
    deputy: Mapped["Employee | None"] = relationship(
        foreign_keys=deputy_id, remote_side="Employee.id"
    )
    skills: Mapped[list["Skill"]] = relationship(
        secondary=assignments, back_populates="people", passive_deletes=True
    )
    __mapper_args__ = {"polymorphic_on": "type", "polymorphic_identity": "employee"}  # noqa: RUF012 - how SQLAlchemy asks


class Contractor(Employee):
    __tablename__ = "contractors"
    id: Mapped[int] = mapped_column(
        ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True
    )
    rate: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"polymorphic_identity": "contractor"}  # noqa: RUF012 - how SQLAlchemy asks


class Timesheet(Audited, Company):
    """Of a contractor: the database deletes it, and no relation says so."""

    __tablename__ = "timesheets"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    contractor_id: Mapped[int] = mapped_column(ForeignKey("contractors.id", ondelete="CASCADE"))


class Skill(Audited, Company):
    __tablename__ = "skills"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    people: Mapped[list[Employee]] = relationship(
        secondary=assignments, back_populates="skills", passive_deletes=True
    )


class Folder(Audited, Company):
    """Folders in folders, which are deleted with what they are in."""

    __tablename__ = "folders"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id", ondelete="CASCADE"))


class Letter(Company):
    """In a folder; it has no view, and no history."""

    __tablename__ = "letters"
    id: Mapped[int] = mapped_column(primary_key=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id", ondelete="CASCADE"))


class Hall(Audited, Company):
    """A key of two columns."""

    __tablename__ = "halls"
    site: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(50))
    racks: Mapped[list["Rack"]] = relationship(
        back_populates="hall", cascade="all, delete-orphan", passive_deletes=True
    )


class Rack(Audited, Company):
    __tablename__ = "racks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["hall_site", "hall_number"], ["halls.site", "halls.number"], ondelete="CASCADE"
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    hall_site: Mapped[str] = mapped_column(String(10))
    hall_number: Mapped[int] = mapped_column()
    hall: Mapped[Hall] = relationship(back_populates="racks")


class Invoice(Audited, Company):
    """It keeps its employee from being deleted, and a rack too."""

    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    rack_id: Mapped[int | None] = mapped_column(ForeignKey("racks.id", ondelete="RESTRICT"))


def view(model: Any, **options: Any) -> type[RecordView]:
    shown = {
        "column_list": ["name"],
        "column_details_list": ["name"],
        "form_columns": ["name"],
        **options,
    }
    metaclass: Any = type(RecordView)
    made: type[RecordView] = metaclass(f"{model.__name__}View", (RecordView,), shown, model=model)
    return made


VIEWS = (
    view(Employee),
    view(Timesheet, form_columns=["name", "contractor_id"]),
    view(Skill),
    view(Folder),
    view(Hall, form_columns=["site", "number", "name"]),
    view(Rack, form_columns=["name", "hall"]),
    view(Invoice),
)

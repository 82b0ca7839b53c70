"""Roles: named sets of permissions."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backoffice.db.types import UniqueText
from backoffice.models.base import Audited, Base
from backoffice.models.rules import clean_line

if TYPE_CHECKING:
    from backoffice.models.user import User

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "role_id", Integer, ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)
"""Who has which roles."""


class Role(Audited, Base):
    """A named set of grants, in tables that ``sqladmin.contrib.rbac`` can read.

    Its mixins are not used, because they import the web.
    """

    __tablename__ = "roles"
    __table_args__ = (CheckConstraint("length(trim(name)) > 0", name="name_not_blank"),)

    links = ("grants",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(UniqueText(255), unique=True)

    grants: Mapped[list["Grant"]] = relationship(
        back_populates="role", cascade="all, delete-orphan", passive_deletes=True
    )
    users: Mapped[list["User"]] = relationship(
        secondary=user_roles, back_populates="roles", passive_deletes=True
    )

    @validates("name")
    def _clean_name(self, key: str, value: Any) -> str:
        return clean_line(key, value, maximum=255)


class Grant(Base):
    """The permission for one action (``edit``) or field (``read:price``) of one view (``item``)."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("role_id", "identity", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(UniqueText(64))
    action: Mapped[str] = mapped_column(UniqueText(128))

    role: Mapped[Role] = relationship(back_populates="grants")

    @classmethod
    def from_token(cls, token: str) -> "Grant":
        """The grant with this text, as ``str`` writes it: "item:edit", "item:action:undo"."""
        identity, _, action = token.partition(":")
        return cls(identity=identity, action=action)

    def __str__(self) -> str:
        return f"{self.identity}:{self.action}"

"""Users: the people who may sign in."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, String, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backoffice.db.types import UniqueText, UTCDateTime, utc_now
from backoffice.models.base import Audited, Base
from backoffice.models.rules import clean_email, clean_line

if TYPE_CHECKING:
    from backoffice.models.role import Role

UNUSABLE_PASSWORD = "!"
"""A ``password_hash`` that no password matches: the user exists and cannot sign in."""


class User(Audited, Base):
    """A person who works with the records.

    ``password_hash`` is never shown, exported or logged. A user with a temporary password, which
    somebody else chose, can only change it. An inactive user cannot sign in. A superuser may do
    everything.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("length(trim(first_name)) > 0", name="first_name_not_blank"),
        CheckConstraint("length(trim(last_name)) > 0", name="last_name_not_blank"),
        CheckConstraint("length(trim(email)) > 0", name="email_not_blank"),
    )

    label_from = ("first_name", "last_name")
    links = ("roles",)

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(String(50))
    last_name: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(UniqueText(100), unique=True)
    password_hash: Mapped[str] = mapped_column(
        String(255),
        default=UNUSABLE_PASSWORD,
        server_default=UNUSABLE_PASSWORD,
        info={"secret": UNUSABLE_PASSWORD},
    )
    # A secret, as the password is: so no undo can mark a password that somebody else chose as the
    # user's own, and a restored user has neither.
    password_is_temporary: Mapped[bool] = mapped_column(
        default=False, server_default=false(), info={"secret": False}
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), server_default=utc_now())

    roles: Mapped[list["Role"]] = relationship(
        secondary="user_roles", back_populates="users", passive_deletes=True
    )

    @validates("first_name", "last_name")
    def _clean_names(self, key: str, value: Any) -> str:
        return clean_line(key, value, maximum=50)

    @validates("email")
    def _clean_email(self, key: str, value: Any) -> str:
        return clean_email(key, value, maximum=100)

    def __repr__(self) -> str:
        return f"<User {self.id}>"

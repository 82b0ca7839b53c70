"""The screens of users."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form

from backoffice.admin.fields import SecretField
from backoffice.admin.pages import Link
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.auth.passwords import SHORTEST, check_password_policy, hash_password
from backoffice.auth.sessions import end_sessions_of, keep_session
from backoffice.models import InvalidValue, User


class UserView(RecordView, model=User):
    """A password is typed twice and kept as a hash; blank leaves it as it is."""

    name = "User"
    name_plural = "Users"
    icon = "people"
    superusers_only = True
    shows_people = True

    column_list = [
        User.email,
        User.first_name,
        User.last_name,
        User.is_active,
        User.is_superuser,
        User.created_at,
    ]
    column_searchable_list = [User.email, User.first_name, User.last_name]
    column_sortable_list = [User.email, User.first_name, User.last_name, User.created_at]
    column_default_sort = (User.email, False)
    list_filters = [User.is_active, User.is_superuser]
    column_details_list = [
        User.first_name,
        User.last_name,
        User.email,
        User.is_active,
        User.is_superuser,
        User.created_at,
        User.id,
    ]
    column_labels = {
        User.email: "E-mail",
        User.is_active: "Active",
        User.is_superuser: "Superuser",
        User.created_at: "Created",
        User.id: "Number",
    }
    form_columns = [
        User.first_name,
        User.last_name,
        User.email,
        User.is_active,
        User.is_superuser,
    ]
    form_kinds = {User.email: "email"}
    form_args = {
        "is_active": {"description": "May sign in."},
        "is_superuser": {"description": "May do everything, and sees users."},
    }
    form_extra_fields = {
        "password": SecretField(
            "Password",
            autocomplete="new-password",
            description=f"At least {SHORTEST} characters. Leave it empty to keep the present one.",
        ),
        "password_again": SecretField("Password again", autocomplete="new-password"),
    }

    def details_links(self, visit: Visit, record: Any) -> Sequence[Link]:
        if record.id != visit.person.user_id:
            return ()
        return (Link("Change password", visit.site.href("password")),)

    def prepare_form(self, form: Form, created: bool) -> None:
        if created:
            password: Any = form["password"]
            again: Any = form["password_again"]
            password.description = f"At least {SHORTEST} characters."
            password.required = again.required = True

    def apply(self, visit: Visit, record: Any, values: dict[str, Any], created: bool) -> None:
        super().apply(visit, record, values, created)
        password, again = values["password"], values["password_again"]
        if password is None and again is None:
            return
        if password is None:
            raise InvalidValue("password", "This field is required.")
        check_password_policy(password, email=record.email)
        if password != again:
            raise InvalidValue("password_again", "The two passwords differ. Type both again.")
        record.password_hash = hash_password(password)

    def saved(self, visit: Visit, record: Any, values: dict[str, Any], created: bool) -> None:
        if created or (values["password"] is None and record.is_active):
            return
        if record.id == visit.person.user_id:  # one's own new password signs one out elsewhere
            keep_session(
                visit.session,
                visit.settings,
                user_id=record.id,
                token=visit.browser.token,
                password_hash=record.password_hash,
            )
        else:
            end_sessions_of(visit.session, record.id)

    def reasons_against_delete(self, visit: Visit, records: Sequence[Any]) -> list[str]:
        if any(record.id == visit.person.user_id for record in records):
            return ["You cannot delete your own account. Ask another superuser to."]
        return []

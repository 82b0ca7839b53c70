"""The screens of users."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form

from backoffice.admin.fields import ChecksField, SecretField
from backoffice.admin.pages import Cell, Link, Option, OptionGroup
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.auth.password_policy import SHORTEST, check_password_policy
from backoffice.auth.passwords import hash_password
from backoffice.auth.sessions import end_sessions_of, keep_session
from backoffice.auth.throttle import device_knowing
from backoffice.models import Change, InvalidValue, Role, User

THEIRS = "They choose their own at the first sign-in."


class UserView(RecordView, model=User):
    """A password is typed twice and kept as a hash; blank leaves it as it is."""

    name = "User"
    name_plural = "Users"
    icon = "people"
    guards_changes = True
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
        "roles",
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
        "is_superuser": {"description": "May do everything, whatever the roles say."},
    }
    form_extra_fields = {
        "password": SecretField(
            "Password",
            autocomplete="new-password",
            description=f"At least {SHORTEST} characters. Leave it empty to keep the present one. "
            f"For anybody but yourself it is temporary: {THEIRS[0].lower()}{THEIRS[1:]}",
        ),
        "password_again": SecretField("Password again", autocomplete="new-password"),
        "roles": ChecksField("Roles", description="What this person may do."),
    }
    details_options = (joinedload(User.roles),)

    def option_groups(
        self, visit: Visit, name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        rows = visit.session.execute(select(Role.id, Role.name).order_by(Role.name))
        return (
            OptionGroup(
                "", tuple(Option(str(key), text, str(key) in chosen) for key, text in rows)
            ),
        )

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"roles": [str(role.id) for role in record.roles]}

    def cell(self, visit: Visit, record: Any, name: str) -> Cell:
        if name == "roles":
            return Cell(", ".join(sorted(role.name for role in record.roles)))
        return super().cell(visit, record, name)

    def check_change(self, visit: Visit, change: Change) -> None:
        """Superusers are theirs alone, and giving a role needs every permission in it."""
        before, after = change.before or {}, change.after or {}
        user = visit.session.get(User, int(change.record_id))
        if True in (before.get("is_superuser"), after.get("is_superuser")) or (
            user is not None and user.is_superuser
        ):
            raise InvalidValue("is_superuser", "Only superusers make, change or delete superusers.")
        given = set(after.get("roles", ())) - set(before.get("roles", ()))
        wanted = select(Role).where(Role.id.in_(given)).options(joinedload(Role.grants))
        for role in visit.session.scalars(wanted).unique() if given else ():
            for grant in role.grants:
                if not visit.site.permissions.covers(
                    visit.person.grants, grant.identity, grant.action
                ):
                    raise InvalidValue(
                        "roles", f"You cannot give the role {role}: you do not have “{grant}”."
                    )

    def details_links(self, visit: Visit, record: Any) -> Sequence[Link]:
        if record.id != visit.person.user_id:
            return ()
        return (Link("Change password", visit.site.href("password")),)

    def prepare_form(self, form: Form, created: bool) -> None:
        if created:
            password: Any = form["password"]
            again: Any = form["password_again"]
            password.description = f"At least {SHORTEST} characters. {THEIRS}"
            password.required = again.required = True

    def apply(self, visit: Visit, record: Any, values: dict[str, Any], created: bool) -> None:
        super().apply(visit, record, values, created)
        self._give_roles(visit, record, values["roles"])
        password, again = values["password"], values["password_again"]
        if password is None and again is None:
            return
        if password is None:
            raise InvalidValue("password", "This field is required.")
        check_password_policy(
            password,
            email=record.email,
            names=(record.first_name, record.last_name),
            product=visit.settings.product_name,
        )
        if password != again:
            raise InvalidValue("password_again", "The two passwords differ. Type both again.")
        record.password_hash = hash_password(password)
        record.password_is_temporary = record.id != visit.person.user_id

    def _give_roles(self, visit: Visit, record: Any, chosen: list[str]) -> None:
        keys = [int(key) for key in chosen if key.isdecimal() and len(key) < 10]
        wanted = select(Role).where(Role.id.in_(keys))
        found = list(visit.session.scalars(wanted)) if keys else []
        if len(found) != len(chosen):
            raise InvalidValue("roles", "One of these roles does not exist (any more).")
        if {role.id for role in found} != {role.id for role in record.roles}:
            record.roles = found

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
            browser = visit.browser
            browser.set_device(
                device_knowing(visit.settings, browser.device, record.email, record.password_hash)
            )
        else:
            end_sessions_of(visit.session, record.id)

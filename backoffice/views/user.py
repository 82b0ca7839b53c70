"""The screens of users."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form

from backoffice.admin.forms.fields import ChecksField, SecretField
from backoffice.admin.pages.parts import Cell, Link, Option, OptionGroup
from backoffice.admin.records.labels import record_label, stored_label
from backoffice.admin.view import Context, RecordView
from backoffice.auth.grants import (
    grants_of_person,
    grants_of_roles,
    roles_of_people,
    superusers_among,
)
from backoffice.auth.password.devices import device_cookie
from backoffice.auth.password.hashing import hash_password
from backoffice.auth.password.policy import SHORTEST, check_password_policy
from backoffice.auth.permissions import Grants
from backoffice.auth.sessions import end_other_sessions, end_sessions_of
from backoffice.columns.numbers import parse_whole_number
from backoffice.history.superusers import OWN_DELETED
from backoffice.language import N_, _, number
from backoffice.models import Change, InvalidValue, Role, User
from backoffice.models.rules import LARGEST_INTEGER
from backoffice.views.role import describe_permissions, grants_in

SUPERUSERS_ONLY = N_("Only superusers can add, change or delete superusers.")
NEW_PASSWORD = N_("At least {count} characters. They choose their own at the first sign-in.")
OTHER_PASSWORD = N_(
    "At least {count} characters. Leave it empty to keep the current one. Somebody else's is "
    "temporary: they choose their own at the next sign-in."
)
CHANGE_ACCESS = N_(
    "To change how {person} signs in or what they can do, you need every permission that they have."
    " You are missing: {permissions}."
)
CHANGE_FIELD = N_(
    "To change this, you need every permission that {person} has. You are missing: {permissions}."
)
DELETE_ACCOUNT = N_(
    "To delete the account of {person}, you need every permission that they have. You are missing: "
    "{permissions}."
)

GUARDED = ("email", "password_hash", "password_is_temporary", "is_active", "is_superuser", "roles")
"""The fields that let one sign in as another person, or change what that person may do."""


class UserView(RecordView, model=User):
    """A password is typed twice and stored as a hash. A blank one stays as it is."""

    name = N_("User")
    name_plural = N_("Users")
    icon = "users"
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
        User.email: N_("E-mail"),
        User.is_active: N_("Active"),
        User.is_superuser: N_("Superuser"),
        User.created_at: N_("Created"),
        User.id: N_("ID"),
        User.password_hash: N_("Password"),
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
        "is_active": {"description": N_("Can sign in.")},
        "is_superuser": {"description": N_("Can do everything, whatever their roles permit.")},
    }
    form_extra_fields = {
        "password": SecretField(N_("Password"), autocomplete="new-password"),
        "password_again": SecretField(N_("Password again"), autocomplete="new-password"),
        "roles": ChecksField(N_("Roles"), description=N_("What this person can do.")),
    }
    details_options = (joinedload(User.roles),)

    def option_groups(
        self, context: Context, name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        rows = context.session.execute(select(Role.id, Role.name).order_by(Role.name))
        return (
            OptionGroup(
                "", tuple(Option(str(key), text, str(key) in chosen) for key, text in rows)
            ),
        )

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"roles": [str(role.id) for role in record.roles]}

    def cell(self, context: Context, record: Any, name: str) -> Cell | None:
        if name == "roles":
            return Cell(", ".join(sorted(role.name for role in record.roles)))
        return super().cell(context, record, name)

    def check_changes(self, context: Context, written: Mapping[str, Sequence[Change]]) -> None:
        """Changing how a person signs in, or what they may do, takes having all their permissions.

        Their permissions before and after this unit of work count, so that taking a role away first
        does not help. Only superusers change superusers. Giving a role takes every permission in
        it.
        """
        changes = written[User.__tablename__]
        people = {int(change.record_id) for change in changes}
        superusers = superusers_among(context.session, people)
        for change in changes:
            is_superuser = any((values or {}).get("is_superuser") for values in _sides(change))
            if is_superuser or int(change.record_id) in superusers:
                raise InvalidValue("is_superuser", _(SUPERUSERS_ONLY))
        roles = _Roles.of(context, written, changes)
        for change in changes:
            before, after = (set((values or {}).get("roles", ())) for values in _sides(change))
            for role_id in sorted(after - before):
                if missing := context.site.permissions.missing(
                    context.person.grants, roles.after.get(role_id, frozenset())
                ):
                    name = context.session.get_one(Role, role_id)
                    permission = describe_permissions(context, missing[:1])
                    raise InvalidValue(
                        "roles",
                        _(
                            "You cannot give the role {role}: you don't have its permission "
                            "“{permission}”.",
                            role=name,
                            permission=permission,
                        ),
                    )
        for change in changes:
            fields = _guarded(change)
            missing = _missing(context, roles.ever_of(int(change.record_id))) if fields else []
            if missing:
                raise InvalidValue(
                    fields[0], _refusal(context, CHANGE_ACCESS, _name(context, change), missing)
                )

    def locked_fields(self, context: Context, record: Any | None) -> dict[str, str]:
        if context.person.is_superuser:
            return {}
        superusers_only = _(SUPERUSERS_ONLY)
        locked = {"is_superuser": superusers_only}
        if record is None:
            return locked
        if record.is_superuser:
            return dict.fromkeys(
                (*self.get_form_columns(), *self.form_extra_fields), superusers_only
            )
        if missing := _missing(context, grants_of_person(context.session, record.id)):
            name = record.first_name
            if not context.may_see(self, "first_name"):
                name = record_label(context, record)
            reason = _refusal(context, CHANGE_FIELD, name, missing)
            locked |= dict.fromkeys(
                ("email", "is_active", "password", "password_again", "roles"), reason
            )
        return locked

    def locked_text(self, context: Context, record: Any, name: str, text: str) -> str | None:
        if name in ("password", "password_again"):
            return _("Not shown") if name == "password" else None
        return text

    def offers(self, context: Context, action: str, record: Any) -> bool:
        if record.is_superuser and not context.person.is_superuser:
            return False
        return action != "delete" or not self.reasons_against_delete(context, [record])

    def reasons_against_delete(self, context: Context, records: Sequence[Any]) -> dict[Any, str]:
        person = context.person
        own = {record: _(OWN_DELETED) for record in records if record.id == person.user_id}
        if person.is_superuser:
            return own
        held = roles_of_people(context.session, [record.id for record in records])
        grants = grants_of_roles(context.session, set().union(*held.values()))
        stronger = {
            record: _refusal(context, DELETE_ACCOUNT, record_label(context, record), missing)
            for record in records
            if (missing := _missing(context, _union(grants, held[record.id])))
        }
        superusers = {record: _(SUPERUSERS_ONLY) for record in records if record.is_superuser}
        return stronger | superusers | own

    def reason_against_undo(self, context: Context, changes: Sequence[Change]) -> str:
        if context.person.is_superuser:
            return ""
        guarded = [change for change in changes if _guarded(change)]
        people = {int(change.record_id) for change in guarded}
        superusers = superusers_among(context.session, people)
        roles = _Roles.of(context, {User.__tablename__: guarded}, guarded)
        for change in guarded:
            user_id = int(change.record_id)
            was_superuser = any((values or {}).get("is_superuser") for values in _sides(change))
            if was_superuser or user_id in superusers:
                return _(SUPERUSERS_ONLY)
            if missing := _missing(context, roles.ever_of(user_id)):
                return _refusal(context, CHANGE_ACCESS, _name(context, change), missing)
        return ""

    def details_links(self, context: Context, record: Any) -> Sequence[Link]:
        if record.id != context.person.user_id:
            return ()
        return (Link(_("Change password"), context.site.href("password")),)

    def prepare_form(self, form: Form, created: bool) -> None:
        password: Any = form["password"]
        again: Any = form["password_again"]
        text = NEW_PASSWORD if created else OTHER_PASSWORD
        password.description = _(text, count=number(SHORTEST))
        if created:
            password.required = again.required = True

    def apply(self, context: Context, record: Any, values: dict[str, Any], created: bool) -> None:
        if "roles" in values:  # else they are locked
            self._give_roles(context, record, values["roles"])
        if values.get("password") is not None:
            record.password_hash = hash_password(values["password"])
            record.password_is_temporary = record.id != context.person.user_id

    def check_values(
        self, context: Context, record: Any, values: dict[str, Any], created: bool
    ) -> Iterator[InvalidValue]:
        password, again = values.get("password"), values.get("password_again")
        if password is None:
            if again is not None and not created:
                yield InvalidValue("password", _("This field is required."))
            return
        try:
            check_password_policy(
                password,
                email=record.email or "",
                names=(record.first_name or "", record.last_name or ""),
                product=context.settings.product_name,
            )
        except InvalidValue as error:
            yield error
        if password != again and (again is not None or not created):
            yield InvalidValue("password_again", _(_("The two passwords differ. Type both again.")))

    def _give_roles(self, context: Context, record: Any, chosen: list[str]) -> None:
        numbers = (parse_whole_number(text, most=LARGEST_INTEGER) for text in chosen)
        keys = [key for key in numbers if key is not None]
        wanted = select(Role).where(Role.id.in_(keys))
        found = list(context.session.scalars(wanted)) if keys else []
        if len(found) != len(chosen):
            raise InvalidValue("roles", _("One of these roles no longer exists."))
        if {role.id for role in found} != {role.id for role in record.roles}:
            record.roles = found

    def saved(self, context: Context, record: Any, values: dict[str, Any], created: bool) -> None:
        if created or (values.get("password") is None and record.is_active):
            return
        if (
            record.id == context.person.user_id
        ):  # changing your own password ends your other sessions
            end_other_sessions(
                context.session,
                context.settings,
                user_id=record.id,
                token=context.browser.token,
                password_hash=record.password_hash,
            )
            browser = context.browser
            browser.set_device(
                device_cookie(context.settings, browser.device, record.email, record.password_hash)
            )
        else:
            end_sessions_of(context.session, record.id)


@dataclass(frozen=True)
class _Roles:
    """The roles of some people and their grants, before, during and after a unit of work.

    ``held``: the ids of the roles that each person has, or had at some time in it. ``ever``: all
    that each role grants, or granted at some time in it. ``after``: what each role grants now.
    """

    held: dict[int, set[int]]
    ever: dict[int, Grants]
    after: dict[int, Grants]

    @classmethod
    def of(
        cls, context: Context, written: Mapping[str, Sequence[Change]], changes: Sequence[Change]
    ) -> "_Roles":
        """The roles of the people in ``changes``; two statements."""
        held = roles_of_people(context.session, {int(change.record_id) for change in changes})
        for change in changes:
            for values in _sides(change):
                held[int(change.record_id)].update((values or {}).get("roles", ()))
        after = grants_of_roles(context.session, set().union(*held.values()))
        ever = {role_id: set(grants) for role_id, grants in after.items()}
        for change in written.get(Role.__tablename__, ()):
            for values in _sides(change):
                ever.setdefault(int(change.record_id), set()).update(grants_in(values))
        return cls(held, {key: frozenset(grants) for key, grants in ever.items()}, after)

    def ever_of(self, user_id: int) -> Grants:
        """All that a person may do, or could do at some time in the unit of work."""
        return _union(self.ever, self.held[user_id])


def _union(grants: Mapping[int, Grants], role_ids: Iterable[int]) -> Grants:
    none: Grants = frozenset()
    return none.union(*(grants.get(role_id, none) for role_id in role_ids))


def _sides(change: Change) -> tuple[Any, Any]:
    return change.before, change.after


def _guarded(change: Change) -> list[str]:
    """The guarded fields that a change writes; all of them for a creation and a deletion."""
    if change.operation != "update":
        return list(GUARDED)
    return [name for name in GUARDED if name in (change.after or {})]


def _name(context: Context, change: Change) -> str:
    """What a changed user was called."""
    view = context.site.view_of(User)
    return stored_label(context, view, change.label, change.record_id)


def _missing(context: Context, needed: Grants) -> list[tuple[str, str]]:
    return context.site.permissions.missing(context.person.grants, needed)


def _refusal(context: Context, text: str, person: str, missing: list[tuple[str, str]]) -> str:
    return _(text, person=person, permissions=describe_permissions(context, missing))

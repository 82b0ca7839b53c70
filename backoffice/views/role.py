"""The screens of roles: what each may do, as a table of checkboxes."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from backoffice.admin.forms.fields import ChecksField
from backoffice.admin.options import ACTIONS
from backoffice.admin.pages.parts import Cell, Option, OptionGroup
from backoffice.admin.view import Context, RecordView
from backoffice.auth.grants import grants_of_roles
from backoffice.models import Change, Grant, InvalidValue, Role, User, user_roles


def describe_permissions(context: Context, grants: Collection[tuple[str, str]]) -> str:
    """Permissions in words, by what they are for: "Items (list, edit), Roles (list)"."""
    told, left = [], sorted(grants)
    for view in context.site.record_views:
        may = [
            label.lower() for action, label in ACTIONS.items() if (view.identity, action) in left
        ]
        if may:
            told.append(f"{view.name_plural} ({', '.join(may)})")
            left = [one for one in left if one[0] != view.identity or one[1] not in ACTIONS]
    return ", ".join([*told, *(f"{identity}:{action}" for identity, action in left)])


class RoleView(RecordView, model=Role):
    """Nobody can grant what they do not have themselves; a superuser has everything."""

    name = "Role"
    name_plural = "Roles"
    icon = "shield-check"
    guards_changes = True

    column_list = [Role.name]
    column_searchable_list = [Role.name]
    column_sortable_list = [Role.name]
    column_default_sort = (Role.name, False)
    column_details_list = [Role.name, "grants", Role.id]
    column_labels = {Role.id: "Number", "grants": "May"}
    form_columns = [Role.name]
    form_extra_fields = {
        "grants": ChecksField(
            "May",
            description="What people with this role may do. A new kind of record is "
            "for superusers only until it is ticked here.",
        )
    }

    def option_groups(
        self, context: Context, name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        return tuple(
            OptionGroup(
                view.name_plural,
                tuple(
                    Option(token, label, token in chosen)
                    for action, label in ACTIONS.items()
                    if view.allows(action)
                    if (token := f"{view.identity}:{action}")
                ),
            )
            for view in context.site.record_views
            if not view.superusers_only
        )

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"grants": [str(grant) for grant in record.grants]}

    def apply(self, context: Context, record: Any, values: dict[str, Any], created: bool) -> None:
        offered = {
            option.value
            for group in self.option_groups(context, "grants", ())
            for option in group.options
        }
        wanted = set(values["grants"])
        if unknown := sorted(wanted - offered - {str(grant) for grant in record.grants}):
            raise InvalidValue("grants", f"There is no permission “{unknown[0][:60]}”.")
        kept = [grant for grant in record.grants if str(grant) in wanted]
        # What the table does not offer (any more) was not unticked by anybody.
        kept += [g for g in record.grants if str(g) not in offered and g not in kept]
        new = wanted - {str(grant) for grant in record.grants}
        record.grants = kept + [Grant.from_token(token) for token in sorted(new)]

    def check_change(self, context: Context, change: Change) -> None:
        """To tick a box takes having that permission, and so does unticking it: a role that was
        made weaker would open the accounts of those who have it (see ``UserView``)."""
        before = set((change.before or {}).get("grants", ()))
        after = set((change.after or {}).get("grants", ()))
        unticked = before - after if change.operation == "update" else set()
        for does, tokens in (("grant", after - before), ("take away", unticked)):
            for token in sorted(tokens):
                identity, _, action = token.partition(":")
                if not context.site.permissions.covers(context.person.grants, identity, action):
                    raise InvalidValue(
                        "grants", f"You cannot {does} “{token}”: you do not have it."
                    )

    def reasons_against_delete(self, context: Context, records: Sequence[Any]) -> list[str]:
        """Deleting a role changes the roles of those who have it: see ``UserView``."""
        if context.person.is_superuser:
            return []
        going = [role.id for role in records]
        other = aliased(user_roles)
        held = select(other.c.role_id).join(user_roles, other.c.user_id == user_roles.c.user_id)
        together = set(
            context.session.scalars(held.where(user_roles.c.role_id.in_(going)).distinct())
        )
        permissions, mine = context.site.permissions, context.person.grants
        above = [
            role_id
            for role_id, grants in grants_of_roles(context.session, together).items()
            if permissions.missing(mine, grants)
        ]
        stronger = User.roles.any(Role.id.in_(above))
        holder = context.session.scalars(
            select(User)
            .where(User.roles.any(Role.id.in_(going)), or_(User.is_superuser, stronger))
            .order_by(User.first_name, User.last_name, User.id)
            .limit(1)
        ).first()
        if holder is None:
            return []
        return [f"Only somebody with every permission that {holder} has may take a role from them."]

    def cell(self, context: Context, record: Any, name: str) -> Cell | None:
        if name != "grants":
            return super().cell(context, record, name)
        chosen = [str(grant) for grant in record.grants]
        told = []
        for group in self.option_groups(context, name, chosen):
            may = [option.text.lower() for option in group.options if option.selected]
            if may:
                told.append(f"{group.label}: {', '.join(may)}")
        return Cell("; ".join(told) or "Nothing", "long")

    details_options = (joinedload(Role.grants),)

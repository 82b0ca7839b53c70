"""The screens of roles: what each may do, as a table of checkboxes."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from backoffice.admin.forms.fields import ChecksField
from backoffice.admin.options import ACTIONS
from backoffice.admin.page_options import OPEN
from backoffice.admin.pages.parts import Cell, Option, OptionGroup
from backoffice.admin.view import Context, RecordView
from backoffice.auth.grants import grants_of_roles
from backoffice.models import Change, Grant, InvalidValue, Role, User, user_roles


def describe_permissions(context: Context, grants: Collection[tuple[str, str]]) -> str:
    """Permissions in words, by view, then those of pages: "Items (list, edit), Roles (list), Pages
    (Low stock)"."""
    parts, others = [], sorted(grants)
    for view in context.site.record_views:
        labels = [
            label.lower() for action, label in ACTIONS.items() if (view.identity, action) in others
        ]
        if labels:
            parts.append(f"{view.name_plural} ({', '.join(labels)})")
            others = [
                (identity, action)
                for identity, action in others
                if identity != view.identity or action not in ACTIONS
            ]
    pages = [page for page in context.site.pages if (page.identity, OPEN) in others]
    if pages:
        parts.append(f"Pages ({', '.join(page.name for page in pages)})")
        identities = {page.identity for page in pages}
        others = [(identity, action) for identity, action in others if identity not in identities]
    return ", ".join([*parts, *(f"{identity}:{action}" for identity, action in others)])


class RoleView(RecordView, model=Role):
    """A person can grant only permissions that they have. A superuser has all."""

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
        pages = tuple(
            Option(page.token, page.name, page.token in chosen)
            for page in context.site.pages
            if not page.superusers_only
        )
        views = tuple(
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
        return (*views, OptionGroup("Pages", pages, own_names=True)) if pages else views

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
        # A grant that the table does not offer (any more) was not unticked.
        kept += [
            grant for grant in record.grants if str(grant) not in offered and grant not in kept
        ]
        new = wanted - {str(grant) for grant in record.grants}
        record.grants = kept + [Grant.from_token(token) for token in sorted(new)]

    def check_change(self, context: Context, change: Change) -> None:
        """Granting a permission takes having it. So does taking it away: a weaker role would open
        the accounts of the people who have it (see ``UserView``)."""
        before = set((change.before or {}).get("grants", ()))
        after = set((change.after or {}).get("grants", ()))
        unticked = before - after if change.operation == "update" else set()
        for verb, tokens in (("grant", after - before), ("take away", unticked)):
            for token in sorted(tokens):
                identity, _, action = token.partition(":")
                if not context.site.permissions.covers(context.person.grants, identity, action):
                    raise InvalidValue(
                        "grants", f"You cannot {verb} “{token}”: you do not have it."
                    )

    def reasons_against_delete(self, context: Context, records: Sequence[Any]) -> list[str]:
        """Deleting a role changes the roles of the people who have it: see ``UserView``."""
        if context.person.is_superuser:
            return []
        deleted = [role.id for role in records]
        other = aliased(user_roles)
        # All roles of the people who have one of the deleted roles.
        statement = select(other.c.role_id).join(
            user_roles, other.c.user_id == user_roles.c.user_id
        )
        role_ids = set(
            context.session.scalars(statement.where(user_roles.c.role_id.in_(deleted)).distinct())
        )
        permissions, own_grants = context.site.permissions, context.person.grants
        stronger = [
            role_id
            for role_id, grants in grants_of_roles(context.session, role_ids).items()
            if permissions.missing(own_grants, grants)
        ]
        has_stronger = User.roles.any(Role.id.in_(stronger))
        holder = context.session.scalars(
            select(User)
            .where(User.roles.any(Role.id.in_(deleted)), or_(User.is_superuser, has_stronger))
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
        parts = []
        for group in self.option_groups(context, name, chosen):
            labels = [option.text.lower() for option in group.options if option.selected]
            if labels:
                parts.append(f"{group.label}: {', '.join(labels)}")
        return Cell("; ".join(parts) or "Nothing", "long")

    details_options = (joinedload(Role.grants),)

"""The screens of roles: what each may do, as a table of checkboxes."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from backoffice.admin.aggregates import RelatedCount
from backoffice.admin.forms.fields import MatrixField
from backoffice.admin.options import ACTIONS, actions_of
from backoffice.admin.page_options import OPEN
from backoffice.admin.pages.parts import Cell, Option, OptionGroup
from backoffice.admin.records.labels import record_label
from backoffice.admin.screens.role_fields import field_summary, fields_link
from backoffice.admin.view import Context, RecordView
from backoffice.auth.grants import grants_of_roles
from backoffice.auth.permissions import ALL, READ, WRITE, Grants, grants_of_role, is_of_field
from backoffice.columns.numbers import parse_whole_number
from backoffice.language import N_, _
from backoffice.models import Change, Grant, InvalidValue, Role, User, user_roles


def describe_permissions(context: Context, grants: Collection[tuple[str, str]]) -> str:
    """Permissions in words, by view, then those of pages: "Items (list, edit), Roles (list), Pages
    (Low stock)"."""
    parts, others = [], sorted(grants)
    for view in context.site.record_views:
        actions = actions_of(view)
        labels = [
            _(label).lower()
            for action, label in actions.items()
            if (view.identity, action) in others
        ]
        # Who lacks an action lacks its fields with it: those are named only by themselves.
        labels = labels or [
            _field_label(view, action)
            for identity, action in others
            if identity == view.identity and is_of_field(action)
        ]
        if labels:
            parts.append(f"{view.title_plural} ({', '.join(labels)})")
            others = [
                (identity, action)
                for identity, action in others
                if identity != view.identity or not (action in actions or is_of_field(action))
            ]
    pages = [page for page in context.site.pages if (page.identity, OPEN) in others]
    if pages:
        names = ", ".join(_(page.name) for page in pages)
        parts.append(_("Pages ({names})", names=names))
        identities = {page.identity for page in pages}
        others = [(identity, action) for identity, action in others if identity not in identities]
    return ", ".join([*parts, *(f"{identity}:{action}" for identity, action in others)])


def _field_label(view: RecordView, action: str) -> str:
    """The permission for a field in words: "see Price", "change all fields"."""
    sees = action.startswith(READ)
    name = action.removeprefix(READ).removeprefix(WRITE)
    if name == ALL:
        return _("see all fields") if sees else _("change all fields")
    if not name:
        return _("see chosen fields only")
    label = view.field_label(name)
    return _("see {field}", field=label) if sees else _("change {field}", field=label)


def grants_in(values: dict[str, Any] | None) -> Grants:
    """What a role permits by a change's values."""
    rows = (token.partition(":") for token in (values or {}).get("grants", ()))
    return grants_of_role(frozenset((identity, action) for identity, _, action in rows))


class RoleView(RecordView, model=Role):
    """A person can grant only permissions that they have. A superuser has all."""

    name = "Role"
    name_plural = "Roles"
    icon = "shield-check"
    guards_changes = True

    column_list = [Role.name, "people"]
    column_searchable_list = [Role.name]
    column_sortable_list = [Role.name, "people"]
    column_default_sort = (Role.name, False)
    column_aggregates = {"people": RelatedCount(N_("People"), Role.users)}
    column_details_list = [Role.name, "grants", Role.id, Role.users]
    column_labels = {Role.id: N_("ID"), Role.users: N_("People"), "grants": N_("Permissions")}
    form_columns = [Role.name]
    form_extra_fields = {
        "grants": MatrixField(
            N_("Permissions"),
            description=N_(
                "What people with this role can do. New lists are for superusers only until you "
                "select them here."
            ),
        )
    }

    def option_groups(
        self, context: Context, name: str, chosen: Sequence[str]
    ) -> tuple[OptionGroup, ...]:
        role = self._shown_role(context)
        pages = tuple(
            Option(page.token, _(page.name), page.token in chosen)
            for page in context.site.pages
            if not page.superusers_only
        )
        views = tuple(
            OptionGroup(
                view.title_plural,
                tuple(
                    Option(token, _(label), token in chosen)
                    for action, label in ACTIONS.items()
                    if view.allows(action)
                    if (token := f"{view.identity}:{action}")
                ),
                fields_link(context, view, role) if role is not None else None,
                tuple(
                    Option(token, _(label), token in chosen)
                    for action, label in actions_of(view).items()
                    if action not in ACTIONS
                    if (token := f"{view.identity}:{action}")
                ),
            )
            for view in context.site.record_views
            if not view.superusers_only
        )
        return (*views, OptionGroup(_("Pages"), pages, own_names=True)) if pages else views

    def _shown_role(self, context: Context) -> Role | None:
        """The stored role whose page or form is shown; None if there is none. It is loaded
        already."""
        key = parse_whole_number(str(context.request.path_params.get("pk", "")))
        return None if key is None else context.session.get(Role, key)

    def values_of(self, record: Any) -> dict[str, Any]:
        """Without the permissions for single fields, which have a page of their own."""
        tokens = [str(grant) for grant in record.grants if not is_of_field(grant.action)]
        return super().values_of(record) | {"grants": tokens}

    def apply(self, context: Context, record: Any, values: dict[str, Any], created: bool) -> None:
        if "grants" not in values:  # the person may not change them
            return
        offered = {
            option.value
            for group in self.option_groups(context, "grants", ())
            for option in group.all_options
        }
        wanted = set(values["grants"])
        if unknown := sorted(wanted - offered - {str(grant) for grant in record.grants}):
            raise InvalidValue(
                "grants", _("There is no permission “{name}”.", name=unknown[0][:60])
            )
        kept = [grant for grant in record.grants if str(grant) in wanted]
        # A grant that the table does not offer (any more) was not unticked.
        kept += [
            grant for grant in record.grants if str(grant) not in offered and grant not in kept
        ]
        new = wanted - {str(grant) for grant in record.grants}
        record.grants = kept + [Grant.from_token(token) for token in sorted(new)]

    def check_change(self, context: Context, change: Change) -> None:
        """Granting a permission takes having it. So does taking it away: a weaker role would open
        the accounts of the people who have it (see ``UserView``).

        What counts is what the role permits before and after: without limits to its fields it
        permits all of them.
        """
        before, after = (grants_in(values) for values in (change.before, change.after))
        permissions = context.site.permissions
        # A grant for a view that is gone permits nothing, and is refused anyway.
        taken = before - after if change.operation == "update" else frozenset()
        refused = (
            (_("You cannot grant “{what}”: you do not have it."), after - before),
            (_("You cannot take away “{what}”: you do not have it."), taken),
        )
        for sentence, pairs in refused:
            for identity, action in sorted(pairs):
                if permissions.covers(context.person.grants, identity, action):
                    continue
                what = describe_permissions(context, [(identity, action)])
                raise InvalidValue("grants", sentence.format(what=what))

    def reasons_against_delete(self, context: Context, records: Sequence[Any]) -> dict[Any, str]:
        """Deleting a role changes the roles of the people who have it: see ``UserView``."""
        if context.person.is_superuser:
            return {}
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
        # One of each role's people is enough for the sentence.
        of_each = (
            select(user_roles.c.role_id, func.min(User.id).label("user_id"))
            .join_from(user_roles, User)
            .where(user_roles.c.role_id.in_(deleted), or_(User.is_superuser, has_stronger))
            .group_by(user_roles.c.role_id)
            .subquery()
        )
        found = select(of_each.c.role_id, User).join(User, User.id == of_each.c.user_id)
        holders = {row[0]: row[1] for row in context.session.execute(found)}
        return {
            role: _(
                "Only somebody with every permission that {name} has can take a role from them.",
                name=record_label(context, holders[role.id]),
            )
            for role in records
            if role.id in holders
        }

    def cell(self, context: Context, record: Any, name: str) -> Cell | None:
        if name != "grants":
            return super().cell(context, record, name)
        chosen = [str(grant) for grant in record.grants]
        limited = {grant.identity for grant in record.grants if is_of_field(grant.action)}
        views = {view.title_plural: view for view in context.site.record_views}
        parts = []
        for group in self.option_groups(context, name, chosen):
            labels = [option.text.lower() for option in group.all_options if option.selected]
            if not labels:
                continue
            view = views.get(group.label)
            is_limited = view is not None and view.identity in limited
            fields = f" ({field_summary(view, record)})" if view and is_limited else ""
            parts.append(f"{group.label}: {', '.join(labels)}{fields}")
        return Cell("; ".join(parts) or _("Nothing"), "long")

    details_options = (joinedload(Role.grants),)

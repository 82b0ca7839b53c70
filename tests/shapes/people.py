"""People with roles of their own, at the shapes."""

from collections.abc import Iterable

from backoffice.admin.options import ACTIONS
from backoffice.history import unit_of_work
from backoffice.models import Grant, Role, User
from tests.cast import Browser, add_user, signed_in
from tests.shapes.place import Place


def all_actions(place: Place, *identities: str) -> set[str]:
    """The tokens of all actions on these views, and on changes."""
    views = [place.site.find_view(identity) for identity in (*identities, "changeset")]
    return {
        f"{view.identity}:{action}" for view in views for action in ACTIONS if view.allows(action)
    }


def sign_in_with(place: Place, name: str, *roles: Iterable[str]) -> Browser:
    """Somebody new who has roles with these grants, signed in: "kim" is kim@example.com."""
    made = []
    with unit_of_work(place.database, writes=True) as session:
        for number, tokens in enumerate(roles):
            role = Role(name=f"{name} {number}")
            role.grants = [Grant.from_token(token) for token in sorted(tokens)]
            session.add(role)
            made.append(role)
        session.flush()
        keys = [role.id for role in made]
    user_id = add_user(place.database, f"{name}@example.com")
    with unit_of_work(place.database, writes=True) as session:
        user = session.get_one(User, user_id)
        user.roles = [session.get_one(Role, key) for key in keys]
    return signed_in(place.app, f"{name}@example.com")

"""Puts the demo's categories, items and users into a database."""

from collections.abc import Iterator

import sqlalchemy as sa

from backoffice.cli.demo import Loaded
from backoffice.cli.progress import with_progress
from backoffice.history import RecordSession
from backoffice.models import Category, User
from examples.demo.bulk import Row, insert_items
from examples.demo.catalogue import CATEGORIES, catalogue
from examples.demo.people import people


def fill(
    session: RecordSession, *, items: int, users: int, add: bool, show_progress: bool
) -> Loaded:
    """Make ``items`` items in the catalogue's categories, and ``users`` users.

    ``session``: that of a load. ``add``: skip names and e-mail addresses that exist.
    """
    made_categories, ids = _categories(session)
    rows: Iterator[Row] = (
        (ids[place], name, description, cents, quantity)
        for place, (name, description, cents, quantity) in catalogue(items)
    )
    if show_progress:
        rows = with_progress(rows, items)
    inserted = insert_items(session, rows, items, skip_existing=add)
    if inserted.number:
        session.count_loaded("items", inserted.number, inserted.keys)
    return Loaded(made_categories, inserted.number, _users(session, users))


def _categories(session: RecordSession) -> tuple[int, list[int]]:
    """How many were made, and the ids of all in the order of ``CATEGORIES``."""
    named = {
        category.name: category
        for category in session.scalars(sa.select(Category).where(Category.name.in_(CATEGORIES)))
    }
    missing = [Category(name=name) for name in CATEGORIES if name not in named]
    session.add_all(missing)
    session.flush()
    named |= {category.name: category for category in missing}
    return len(missing), [named[name].id for name in CATEGORIES]


def _users(session: RecordSession, count: int) -> int:
    """How many of ``count`` users were made."""
    wanted = [
        User(first_name=first, last_name=last, email=email, is_active=is_active)
        for first, last, email, is_active in people(count)
    ]
    taken = set(
        session.scalars(
            sa.select(User.email).where(User.email.in_([user.email for user in wanted]))
        )
    )
    missing = [user for user in wanted if user.email not in taken]
    session.add_all(missing)
    session.flush()
    return len(missing)

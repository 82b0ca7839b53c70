"""What goes when records are deleted: found out before, by the models' own cascades."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapper, RelationshipProperty

from backoffice.admin.keys import key_attribute
from backoffice.admin.pages import Going
from backoffice.admin.screens.details import record_link

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

FIRST_GOING = 20
"""Names shown of each kind of record that goes along."""


@dataclass(frozen=True)
class Below:
    """One kind of record that goes along: its view, how many, and what the page says of them."""

    view: "RecordView"
    going: Going
    relation: str
    """The name of its relation to the record above, by which it could be moved."""


def what_goes_along(visit: "Visit", view: "RecordView", keys: Sequence[Any]) -> list[Below]:
    """The records that the cascades delete with those of ``keys``, a statement for each kind."""
    selected = select(key_attribute(view)).where(key_attribute(view).in_(keys))
    return list(_below(visit, view.mapper, selected, seen=[view.mapper]))


def _below(
    visit: "Visit", mapper: Mapper[Any], parents: Any, seen: list[Mapper[Any]]
) -> list[Below]:
    below: list[Below] = []
    for relation in mapper.relationships:
        target = relation.mapper
        # Records that are part of this one (a role's grants) go without being told.
        owned = relation.key in getattr(mapper.class_, "links", ())
        if not relation.cascade.delete or target in seen or owned:
            continue
        view = visit.site.view_of(target.class_)
        key = key_attribute(view)
        belongs = _foreign_key(relation).in_(parents)
        statement = (
            select(target.class_, func.count().over())
            .where(belongs)
            .order_by(view.label_attribute, key)
            .limit(FIRST_GOING)
        )
        rows = visit.session.execute(statement).all()
        if not rows:
            continue
        number = rows[0][1]
        may_see = visit.may_see(visit.site.view_of(mapper.class_), relation.key)
        links = tuple(record_link(visit, view, row[0]) for row in rows) if may_see else ()
        going = Going(view.noun if number == 1 else view.nouns, number, links)
        below.append(Below(view, going, str(relation.back_populates or "")))
        below += _below(visit, target, select(key).where(belongs), [*seen, target])
    return below


def _foreign_key(relation: RelationshipProperty[Any]) -> Any:
    (pair,) = relation.local_remote_pairs or ()
    remote = relation.mapper.get_property_by_column(pair[1])
    return getattr(relation.mapper.class_, remote.key)

"""What goes when records are deleted: found out before, by the models' own cascades."""

from collections.abc import Sequence
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


def what_goes_along(visit: "Visit", view: "RecordView", keys: Sequence[Any]) -> list[Going]:
    """The records that the cascades delete with those of ``keys``, a statement for each kind."""
    selected = select(key_attribute(view)).where(key_attribute(view).in_(keys))
    return list(_below(visit, view.mapper, selected, seen=[view.mapper]))


def _below(
    visit: "Visit", mapper: Mapper[Any], parents: Any, seen: list[Mapper[Any]]
) -> list[Going]:
    going: list[Going] = []
    for relation in mapper.relationships:
        if not relation.cascade.delete or relation.mapper in seen:
            continue
        target = relation.mapper
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
        links = tuple(record_link(visit, view, row[0]) for row in rows)
        going.append(Going(view.noun if number == 1 else view.nouns, number, links))
        going += _below(visit, target, select(key).where(belongs), [*seen, target])
    return going


def _foreign_key(relation: RelationshipProperty[Any]) -> Any:
    (pair,) = relation.local_remote_pairs or ()
    remote = relation.mapper.get_property_by_column(pair[1])
    return getattr(relation.mapper.class_, remote.key)

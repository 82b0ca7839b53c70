"""What the history needs of an audited model. The start of the application checks it."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import all_columns_of, models_by_identity, parts_of
from backoffice.history.links import is_model_table, refers_to_keys
from backoffice.history.references import references_to
from backoffice.models import Audited


def history_problems(mapper: Mapper[Any]) -> Iterator[str]:
    """What the history cannot record of an audited model: sentences that also give the fix."""
    name = mapper.class_.__name__
    if not isinstance(mapper.base_mapper.local_table, sa.Table):
        yield f"{name} is not mapped to a table, so nothing could be restored. Remove Audited."
        return
    if mapper.base_mapper is not mapper:
        base = mapper.base_mapper.class_
        if not issubclass(base, Audited):
            yield (
                f"{name} inherits from {base.__name__}, which is not Audited, but the history "
                f"records both as one. Add Audited as the first base of {base.__name__}."
            )
        return
    yield from _inherited(mapper)
    yield from _columns(mapper)
    yield from _relations(mapper)


def _inherited(mapper: Mapper[Any]) -> Iterator[str]:
    """Problems of a model that others inherit from."""
    name = mapper.class_.__name__
    field, _models = models_by_identity(mapper)
    # Models of concrete inheritance share nothing with the base, and are checked by themselves.
    descendants = (model for model in mapper.self_and_descendants if not model.concrete)
    others = [model for model in descendants if model is not mapper]
    if others and field is None:
        names = ", ".join(sorted(model.class_.__name__ for model in others))
        yield (
            f"{names}: nothing in the table of {name} says which of its rows are theirs. Give "
            f"{name} a column for that, and name it in polymorphic_on."
        )
    seen: dict[str, str] = {}
    for part in parts_of(mapper):
        for key in part.fields:
            if key in seen:
                yield (
                    f"{part.mapper.class_.__name__}.{key} is also a field of {seen[key]}, in "
                    "another table, but the history tells fields apart by name. Rename one."
                )
            seen.setdefault(key, part.mapper.class_.__name__)


def _columns(mapper: Mapper[Any]) -> Iterator[str]:
    name = mapper.class_.__name__
    fields = all_columns_of(mapper)
    for key in fields:
        if '"' in key or "\\" in key:
            yield (
                f"{name}.{key}: the history cannot look up a field of that name. Give it a name "
                "without quotes and backslashes."
            )
    for part in parts_of(mapper):
        mapped = {*part.fields.values(), *part.key.columns}
        for column in part.table.columns:
            optional = column.nullable or column.server_default or column.computed is not None
            if column not in mapped and not optional:
                yield (
                    f"{name} does not map the column {column.name}, so deleted records cannot be "
                    "restored. Map it, or give it a server default."
                )


def _relations(mapper: Mapper[Any]) -> Iterator[str]:
    for model in mapper.self_and_descendants:
        for relation in model.relationships:
            if relation.secondary is None or relation.viewonly or relation.parent is not model:
                continue
            name = f"{model.class_.__name__}.{relation.key}"
            if is_model_table(relation.secondary):
                yield (
                    f"{name} writes to the table {relation.secondary.description}, which has a "
                    "model and a history of its own. Write viewonly=True, and change the records "
                    "of that model."
                )
            elif not refers_to_keys(relation):
                yield (
                    f"{name}: the table {relation.secondary.description} does not have the keys of "
                    "both sides, which the history needs. Write viewonly=True."
                )
    for reference in references_to(mapper):
        if (reference.rule.ondelete or "").upper() == "SET DEFAULT":
            child = reference.part.mapper.class_.__name__
            yield (
                f"{child}.{', '.join(reference.columns)} is ON DELETE SET DEFAULT, which the "
                "history cannot record. Write CASCADE, SET NULL or RESTRICT."
            )

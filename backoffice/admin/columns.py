"""What a column's type means, seen through SQLAlchemy's decorated types."""

from typing import Any

from sqlalchemy.types import TypeDecorator, TypeEngine


def plain_type(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type under a TypeDecorator, which itself answers ``object`` for its Python type."""
    return column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type


def python_type(column_type: TypeEngine[Any]) -> type:
    """The Python type of a column's values; ``object`` where the type does not say."""
    try:
        return plain_type(column_type).python_type
    except NotImplementedError:
        return object

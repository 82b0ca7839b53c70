"""Numbers as the readers of a language write them, and back."""

from decimal import Decimal


def number(value: int | float | Decimal) -> str:
    """A number with its digits grouped, in the current language: "1,234"."""
    return f"{value:,}"

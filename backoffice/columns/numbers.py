"""What numbers have in common as people type them."""

import re

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)


def ungrouped(text: str) -> str:
    """A number without the commas and blanks that group its digits: "1,234.50"."""
    text = text.replace("\u202f", "").replace("\xa0", "")
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text

"""The widths of a list's columns, as classes of ``static/widths.css``.

The page's policy forbids styles in its HTML, so a width is a class: ``w-12`` is twelve steps of
half a rem. This prints the stylesheet:

    python -m backoffice.admin.pages.widths > backoffice/static/widths.css
"""

import sys
from dataclasses import dataclass
from math import ceil

STEPS_IN_A_REM = 2
"""A width is a whole number of steps of half a rem, which is 8 px by default."""

LEAST, MOST = 6, 80
"""The narrowest and the widest column, in steps."""

MOST_TAKEN = 120
"""Rem that the last rule is for."""

LEAST_TAKEN, TAKEN_STEP = 14, 2
"""Rem that the first rule is for, and between one and the next."""

LEAST_REST = 14
"""Rem that the column which takes the rest keeps."""

LEAST_SPARE = 7
"""Rem below which a description is not shown."""


@dataclass(frozen=True, slots=True)
class TableRoom:
    """How much room a table takes, in rem.

    ``taken``: by all columns but the spare one, with the name as wide as it wants to be.
    ``least``: with the name as narrow as it gets. In less, the table scrolls sideways. ``spare``:
    whether there is a spare column.
    """

    taken: float = LEAST_TAKEN
    least: float = LEAST_TAKEN
    spare: bool = False

    @property
    def classes(self) -> str:
        """The classes of the table's surrounding."""
        spare = " has-spare" if self.spare else ""
        return f"taken-{_rule_for(self.taken)} least-{_rule_for(self.least)}{spare}"


def _rule_for(rem: float) -> int:
    """The room that the sheet has a rule for: the next larger one, so that nothing is cut."""
    steps = max(0, ceil((rem - LEAST_TAKEN) / TAKEN_STEP))
    return min(LEAST_TAKEN + steps * TAKEN_STEP, MOST_TAKEN)


NO_ROOM = TableRoom()

_HEAD = """\
/* The widths of a list's columns in steps. Made by backoffice/admin/pages/widths.py; list.css says
   what the variables do.
   w-12: a column of 12 steps of half a rem.
   taken-52: the columns take 52 rem, and there is room for a description from {first} more.
   least-40: below 40 rem the table scrolls sideways, with its head. */
"""


def stylesheet() -> str:
    """The text of ``static/widths.css``."""
    lines = [_HEAD.format(first=f"{LEAST_SPARE} rem")]
    lines += [
        f".w-{steps} {{ --width: {steps / STEPS_IN_A_REM:g}rem; }}\n"
        for steps in range(LEAST, MOST + 1)
    ]
    for taken in range(LEAST_TAKEN, MOST_TAKEN + 1, TAKEN_STEP):
        lines.append(f".taken-{taken} {{ --taken: {taken}rem; }}\n")
    for least in range(LEAST_TAKEN, MOST_TAKEN + 1, TAKEN_STEP):
        lines.append(f".least-{least} {{ --least: {least}rem; }}\n")
    for taken in range(LEAST_TAKEN, MOST_TAKEN + 1, TAKEN_STEP):
        lines.append(
            f"@container (width >= {taken + LEAST_SPARE}rem) {{ "
            f".taken-{taken} {{ --spread: 0; }} "
            f".taken-{taken} .col-spare {{ display: table-column; }} "
            f".taken-{taken} .cell-spare {{ display: table-cell; }} }}\n"
        )
    for least in range(LEAST_TAKEN, MOST_TAKEN + 1, TAKEN_STEP):
        # What the last rule is for may need any more.
        wide = f".least-{least} .records {{ width: {least}rem; }}"
        if least + TAKEN_STEP > MOST_TAKEN:
            wide = f".least-{least} .col-rest {{ width: {LEAST_REST}rem; }}"
        lines.append(
            f"@container (width < {least}rem) {{ "
            f".least-{least} {{ --spread: 0; max-height: var(--scrolled); overflow: auto; }} "
            f"{wide} .least-{least} thead th {{ top: 0; }} }}\n"
        )
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(stylesheet())

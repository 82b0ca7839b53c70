"""The page of a list's saved views."""

from dataclasses import dataclass

from backoffice.admin.pages.parts import Cell, Option


@dataclass(frozen=True, slots=True)
class ViewForm:
    """The fields ``name`` and ``share`` of a saved view. ``shares``: nobody, then the roles.

    ``name_error``, ``share_error``: sentences about what was wrong, "" for nothing.
    """

    name: str
    shares: tuple[Option, ...]
    name_error: str = ""
    share_error: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether there is an error at a field."""
        return bool(self.name_error or self.share_error)


@dataclass(frozen=True, slots=True)
class NewView:
    """A new view that was refused, with what was typed.

    ``query`` is posted again unchanged; ``description`` is the query in words. ``default``: whether
    the list is to open with it. ``problem``: what was wrong with the query, "" for nothing.
    """

    form: ViewForm
    query: str
    description: str
    default: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ViewEntry:
    """A saved view. ``href``: the list with it; ``description``: its query in words. ``is_tab``:
    whether it is a tab of the person's list and may be the default; superusers also see others.

    Its buttons POST the field ``do`` to ``action``: "default", "no-default", "copy", "delete".
    ``form`` POSTs there too; it is None if the person may not change the view.
    """

    name: str
    href: str
    action: str
    sharing: str
    description: str
    is_own: bool = True
    is_tab: bool = True
    is_default: bool = False
    form: ViewForm | None = None


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """A deleted view. POST ``do`` "restore" to ``action`` restores it."""

    name: str
    deleted_at: Cell
    action: str


@dataclass(frozen=True, slots=True)
class SavedViewsPage:
    """A list's saved views: the person's own, those that others share, and deleted ones.

    ``action``: where a new one is POSTed. ``kept_days``: how long a deleted one can be restored.
    ``problem``: why nothing was saved, where no field is to blame; "" for nothing.
    """

    heading: str
    label_plural: str
    list_href: str
    action: str
    own: tuple[ViewEntry, ...]
    others: tuple[ViewEntry, ...]
    deleted: tuple[DeletedEntry, ...]
    kept_days: int
    new: NewView | None = None
    problem: str = ""

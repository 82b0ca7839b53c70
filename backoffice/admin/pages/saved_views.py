"""What the page of a list's saved views shows, as plain values (see ``pages``)."""

from dataclasses import dataclass

from backoffice.admin.pages.parts import Cell, Option


@dataclass(frozen=True, slots=True)
class ViewForm:
    """What a view is called and who sees it, as typed. ``shares``: nobody, then roles.

    ``name_error``, ``share_error``: what was wrong. Posted as ``name`` and ``share``.
    """

    name: str
    shares: tuple[Option, ...]
    name_error: str = ""
    share_error: str = ""

    @property
    def wrong(self) -> bool:
        return bool(self.name_error or self.share_error)


@dataclass(frozen=True, slots=True)
class NewView:
    """A view that could not be saved: all that was typed, to be put right.

    ``query`` is sent again as it stands; ``says`` tells it. ``default``: whether the plain list is
    to show it. ``problem``: what was wrong with the query.
    """

    form: ViewForm
    query: str
    says: str
    default: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ViewEntry:
    """A saved view. ``href``: the list as it says; ``says``: that in words. ``is_tab``: whether it
    stands above the person's list, and so may be the default; a superuser's page has others too.

    Its buttons POST to ``action`` as field ``do``: "default", "no-default", "copy", "delete", and
    "change" with the fields of ``form``, which is None where the person may not.
    """

    name: str
    href: str
    action: str
    sharing: str
    says: str
    mine: bool = True
    is_tab: bool = True
    is_default: bool = False
    form: ViewForm | None = None


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """A view that was deleted; POST ``do`` "restore" to ``action`` brings it back."""

    name: str
    when: Cell
    action: str


@dataclass(frozen=True, slots=True)
class ViewsPage:
    """A list's saved views: one's own, those that others share, those deleted lately.

    ``action``: where a new one is POSTed. ``kept_days``: how long a deleted one can be restored.
    ``problem``: why nothing was saved, where that is about no field.
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

"""What a custom page declares: its name, address, icon, place and files.

The registry (``view.py``) holds pages by this class; ``page.py`` adds what a page does.
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from starlette.requests import Request

from backoffice.admin.pages.static_files import StaticFolder
from backoffice.auth.permissions import Permissions

OPEN = "open"
"""The action of a page's permission: a role is granted ``low-stock:open``."""

ADDRESS = "pages"
"""The part of the address that all pages share: /admin/pages/low-stock."""


class PageOptions:
    """The options of a page."""

    name: ClassVar[str] = ""
    """What the page is called: in the navigation, as its title, in the table of permissions."""

    identity: ClassVar[str] = ""
    """The last part of its address, and the first of its permission: "low-stock"."""

    icon: ClassVar[str] = ""
    """An outline of Heroicons, such as "archive-box"; "" for a table."""

    before: ClassVar[str] = ""
    """The identity of the view, or of the page, that follows it in the navigation: ``before =
    "category"``. "" for the end."""

    template: ClassVar[str] = ""
    """The file that prints it, in ``folder``: "low_stock.html"."""

    folder: ClassVar[Path | None] = None
    """Where its template and ``assets`` are; None for the folder of the module whose class
    sets ``template``."""

    assets: ClassVar[Sequence[str]] = ()
    """Stylesheets, scripts and pictures of its own in ``folder``: ("low_stock.css",). The template
    writes ``asset_href("low_stock.css")``. They are served to everybody, without signing in."""

    superusers_only: ClassVar[bool] = False
    """Whether only superusers may open it, whatever is granted. Roles do not show it then."""

    def __init__(self) -> None:
        self.static = StaticFolder(
            self.files_folder(), f"/static/{ADDRESS}/{self.identity}", names=self.assets
        )

    @classmethod
    def files_folder(cls) -> Path:
        """Where the page's template and ``assets`` are."""
        if cls.folder is not None:
            return cls.folder
        setting = (one for one in cls.__mro__ if "template" in vars(one) and one is not PageOptions)
        return Path(inspect.getfile(next(setting, cls))).resolve().parent

    @property
    def token(self) -> str:
        """Its permission, as a role's form posts it: "low-stock:open"."""
        return f"{self.identity}:{OPEN}"

    def is_open_to(self, request: Request, permissions: Permissions) -> bool:
        """Whether the signed-in person may open it. No I/O."""
        return permissions.has_permission(request, self.identity, OPEN)

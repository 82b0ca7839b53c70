"""`serve --reload`: restart the worker whenever a file that it serves from is saved.

Code, templates, styles and the digests in their addresses are read once, when a process starts.
So development starts a new process, as a release does, instead of having a second way to load them
that production never uses.
"""

import importlib.util
from typing import Any

from backoffice.cli.outcome import Refused
from backoffice.config import CHECKOUT, Settings

WATCHED = ["*.py", "*.html", "*.css", "*.js", "*.svg", ".env"]
PACKAGE = CHECKOUT / "backoffice"

GRACE_SECONDS = 2
"""How long the old process may finish its requests: a developer waits for the new one."""


def check(settings: Settings) -> None:
    """Say why this start cannot reload, if it cannot.

    Raises:
        Refused: in production, with several workers, or without watchfiles.
    """
    if settings.production:
        raise Refused(
            "--reload is for development, but BACKOFFICE_ENV is production: start without it."
        )
    if settings.web_concurrency > 1:
        raise Refused(
            f"--reload serves with one worker, but WEB_CONCURRENCY is {settings.web_concurrency}: "
            "unset it, or start without --reload."
        )
    if importlib.util.find_spec("watchfiles") is None:
        raise Refused(
            "--reload needs the package watchfiles: run `script/venv requirements-dev.txt`."
        )


def options() -> dict[str, Any]:
    """The additional arguments of uvicorn.run."""
    # Uvicorn watches whole folders, and .env is at the top of the checkout. Saving a test or
    # installing a package is no reason to restart.
    others = [path for path in CHECKOUT.iterdir() if path.is_dir() and path != PACKAGE]
    return {
        "reload": True,
        "reload_dirs": [str(CHECKOUT)],
        "reload_includes": WATCHED,
        "reload_excludes": [str(path) for path in others],
    }

"""The paths that middleware treats specially."""

from backoffice.auth.return_url import SIGN_IN_PATH, SIGN_OUT_PATH

SIGN_IN = SIGN_IN_PATH
PASSWORD = "/admin/password"
WITH_A_TEMPORARY_PASSWORD = frozenset(
    {PASSWORD, SIGN_IN, SIGN_OUT_PATH, "/admin/theme", "/admin/language"}
)
"""What is open to a person whose password another person chose."""
HEALTH = frozenset({"/healthz", "/readyz"})
STATIC = ("/static/", "/admin/statics/")


def is_static(path: str) -> bool:
    """Whether it is a stylesheet, script or picture, the same for everybody."""
    return path.startswith(STATIC)


def is_plumbing(path: str) -> bool:
    """Whether it is not a page: a static file or a health check."""
    return path in HEALTH or path.startswith(STATIC)

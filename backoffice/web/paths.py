"""Which paths are for anybody, said once for all middleware."""

SIGN_IN = "/admin/login"
PASSWORD = "/admin/password"
WITH_A_TEMPORARY_PASSWORD = frozenset({PASSWORD, SIGN_IN, "/admin/logout", "/admin/theme"})
"""All that is open to somebody whose password another person chose."""
HEALTH = frozenset({"/healthz", "/readyz"})
STATIC = ("/static/", "/admin/statics/")


def is_static(path: str) -> bool:
    """Whether a stylesheet, script or picture lies there, the same for everybody."""
    return path.startswith(STATIC)


def is_plumbing(path: str) -> bool:
    """Whether the path is no page of anybody's: static files and the platform's questions."""
    return path in HEALTH or path.startswith(STATIC)

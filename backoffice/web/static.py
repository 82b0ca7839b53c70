"""Our own stylesheets and scripts, and SQLAdmin's Tabler, kept by the browser for long."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

A_YEAR = "public, max-age=31536000, immutable"
A_MOMENT = "public, max-age=300"


class VersionedFiles(StaticFiles):
    """Files whose address carries a digest of their content (``?v=…``) are kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            versioned = scope["query_string"].startswith(b"v=")
            response.headers["Cache-Control"] = A_YEAR if versioned else A_MOMENT
        return response

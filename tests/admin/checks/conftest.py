"""A start that is expected to fail."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from backoffice.admin.checks import ViewError
from backoffice.admin.routes import BackOffice
from backoffice.admin.view import RecordView
from backoffice.auth.backend import SignInBackend
from backoffice.db import open_database
from tests.admin.checks.shelves import Start
from tests.databases import make_settings


@pytest.fixture
def problems(tmp_path: Path) -> Start:
    """What a start with these views, and custom pages, complains of."""

    def start(views: Sequence[type[RecordView]], pages: Sequence[Any] = ()) -> list[str]:
        settings = make_settings(f"sqlite:///{tmp_path / 'none.sqlite3'}")
        database = open_database(settings)
        try:
            BackOffice(
                Starlette(),
                settings=settings,
                database=database,
                views=views,
                pages=pages,
                authentication_backend=SignInBackend(settings, database),
            )
        except ViewError as error:
            return str(error).splitlines()
        finally:
            database.dispose()
        return []

    return start

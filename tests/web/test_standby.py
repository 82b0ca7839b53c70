"""A PostgreSQL that is a standby, as after a failover that went to the wrong side."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import Database, normalise_url, open_database
from backoffice.db.migrations import upgrade
from backoffice.web.app import create_app
from tests import postgres_server
from tests.cast import Browser, add_items, add_user, signed_in, text_of
from tests.databases import make_settings

TYPED = {"name": "M4", "description": "Hex", "price": "1", "quantity": "2", "category": "1"}


@pytest.fixture
def server() -> Iterator[Path]:
    """The folder of a PostgreSQL of this test's own, which is running."""
    folder = Path(tempfile.mkdtemp(prefix="bs-"))
    folder.chmod(0o755)
    try:
        postgres_server.start(folder)
    except postgres_server.PostgresUnavailable as error:
        shutil.rmtree(folder)
        pytest.skip(str(error))
    yield folder
    postgres_server.stop(folder)
    shutil.rmtree(folder)


def make_standby(folder: Path) -> None:
    """Let the server start again as a standby, that waits for a primary and can be read."""
    postgres_server.stop(folder, keep=True)
    (folder / "data" / "standby.signal").touch()
    postgres_server.start_again(folder)
    # It counts as started before what it has is consistent, and then refuses connections.
    deadline = time.monotonic() + 60
    engine = sa.create_engine(normalise_url(postgres_server.url(folder)), poolclass=sa.NullPool)
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_standby_is_read_by_who_is_signed_in_and_every_change_is_refused_kindly(
    server: Path,
) -> None:
    settings: Settings = make_settings(postgres_server.url(server), history_seal_seconds=0)
    upgrade(settings)
    database: Database = open_database(settings)
    app = create_app(settings, database)
    add_user(database, "ada@example.com", superuser=True)
    add_items(database, 3)
    ada = signed_in(app, "ada@example.com")
    database.dispose()

    make_standby(server)

    for path in ("list", "details/1", "history/1", "create"):
        assert ada.get(f"/admin/item/{path}").status_code == 200, path
    # On a connection that a reader gave back: it must not ask a standby for READ WRITE.
    for _ in range(3):
        ada.get("/admin/item/create")
        refused = ada.post("/admin/item/create", TYPED)
        assert refused.status_code == 503
        assert "is read-only right now" in text_of(refused)
        assert Browser(app).sign_in("ada@example.com").status_code == 503
    assert ada.client.get("/readyz").status_code == 200
    database.dispose()

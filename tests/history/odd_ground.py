"""Databases with the tables of ``odd_models``, made once and used by one test after another."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfile

import sqlalchemy as sa

from backoffice.db import Database, open_database
from tests import databases
from tests.databases import Kind
from tests.history.odd_models import Odd
from tests.shelf import Shelf


class OddGround:
    """Gives each test of this process a database with these tables, all of them empty.

    ``folder``: where SQLite's file is. What was made goes when ``close`` is called.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shelves: dict[Kind, Shelf] = {}
        self._urls: dict[str, str] = {}
        self._opened: dict[str, Database] = {}
        self._made = ExitStack()

    def close(self) -> None:
        for database in self._opened.values():
            database.dispose()
        self._made.close()

    @contextmanager
    def database(self, kind: Kind) -> Iterator[Database]:
        """The database of one test; what the test writes is gone afterwards."""
        with self._on_file() if kind == "sqlite" else self._on_server(kind) as url:
            database = self._opened.get(url) or open_database(databases.make_settings(url))
            self._opened[url] = database  # with all the statements that it has compiled
            try:
                yield database
            finally:
                database.engine.dispose()

    @contextmanager
    def _on_file(self) -> Iterator[str]:
        template = self.folder / "template.sqlite3"
        if not template.exists():
            with databases.migrated_database("sqlite", self.folder) as url:
                _make_tables(url)
                with databases.administration("sqlite", url) as connection:
                    connection.exec_driver_sql(f"VACUUM INTO '{template}'")
        file = self.folder / "odd.sqlite3"
        for old in self.folder.glob(f"{file.name}*"):  # with its log
            old.unlink()
        copyfile(template, file)
        yield f"sqlite:///{file}"

    @contextmanager
    def _on_server(self, kind: Kind) -> Iterator[str]:
        plain = databases.shelf_of(kind)
        shelf = self._shelves.setdefault(kind, type(plain)(plain.template, plain.connect))
        name = shelf.take()
        if name is None:
            url = self._made.enter_context(databases.migrated_database(kind, self.folder))
            _make_tables(url)
            name = str(sa.make_url(url).database)
            self._urls[name] = url
            shelf.learn(name)
        try:
            yield self._urls[name]
        finally:
            shelf.put_back(name)  # if it cannot be had as it was, the next test gets another one


def _make_tables(url: str) -> None:
    database = open_database(databases.make_settings(url))
    Odd.metadata.create_all(database.engine)
    database.dispose()

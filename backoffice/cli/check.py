"""Check what a deployment needs, and say what is missing."""

import argparse
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.cli.outcome import DONE, FAILED
from backoffice.config import Settings, key_weakness, load_settings
from backoffice.db import OVERFLOW, ChangesRefused, Database, normalise_url, open_database
from backoffice.db.migrations import VERSIONS, current_state
from backoffice.history import unit_of_work
from backoffice.history.seals.chain import NotSigned, signed_end_of_chain
from backoffice.history.seals.signing import history_keys
from backoffice.models import User

NAME = "check"
SUMMARY = "Check the settings, the views, the database and its migrations."

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What a check found: a sentence, which says what to do if something is wrong."""

    level: Level
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settings-only", action="store_true", help="do not connect to the database"
    )


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    checks = SETTINGS_CHECKS if arguments.settings_only else (*SETTINGS_CHECKS, _database)
    worst = DONE
    for check in checks:
        for finding in check(settings):
            print(f"{finding.level:<5} {finding.sentence}")
            if finding.level == "fail":
                worst = FAILED
    return worst


def _environment(settings: Settings) -> Iterator[Finding]:
    url = normalise_url(settings.database)  # raises SettingsError
    if settings.production:
        yield Finding("ok", "These are production settings, and they are safe.")
    else:
        yield Finding(
            "ok", "These are development settings; BACKOFFICE_ENV=production is stricter."
        )
    if settings.production and url.get_backend_name() == "sqlite":
        yield Finding(
            "warn",
            "The database is a SQLite file: back it up, keep it on a persistent disk, and serve "
            "from one machine only. Several machines need PostgreSQL.",
        )


def _key(settings: Settings) -> Iterator[Finding]:
    key = settings.secret_key.get_secret_value()
    if not key:
        yield Finding("ok", "SECRET_KEY is not set, so the key in var/secret_key is used.")
    elif weakness := key_weakness(key):
        yield Finding("warn", f"SECRET_KEY {weakness}; production refuses it.")
    else:
        yield Finding("ok", "SECRET_KEY is long enough and not an example.")


def _transport(settings: Settings) -> Iterator[Finding]:
    if not settings.production:
        return
    if not settings.secure_cookies:
        yield Finding(
            "warn",
            "COOKIE_SECURE is off, so cookies are also sent without encryption: serve over TLS "
            "and unset it.",
        )
    else:
        yield Finding("ok", "Cookies are sent over TLS only.")
    if not settings.hsts_seconds:
        yield Finding("warn", "HSTS_SECONDS is 0, so browsers may open the unencrypted address.")


def _proxies(settings: Settings) -> Iterator[Finding]:
    if "*" in settings.forwarded_allow_ips and not settings.dyno:
        yield Finding(
            "warn",
            "FORWARDED_ALLOW_IPS trusts everybody: anybody who reaches the port can forge their "
            "address, and TLS. Set it to the proxy's address.",
        )
    elif any(
        ipaddress.ip_network(part, strict=False).num_addresses > 2**24
        for part in settings.forwarded_allow_ips
        if part != "*"
    ):
        yield Finding(
            "warn",
            "FORWARDED_ALLOW_IPS trusts a very large network: set it to the proxy's address.",
        )


def _sessions(settings: Settings) -> Iterator[Finding]:
    if settings.session_idle_minutes > settings.session_absolute_hours * 60:
        yield Finding(
            "warn",
            "SESSION_IDLE_MINUTES has no effect: SESSION_ABSOLUTE_HOURS is shorter and ends the "
            "session first.",
        )


def _views(settings: Settings) -> Iterator[Finding]:
    """Everything that would stop the start of the application. The database is not queried."""
    # Imported here: other commands need not wait for the views.
    from backoffice.admin.checks import ViewError
    from backoffice.cli.site import build_site

    database = open_database(settings)
    try:
        site = build_site(settings, database)
    except ViewError as error:
        yield from (Finding("fail", problem) for problem in error.problems)
    else:
        yield Finding("ok", f"All {len(site.record_views)} views match their models.")
    finally:
        database.dispose()


SETTINGS_CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _environment,
    _key,
    _transport,
    _proxies,
    _sessions,
    _views,
)


def _database(settings: Settings) -> Iterator[Finding]:
    database = open_database(settings)
    try:
        yield from _answers(database)
        yield from _connections(database, settings)
        yield from _encrypted(database, settings)
        state = current_state(database)
        if state.behind:
            yield Finding("fail", "Migrations are missing: run `alembic upgrade head`.")
            return
        if state.ahead:
            yield Finding("warn", "A newer release has migrated the database: deploy that release.")
        else:
            yield Finding("ok", "Migrations are at head.")
            yield from _history(database, settings)
        yield from _changes(database)
        yield from _superuser(database)
    except DBAPIError as error:
        lines = str(error.orig).strip().splitlines() or [type(error).__name__]
        yield Finding(
            "fail",
            f"The database does not answer ({lines[0].strip()}): check that it runs and that "
            "DATABASE_URL is right.",
        )
    finally:
        database.dispose()


def _answers(database: Database) -> Iterator[Finding]:
    with database.reader.connect() as connection:
        version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
        name = connection.dialect.name
    product = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "mysql": "MySQL"}.get(
        name, "MariaDB"
    )
    yield Finding("ok", f"The database answers: {product} {version}.")


def _changes(database: Database) -> Iterator[Finding]:
    # It changes no row, but a read-only database still refuses it.
    attempt = sa.update(VERSIONS).values(version_num="").where(sa.false())
    try:
        with database.writer.connect() as connection:
            connection.execute(attempt)
            connection.rollback()
    except ChangesRefused as error:
        yield Finding(
            "fail",
            f"The database is read-only right now ({str(error.orig).strip()}): people see records, "
            "but nobody can sign in or save. See docs/deploying/read-only.md.",
        )
    else:
        yield Finding("ok", "The database accepts changes.")


def _connections(database: Database, settings: Settings) -> Iterator[Finding]:
    if database.dialect != "postgresql":
        return
    wanted = settings.web_concurrency * (settings.database_pool_size + OVERFLOW)
    with database.reader.connect() as connection:
        allowed = int(connection.scalar(sa.text("SHOW max_connections")) or 0)
    if wanted > allowed:
        yield Finding(
            "fail",
            f"{settings.web_concurrency} workers may open {wanted} connections, but the server "
            f"allows {allowed}: lower DATABASE_POOL_SIZE or WEB_CONCURRENCY.",
        )


def _encrypted(database: Database, settings: Settings) -> Iterator[Finding]:
    host = normalise_url(settings.database).host
    if not settings.production or database.dialect == "sqlite" or _is_local(host):
        return
    query = _IS_ENCRYPTED.get(database.dialect, _IS_ENCRYPTED["mysql"])
    with database.reader.connect() as connection:
        is_encrypted = connection.scalar(sa.text(query)) is not None
    if is_encrypted:
        yield Finding("ok", "The connection to the database is encrypted.")
    else:
        yield Finding(
            "warn",
            "The connection to the database is not encrypted: ask for TLS in DATABASE_URL "
            "(?sslmode=require on PostgreSQL, ?ssl_ca=/path/to/ca.pem on MariaDB and MySQL).",
        )


_IS_ENCRYPTED = {
    "postgresql": (
        "SELECT CASE WHEN ssl THEN 'on' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    ),
    "mysql": "SHOW SESSION STATUS WHERE Variable_name = 'Ssl_cipher' AND Value <> ''",
}
"""Queries for a value if the connection is encrypted, and NULL or no row otherwise."""


def _is_local(host: str | None) -> bool:
    return host in (None, "", "localhost", "127.0.0.1", "::1")


def _history(database: Database, settings: Settings) -> Iterator[Finding]:
    with unit_of_work(database) as session:
        try:
            end = signed_end_of_chain(session, history_keys(settings))
        except NotSigned as error:
            yield Finding("fail", f"The history cannot be sealed. {error}")
            return
    if end.seal_id:
        yield Finding("ok", "The end of the history is signed.")


def _superuser(database: Database) -> Iterator[Finding]:
    with unit_of_work(database) as session:
        found = session.scalar(
            sa.select(sa.exists(sa.select(User.id).where(User.is_superuser, User.is_active)))
        )
    if found:
        yield Finding("ok", "There is an active superuser.")
    else:
        yield Finding(
            "warn", "There is no active superuser: run `python -m backoffice createsuperuser`."
        )

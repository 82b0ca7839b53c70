"""DATABASE_URL in the spellings that platforms and people use."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from backoffice.config import SettingsError
from backoffice.db.mysql_tls import extract_tls

DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "postgresql+psycopg2": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mariadb+pymysql": "mariadb+pymysql",
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
}
"""Spelling → dialect and driver. SQLAlchemy 2.1 refuses ``postgres://`` and takes ``postgresql://``
for psycopg 3, which this project does not install."""


def normalise_url(text: str) -> URL:
    """The URL for SQLAlchemy.

    Raises:
        SettingsError: ``text`` is no URL, names a database that is not supported, or has unknown
            parameters for TLS.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise SettingsError(
            "DATABASE_URL is not a database URL: write it like "
            "postgresql://user:password@host:5432/name."
        ) from None
    try:
        url = url.set(drivername=DRIVERS[url.drivername])
    except KeyError:
        raise SettingsError(
            f"DATABASE_URL names {url.drivername!r}, which is not supported: "
            "use postgresql://, sqlite:///, mariadb:// or mysql://."
        ) from None
    if url.get_driver_name() == "pymysql":
        extract_tls(url)  # a wrong value stops the start here, not each worker when it connects
    return url

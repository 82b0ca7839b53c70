"""DATABASE_URL in the spellings that platforms and people use."""

import pytest

from backoffice.config import SettingsError
from backoffice.db import normalise_url


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://ada:pw@db:5432/records", "postgresql+psycopg2://ada:pw@db:5432/records"),
        ("postgresql://ada:pw@db/records", "postgresql+psycopg2://ada:pw@db/records"),
        ("postgresql+psycopg2://ada@db/records", "postgresql+psycopg2://ada@db/records"),
        (
            "postgresql:///records?host=/var/run/postgresql",
            "postgresql+psycopg2:///records?host=%2Fvar%2Frun%2Fpostgresql",
        ),
        (
            "postgres://ada:p%40ss%2Fword@db/records?sslmode=require",
            "postgresql+psycopg2://ada:p%40ss%2Fword@db/records?sslmode=require",
        ),
        ("mysql://ada:pw@db/records", "mysql+pymysql://ada:pw@db/records"),
        ("mysql+pymysql://ada@db/records", "mysql+pymysql://ada@db/records"),
        ("mariadb://ada:pw@db:3306/records", "mariadb+pymysql://ada:pw@db:3306/records"),
        ("sqlite:///var/records.sqlite3", "sqlite+pysqlite:///var/records.sqlite3"),
        ("sqlite:////srv/records.sqlite3", "sqlite+pysqlite:////srv/records.sqlite3"),
        ("  sqlite:///records.sqlite3\n", "sqlite+pysqlite:///records.sqlite3"),
    ],
)
def test_every_usual_spelling_is_understood(given: str, meant: str) -> None:
    assert normalise_url(given).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize(
    "text",
    ["", "records", "/srv/records.sqlite3", "postgres//ada@db/records", "postgres://db:port/r"],
)
def test_what_is_no_url_is_refused_with_a_sentence_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is not a database URL") as refused:
        normalise_url(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("text", ["oracle://ada:pw@db/x", "mysql+mysqldb://a:pw@db/x", "http://a/"])
def test_a_database_or_driver_that_is_not_supported_is_named(text: str) -> None:
    name = text.partition("://")[0]
    with pytest.raises(SettingsError, match="which is not supported") as refused:
        normalise_url(text)
    assert repr(name) in str(refused.value)
    assert "pw" not in str(refused.value)

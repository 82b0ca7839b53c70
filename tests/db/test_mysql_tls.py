"""What a URL says about TLS reaches PyMySQL in words that it understands."""

from typing import Any

import pytest
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

from backoffice.config import SettingsError
from backoffice.db import normalise_url, open_database
from backoffice.db.mysql_tls import extract_tls
from tests.databases import make_settings

CA = "/etc/ssl/ca.pem"


def arguments(query: str, dialect: str = "mysql") -> dict[str, Any]:
    """What ``pymysql.connect`` is given about TLS for a URL with this query."""
    url, ours = extract_tls(normalise_url(f"{dialect}://ada:pw@db/records?{query}"))
    _, theirs = MySQLDialect_pymysql().create_connect_args(url)
    return {name: value for name, value in {**theirs, **ours}.items() if name.startswith("ssl")}


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("", {}),
        ("ssl_mode=PREFERRED", {}),
        ("ssl=true", {"ssl": {"verify_mode": "none"}}),
        ("ssl-mode=REQUIRED", {"ssl": {"verify_mode": "none"}}),
        ("sslmode=require&ssl_mode=REQUIRED", {"ssl": {"verify_mode": "none"}}),
        ("ssl=false", {"ssl_disabled": True}),
        (f"ssl_ca={CA}", {"ssl": {"ca": CA}}),
        (f"ssl=true&ssl_ca={CA}", {"ssl": {"ca": CA}}),
        ("ssl=true&ssl_cert=a&ssl_key=b", {"ssl": {"cert": "a", "key": "b"}}),
        (f"ssl_mode=VERIFY_CA&ssl_ca={CA}", {"ssl": {"ca": CA, "check_hostname": False}}),
        (f"sslmode=verify-full&ssl_ca={CA}", {"ssl": {"ca": CA, "check_hostname": True}}),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_every_usual_spelling_means_what_it_says(
    dialect: str, query: str, meant: dict[str, Any]
) -> None:
    assert arguments(query, dialect) == meant


@pytest.mark.parametrize(
    "query",
    [
        "ssl=maybe",
        "ssl=true&ssl=false",
        "ssl=true&ssl_mode=DISABLED",
        "sslaccept=strict",
        "ssl_mode=VERIFY_IDENTITY",
    ],
)
def test_what_means_nothing_is_refused_with_what_to_write(query: str) -> None:
    with pytest.raises(SettingsError, match=r"\?ssl_ca=.+ssl_mode=REQUIRED.+\.$") as refused:
        arguments(query)
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("query", ["ssl=true", "ssl_mode=REQUIRED"])
def test_the_engine_is_made_with_them(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    pymysql = pytest.importorskip("pymysql")
    given: dict[str, Any] = {}

    def connect(*positional: Any, **named: Any) -> None:
        given.update(named)
        raise pymysql.err.OperationalError(2003, "nobody there")

    monkeypatch.setattr(pymysql, "connect", connect)
    database = open_database(make_settings(f"mysql://ada:pw@db/records?{query}"))
    with pytest.raises(Exception, match="nobody there"):
        database.reader.connect()
    assert given["ssl"] == {"verify_mode": "none"}
    assert "ssl_mode" not in given

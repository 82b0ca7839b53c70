"""The settings, from the environment and from ``.env`` in the checkout.

``docs/settings.md`` describes each one; a test compares the two. No other module reads the
environment.
"""

import ipaddress
import os
import re
import secrets
import zoneinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backoffice.language import find_language

CHECKOUT = Path(__file__).resolve().parent.parent
VAR = CHECKOUT / "var"
"""The folder for the database and the key of a start without settings."""

MINIMUM_KEY_LENGTH = 32
"""Characters. 32 random ones have more than the 128 bits that signing needs."""

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
EXAMPLE_KEYS = ("changeme", "change-me", "secret", "example", "insecure", "placeholder")

CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """A wrong setting, which stops the start. Its text is a sentence that says what to do."""


class Settings(BaseSettings):
    """All settings. A setting's name in the environment is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_file=CHECKOUT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    backoffice_env: Literal["development", "production"] = "development"
    product_name: str = Field(default="Back office", min_length=1, max_length=40)
    brand_logo: str = ""
    brand_colour: str = ""

    database_url: SecretStr = SecretStr("")
    database_pool_size: int = Field(default=10, ge=1, le=200)
    database_connect_timeout: int = Field(default=5, ge=1, le=120)
    database_statement_timeout: int = Field(default=15, ge=0, le=3600)
    list_time_limit: int = Field(default=5, ge=1, le=300)
    database_lock_timeout: int = Field(default=5, ge=1, le=300)
    migration_lock_timeout: int = Field(default=10, ge=1, le=3600)
    migration_wait: int = Field(default=600, ge=0, le=7200)

    secret_key: SecretStr = SecretStr("")
    allowed_hosts: CommaSeparated = ()
    cookie_secure: bool | None = None
    hsts_seconds: int = Field(default=31_536_000, ge=0)
    session_idle_minutes: int = Field(default=120, ge=1, le=60 * 24 * 30)
    session_absolute_hours: int = Field(default=14, ge=1, le=24 * 90)
    max_body_bytes: int = Field(default=2_097_152, ge=4096)
    max_connections: int = Field(default=1000, ge=16, le=100_000)
    max_connections_per_address: int = Field(default=50, ge=0, le=100_000)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    web_concurrency: int = Field(default=1, ge=1, le=64)
    forwarded_allow_ips: CommaSeparated = ()
    dyno: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    history_key: SecretStr = SecretStr("")
    history_old_keys: SecretStr = SecretStr("")
    history_seal_seconds: int = Field(default=60, ge=0, le=86_400)
    history_notes: SecretStr = SecretStr("")
    history_keep_days: int | None = Field(default=None, ge=1, le=36_500)

    low_stock: int = Field(default=10, ge=0)
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    time_zone: str = "UTC"
    language: str = "en"
    languages: CommaSeparated = ("en", "en-GB", "de", "fr", "ar")

    @field_validator("allowed_hosts", "forwarded_allow_ips", "languages", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _bare_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if "/" in part:
                raise ValueError(f"{part!r} is an address: write only the host name")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("must be a name like Europe/Berlin") from error
        return value

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        return find_language(value).code

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(find_language(code).code for code in value)

    @field_validator("brand_colour")
    @classmethod
    def _a_colour(cls, value: str) -> str:
        if value and not re.fullmatch("#[0-9a-f]{6}", value.lower()):
            raise ValueError("must be a colour like #1d4db3")
        return value.lower()

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _known_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if part != "*":
                try:
                    ipaddress.ip_network(part, strict=False)
                except ValueError as error:
                    raise ValueError(f"{part!r} is not an address, a network or *") from error
        return value

    @field_validator("history_notes")
    @classmethod
    def _place_of_notes(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        scheme, separator, _rest = text.partition("://")
        host = urlsplit(text).hostname if separator else None
        if separator and not (
            host and (scheme == "https" or (scheme == "http" and host in LOCAL_HOSTS))
        ):
            # Do not repeat the address: a person who reads it may be able to write notes.
            raise ValueError("must be the path of a file or an address that begins with https://")
        return value

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if not self.production:
            return self
        key = self.secret_key.get_secret_value()
        if not key:
            raise ValueError(
                "SECRET_KEY is missing: set it to the output of "
                "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
            )
        if weakness := key_weakness(key):
            raise ValueError(
                f"SECRET_KEY {weakness}: set it to the output of "
                "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
            )
        history_key = self.history_key.get_secret_value()
        if history_key and (weakness := key_weakness(history_key)):
            raise ValueError(
                f"HISTORY_KEY {weakness}: set it to the output of "
                "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`, or leave it unset."
            )
        if not self.allowed_hosts:
            raise ValueError(
                "ALLOWED_HOSTS is missing: list the host names this back office answers to, "
                "such as backoffice.example.com."
            )
        if any("*" in host for host in self.allowed_hosts):
            raise ValueError(
                "ALLOWED_HOSTS has a wildcard: list each host name in full, "
                "such as backoffice.example.com."
            )
        if self.dyno and self.uses_sqlite:
            raise ValueError(
                "DATABASE_URL is SQLite, and a dyno's disk is lost at every restart: "
                "attach a PostgreSQL database and set DATABASE_URL to it."
            )
        return self

    @property
    def production(self) -> bool:
        return self.backoffice_env == "production"

    @property
    def uses_sqlite(self) -> bool:
        """Whether the database is a SQLite file, as it is without DATABASE_URL."""
        url = self.database_url.get_secret_value()
        return not url or url.startswith("sqlite")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are Secure and have a ``__Host-`` name: on in production."""
        return self.production if self.cookie_secure is None else self.cookie_secure

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that are served. In development, those of this machine."""
        return self.allowed_hosts or LOCAL_HOSTS

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """The proxies whose X-Forwarded-* headers are used; ``*`` is any peer.

        Only the platform's router reaches a dyno, so a dyno trusts any peer by default.
        """
        if self.forwarded_allow_ips:
            return self.forwarded_allow_ips
        return ("*",) if self.dyno else ("127.0.0.1", "::1")

    @cached_property
    def offered_languages(self) -> tuple[str, ...]:
        """The codes of the languages that a person can choose, including the default."""
        return tuple(dict.fromkeys((*self.languages, self.language)))

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @cached_property
    def database(self) -> str:
        """DATABASE_URL, or the SQLite file in ``var/``."""
        url = self.database_url.get_secret_value()
        if url:
            return url
        _make_var("DATABASE_URL to a database")
        return f"sqlite:///{VAR / 'backoffice.sqlite3'}"

    @cached_property
    def signing_key(self) -> str:
        """The key that signs cookies and tokens. Development generates one, in ``var/``."""
        key = self.secret_key.get_secret_value()
        if not key:
            _make_var("SECRET_KEY")
            key = _stored_key(VAR / "secret_key")
        return key

    @property
    def history_signing_key(self) -> str:
        """The key that signs the history: HISTORY_KEY, or the one that signs everything else."""
        return self.history_key.get_secret_value() or self.signing_key

    @property
    def history_former_keys(self) -> tuple[str, ...]:
        """Keys that signed the history before, each a former HISTORY_KEY or SECRET_KEY."""
        parts = self.history_old_keys.get_secret_value().split(",")
        return tuple(part.strip() for part in parts if part.strip())


def key_weakness(key: str) -> str | None:
    """What is wrong with a signing key, to follow its name; None if it is good."""
    if len(key) < MINIMUM_KEY_LENGTH:
        return f"is shorter than {MINIMUM_KEY_LENGTH} characters"
    if len(set(key)) < 10:
        return "repeats a few characters"
    if any(word in key.lower() for word in EXAMPLE_KEYS):
        return "looks like an example"
    return None


def load_settings(**overrides: Any) -> Settings:
    """Read the settings. ``overrides``, by field name, take precedence over the environment.

    Raises:
        SettingsError: a value is wrong, or not safe in production.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read ({error}): fix it or remove it.") from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = str(first["loc"][0]).upper()
    return f"{name} is not valid: {message[0].lower()}{message[1:]}. See docs/settings.md."


def _make_var(instead: str) -> None:
    """Create ``var/`` if it is missing; ``instead``: what to set if that fails."""
    try:
        VAR.mkdir(exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The folder var/ cannot be created ({error.strerror}): set {instead}."
        ) from None


def _stored_key(path: Path) -> str:
    """The key in ``path``. If it is missing, generate one, atomically and only once."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise SettingsError(
                f"A key cannot be stored in var/ ({error.strerror}): set SECRET_KEY."
            ) from None
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:  # another process was first: use its key
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()

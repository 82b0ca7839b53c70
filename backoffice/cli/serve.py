"""Run the web server; script/serve and the Procfile come here too, so that one place starts it."""

import argparse

import uvicorn

from backoffice.cli import reloading
from backoffice.cli.first_start import prepare
from backoffice.cli.outcome import DONE, Refused
from backoffice.config import Settings, load_settings
from backoffice.db import Database, open_database

NAME = "serve"
SUMMARY = "Serve the back office on HOST and PORT, with WEB_CONCURRENCY workers."

GRACE_SECONDS = 20
"""How long a request may go on after SIGTERM; Heroku kills after 30 seconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on instead of HOST")
    parser.add_argument("--port", type=int, help="port to listen on instead of PORT")
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="first update the database, and add demo records and a superuser to an empty one; "
        "prints the password once; for trying it out, not for production",
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="restart when code, a template, a stylesheet, a script or .env is saved; for "
        "development, with one worker",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings(**_given(arguments))
    _check_brand(settings)
    if arguments.reload:
        reloading.check(settings)
    # A wrong database or view stops the start here, not in each worker. Nothing connects yet.
    database = open_database(settings)
    if settings.web_concurrency > 1:  # a single worker stops anyway
        _check_views(settings, database)
    database.dispose()
    if arguments.prepare:
        prepare(settings)
    print(f"Serving {address(settings)} (press Ctrl+C to stop)", flush=True)
    uvicorn.run(
        "backoffice.web.asgi:app",
        host=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        # Limits what a client may cost before the application sees it. limit_concurrency is not
        # set: it also counts idle connections, and answers 503 to the health check.
        http="backoffice.web.asgi:protocol",
        # Proxies reads X-Forwarded-*. Uvicorn, told to trust "*", would take the first address
        # in X-Forwarded-For, which is whatever the client wrote.
        proxy_headers=False,
        # RequestLog writes a line per request, in the format of all other lines.
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=reloading.GRACE_SECONDS if arguments.reload else GRACE_SECONDS,
        **(reloading.options() if arguments.reload else {}),
    )
    return DONE


def _check_brand(settings: Settings) -> None:
    """Raise SettingsError if the logo or the colour of the brand cannot be shown."""
    if settings.brand_logo or settings.brand_colour:
        # Imported here: other commands need not wait for the templates.
        from backoffice.admin.branding.brand import load_brand

        load_brand(settings)


def _check_views(settings: Settings, database: Database) -> None:
    """Raise Refused if a view contradicts its model."""
    from backoffice.admin.checks import ViewError
    from backoffice.cli.site import build_site

    try:
        build_site(settings, database)
    except ViewError as error:
        raise Refused("\n".join(error.problems)) from None


def address(settings: Settings) -> str:
    """Where a browser on this machine finds it."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - read, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/admin/"


def _given(arguments: argparse.Namespace) -> dict[str, object]:
    given = {"host": arguments.host, "port": arguments.port}
    return {name: value for name, value in given.items() if value is not None}

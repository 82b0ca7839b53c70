"""Another commit of this repository, to measure beside the present one."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from backoffice.config import CHECKOUT


@contextmanager
def checkout_of(commit: str) -> Iterator[Path]:
    """A folder with the files of ``commit``, deleted at the end.

    Raises:
        subprocess.CalledProcessError: there is no such commit, or this is not a repository.
    """
    with TemporaryDirectory(prefix="bench-commit-") as folder:
        place = Path(folder) / "checkout"
        _git("worktree", "add", "--quiet", "--detach", str(place), commit)
        try:
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


def commit_id(commit: str) -> str:
    """The first ten digits of the id of a commit, which may be named in any way.

    Raises:
        subprocess.CalledProcessError: as ``checkout_of``.
    """
    command = ["git", "rev-parse", "--verify", f"{commit}^{{commit}}"]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    return done.stdout[:10]


def _git(*words: str) -> None:
    subprocess.run(["git", *words], cwd=CHECKOUT, check=True)

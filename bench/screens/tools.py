"""Third-party programs that run only on request: the HTML checker (vnu) and Lighthouse.

npm installs them in ``var/tools``, in the versions that ``package.json`` beside this file names.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backoffice.config import VAR

WANTED = Path(__file__).with_name("package.json")
PLACE = VAR / "tools"


class ToolMissing(Exception):
    """A program that a tool needs is not on this machine; the text says which."""


def installed(package: str) -> Path:
    """The folder of an npm package, installed first if it is not there in the wanted version.

    Raises:
        ToolMissing: there is no npm, or it cannot install.
    """
    folder = PLACE / "node_modules" / package
    wanted = json.loads(WANTED.read_text("utf-8"))["dependencies"][package]
    found = folder / "package.json"
    if found.exists() and json.loads(found.read_text("utf-8"))["version"] == wanted:
        return folder
    npm = _program("npm")
    PLACE.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(WANTED, PLACE / "package.json")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=PLACE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolMissing(f"npm could not install {package} {wanted}: {done.stderr[-500:]}")
    return folder


def invalid_html(pages: Sequence[Path]) -> list[tuple[str, Path]]:
    """What the HTML checker finds wrong in files: a sentence and the file, for each place.

    Raises:
        ToolMissing: there is no Java, or the checker cannot be installed.
    """
    if not pages:
        return []
    jar = installed("vnu-jar") / "build" / "dist" / "vnu.jar"
    command = [
        _program("java"),
        "-Xss1m",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--exit-zero-always",
    ]
    done = subprocess.run(
        [*command, *(str(page) for page in pages)], capture_output=True, text=True, check=True
    )
    report: dict[str, Any] = json.loads(done.stderr or '{"messages": []}')
    return [
        (
            f"vnu {_kind(one)}: {one['message']} {_extract(one)}",
            Path(one["url"].removeprefix("file:")),
        )
        for one in report["messages"]
        if one["type"] == "error" or one.get("subType") == "warning"
    ]


def _kind(message: dict[str, Any]) -> str:
    """Whether it is an "error" or a "warning". What is neither explains one of them."""
    return str(message.get("subType", message["type"]))


def _extract(message: dict[str, Any]) -> str:
    return " ".join(str(message.get("extract", "")).split())[:120]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ToolMissing(f"{name} is not on the PATH")
    return found

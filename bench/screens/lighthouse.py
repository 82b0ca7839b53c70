"""Lighthouse's scores for a few screens, on a desktop and on a phone: medians of several runs."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from bench.screens.screens import NOBODY
from bench.screens.signing_in import sign_in
from bench.screens.stage import MARA, Stage
from bench.screens.tools import ToolMissing, installed

RUNS = 5
CATEGORIES = ("performance", "accessibility", "best-practices")
DEVICES: dict[str, tuple[str, ...]] = {"desktop": ("--preset=desktop",), "mobile": ()}

PAGES = {
    "list": (MARA, "/admin/item/list"),
    "details": (MARA, "/admin/item/details/{item}"),
    "form": (MARA, "/admin/item/edit/{item}"),
    "sign-in": (NOBODY, "/admin/login"),
}


@dataclass(frozen=True)
class Marks:
    """The medians of one page on one device, from 0 to 100, in the order of ``CATEGORIES``.

    ``faults``: the audits that took marks away, by Lighthouse's names.
    """

    page: str
    device: str
    marks: tuple[int, ...]
    faults: tuple[str, ...]

    def __str__(self) -> str:
        marks = "  ".join(
            f"{name} {mark:3}" for name, mark in zip(CATEGORIES, self.marks, strict=True)
        )
        faults = f"  ({', '.join(self.faults)})" if self.faults else ""
        return f"{self.page:8} {self.device:8} {marks}{faults}"


def marks_of(chromium: Browser, program: Path, stage: Stage) -> Iterator[Marks]:
    """Each page on each device.

    ``program``: the browser's, which Lighthouse starts by itself.

    Raises:
        ToolMissing: there is no Node.js, or Lighthouse cannot be installed or run.
    """
    node = shutil.which("node")
    if node is None:
        raise ToolMissing("node is not on the PATH")
    script = installed("lighthouse") / "cli" / "index.js"
    cookie = _cookie(chromium, stage)
    for page, (person, path) in PAGES.items():
        address = stage.address + path.format_map(stage.keys)
        headers = {} if person == NOBODY else {"Cookie": cookie}
        for device, options in DEVICES.items():
            command = [node, str(script), address, *options, _flags(), *_output(headers)]
            reports = [_report(command, program) for _run in range(RUNS)]
            yield Marks(page, device, _medians(reports), _faults(reports))


def _flags() -> str:
    return "--chrome-flags=--headless --no-sandbox --disable-gpu --disable-background-networking"


def _output(headers: dict[str, str]) -> list[str]:
    wanted = f"--only-categories={','.join(CATEGORIES)}"
    sent = [f"--extra-headers={json.dumps(headers)}"] if headers else []
    return ["--quiet", "--output=json", wanted, *sent]


def _report(command: list[str], program: Path) -> dict[str, dict[str, dict[str, object]]]:
    with TemporaryDirectory(prefix="lighthouse-") as folder:
        file = Path(folder) / "report.json"
        done = subprocess.run(
            [*command, f"--output-path={file}"],
            env={**os.environ, "CHROME_PATH": str(program), "LIGHTHOUSE_NO_TELEMETRY": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not file.exists():
            raise ToolMissing(f"Lighthouse ended with {done.returncode}: {done.stderr[-500:]}")
        report: dict[str, dict[str, dict[str, object]]] = json.loads(file.read_text("utf-8"))
        return report


def _medians(reports: list[dict[str, dict[str, dict[str, object]]]]) -> tuple[int, ...]:
    return tuple(
        round(100 * median(float(str(report["categories"][name]["score"])) for report in reports))
        for name in CATEGORIES
    )


def _faults(reports: list[dict[str, dict[str, dict[str, object]]]]) -> tuple[str, ...]:
    """What was marked below 0.9 in the last run, and counts for a mark."""
    report = reports[-1]
    counted = {
        str(audit["id"])
        for name in CATEGORIES
        for audit in _audits(report["categories"][name])
        if audit["weight"]
    }
    return tuple(
        name
        for name in sorted(counted)
        if (score := report["audits"][name]["score"]) is not None and float(str(score)) < 0.9
    )


def _audits(category: dict[str, object]) -> list[dict[str, object]]:
    audits = category["auditRefs"]
    assert isinstance(audits, list)
    return audits


def _cookie(chromium: Browser, stage: Stage) -> str:
    context = chromium.new_context(base_url=stage.address)
    try:
        sign_in(context, stage.address, MARA)
        return "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    finally:
        context.close()

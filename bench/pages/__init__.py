"""Whether every screen is, byte for byte, the same as at another commit.

Each side's own code serves a copy of one database, and the same walk goes through both.
Everything that differs from run to run is masked (``masking``); the rest must be equal.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from backoffice.config import CHECKOUT
from bench.commits import checkout_of
from bench.pages.comparing import Comparison, compare
from bench.pages.data import environment_of, migrate, two_databases, write_commands
from bench.pages.rows import write_rows
from bench.pages.shapes import program, shapes
from bench.pages.visitor import Record
from bench.pages.walk import Chapter, chapters_of, walk
from bench.servers import running
from tests.databases import Kind

SUMMARY = "whether every screen is byte for byte what it is at another commit"

SIDES = ("before", "after")
MOST_DIFFERENCES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--beside", metavar="COMMIT", required=True, help="the other commit")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="(sqlite)",
    )
    parser.add_argument("--shapes", action="store_true", help="use the views of tests/shapes")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="only chapters with this word in their names"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="save the pages of both commits there"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help=f"print all differences, not the first {MOST_DIFFERENCES}",
    )


def run(arguments: argparse.Namespace) -> None:
    """Walk through both, print the differences, and end with exit code 1 if there are any."""
    began = time.monotonic()
    # Stopped in either way, it ends its servers and deletes the other checkout.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        before = stack.enter_context(checkout_of(arguments.beside))
        work = Path(stack.enter_context(TemporaryDirectory(prefix="bench-pages-")))
        work.chmod(0o755)  # another user's database server reads files in it
        pages = arguments.keep or work / "pages"
        kind: Kind = arguments.database
        all_of_it = not arguments.shapes and not arguments.only
        chapters = (shapes,) if arguments.shapes else chapters_of(arguments.only)
        try:
            urls = stack.enter_context(
                two_databases(kind, work, before, with_shapes=arguments.shapes)
            )
            records = [Record(_empty(pages / name)) for name in SIDES]
            with ThreadPoolExecutor(len(SIDES)) as both:  # each can use a processor of its own
                taking = partial(_take, kind, chapters, arguments.shapes, all_of_it)
                logs = [work / f"{name}.log" for name in SIDES]
                try:
                    list(both.map(taking, SIDES, (before, CHECKOUT), urls, records, logs))
                except BaseException:
                    for record in records:  # else the threads would walk to the end
                        record.stopped = True
                    raise
        except subprocess.CalledProcessError as error:
            raise SystemExit(f"{error}\n{error.stdout}\n{error.stderr}") from None
        found = compare(*(pages / name for name in SIDES))
        _tell(found, arguments.all)
        _tell_statics(*(record.statics for record in records))
        seconds = time.monotonic() - began
        print(
            f"\n{found.compared:,} pages, tables and commands compared with {arguments.beside} on "
            f"{kind} in {seconds:.0f} s: {found.equal:,} equal, {len(found.differing):,} differ."
        )
        if arguments.keep:
            print(f"Both sides' pages are in {arguments.keep}.")
    if found.differing:
        sys.exit(1)


def _empty(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.txt"):
        file.unlink()
    return folder


def _take(
    kind: Kind,
    chapters: Sequence[Chapter],
    with_shapes: bool,
    all_of_it: bool,
    name: str,
    checkout: Path,
    url: str,
    record: Record,
    log: Path,
) -> None:
    """One side's pages, and afterwards its database's contents and its commands' output."""
    environment = environment_of(url)
    migrate(environment, checkout)
    command = ["-m", "backoffice", "serve", "--port"]
    if with_shapes:
        command = program("serve", kind, environment)
    with running(name, command, environment, log=log, checkout=checkout) as server:
        walk(server.port, record, chapters)
    write_rows(url, record.folder)
    if all_of_it:
        write_commands(environment, checkout, record.folder)


def _tell(found: Comparison, everything: bool) -> None:
    groups = found.alike()
    for names in groups if everything else groups[:MOST_DIFFERENCES]:
        others = f" and {len(names) - 1} more that differ by the same lines" if names[1:] else ""
        print(f"\n{names[0]}{others}")
        for line in found.differing[names[0]]:
            print(f"  {line}")
    if not everything and len(groups) > MOST_DIFFERENCES:
        print(f"\n… and {len(groups) - MOST_DIFFERENCES} other differences: --all prints them.")


def _tell_statics(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Static files by their digests, which are masked in the pages."""
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    if changed:
        print(f"\nStatic files that differ: {', '.join(changed)}")

"""No process outlives the test that started it."""

from collections.abc import Iterator

import pytest

from tests.migrations.revisions import started


@pytest.fixture(autouse=True)
def end_releases() -> Iterator[None]:
    yield
    while started:
        release = started.pop()
        if release.poll() is None:
            release.kill()
        release.communicate()

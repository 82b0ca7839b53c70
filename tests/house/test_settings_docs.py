"""docs/settings.md and the settings say the same."""

import re
from typing import Any

from pydantic import SecretStr

from backoffice.config import CHECKOUT, Settings

ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
DOCUMENTED = {
    name: default
    for name, default, _, _ in ROW.findall((CHECKOUT / "docs" / "settings.md").read_text())
}


def written(default: Any) -> str:
    """A default as the page writes it."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return "–" if default in (None, "", ()) else f"`{default}`"


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED) == {name.upper() for name in Settings.model_fields}


def test_every_default_is_the_one_in_force() -> None:
    defaults = {
        name.upper(): written(field.default) for name, field in Settings.model_fields.items()
    }
    assert defaults == DOCUMENTED

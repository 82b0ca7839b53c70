"""The guide for operators tells of the keys, buttons and limits that are there."""

import re
from pathlib import Path

from backoffice.admin.deletion.cascade_choice import CONFIRM_ABOVE
from backoffice.admin.deletion.plan import MOST_AT_ONCE
from backoffice.admin.forms import page
from backoffice.admin.forms.choices import FOUND_LIMIT, PLAIN_LIMIT
from backoffice.admin.lists.periods import PRESETS
from backoffice.admin.lists.search import MOST_TERMS
from backoffice.admin.lists.sorting import MOST_COLUMNS
from backoffice.admin.pages.rendering import ENVIRONMENT, TEMPLATES
from backoffice.admin.pages.shell import HOME_KEY, Keys
from backoffice.admin.records.cascade import MOST_NAMES
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.saved_views.store import KEPT_DAYS, MOST_OWN
from backoffice.admin.view import RecordView
from backoffice.auth.password.policy import SHORTEST
from backoffice.config import CHECKOUT, Settings
from tests.docs.pages import guide, on_one_line, section

PLACE = CHECKOUT / "docs" / "operators"
KEYBOARD = section(PLACE / "keyboard.md", "Use the keyboard")
TEXT = on_one_line(guide("operators"))


def test_every_key_of_the_shortcuts_dialog_is_in_the_table_with_what_it_does() -> None:
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|", KEYBOARD, re.MULTILINE)
    table = {
        (*re.findall(r"`(.+?)`", keys), *re.findall(r"`(.+?)`", act)): act for keys, act in rows
    }
    dialog = ENVIRONMENT.get_template("shortcuts.html").render(part=Keys(HOME_KEY, ()))
    for keys, act in re.findall(r"<dt>(.+?)</dt><dd>(.+?)</dd>", dialog):
        pressed = tuple(re.findall(r"<kbd>(.+?)</kbd>", keys + act))
        assert table[pressed].replace("`", "") == re.sub(r"<[^>]+>", "", act)


def test_every_key_that_a_control_declares_is_in_the_table() -> None:
    declared = {
        key
        for path in TEMPLATES.rglob("*.html")
        for key in re.findall(r'aria-keyshortcuts="([^"{]+)"', path.read_text())
    }
    assert declared
    for key in declared:
        pressed = [part.replace("Control", "Ctrl") for part in key.split("+")]
        assert " ".join(f"`{part}`" for part in pressed) in KEYBOARD, key


def test_the_table_of_buttons_has_those_of_the_form() -> None:
    told = re.findall(
        r"^\| \*\*(.+?)\*\* \|", section(PLACE / "editing.md", "The form"), re.MULTILINE
    )
    assert told[:3] == [one.text for one in (page.SAVE, page.CONTINUE, page.ANOTHER)]
    template = (TEMPLATES / "form.html").read_text()
    assert all(f'{{{{ _("{label}") }}}}</a>' in template for label in told[3:])


def test_the_numbers_are_those_in_force() -> None:
    words = {2: "two", 4: "four", 5: "five", 8: "eight", 10: "ten", 14: "fourteen"}
    defaults = Settings()
    assert f"A page has {RecordView.page_size} rows" in TEXT
    sizes = RecordView.page_size_options
    assert f"offers {min(sizes)} to {max(sizes)}" in TEXT
    assert f'"{COUNT_LIMIT:,}+"' in TEXT
    assert f"up to {words[MOST_TERMS]} words are used".lower() in TEXT.lower()
    assert f"at most {words[MOST_COLUMNS]} columns" in TEXT
    assert f"takes longer than {words[defaults.list_time_limit]} seconds" in TEXT
    for preset in PRESETS:
        assert f"`{preset}`" in TEXT
    assert f"up to {PLAIN_LIMIT} of them" in TEXT
    assert f"shows the first {FOUND_LIMIT} and" in TEXT
    assert f"Up to {MOST_AT_ONCE} records" in TEXT
    assert f"with {words[defaults.low_stock]} pieces or fewer" in TEXT
    assert f"after {words[defaults.session_idle_minutes // 60]} hours of inactivity" in TEXT
    assert f"{words[defaults.session_absolute_hours]} hours after you signed in" in TEXT
    assert f"at least {words[SHORTEST]} characters" in TEXT


def test_what_it_says_of_history_and_deletes_is_in_force() -> None:
    assert f"If there are more than {CONFIRM_ABOVE}, type their number" in TEXT
    assert f"with the first {MOST_NAMES} names" in TEXT
    assert f"**{page.RESTORE.text}**" in TEXT
    assert "**Restore**" in TEXT
    assert '{{ _("Restore") }}</a>' in (TEMPLATES / "history.html").read_text()


def test_what_it_says_of_saved_views_is_in_force() -> None:
    assert f"You can have {MOST_OWN} of a list" in TEXT
    assert f"restored there for {KEPT_DAYS} days" in TEXT
    panel = (TEMPLATES / "macros" / "saved_views.html").read_text()
    for label in ("Save view", "Save changes", "Make it your default view", "Manage"):
        assert f"**{label}**" in TEXT
        assert f'_("{label}")' in panel


def test_what_it_says_of_the_overview_the_account_and_the_window_is_on_the_screens() -> None:
    sources = "".join(
        path.read_text()
        for folder, pattern in ((TEMPLATES, "*.html"), (CHECKOUT / "backoffice" / "admin", "*.py"))
        for path in folder.rglob(pattern)
    )
    finding, account = PLACE / "finding-records.md", PLACE / "your-account.md"
    told = [*_labels(finding, "The overview"), *_labels(finding, "On a phone")]
    told += _labels(account, "Theme, language and window")
    told += _labels(account, "Change your password")
    told += _labels(PLACE / "history-and-undo.md", "Undo and redo")[:2]
    told += ["Compact", "Comfortable", "Reset widths"]
    assert len(told) > 12
    for label in told:
        assert f"**{label}**" in TEXT
        assert f'_("{label}")' in sources, label


def _labels(page: Path, heading: str) -> list[str]:
    """What a section has in bold: buttons, links and headings of the screens."""
    return re.findall(r"\*\*(.+?)\*\*", " ".join(section(page, heading).split()))

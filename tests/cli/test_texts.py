"""Collecting the texts to translate, from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from backoffice.cli import texts
from backoffice.config import Settings
from backoffice.language import catalogues
from tests.cli.conftest import Run


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of translations of the test's own."""
    folder = tmp_path / "backoffice" / "locales"
    for module in (texts, catalogues):
        monkeypatch.setattr(module, "LOCALES", folder)
    monkeypatch.setattr(texts, "TEMPLATE", folder / "messages.pot")
    return folder


def test_a_translation_is_begun_with_all_texts_and_the_names_of_the_views(
    run: Run, settings: Settings, use_settings: Callable[[Settings], None], locales: Path
) -> None:
    use_settings(settings)
    told = run("texts", "--add", "pt-BR")
    assert (told.code, told.err) == (0, "")
    assert "texts have no translation." in told.out
    path = locales / "pt_BR" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    for text in (
        "Item",
        "items",
        "an item",
        "Quantity",
        "Enter yes or no.",
        ("{count} byte", "{count} bytes"),
    ):
        assert text in catalogue, text
    assert path.with_suffix(".mo").is_file()
    assert path.with_name("scripts.json").read_text() == "{}"


def test_what_was_translated_stays_when_texts_are_collected_again(
    run: Run, settings: Settings, use_settings: Callable[[Settings], None], locales: Path
) -> None:
    use_settings(settings)
    run("texts", "--add", "de")
    path = locales / "de" / "LC_MESSAGES" / "messages.po"
    path.write_text(
        path.read_text().replace('msgid "items"\nmsgstr ""', 'msgid "items"\nmsgstr "Artikel"')
    )
    told = run("texts")
    assert told.code == 0
    assert 'msgstr "Artikel"' in path.read_text()
    assert run("texts", "--add", "de").err == (
        "backoffice: backoffice/locales/de/LC_MESSAGES/messages.po already exists.\n"
    )


def test_wrong_languages_and_files_are_refused_with_a_sentence(
    run: Run, settings: Settings, use_settings: Callable[[Settings], None], locales: Path
) -> None:
    use_settings(settings)
    assert "'xx' is not a language" in run("texts", "--add", "xx").err
    folder = locales / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text("No catalogue.\n")
    told = run("texts", "--compile")
    assert (told.code, told.out) == (1, "")
    assert told.err == ("backoffice: a translation cannot be read: messages.po of de, line 1.\n")

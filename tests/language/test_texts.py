"""Texts go through gettext: what is marked is found, and translated where a language has it."""

import json
import re
import warnings
from pathlib import Path

import pytest

from backoffice.language import (
    ENGLISH,
    N_,
    Language,
    _,
    catalogues,
    find_language,
    ngettext,
    pgettext,
    preferred_language,
    scripts_catalogue,
    speak,
)
from backoffice.language.catalogues import load_file
from backoffice.language.compiling import compile_catalogues, script_texts, to_json
from backoffice.language.extraction import extract_texts
from backoffice.language.pseudo import pseudo

ARABIC = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
" n%100>=11 && n%100<=99 ? 4 : 5);\\n"

msgid "Wrong e-mail or password."
msgstr "خطأ في البريد"

msgid "{name} was saved."
msgstr "حُفظ {name}."

msgctxt "a state"
msgid "Open"
msgstr "مفتوح"

msgid "{count} selected"
msgid_plural "{count} selected"
msgstr[0] "zero {count}"
msgstr[1] "one {count}"
msgstr[2] "two {count}"
msgstr[3] "few {count}"
msgstr[4] "many {count}"
msgstr[5] "other {count}"
"""


@pytest.fixture
def arabic(tmp_path: Path) -> Language:
    """Egyptian Arabic with a catalogue of a few texts."""
    folder = tmp_path / "ar_EG" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(ARABIC, encoding="utf-8")
    assert compile_catalogues(tmp_path) == [folder / "messages.po"]
    found = find_language("ar-EG")
    return Language("ar-EG", found.locale, load_file(folder / "messages.mo"))


def test_english_texts_are_their_own_translation() -> None:
    assert _("{name} was saved.", name="Bolt {x}") == "Bolt {x} was saved."
    assert ngettext("{count} item", "{count} items", 1) == "1 item"
    assert ngettext("{count} item", "{count} items", 1234) == "1,234 items"
    assert pgettext("a state", "Open") == "Open"
    assert _(N_("Save")) == "Save"


def test_a_text_is_translated_where_the_catalogue_has_it(arabic: Language) -> None:
    with speak(arabic):
        assert _("Wrong e-mail or password.") == "خطأ في البريد"
        assert _("{name} was saved.", name="Bolt") == "حُفظ Bolt."
        assert pgettext("a state", "Open") == "مفتوح"
        assert _("Nobody has translated this.") == "Nobody has translated this."
        assert _("") == ""  # and not the header of the catalogue
    assert _("Wrong e-mail or password.") == "Wrong e-mail or password."


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "zero ٠"),
        (1, "one ١"),
        (2, "two ٢"),
        (7, "few ٧"),
        (11, "many ١١"),
        (100, "other ١٠٠"),
        (1234, "many ١٬٢٣٤"),
    ],
)
def test_every_plural_form_of_a_language_is_used(arabic: Language, count: int, text: str) -> None:
    with speak(arabic):
        assert ngettext("{count} selected", "{count} selected", count) == text


def test_scripts_get_their_own_texts_by_the_names_of_plural_forms(arabic: Language) -> None:
    assert arabic.catalogue is not None
    texts = script_texts(arabic.catalogue, arabic.locale)
    assert texts.get("{count} selected", {}).keys() <= {
        "zero", "one", "two", "few", "many", "other",
    }  # fmt: skip
    assert "Wrong e-mail or password." not in texts  # it is in no script


def test_a_region_without_texts_of_its_own_has_those_of_its_script_or_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    for locale in ("zh", "zh_Hant"):
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text(f'msgid "Save"\nmsgstr "{locale}"\n')
    compile_catalogues(tmp_path)
    for locale, text in (("zh_Hant_TW", "zh_Hant"), ("zh_Hans_CN", "zh"), ("zh", "zh")):
        found = catalogues.load_catalogue(locale)
        assert found is not None
        assert found.gettext("Save") == text
    assert catalogues.load_catalogue("de_CH") is None
    assert catalogues.load_script_texts("de_CH") == ""


def test_the_scripts_texts_end_no_element() -> None:
    assert "<" not in to_json({"a": "</script><b>"})
    assert json.loads(to_json({"a": "</script>"})) == {"a": "</script>"}


def test_an_english_page_needs_no_catalogue() -> None:
    assert scripts_catalogue() == ""
    with speak(find_language("de")):
        assert scripts_catalogue() == ""  # until somebody translates the texts
    with speak(find_language("qps-ploc")):
        assert isinstance(json.loads(scripts_catalogue()), dict)


def test_texts_are_found_in_code_templates_and_scripts(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('x = _("In code.")\ny = N_("Marked.")\nz = _(variable)\n')
    (tmp_path / "b.html").write_text(
        '{{ _("In a template.") }} {{ _html("By {who}", who=name) }}'
        '{{ ngettext("{count} row", "{count} rows", n) }}'
    )
    (tmp_path / "c.js").write_text('import { _ } from "./words.js";\nsay(_("In a script."));\n')
    found = {message.id for message in extract_texts(tmp_path, names=["Item"]) if message.id}
    assert found == {
        "In code.",
        "Marked.",
        "In a template.",
        "By {who}",
        ("{count} row", "{count} rows"),
        "In a script.",
        "Item",
    }


def test_every_marked_text_can_be_translated() -> None:
    """A text that is made of pieces, or computed, cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalogue = extract_texts()
    assert len(catalogue) > 60
    for message in catalogue:
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        for text in texts:
            assert text == text.strip(), f"{text!r} is a piece of a sentence"
            assert "%(" not in text, f"{text!r} has a place without a name"


def test_a_translation_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid "a"\nmsgstr "b"\nNot a line of a catalogue.\n')
    with pytest.raises(ValueError, match=r"^messages\.po of de, line 3$"):
        compile_catalogues(tmp_path)


@pytest.mark.parametrize(
    ("translation", "unknown"),
    [
        ('msgid "{name} was saved."\nmsgstr "{nmae} ist da."', "{nmae}"),
        ('msgid "{name} was saved."\nmsgstr "{name ist da."', "{name ist da."),
        ('msgid "{name} was saved."\nmsgstr "name} ist da."', "}"),
        (
            'msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "eine"\nmsgstr[1] "{}"',
            "{}",
        ),
    ],
)
def test_a_translation_with_an_unknown_place_is_refused(
    tmp_path: Path, translation: str, unknown: str
) -> None:
    """No page could be written with it."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(f"{translation}\n")
    told = rf"^messages\.po of de, line 1: the English text has no {re.escape(unknown)}$"
    with pytest.raises(ValueError, match=told):
        compile_catalogues(tmp_path)


def test_the_pseudo_language_marks_and_lengthens_what_it_translates() -> None:
    text = "Delete {name} and its <b>items</b>?"
    made = pseudo(text)
    assert made.startswith("⟦")
    assert made.endswith("⟧")
    assert "{name}" in made
    assert "<b>" in made
    assert len(made) > 1.3 * len(text)
    with speak(find_language("qps-plocm")):
        assert _("Saved {name}.", name="x {y}").count("x {y}") == 1
        assert ngettext("{count} row", "{count} rows", 2).startswith("⟦٢ ")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB", "en-GB"),
        ("en-AU,en;q=0.9", "en"),
        ("fr;q=0.3, de;q=0.7", "de"),
        ("ja, fr;q=0.1", "fr"),
        ("pt-BR", "pt-PT"),
        ("", "en"),
        ("ja", "en"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt-PT"),
        ("en-AU,en-GB;q=0.9,en;q=0.8", "en-GB"),
        ("en-AU,en-CA;q=0.9", "en"),
        ("FR-ca", "fr"),
        ("de;q=0", "en"),
        (";;==,q=1,*", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_browsers_best_language_is_taken(accepted: str, code: str) -> None:
    offered = ("en", "en-GB", "de", "fr", "pt-PT")
    assert preferred_language(accepted, offered, "en") == code


def test_an_unknown_code_is_refused_with_a_sentence() -> None:
    for code in (
        *("xx-YY", "", "de_DE", "../../etc", "e" * 300),
        *("de@a", "de.UTF-8", "root", "de\n"),
    ):
        with pytest.raises(ValueError, match="is not a language: write a code like"):
            find_language(code)


def test_english_has_a_direction_and_arabic_texts_another(arabic: Language) -> None:
    assert (ENGLISH.direction, ENGLISH.texts_code, ENGLISH.name) == ("ltr", "en", "English")
    assert (arabic.direction, arabic.texts_code) == ("rtl", "ar-EG")
    # Without a catalogue the texts are English, whatever the numbers are.
    assert (find_language("ar").direction, find_language("ar").texts_code) == ("ltr", "en")

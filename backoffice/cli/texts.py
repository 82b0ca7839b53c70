"""Collect the texts to translate, and compile the translations."""

import argparse
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from backoffice.admin.options import inside_a_sentence
from backoffice.admin.view import RecordView
from backoffice.cli.outcome import DONE, Refused
from backoffice.cli.site import build_site
from backoffice.columns import kind_of
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.language import find_language
from backoffice.language.catalogues import LOCALES
from backoffice.language.compiling import compile_catalogues
from backoffice.language.extraction import extract_texts

NAME = "texts"
SUMMARY = "Collect the texts to translate, and compile the translations."

TEMPLATE = LOCALES / "messages.pot"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--compile",
        action="store_true",
        help="only compile the existing translations, without a database",
    )
    parser.add_argument(
        "--add",
        metavar="LANGUAGE",
        help="start the translation into a language, such as de or pt-BR",
    )


def run(arguments: argparse.Namespace) -> int:
    if not arguments.compile:
        template = _template()
        _write(TEMPLATE, template)
        print(f"{len(template):,} texts in {_shown(TEMPLATE)}.")
        if arguments.add:
            _begin(arguments.add)
        for path in sorted(LOCALES.glob("*/LC_MESSAGES/messages.po")):
            _update(path, template)
    try:
        compiled = compile_catalogues(LOCALES)
    except ValueError as error:
        raise Refused(f"a translation cannot be read: {error}.") from None
    for path in compiled:
        print(f"Compiled {_shown(path)}.")
    return DONE


def _template() -> Catalog:
    """All texts: those that the code marks, and the names of the views and of what they show."""
    database = open_database(load_settings())
    try:
        return extract_texts(names=_names(build_site(load_settings(), database).record_views))
    finally:
        database.dispose()


def _names(views: Sequence[RecordView]) -> Iterator[str]:
    for view in views:
        yield from (view.name, view.name_plural)
        for name in (view.name, view.name_plural):
            yield inside_a_sentence(name)
        yield view.english_with_article
        for attribute in view.mapper.all_orm_descriptors.keys():  # noqa: SIM118 - by themselves, values
            yield view.declared_label(attribute)
        for column in view.mapper.columns:
            yield from (label for _text, label in kind_of(column).choices)


def _begin(code: str) -> None:
    try:
        locale = find_language(code).locale
    except ValueError as error:
        raise Refused(f"{error}.") from None
    path = LOCALES / str(locale) / "LC_MESSAGES" / "messages.po"
    if path.exists():
        raise Refused(f"{_shown(path)} already exists.")
    _write(path, Catalog(locale=locale, project="backoffice"))


def _update(path: Path, template: Catalog) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    catalogue.update(template)
    _write(path, catalogue)
    missing = [
        message for message in catalogue if message.id and not _is_translated(message.string)
    ]
    print(f"{_shown(path)}: {len(missing):,} texts have no translation.")


def _is_translated(string: str | Sequence[str] | None) -> bool:
    return bool(string) if isinstance(string, str | None) else all(string)


def _write(path: Path, catalogue: Catalog) -> None:
    written = BytesIO()
    write_po(written, catalogue, width=100, sort_output=True, ignore_obsolete=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written.getvalue())


def _shown(path: Path) -> str:
    return path.relative_to(LOCALES.parent.parent).as_posix()

"""Fixed texts in the person's language: gettext's rules on `.po` files that are read when first needed.

The files are read as they are: there is no compiled form that could be missing or stale. One language takes a
millisecond to read, once a process.
"""

from __future__ import annotations

import json
import re
from functools import cache
from gettext import GNUTranslations, NullTranslations, c2py
from pathlib import Path
from typing import Any, NamedTuple

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "tr", "hi", "ja", "zh")
"""The languages of the catalogue, by ISO 639-1. Chinese is in simplified characters."""

SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).parent / "locales"

PO_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?(".*")')


class Text(str):
    """A fixed text in English, which is the key of its translations."""

    __slots__ = ()


class PluralText(NamedTuple):
    """A fixed text about a number of things, `{count}`: in English for one, and for another number."""

    one: str
    other: str


def translate(text: str, language: str, **values: object) -> str:
    """Returns the text in the language, in English if there is no such translation, with the values in the
    places of its placeholders. A text that is not in the catalogue is returned as it is."""
    translated = str(_translations(language).gettext(text))
    return translated.format(**values) if values else translated


def translate_count(text: PluralText, count: int, language: str, **values: object) -> str:
    """Returns the text in the form that the language has for this number."""
    return _translations(language).ngettext(text.one, text.other, count).format(count=count, **values)


def all_translations(text: str) -> tuple[str, ...]:
    """The text in every language."""
    return tuple(translate(text, language) for language in LANGUAGES)


@cache
def _translations(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE or language not in LANGUAGES:
        return NullTranslations()
    with (LOCALES / f"{language}.po").open("rb") as file:
        return PoTranslations(file)


class PoTranslations(GNUTranslations):
    """Translations from a `.po` file. `_parse` is what gettext has for other formats than its own."""

    def _parse(self, fp: Any) -> None:
        self._catalog: dict[Any, str] = {}
        self.plural = lambda n: int(n != 1)
        for block in fp.read().decode().split("\n\n"):
            self._add_entry(_parse_entry(block))

    def _add_entry(self, entry: dict[str, str]) -> None:
        key = entry.pop("msgid", None)
        if key is None:
            return
        if key == "":
            self._set_plural_rule(entry.get("msgstr", ""))
        elif "msgid_plural" in entry:
            del entry["msgid_plural"]
            self._catalog |= {(key, number): form for number, form in enumerate(entry.values())}
        elif entry.get("msgstr"):
            self._catalog[key] = entry["msgstr"]

    def _set_plural_rule(self, headers: str) -> None:
        rule = re.search(r"plural=(.+?);", headers)
        if rule:
            self.plural = c2py(rule[1])


def _parse_entry(block: str) -> dict[str, str]:
    """The fields of an entry, with the pieces of each put together."""
    entry: dict[str, str] = {}
    field = ""
    for line in block.splitlines():
        if part := PO_LINE.fullmatch(line):
            field = part[1] or field
            entry[field] = entry.get(field, "") + json.loads(part[2])
    return entry

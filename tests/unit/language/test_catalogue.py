"""The catalogue of fixed texts: complete, and read as gettext means it."""

from __future__ import annotations

import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from babel.core import Locale
from babel.messages.pofile import read_po

from repartee.language import desk_texts, email_texts, handover_texts, texts
from repartee.language.catalogue import (
    LANGUAGES,
    LOCALES,
    SOURCE_LANGUAGE,
    PluralText,
    Text,
    translate,
    translate_count,
)

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


def _texts_within(value: Any) -> Iterable[Any]:
    """Returns the texts of a list or a mapping of texts; else the value alone."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, tuple) and not isinstance(value, PluralText) else (value,)


FIXED_TEXTS = [
    value for module in (texts, handover_texts, desk_texts, email_texts) for value in vars(module).values()
]
PLURAL_TEXTS = [value for value in FIXED_TEXTS if isinstance(value, PluralText)]
TEXTS = [text for value in FIXED_TEXTS for text in _texts_within(value) if isinstance(text, Text)]

SAME_AS_ENGLISH = {
    **{
        ("de", month): "months that are called alike"
        for month in ("April", "August", "September", "November")
    },
    ("de", texts.ERP_LOOK_AT): "a name and a small word that both languages have",
    ("hi", texts.DATE): "nothing but placeholders, in the same order",
}
"""Translations that may equal the English, each for a reason."""


def catalogue_of(language: str) -> Any:
    """The file as babel, which did not write our reader, reads it."""
    with (LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def fields_of(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    """Each has a translation of its own, and the file holds none for a text that is gone."""
    entries = {message.id: message for message in catalogue_of(language) if message.id}
    keys = {str(text) for text in TEXTS} | {tuple(text) for text in PLURAL_TEXTS}

    assert set(entries) == keys
    assert not any(message.fuzzy for message in entries.values())
    assert [
        text
        for text in TEXTS
        if translate(text, language) == text and (language, text) not in SAME_AS_ENGLISH
    ] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_and_code_are_kept(language: str) -> None:
    """A translation has the same placeholders, commands, emphasis and lines as the English."""
    for text in TEXTS:
        translated = translate(text, language)
        assert fields_of(translated) == fields_of(text), translated
        assert translated.count("\n") == text.count("\n"), translated
        assert translated.count("**") == text.count("**"), translated
        assert sorted(translated.split("`")[1::2]) == sorted(text.split("`")[1::2]), translated
        assert translated
        assert translated == translated.strip()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_form_is_there(language: str) -> None:
    """As many as the language has by its header and by CLDR, each with its number."""
    catalogue = catalogue_of(language)

    assert catalogue.num_plurals == (1 if language in ("ja", "zh") else 2)
    for message in catalogue:
        if isinstance(message.id, tuple):
            forms = message.string
            assert len(forms) == catalogue.num_plurals
            assert all(fields_of(form) == ["count"] for form in forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_chooses_the_form(language: str) -> None:
    """Our reader takes the form that the Unicode data has for one and for ten."""
    rule = Locale(language).plural_form
    for text in PLURAL_TEXTS:
        one, ten = (translate_count(text, count, language).replace(str(count), "#") for count in (1, 10))
        if language != SOURCE_LANGUAGE:
            forms = {message.id: message.string for message in catalogue_of(language)}[tuple(text)]
            assert one == forms[0].format(count="#")
            assert ten == forms[0 if rule(10) == rule(1) else 1].format(count="#")
        else:
            assert (one, ten) == (text.one.format(count="#"), text.other.format(count="#"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_our_reader_reads_what_babel_reads(language: str) -> None:
    """Every single text of a file, with its line breaks and quotes."""
    for message in catalogue_of(language):
        if message.id and isinstance(message.id, str):
            assert translate(message.id, language) == message.string


def test_what_is_not_in_the_catalogue_stays_as_it_is() -> None:
    """A text that the model wrote, an unknown language, nothing at all."""
    assert translate("Ich sehe nach…", "de") == "Ich sehe nach…"
    assert translate(texts.UNMUTED, "xx") == translate(texts.UNMUTED, "") == "I am back."
    assert translate("", "de") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_where_the_platforms_show_them(language: str) -> None:
    """WhatsApp's buttons have 20 characters and its footers 60, Telegram's alerts 200."""
    for button in (texts.APPROVE, texts.DECLINE):
        assert len(f"✅ {translate(button, language)}") <= 20
    assert len(translate_count(texts.PROPOSAL_VALID_FOR, 10, language)) <= 60
    assert len(translate_count(texts.PROPOSAL_TOO_LATE, 10, language)) <= 200
    for status in (texts.THINKING, texts.LOOKING_INTO_ODOO, texts.PREPARING):
        assert len(translate(status, language)) <= 100


def test_the_files_are_part_of_the_package() -> None:
    """They are read where the module is: what copies the package to Lambda copies them."""
    assert Path(texts.__file__).parent == LOCALES.parent
    assert {path.stem for path in LOCALES.glob("*.po")} == set(TRANSLATED)

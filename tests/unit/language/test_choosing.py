"""In which language people are spoken to."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repartee.language.catalogue import LANGUAGES
from repartee.language.choosing import choose_language, language_code
from repartee.language.dates import format_moment
from repartee.language.detection import detect_language

LABELLED = yaml.safe_load((Path(__file__).parents[2] / "data" / "languages.yaml").read_text())
GERMAN, ENGLISH = "Wie schreibt man eine gute Anzeige?", "What did we decide about the budget?"


@pytest.mark.parametrize("part", ["look", "held_out"])
def test_the_language_of_a_text_is_told_where_it_is_sure(part: str) -> None:
    """It is never taken for another one, and found for nine of ten texts."""
    got = [
        (text, language, detect_language(text))
        for language, texts in LABELLED[part].items()
        for text in texts
    ]

    assert [one for one in got if one[2] not in (one[1], "")] == []
    assert sum(one[1] == one[2] for one in got) >= 0.9 * len(got)


def test_it_costs_next_to_nothing() -> None:
    """Less than a millisecond for the longest text that is looked at."""
    text = (ENGLISH + " ") * 500
    detect_language(text)
    began = time.perf_counter()
    for _ in range(20):
        detect_language(text)

    assert (time.perf_counter() - began) / 20 < 0.001


@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    """It never fails, and tells no language that the catalogue has not."""
    assert detect_language(text) in ("", *LANGUAGES)


@pytest.mark.parametrize(
    "known, language",
    [
        ({"profile": {"language": "French"}, "platform": "de", "text": ENGLISH}, "fr"),
        ({"platform": "de", "text": ENGLISH}, "de"),
        ({"platform": "pt-br", "text": "ok"}, "pt"),
        ({"platform": "zh-hans"}, "zh"),
        ({"platform": "en", "text": GERMAN}, "de"),
        ({"platform": "en", "text": "ok"}, "en"),
        ({"platform": "ru", "text": GERMAN}, "de"),
        ({"platform": "ru", "text": "привет"}, ""),
        ({"profile": {"language": "Klingon"}, "text": GERMAN}, "de"),
        ({"text": "ok"}, ""),
        ({"text": "ok", "profile": {"spoken_language": "tr"}}, "tr"),
        ({"text": ENGLISH, "profile": {"spoken_language": "tr"}}, "en"),
        ({}, ""),
    ],
)
def test_what_is_asked_for_comes_first_then_the_platform_then_the_text(
    known: dict[str, Any], language: str
) -> None:
    """An English platform says less than a text that is surely in another language."""
    assert choose_language(**known) == language


def test_languages_have_many_names() -> None:
    """Tags as platforms and browsers write them, names as profiles have them."""
    names = ("de", "de-AT", "de_DE", "German", "Deutsch", "de-CH, en;q=0.8", "DE;q=1")
    assert {language_code(name) for name in names} == {"de"}
    assert language_code("xx") == language_code("") == language_code("Denglish") == ""


def test_dates_are_said_in_the_language_and_with_their_zone() -> None:
    """With the weekday, and no doubt about whose clock it is."""
    moment = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Europe/Berlin"))

    assert format_moment(moment, "en") == "Monday, 30 November, 09:00 (Europe/Berlin)"
    assert format_moment(moment, "de") == "Montag, 30. November, 09:00 (Europe/Berlin)"
    assert format_moment(moment, "ja") == "11月30日（月曜日）09:00（Europe/Berlin）"
    assert format_moment(moment.astimezone(UTC), "es") == "lunes, 30 de noviembre, 08:00 (UTC)"

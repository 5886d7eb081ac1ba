"""Finds the time that a question speaks of: "last week", "in May", "昨日". In ten languages.

What it finds is never a filter, as people err about dates: messages of that time are put further up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from repartee.language.detection import detect_language
from repartee.language.folding import is_spaceless


class Period(msgspec.Struct, frozen=True):
    """From and until when, in seconds since the epoch."""

    start: float
    end: float

    def includes(self, moment: float) -> bool:
        return self.start <= moment < self.end


MONTHS: Mapping[str, str] = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",  # noqa: RUF001
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
}

ENGLISH_VERBS = frozenset(("may", "march"))
"""Months that are months only where they begin with a capital letter, in English."""

RELATIVE_PERIODS: Mapping[tuple[int, int], str] = {
    (
        -2,
        -1,
    ): "the day before yesterday; vorgestern; anteayer; avant-hier; anteontem; l'altro ieri; evvelsi gün; "
    "परसों; 一昨日; おととい; 前天",
    (-1, 0): "yesterday; gestern; ayer; hier; ontem; ieri; dün; कल; 昨日; きのう; 昨天",
    (0, 1): "today; heute; hoy; aujourd'hui; hoje; oggi; bugün; आज; 今日; きょう; 今天",
    (
        -14,
        0,
    ): "last week; letzte woche; letzter woche; vorige woche; semana pasada; semaine dernière; "
    "semana passada; settimana scorsa; geçen hafta; पिछले हफ्ते; पिछले सप्ताह; 先週; 上周; 上星期; 上个星期",
    (-62, 0): "last month; letzten monat; letzter monat; mes pasado; mois dernier; mês passado; mese scorso; "
    "geçen ay; पिछले महीने; 先月; 上月; 上个月",
    (-730, 0): "last year; letztes jahr; año pasado; année dernière; ano passado; anno scorso; geçen yıl; "  # noqa: RUF001
    "पिछले साल; 去年; 昨年",
}
"""The days from and until which phrases may mean, counted from the day on which they are said."""

EAST_ASIAN_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})[日号])?")
ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def find_period(text: str, asked_at: float) -> Period | None:
    """Returns the time that the text speaks of, where it does. None without the moment of asking."""
    if asked_at <= 0:
        return None
    today = datetime.fromtimestamp(asked_at, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return next(_found_periods(text, today), None)


def _found_periods(text: str, today: datetime) -> Iterator[Period]:
    for year, month, day in ISO_DATE.findall(text):
        yield from _dated(today, int(year), int(month), int(day))
    for year, month, day in EAST_ASIAN_DATE.findall(text):
        yield from _dated(today, int(year or 0), int(month), int(day or 0))
    language = detect_language(text)
    months, pattern = _months_of(language if language in MONTHS else "")
    for before, word, after, year in pattern.findall(text):
        if word.lower() not in ENGLISH_VERBS or word[0].isupper():
            yield from _dated(today, int(year or 0), months[word.lower()], int(before or after or 0))
    for (first, last), pattern in _relative_patterns().items():
        if pattern.search(text.replace("\u2019", "'")):
            yield Period((today + timedelta(first)).timestamp(), (today + timedelta(last)).timestamp())


@cache
def _relative_patterns() -> dict[tuple[int, int], re.Pattern[str]]:
    """Returns the phrases as patterns: whole words, where their script puts spaces between words."""
    return {
        days: re.compile("|".join(map(_phrase_pattern, phrases.split("; "))), re.IGNORECASE)
        for days, phrases in RELATIVE_PERIODS.items()
    }


def _phrase_pattern(phrase: str) -> str:
    return phrase if is_spaceless(phrase) else rf"(?<!\w){phrase}(?!\w)"


@cache
def _months_of(language: str) -> tuple[dict[str, int], re.Pattern[str]]:
    """Returns the numbers of a language's months, and the pattern of a date: of all where it is not sure."""
    lists = [MONTHS[language]] if language else MONTHS.values()
    months = {name: number for names in lists for number, name in enumerate(names.split(), 1)}
    day_before = r"(?:(\d{1,2})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+|of\s+)?)?"
    month = rf"(?<!\w)({'|'.join(months)})(?!\w)"
    day_after, year = r"(?:\s+(\d{1,2})\b(?!\d))?", r"(?:,?\s+(?:de\s+)?(\d{4}))?"
    return months, re.compile(day_before + month + day_after + year, re.IGNORECASE)


def _dated(today: datetime, year: int, month: int, day: int) -> Iterator[Period]:
    """Yields the day or month: without a year, the last one that has begun."""
    try:
        start = today.replace(year=year or today.year, month=month, day=day or 1)
        if not year and start > today:
            start = start.replace(year=start.year - 1)
    except ValueError:
        return
    end = start + timedelta(1) if day else (start.replace(day=28) + timedelta(4)).replace(day=1)
    yield Period(start.timestamp(), end.timestamp())

"""The time that a question speaks of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from repartee.language.periods import find_period

ASKED_AT = datetime(2026, 6, 17, 15, 30, tzinfo=UTC).timestamp()


def noon(day: str) -> float:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "what did we say yesterday?",
        "Was haben wir gestern besprochen?",
        "¿Qué dijimos ayer?",
        "Qu'avons-nous dit hier ?",
        "O que dissemos ontem?",
        "Che cosa abbiamo detto ieri?",
        "Dün ne konuştuk?",
        "कल हमने क्या कहा?",
        "昨日は何を話しましたか",
        "我们昨天说了什么？",
    ],
)
def test_yesterday_is_known_in_ten_languages(text: str) -> None:
    """What was said the day before is in it; what is said on the day is not."""
    period = find_period(text, ASKED_AT)

    assert period is not None
    assert period.includes(noon("2026-06-16"))
    assert not period.includes(noon("2026-06-15"))
    assert not period.includes(noon("2026-06-17"))


@pytest.mark.parametrize(
    "text",
    [
        "what did Ben order in May?",
        "Was wurde im Mai bestellt?",
        "¿Qué se pidió en mayo?",
        "Qu'est-ce qui a été commandé en mai ?",
        "O que foi encomendado em maio?",
        "Che cosa è stato ordinato a maggio?",
        "Mayıs ayında ne sipariş edildi?",
        "मई में क्या मँगाया गया?",
        "5月に何を注文しましたか",
        "5月订了什么？",
    ],
)
def test_a_month_is_the_last_one_that_has_begun(text: str) -> None:
    """May, asked in June, is the one that has just ended."""
    period = find_period(text, ASKED_AT)

    assert period is not None
    assert period.includes(noon("2026-05-01"))
    assert period.includes(noon("2026-05-31"))
    assert not period.includes(noon("2026-06-01"))


def test_a_month_that_is_to_come_was_last_year() -> None:
    """October, asked in June, is that of the year before."""
    period = find_period("what about the offer of October?", ASKED_AT)

    assert period is not None
    assert period.includes(noon("2025-10-20"))


@pytest.mark.parametrize(
    "text",
    [
        "on October 13, 2023",
        "am 13. Oktober 2023",
        "el 13 de octubre de 2023",
        "2023-10-13",
        "2023年10月13日",
    ],
)
def test_a_date_is_a_day(text: str) -> None:
    """A day that is written out is that day alone."""
    period = find_period(text, ASKED_AT)

    assert period is not None
    assert period.includes(noon("2023-10-13"))
    assert not period.includes(noon("2023-10-14"))


@pytest.mark.parametrize(
    "text",
    ["may I ask you something?", "they march on", "31 February", "99月", "no time at all", "", "0000-00-00"],
)
def test_most_questions_speak_of_no_time(text: str) -> None:
    """Verbs that look like months, and dates that there are not, are no time."""
    assert find_period(text, ASKED_AT) is None


def test_nothing_is_relative_to_an_unknown_moment() -> None:
    """Where it is not known when it is asked, no time is found."""
    assert find_period("yesterday", 0.0) is None

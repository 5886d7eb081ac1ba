"""The check that every number and address of a sentence stands in what was gathered."""

from __future__ import annotations

import pytest

from repartee.assistants.desk.grounding import Evidence

GATHERED = Evidence(
    [
        "Delivery to Austria costs 9.90 euros and takes 2 to 4 days.",
        "Orders over 1,500 euros are free. Call +49 30 1234567 or write to help@lumen.example.",
        "Opening hours: mon 09:00-18:00, sat 10:30-14:00. Closed on 2026-12-25.",
        "See https://www.lumen.example/delivery for more. VAT is 19 %.",
        "Die Lampe kostet 1.299,00 €.",
    ]
)


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs 9.90 euros.",
        "Es kostet 9,90 Euro.",
        "It takes 2-4 days.",
        "We open at 9 and close at 18:00.",
        "We close at 6 pm.",
        "On Saturday from 10:30 a.m. to 2 p.m.",
        "Closed on 25/12/2026.",
        "Closed on 25.12.2026.",
        "From 1500 euros on it is free, from 1.500 too.",
        "The lamp is 1,299 euros, or 1 299.",
        "Call 030 1234567, or +49301234567.",
        "Write to help@lumen.example, or see lumen.example/delivery.",
        "See [1] and [2] for that.",
        "1. First switch it off.\n2) Then wait.",
        "The fee is １９ %.",
        "Nothing is counted here, e.g. two or three.",
    ],
)
def test_what_stands_in_a_source_is_supported(sentence: str) -> None:
    """In whichever form a number, a time, a date or an address is written."""
    assert list(GATHERED.find_unsupported(sentence)) == []


@pytest.mark.parametrize(
    "sentence, found",
    [
        ("Gift wrapping is 3 euros.", "3"),
        ("It costs 9.95 euros.", "9.95"),
        ("It takes 24 hours.", "24"),
        ("We close at 8 pm.", "20:00"),
        ("See https://evil.example/delivery.", "evil.example/delivery"),
        ("Write to sales@lumen.example.", "sales@lumen.example"),
        ("Call +49 30 7654321.", "7654321"),
        ("You get 50% off.", "50"),
        ("Closed on 26.12.2026.", "26.12.2026"),
        ("लागत ७ यूरो है।", "7"),
    ],
)
def test_what_stands_nowhere_is_found(sentence: str, found: str) -> None:
    """A price, a time, a link, an address or a number of a telephone that nobody gave."""
    assert found in " ".join(GATHERED.find_unsupported(sentence))


def test_evidence_grows() -> None:
    """What a tool finds during the reply counts from then on."""
    evidence = Evidence()
    assert not evidence.supports("It is 7 euros.")

    evidence.add(["7 euros"])

    assert evidence.supports("It is 7 euros.")


def test_a_known_limit_is_stated() -> None:
    """A number that stands in a source in another connection passes: the check compares what is written."""
    assert GATHERED.supports("Delivery takes 19 days.")

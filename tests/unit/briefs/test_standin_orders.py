"""The small model's stand-in understands the orders that the samples and the local stack need."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.briefs.notice import ParsedNotice
from standins.openai.brief_answers import answer_brief_request, parse_notice

LISTED = 'Their reminders:\n1. "pay the rent", Friday\n2. "call mum", Monday\n3. "collect the rent", Sunday'


@pytest.mark.parametrize(
    "said, understood",
    [
        ("remind me in half an hour to take the pizza out", {"minutes": 30.0, "text": "take the pizza out"}),
        ("remind me in an hour to call", {"minutes": 60.0}),
        ("remind me in 0.05 minutes to call Ben", {"minutes": 0.05}),
        ("remind me every other Tuesday at 10 to water the plants", {"every": 2, "weekdays": (1,)}),
        ("stop the reminders about rent", {"act": "cancel_reminder", "numbers": (1, 3)}),
        ("cancel the reminder", {"act": "cancel_reminder", "numbers": ()}),
    ],
)
def test_an_order_is_understood_in_the_form_that_is_asked_for(said: str, understood: dict[str, Any]) -> None:
    """It can be read as what a real model answers."""
    found = msgspec.convert(parse_notice(said, LISTED), ParsedNotice, strict=False)

    assert {name: getattr(found, name) for name in understood} == understood


def test_the_list_is_read_from_the_request() -> None:
    """It stands before the message, as the prompt has it."""
    request = {"text": {"format": {"name": "ParsedNotice"}}}
    text = f"Their local time: Monday\n\n{LISTED}\n\nTheir message:\nstop the reminders about rent"

    answer = answer_brief_request(request, [("user", text)])
    assert answer is not None
    assert '"numbers": [1, 3]' in answer

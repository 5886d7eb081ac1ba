"""The model stand-in's rules for the office: a few orders in plain words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.assistants.office.commands import ParsedCommand
from standins.openai.office_answers import parse_command


@pytest.mark.parametrize(
    "message, made",
    [
        ("Please be quiet for two hours", {"act": "mute", "minutes": 120.0}),
        ("Sei bitte still", {"act": "mute", "minutes": None}),
        ("Ya puedes hablar otra vez", {"act": "unmute"}),
        ("The meeting starts now", {"act": "start_meeting"}),
        ("La réunion est terminée", {"act": "end_meeting"}),
        ("Remember that I like tea.", {"act": "learn", "note": "I like tea"}),
        ("Where are the keys?", {"act": "none"}),
    ],
)
def test_plain_words_become_an_order(message: str, made: dict[str, Any]) -> None:
    """In the form that the office assistant asks for."""
    answer = parse_command(message)

    assert msgspec.convert(answer, ParsedCommand).act == made["act"]
    assert made.items() <= answer.items()

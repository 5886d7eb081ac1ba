"""A conversation counts when it begins, with the time until its first answer."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.desk import DeskConfig
from repartee.domain.message import Incoming, StoredMessage
from repartee.plan import Outcome
from repartee.ports import ChatState
from repartee.ports.desk import DeskState
from repartee.turn.handover_metrics import conversation_metrics
from repartee.turn.timeline import Timeline
from tests.support.inbox_builders import make_message

CONFIG = DeskConfig(number="web", name="Lumen")


class ClosedTurn:
    """The parts of a turn that are looked at."""

    def __init__(self, state: Any, first_text_at: float = 104.5) -> None:
        message = make_message("hi", sent=200_000.0)
        self.incoming: tuple[Incoming, ...] = (message,)
        self.outcomes: tuple[Outcome, ...] = (
            Outcome("language", "ok", "en"),
            Outcome("chat_state", "ok", state),
        )
        received = message.received
        text_at = received + first_text_at - 100.0 if first_text_at else 0.0
        self.timeline = Timeline(received, received, first_text_at=text_at)


def make_state(*said_at: float, config: DeskConfig | None = CONFIG) -> DeskState:
    history = tuple(
        StoredMessage(id=f"{at}", side="user", chat="c", room="c", sender="p", text="x", sent=at)
        for at in said_at
    )
    return DeskState(config=config, history=history)


def test_a_first_message_begins_a_conversation() -> None:
    """And another after a day of silence."""
    for state in (make_state(), make_state(200_000.0 - 90_000)):
        found = dict(conversation_metrics(ClosedTurn(state)))
        assert found == {"DeskConversations": 1, "SecondsToFirstAnswer": 4.5}


def test_a_silent_turn_has_no_first_answer() -> None:
    """It began a conversation all the same."""
    assert dict(conversation_metrics(ClosedTurn(make_state(), 0.0))) == {"DeskConversations": 1}


@pytest.mark.parametrize("state", [make_state(199_000.0), make_state(config=None), ChatState(), None])
def test_a_conversation_that_goes_on_is_counted_already(state: Any) -> None:
    """And what another assistant answers, or no desk is configured for, is none."""
    assert list(conversation_metrics(ClosedTurn(state))) == []

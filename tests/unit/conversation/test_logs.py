"""What people write is in no log, whatever goes wrong with it."""

from __future__ import annotations

import io
import json

import pytest
from aws_lambda_powertools import Logger

from repartee.errors import log_fields
from tests.support import crashing_world as world_module
from tests.support.crashing_world import CrashingWorld
from tests.support.redacting_world import RedactingWorld

CANARY = "canary-3f1b"
THREAD = "1788999999.000001"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that is logged, at every level."""
    stream = io.StringIO()
    logger = Logger(service=f"logs-{id(stream)}", level="DEBUG", stream=stream)
    monkeypatch.setattr(world_module, "SILENT_LOGGER", logger)
    return stream


def events(log: io.StringIO) -> list[str]:
    return [json.loads(line)["message"] for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    "broken",
    [
        "model",
        "records",
        "records.read_chat_state",
        "messages",
        "messages.put",
        "embedder",
        "inbox.close_turn",
        "slack",
    ],
)
def test_whatever_is_broken_no_log_holds_what_was_said(log: io.StringIO, broken: str) -> None:
    """The log says that something failed, and where, and names chat and turn; never the words."""
    world = CrashingWorld()
    world.broken = {broken}
    world.ask_question(f"tell ada@example.com about {CANARY}", THREAD)

    for _ in range(4):
        world.run_worker()
        world.pass_time(40.0)

    assert CANARY not in log.getvalue()
    assert "ada@example.com" not in log.getvalue()


def test_a_turn_that_fails_is_logged(log: io.StringIO) -> None:
    """The test above looks at a log that is written."""
    world = CrashingWorld()
    world.broken = {"model"}
    world.ask_question(CANARY, THREAD)

    world.run_worker()

    assert "turn_failed" in events(log)


def test_what_is_hidden_is_in_no_log_either(log: io.StringIO) -> None:
    """Neither a value nor its placeholder."""
    world = RedactingWorld()
    world.answer = lambda prompt: ["[EMAIL_", "nonsense"]

    world.visible_answer("tell ada@example.com")

    assert "ada@example.com" not in log.getvalue()
    assert "EMAIL" not in log.getvalue()


def test_an_error_of_somebody_else_is_named_and_not_quoted() -> None:
    """A vendor's words may repeat a person's."""
    with pytest.raises(ValueError, match=CANARY) as failure:
        raise ValueError(CANARY)

    assert CANARY not in json.dumps(log_fields(failure.value))

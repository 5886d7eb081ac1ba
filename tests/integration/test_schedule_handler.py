"""The schedule's function with its sample event, as `sam local invoke` gives it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from local import brief_seeds
from local.lambda_handlers import LambdaContext, load_handler
from local.scheduled_work import SCHEDULE_EVENT, SCHEDULE_TIMEOUT_SECONDS
from repartee.wiring import brief_stores
from tests.support.live_handlers import LiveHandlers, live_handlers


@pytest.fixture(scope="module")
def running() -> Iterator[LiveHandlers]:
    with live_handlers({}) as up:
        yield up


def test_the_sample_event_has_what_is_due_queued_once(running: LiveHandlers) -> None:
    """The answer is the report, which Lambda can say as JSON: a brief and a reminder that are due; run again
    before they are said, the brief is known to be queued."""
    event, handler = json.loads(SCHEDULE_EVENT.read_text()), load_handler("brief_schedule")
    brief_seeds.subscribe(running.parts, time.time())
    running.parts.get(brief_stores.reminders).put_reminder(brief_seeds.make_reminder("r1", time.time()))

    first, second = (
        json.loads(json.dumps(handler(event, LambdaContext("brief_schedule", SCHEDULE_TIMEOUT_SECONDS))))
        for _ in range(2)
    )

    assert (first["due"], first["queued"], first["reminders"]) == (1, 1, 1)
    assert (second["queued"], second["duplicates"]) == (0, 1)
    assert first["failures"] == second["failures"] == {}
    assert first["is_complete"]

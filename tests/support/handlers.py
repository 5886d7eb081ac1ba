"""The webhook's Lambda over inbox, records and queue in memory."""

from __future__ import annotations

import io
import itertools
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from local import lambdas
from local.events import Posted
from repartee import wiring
from repartee.channels.slack.signature import signed
from repartee.conversation.message import Message
from repartee.wiring import Wiring
from tests.support.memory import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.proposals import MemoryProposals

EVENTS = Path(__file__).parents[2] / "events"

SECRET = "local-signing-secret"

NUMBERS = itertools.count()

NOW = 1_789_000_000.0


class MemoryWiring(Wiring):
    """Wiring whose backends are in memory and whose time stands still."""

    def __init__(self, **settings: str) -> None:
        super().__init__(
            {"SLACK_SIGNING_SECRET": SECRET, "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead", **settings}
        )
        self.now = NOW
        self.log = io.StringIO()
        self.logger = Logger(service=f"test-{next(NUMBERS)}", stream=self.log)

    def clock(self) -> float:
        return self.now

    @cached_property
    def inbox(self) -> MemoryInbox:
        return MemoryInbox()

    @cached_property
    def records(self) -> MemoryRecords:
        return MemoryRecords(self.clock)

    @cached_property
    def proposals(self) -> MemoryProposals:
        return MemoryProposals()

    @cached_property
    def wakes(self) -> MemoryWakes:
        return MemoryWakes(self.clock)


class Webhook:
    """The function, posted to as a platform does."""

    def __init__(self, parts: MemoryWiring | None = None) -> None:
        self.parts = parts or MemoryWiring()
        wiring.install(self.parts)
        self._handler = lambdas.handler("webhook")

    def post(self, body: bytes, headers: dict[str, str] | None = None, **how: Any) -> dict[str, Any]:
        """The answer to a body, signed now unless the headers say otherwise."""
        timestamp = str(int(self.parts.now))
        own = {
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signed(SECRET, timestamp, body),
        }
        path = how.pop("path", "/slack/events")
        posted = Posted(path, own if headers is None else headers, body)
        event = posted.as_lambda_event(self.parts.now, "request-1", in_base64=how.pop("in_base64", True))
        event["body"] = how.pop("handed_over", event["body"])
        answer: dict[str, Any] = self._handler(event | how, lambdas.Context("webhook"))
        return answer

    def taken(self) -> list[Message]:
        """What was kept, taken out: the next time there is only what is new."""
        inbox = self.parts.inbox
        kept = [*inbox.messages.values()]
        inbox.messages.clear()
        inbox.open.clear()
        return kept

    def send(self, name: str, **how: Any) -> dict[str, Any]:
        """The answer to a sample event."""
        return self.post(payload(name), **how)


def payload(name: str) -> bytes:
    """A sample event's body, exactly as it is in events/."""
    return (EVENTS / f"{name}.json").read_bytes()


def changed(name: str, **changes: Any) -> bytes:
    """A sample event's body with other fields in its `event`."""
    envelope = json.loads(payload(name))
    envelope["event"].update(changes)
    return json.dumps(envelope).encode()

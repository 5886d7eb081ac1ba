"""The webhook's Lambda over inbox, records and queue in memory."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from local import lambda_handlers
from local.sample_events.samples import PostedRequest
from repartee import wiring
from repartee.channels.slack.receiver import sign_body
from repartee.domain.message import Incoming
from repartee.wiring import Wiring, process, stores
from tests.support.memory_proposals import MemoryProposals
from tests.support.memory_stores import MemoryChatMoves, MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.memory_web_stores import MemoryRates, MemoryStreamSlots

EVENTS_FOLDER = Path(__file__).parents[2] / "events"

SIGNING_SECRET = "local-signing-secret"
PERSON_ID_KEY = "a key for tests"

REQUEST_NUMBERS = itertools.count()

NOW_SECONDS = 1_789_000_000.0

NO_LIMITS = {"PERSON_RATE": "1000000000", "PERSON_KILOBYTES": "1000000000"}
"""Settings under which one person may send thousands of messages in a minute that does not pass."""


class MemoryWiring(Wiring):
    """Wiring whose backends are in memory and whose time stands still."""

    def __init__(self, **settings: str) -> None:
        super().__init__(
            {
                "SLACK_SIGNING_SECRET": SIGNING_SECRET,
                "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead",
                "PERSON_ID_KEY": PERSON_ID_KEY,
                **settings,
            }
        )
        self.now = NOW_SECONDS
        self.log = io.StringIO()
        self.inbox = MemoryInbox()
        self.records = MemoryRecords(self.clock)
        self.wakes = MemoryWakes(self.clock)
        self.proposals = MemoryProposals()
        self.chat_moves = MemoryChatMoves()
        self.put(process.logger, Logger(service=f"test-{next(REQUEST_NUMBERS)}", stream=self.log))
        self.put(process.clock, self.clock)
        self.replace(stores.inbox, lambda _: self.inbox)
        self.replace(stores.records, lambda _: self.records)
        self.replace(stores.wakes, lambda _: self.wakes)
        self.replace(stores.proposals, lambda _: self.proposals)
        self.replace(stores.chat_moves, lambda _: self.chat_moves)
        self.put(stores.rates, MemoryRates(self.clock))
        self.put(stores.stream_slots, MemoryStreamSlots(self.clock))

    def clock(self) -> float:
        return self.now


class WebhookFunction:
    """The function, posted to as a platform does."""

    def __init__(self, parts: MemoryWiring | None = None) -> None:
        self.parts = parts or MemoryWiring()
        wiring.set_wiring(self.parts)
        self._handler = lambda_handlers.load_handler("webhook")

    def post_body(self, body: bytes, headers: dict[str, str] | None = None, **how: Any) -> dict[str, Any]:
        """The answer to a body, signed now unless the headers say otherwise."""
        timestamp = str(int(self.parts.now))
        own = {
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": sign_body(SIGNING_SECRET, timestamp, body),
        }
        path = how.pop("path", "/slack/events")
        posted = PostedRequest(path, own if headers is None else headers, body)
        event = posted.as_lambda_event(self.parts.now, "request-1", in_base64=how.pop("in_base64", True))
        event["body"] = how.pop("handed_over", event["body"])
        answer: dict[str, Any] = self._handler(event | how, lambda_handlers.LambdaContext("webhook"))
        return answer

    def post_request(self, posted: PostedRequest) -> dict[str, Any]:
        """The answer to a request, as it is."""
        event = posted.as_lambda_event(self.parts.now, "request-1")
        answer: dict[str, Any] = self._handler(event, lambda_handlers.LambdaContext("webhook"))
        return answer

    def take_stored(self) -> list[Incoming]:
        """Returns what was stored since the last call."""
        inbox = self.parts.inbox
        kept = [*inbox.messages.values()]
        inbox.messages.clear()
        inbox.open.clear()
        return kept

    def send_sample(self, name: str, **how: Any) -> dict[str, Any]:
        """The answer to a sample event."""
        return self.post_body(read_payload(name), **how)


def read_payload(name: str) -> bytes:
    """A sample event's body, exactly as it is in events/."""
    return (EVENTS_FOLDER / f"{name}.json").read_bytes()


def changed_payload(name: str, **changes: Any) -> bytes:
    """A sample event's body with other fields in its `event`."""
    envelope = json.loads(read_payload(name))
    envelope["event"].update(changes)
    return json.dumps(envelope).encode()

"""Whatever a web client posts: an answer that says what is wrong, never a 5xx, never a broken inbox."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from repartee.domain.http import HttpRequest, HttpResponse
from repartee.intake.webhook import Webhook
from tests.support.example_counts import example_count
from tests.support.memory_handlers import EVENTS_FOLDER, NOW_SECONDS
from tests.support.memory_proposals import MemoryProposals
from tests.support.memory_stores import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.mutated_events import json_values, mutated_events, sample_events
from tests.support.told_in_channels import WEB_ISSUER, make_web_receiver

SAMPLES = sample_events(EVENTS_FOLDER / "web")
VALUES = json_values(["main", "stop", "mute 2h", "data:text/plain;base64,aGk=", "aGk=", "../../x", "\ud800"])
REFUSALS = (400, 401, 413)


class WebIntake:
    """What takes a client's post in, with stores in memory."""

    def __init__(self) -> None:
        self.inbox, self._token = MemoryInbox(), WEB_ISSUER.issue_token("ada")
        self._webhook = Webhook(
            {"/chat": make_web_receiver(10**9, 10**9)},
            self.inbox,
            MemoryRecords(lambda: NOW_SECONDS),
            MemoryWakes(lambda: NOW_SECONDS),
            Logger(service="test-web-input", stream=io.StringIO()),
            lambda name: None,
            MemoryProposals(),
            acknowledge_unreadable=False,
        )

    def post(self, body: bytes, authorization: str = "") -> HttpResponse:
        """Returns the answer to a body."""
        headers = {"authorization": authorization or f"Bearer {self._token}"}
        return self._webhook.handle_request(
            HttpRequest(
                method="POST",
                path="/chat",
                headers=headers,
                body=body,
                received_at=NOW_SECONDS,
                correlation="request-1",
            )
        )

    def check(self, answer: HttpResponse) -> None:
        """Holds that it was taken in whole, or refused with a reason."""
        assert answer.status in (200, *REFUSALS)
        if answer.status != 200:
            assert json.loads(answer.body)["error"]
            assert not self.inbox.messages
        for message in self.inbox.messages.values():
            assert message.chat.startswith("web:ada:")
            assert (message.room, message.sender) == ("web:ada", "web:ada")
        self.inbox.messages.clear()
        self.inbox.open.clear()


@pytest.fixture(scope="module")
def intake() -> WebIntake:
    return WebIntake()


@example_count(500, thorough=10_000)
@given(posted=mutated_events(SAMPLES, VALUES))
def test_mutated_posts_are_answered(intake: WebIntake, posted: Any) -> None:
    """A post with any of its fields gone or turned into something else is taken in, or refused by name."""
    intake.check(intake.post(json.dumps(posted).encode("utf-8", "replace")))


@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(intake: WebIntake, body: bytes) -> None:
    """Bytes of any kind are refused with a reason."""
    intake.check(intake.post(body))


@given(token=st.text(min_size=1, max_size=80))
def test_any_other_token_is_refused(intake: WebIntake, token: str) -> None:
    """With a 401, whatever it is made of."""
    assert intake.post(b"{}", f"Bearer {token}").status == 401

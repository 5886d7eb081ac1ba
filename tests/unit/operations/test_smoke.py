"""What scripts/deploy does last: the deployed webhook is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.sample_events.samples import PostedRequest
from operations.deployed_stack import DeployedStack
from operations.smoke_test import SmokeTestFailed, run_smoke_test
from tests.support.memory_handlers import SIGNING_SECRET, MemoryWiring, WebhookFunction
from tests.support.web_instances import serve_app


class Stack(DeployedStack):
    """A stack whose webhook is ours, and whose secrets are what a test says."""

    def __init__(self, url: str, **secrets: str) -> None:
        super().__init__("repartee", {"API_URL": url, "SECRETS_ID": "repartee/secrets"})
        self._secrets = secrets

    def make_client(self, service: str) -> Stack:
        return self

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": json.dumps(self._secrets)}


CHANNEL_SECRETS = {
    "TELEGRAM_WEBHOOK_SECRET": "telegram-secret",
    "TELEGRAM_BOT_TOKEN": "1:token",
    "WHATSAPP_APP_SECRET": "whatsapp-secret",
    "WHATSAPP_VERIFY_TOKEN": "word",
    "WHATSAPP_ACCESS_TOKEN": "token",
}


class DeadLetters:
    """Counts what was named as unreadable."""

    parts: ClassVar[list[MemoryWiring]] = []


async def _posted(request: Request) -> Response:
    webhook = WebhookFunction(MemoryWiring(**CHANNEL_SECRETS))
    DeadLetters.parts.append(webhook.parts)
    webhook.parts.now = int(request.headers.get("x-slack-request-timestamp", "1789000000"))
    query = dict(request.query_params)
    posted = PostedRequest(
        request.url.path, dict(request.headers), await request.body(), request.method, query
    )
    answer = webhook.post_request(posted)
    return Response(answer["body"], answer["statusCode"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_app(Starlette(routes=[Route("/{path:path}", _posted, methods=["GET", "POST"])])) as address:
        yield address


def test_a_webhook_that_answers_is_content(url: str) -> None:
    """What is signed is answered, and what is not is refused."""
    assert "refuses" in run_smoke_test(Stack(url, SLACK_SIGNING_SECRET=SIGNING_SECRET))


def test_each_channel_with_secrets_is_tried(url: str) -> None:
    """Telegram by an update that does nothing, WhatsApp by Meta's question; nothing of it stays."""
    DeadLetters.parts.clear()
    told = run_smoke_test(Stack(url, SLACK_SIGNING_SECRET=SIGNING_SECRET, **CHANNEL_SECRETS))

    assert told.count("and refuses") == 3
    assert "answers Telegram" in told
    assert "answers Meta's word" in told
    for parts in DeadLetters.parts:
        assert (parts.inbox.messages, parts.wakes.dead_lettered) == ({}, [])


@pytest.mark.parametrize("setting", ["TELEGRAM_WEBHOOK_SECRET", "WHATSAPP_VERIFY_TOKEN"])
def test_another_channels_secret_is_found_out(url: str, setting: str) -> None:
    """The function that has another secret than its document refuses what we send."""
    with pytest.raises(SmokeTestFailed, match=r"40[13]"):
        run_smoke_test(Stack(url, **{setting: "another"}))


def test_another_secret_is_found_out(url: str) -> None:
    """The function that has another secret than its document refuses what we sign."""
    with pytest.raises(SmokeTestFailed, match="401"):
        run_smoke_test(Stack(url, SLACK_SIGNING_SECRET="another"))


def test_without_secrets_nothing_is_tried(url: str) -> None:
    """After the first deployment there are none, and the sentence says where they go."""
    assert "repartee/secrets" in run_smoke_test(Stack(url))

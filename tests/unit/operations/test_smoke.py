"""What scripts/deploy does last: the deployed webhook is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from operations.deployed_stack import DeployedStack
from operations.smoke_test import SmokeTestFailed, run_smoke_test
from tests.support.memory_handlers import SIGNING_SECRET, WebhookFunction
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


async def _posted(request: Request) -> Response:
    webhook = WebhookFunction()
    webhook.parts.now = int(request.headers["x-slack-request-timestamp"])
    answer = webhook.post_body(await request.body(), dict(request.headers), path=request.url.path)
    return Response(answer["body"], answer["statusCode"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_app(Starlette(routes=[Route("/{path:path}", _posted, methods=["POST"])])) as address:
        yield address


def test_a_webhook_that_answers_is_content(url: str) -> None:
    """What is signed is answered, and what is not is refused."""
    assert "refuses" in run_smoke_test(Stack(url, SLACK_SIGNING_SECRET=SIGNING_SECRET))


def test_another_secret_is_found_out(url: str) -> None:
    """The function that has another secret than its document refuses what we sign."""
    with pytest.raises(SmokeTestFailed, match="401"):
        run_smoke_test(Stack(url, SLACK_SIGNING_SECRET="another"))


def test_without_secrets_nothing_is_tried(url: str) -> None:
    """After the first deployment there are none, and the sentence says where they go."""
    assert "repartee/secrets" in run_smoke_test(Stack(url))

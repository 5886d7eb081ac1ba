"""Counts the AWS usage of a customer's open page: one look for what a member of the team writes."""

from __future__ import annotations

import asyncio
import time

import httpx2

from local.stack import LocalStack, StackFailed
from operations.aws_usage import AwsUsage, CountedWiring, measure_usage, time_call
from repartee.channels.web.bearer_tokens import BearerTokens
from repartee.channels.web.jwks import Jwks
from repartee.channels.web.live_follower import SECOND_MICROSECONDS, pause_after
from repartee.domain.handover import Handover
from repartee.wiring import functions, process
from standins.oidc.server import AUDIENCE, OidcStandIn

JWKS_URL = "https://login.example.com/jwks.json"
LIVE_SETTINGS = {"WEB_JWKS_URL": JWKS_URL, "WEB_AUDIENCE": AUDIENCE, "WEB_ORIGINS": "*"}
HOUR_SECONDS = 3600.0


def measure_live_look() -> AwsUsage:
    """Looks once into a conversation in which there is nothing new, as an open page does."""
    issuer = OidcStandIn(time.time)

    def prepare(stack: LocalStack, parts: CountedWiring) -> None:
        publish = httpx2.MockTransport(lambda request: httpx2.Response(200, json=issuer.published_keys()))
        keys = Jwks(JWKS_URL, time.time, publish)
        identifiers = parts.get(process.identifier_hasher)
        parts.put(functions.bearer_tokens, BearerTokens(keys, AUDIENCE, time.time, identifiers))

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        app = parts.get(functions.stream_app)
        headers = {"Authorization": f"Bearer {issuer.issue_token()}", "Last-Event-ID": "1" * 16}
        answers: list[httpx2.Response] = []

        async def look() -> None:
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="https://chat.example.com") as client:
                answers.append(await client.get("/chat/main/live", headers=headers))

        time_call(parts, "stream", lambda: asyncio.run(look()))
        if answers[0].status_code != 200:
            raise StackFailed(f"the look was answered with {answers[0].status_code}")

    return measure_usage(LIVE_SETTINGS, run, prepare)


def count_looks(handover: Handover, event_seconds: float = 0.0) -> int:
    """Returns how often a page looks in an hour in which something happens each so many seconds; 0: nothing
    has happened for an hour."""
    looks, now = 0, HOUR_SECONDS
    while now < 2 * HOUR_SECONDS:
        newest_at = now // event_seconds * event_seconds if event_seconds else 0.0
        now += pause_after(handover, f"{round(newest_at * SECOND_MICROSECONDS):016d}", now)
        looks += 1
    return looks

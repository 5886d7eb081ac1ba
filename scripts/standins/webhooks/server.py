"""The stand-in for a receiver of a desk's events, which verifies them as Standard Webhooks describes.

POST /webhooks/desk       takes an event: 204; 401 where it is not signed, or too old; 413 above 64 kB
GET  /standin/webhooks    the events that it has taken, each once, in the order in which they came
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = "/webhooks/desk"
SIGNING_KEY = "whsec_" + base64.b64encode(b"local-standin-receiver-key-00001").decode()
TOLERANCE_SECONDS = 300
"""Seconds that an event may be older or newer, as the specification's libraries have it."""

MAX_BODY_BYTES = 64 * 1024


class WebhookReceiverStandIn:
    """Takes events. `taken` are those that were signed, by their ids."""

    def __init__(self, clock: Callable[[], float], signing_key: str = SIGNING_KEY) -> None:
        self._clock = clock
        self._key = base64.b64decode(signing_key.removeprefix("whsec_"))
        self.taken: dict[str, dict[str, Any]] = {}

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Takes an event, and returns the status of the answer."""
        if len(body) > MAX_BODY_BYTES:
            return 413
        if not self._is_signed(headers, body):
            return 401
        id = headers["webhook-id"]
        self.taken.setdefault(id, {"id": id, **json.loads(body)})
        return 204

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not (id and stamp.isdigit() and abs(self._clock() - int(stamp)) <= TOLERANCE_SECONDS):
            return False
        digest = hmac.digest(self._key, f"{id}.{stamp}.".encode() + body, hashlib.sha256)
        expected = f"v1,{base64.b64encode(digest).decode()}"
        signatures = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(expected, one) for one in signatures)

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self._serve_take, methods=["POST"]),
            Route("/standin/webhooks", self._serve_taken, methods=["GET"]),
        ]

    async def _serve_take(self, request: Request) -> Response:
        return Response(status_code=self.take(request.headers, await request.body()))

    async def _serve_taken(self, request: Request) -> Response:
        return JSONResponse(list(self.taken.values()))

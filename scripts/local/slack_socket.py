"""Slack's Socket Mode for scripts/serve: events come over a WebSocket, so no public address is needed.

Each envelope becomes the request that Slack would post, and goes to the webhook like any other. It is
acknowledged when the webhook has stored it: what is not is sent again by Slack, and what comes twice is one
message, as with deliveries over HTTP.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from local.sample_events.samples import PostedRequest
from repartee.channels.slack.receiver import sign_body

Deliver = Callable[[PostedRequest], Mapping[str, Any]]
"""Hands a request to the webhook, and returns the Lambda's answer."""

FORM_PATHS = {"slash_commands": "/slack/commands", "interactive": "/slack/interactivity"}
FIRST_REFUSED_STATUS = 300


class SlackSocket:
    """A connection of Socket Mode. Connects again by itself when Slack asks for it or the line breaks."""

    def __init__(self, app_token: str, api_url: str, signing_secret: str, deliver: Deliver) -> None:
        self._signing_secret, self._deliver = signing_secret, deliver
        logger = logging.getLogger("slack-socket")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False  # its lines would quote what people write
        self._client = SocketModeClient(
            app_token, logger=logger, web_client=WebClient(base_url=f"{api_url.rstrip('/')}/", logger=logger)
        )
        self._client.socket_mode_request_listeners.append(self._receive)  # type: ignore[arg-type]

    def connect(self) -> None:
        """Opens the connection. Raises slack_sdk's errors where the token is refused."""
        self._client.connect()

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _receive(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        posted = build_request(request.type, request.payload, self._signing_secret, time.time())
        if posted is None:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
            return
        answer = self._deliver(posted)
        if answer["statusCode"] >= FIRST_REFUSED_STATUS:
            return  # Slack sends it again
        client.send_socket_mode_response(
            SocketModeResponse(request.envelope_id, payload=_answer_payload(answer.get("body") or ""))
        )


def build_request(kind: str, payload: Mapping[str, Any], secret: str, now: float) -> PostedRequest | None:
    """Returns the signed request that Slack would post instead of the envelope. None for kinds that it
    posts to nowhere."""
    if kind == "events_api":
        return _sign("/slack/events", json.dumps(payload).encode(), "application/json", secret, now)
    if kind not in FORM_PATHS:
        return None
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    content_type = "application/x-www-form-urlencoded"
    return _sign(FORM_PATHS[kind], urlencode(fields).encode(), content_type, secret, now)


def _sign(path: str, body: bytes, content_type: str, secret: str, now: float) -> PostedRequest:
    timestamp = str(int(now))
    headers = {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign_body(secret, timestamp, body),
    }
    return PostedRequest(path, headers, body)


def _answer_payload(body: str) -> dict[str, Any] | None:
    """Returns what the webhook answers to a command or a press, as an acknowledgement carries it."""
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body} if body.strip() else None
    return found if isinstance(found, dict) and found else None

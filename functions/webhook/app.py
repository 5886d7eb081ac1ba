"""The webhook's Lambda: an HTTP API event in, an answer within milliseconds out."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

import repartee.beginning  # noqa: F401 - before what is large
from repartee.conversation.webhook import Request, Response
from repartee.wiring import start, wired

start("webhook")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the platforms' routes."""
    return _http_response(wired().webhook.receive(_http_request(event)))


def _http_request(event: dict[str, Any]) -> Request:
    """API Gateway's payload format 2.0: header names are in lower case, a body may be in base64."""
    return Request(
        method=event["requestContext"]["http"]["method"],
        path=event["rawPath"],
        headers=event.get("headers") or {},
        body=_body(event),
        at=wired().clock(),
        correlation=event["requestContext"]["requestId"],
        query=event.get("queryStringParameters") or {},
    )


def _body(event: dict[str, Any]) -> bytes:
    """The raw bytes. What is not the base64 that it claims to be is left as it is: the signature decides."""
    body = (event.get("body") or "").encode("utf-8", "surrogateescape")
    if event.get("isBase64Encoded"):
        with suppress(binascii.Error):
            return base64.b64decode(body)
    return body


def _http_response(response: Response) -> dict[str, Any]:
    return {
        "statusCode": response.status,
        "headers": {"content-type": response.type},
        "body": response.body,
    }

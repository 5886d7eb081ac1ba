"""The webhook's Lambda: an HTTP API event in, an answer within milliseconds out."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.wiring import current_wiring, start_process
from repartee.wiring.functions import webhook
from repartee.wiring.process import clock
from repartee.wiring.signed_links import find_link_pages

start_process(webhook, has_threads=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the platforms' routes, and those of the links in e-mails and briefs."""
    request, wiring = _http_request(event), current_wiring()
    pages = find_link_pages(wiring, request.path)
    return _http_response((pages or wiring.get(webhook)).handle_request(request))


def _http_request(event: dict[str, Any]) -> HttpRequest:
    """API Gateway's payload format 2.0: header names are in lower case, a body may be in base64."""
    return HttpRequest(
        method=event["requestContext"]["http"]["method"],
        path=event["rawPath"],
        headers=event.get("headers") or {},
        body=_body(event),
        received_at=_received_at(event["requestContext"]),
        correlation=event["requestContext"]["requestId"],
        query=event.get("queryStringParameters") or {},
    )


def _received_at(context: dict[str, Any]) -> float:
    """When the request came to the gateway. The handler's own clock tells when it was looked at: two requests
    are handled in any order, by machines whose clocks differ."""
    milliseconds = context.get("timeEpoch")
    return milliseconds / 1000 if milliseconds else current_wiring().get(clock)()


def _body(event: dict[str, Any]) -> bytes:
    """The raw bytes. What is not the base64 that it claims to be is left as it is: the signature decides."""
    body = (event.get("body") or "").encode("utf-8", "surrogateescape")
    if event.get("isBase64Encoded"):
        with suppress(binascii.Error):
            return base64.b64decode(body)
    return body


def _http_response(response: HttpResponse) -> dict[str, Any]:
    return {
        "statusCode": response.status,
        "headers": {"content-type": response.content_type, **response.headers},
        "body": response.body,
    }

"""When a request came to the gateway: requests are handled in any order, by machines whose clocks differ."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

CONTEXT_HEADER = "x-amzn-request-context"
"""Where the Lambda Web Adapter puts API Gateway's request context, as JSON
(awslabs.github.io/aws-lambda-web-adapter/features/request-context.html)."""

MAX_GATEWAY_SECONDS = 300.0
"""Seconds between the gateway's time and ours. What differs more is not believed: without a gateway a client
may send the header."""


class GatewayContext(msgspec.Struct, frozen=True):
    """The part of the request context that is read."""

    time_epoch_ms: float = msgspec.field(default=0.0, name="timeEpoch")


def received_at(headers: Mapping[str, str], now: float) -> float:
    """Returns the request's time at the gateway (epoch seconds), or `now` where there is none."""
    with suppress(msgspec.DecodeError, msgspec.ValidationError):
        context = msgspec.json.decode(headers.get(CONTEXT_HEADER, "{}"), type=GatewayContext)
        told = context.time_epoch_ms / 1000
        if abs(told - now) <= MAX_GATEWAY_SECONDS:
            return told
    return now

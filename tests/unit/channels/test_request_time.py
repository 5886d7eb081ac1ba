"""Messages are put in the order in which they came to the gateway, not in that in which they were handled."""

from __future__ import annotations

import pytest

from repartee.channels.web.request_time import received_at

NOW = 1_789_000_000.0


@pytest.mark.parametrize(
    "context, told",
    [
        ('{"requestId":"a","timeEpoch":1788999999123}', 1_788_999_999.123),
        ('{"timeEpoch":1700000000000}', NOW),
        ('{"requestId":"a"}', NOW),
        ('{"timeEpoch":"soon"}', NOW),
        ("nonsense", NOW),
        ("[1]", NOW),
    ],
)
def test_a_web_message_has_the_gateways_time(context: str, told: float) -> None:
    """Which the Web Adapter hands on; what is no time of these minutes is not believed."""
    assert received_at({"x-amzn-request-context": context}, NOW) == told


def test_without_a_gateway_it_is_our_own_time() -> None:
    """As on one machine."""
    assert received_at({}, NOW) == NOW

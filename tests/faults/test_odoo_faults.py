"""Connections to Odoo that trickle or break, on a real wire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from repartee.errors import DeadlineExceeded, Unavailable
from repartee.plan import deadline
from repartee.ports import ErpAccount
from repartee.services.odoo import OdooClient
from standins.odoo.company import DATABASE
from standins.odoo.server import OdooStandIn, serve_odoo
from support.breakable_relay import BreakableRelay

ADA = ErpAccount("ada@butler.example", "key-of-ada")


class Line:
    """A client and its Odoo, with a wire between them that can break."""

    def __init__(self, odoo: OdooStandIn, wire: BreakableRelay) -> None:
        self.odoo, self.wire = odoo, wire
        self.client = OdooClient(f"http://127.0.0.1:{wire.port}", DATABASE)

    def count(self) -> int:
        return int(self.client.call_method(ADA, "crm.lead", "search_count", domain=[]))


@pytest.fixture(params=[18, 19])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    odoo = OdooStandIn(request.param)
    with serve_odoo(odoo) as url:
        wire = BreakableRelay(urlsplit(url).port or 0)
        yield Line(odoo, wire)
        wire.close()


def test_an_answer_that_trickles_ends_with_the_deadline(line: Line) -> None:
    """A read timeout bounds silence alone: the call ends when its time is over, not when the answer is. What
    the HTTP client reads by itself, the headers, is not bounded so."""
    assert line.count() == 5
    line.wire.trickling = 0.001

    began = time.monotonic()
    with deadline.limited_to(0.3), pytest.raises(DeadlineExceeded):
        line.client.call_method(ADA, "crm.lead", "search_read", domain=[])

    assert time.monotonic() - began < 2.0  # the whole answer takes longer


def test_a_connection_that_was_reset_is_made_anew(line: Line) -> None:
    """As after a function was frozen: nobody sees it, and what changes something is done once."""
    assert line.count() == 5
    line.wire.reset_connections()
    assert line.count() == 5

    line.wire.reset_connections()
    line.client.call_method(ADA, "crm.lead", "write", [1], vals={"probability": 61.0})

    assert [call["call"] for call in line.odoo.calls].count("crm.lead/write") == 1


def test_a_server_that_is_not_there() -> None:
    """Nothing was sent, so nothing was done."""
    client = OdooClient("http://127.0.0.1:9", DATABASE, "json2")

    with pytest.raises(Unavailable, match="no connection"):
        client.call_method(ADA, "crm.lead", "write", [1], vals={"name": "x"})

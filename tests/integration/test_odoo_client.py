"""Odoo's stand-in is taken for Odoo by a client that we did not write: Odooly, over both APIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import odooly  # type: ignore[import-untyped]
import pytest

from standins.odoo.company import DATABASE
from standins.odoo.server import OdooStandIn, serve_odoo


@pytest.fixture(scope="module", params=[(18, "/jsonrpc"), (19, "/")], ids=["18", "19"])
def ada(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Ada, logged in with her key."""
    version, path = request.param
    with serve_odoo(OdooStandIn(version)) as url:
        client = odooly.Client(
            url + path, DATABASE, "ada@butler.example", api_key="key-of-ada", password=None
        )
        yield client.env


def test_it_knows_who_is_there(ada: Any) -> None:
    """By login and key."""
    assert ada.uid == 6
    assert ada["res.users"].browse(6).name == "Ada"


def test_it_finds_and_reads(ada: Any) -> None:
    """With domains, and what records lead to."""
    leads = ada["crm.lead"].search([("expected_revenue", ">", 10000)], order="expected_revenue desc")

    assert leads.name == ["Quote for 12 tables", "Desks for Lisbon", "Warehouse shelves"]
    assert leads[1].partner_id.city == "Lisbon"
    assert ada["crm.lead"].search_count([]) == 5


def test_it_sees_models_and_fields(ada: Any) -> None:
    """As Odoo describes them."""
    assert "crm.lead" in ada.models("crm")
    assert ada["crm.lead"].field("stage_id")["relation"] == "crm.stage"


def test_it_writes(ada: Any) -> None:
    """A record is made, changed and read again."""
    (id,) = ada.execute("crm.lead", "create", [{"name": "Lamps"}])
    ada["crm.lead"].browse(id).write({"expected_revenue": 90.0})

    assert ada["crm.lead"].browse(id).read("name expected_revenue") == {
        "id": id,
        "name": "Lamps",
        "expected_revenue": 90.0,
    }


def test_it_is_refused_as_odoo_refuses(ada: Any) -> None:
    """With the exception's name."""
    with pytest.raises(odooly.ServerError) as refused:
        ada["account.move"].search_count([])

    assert refused.value.args[0]["data"]["name"] == "odoo.exceptions.AccessError"


def test_it_answers_in_the_language_and_time_zone_of_the_context(ada: Any) -> None:
    """Names are translated and months are local ones; a language that is not installed is refused."""
    orders = ada["sale.order"].with_context(lang="pt_PT", tz="Pacific/Auckland")
    (id,) = ada.execute("sale.order", "create", [{"partner_id": 14, "date_order": "2026-10-31 18:00:00"}])

    (group,) = orders.read_group(
        domain=[("id", "=", id)], fields=["__count"], groupby=["date_order:month"], lazy=False
    )
    stages = ada["crm.stage"].with_context(lang="de_DE").search([], order="id")

    assert group["date_order:month"] == "novembro 2026"
    assert stages.name == ["Neu", "Qualifiziert", "Angebot", "Gewonnen"]
    assert ada["crm.stage"].search([], order="id").name[0] == "New"
    with pytest.raises(odooly.ServerError, match="Invalid language code"):
        ada["crm.stage"].with_context(lang="xx_XX").search_count([])

"""Odoo's stand-in reads domains as Odoo's documentation has them, and its source."""

from __future__ import annotations

from typing import Any

import pytest

from standins.odoo.records import OdooRecordStore
from standins.odoo.search_domain import DomainError, compile_domain

RECORDS = OdooRecordStore()

LEADS: list[tuple[list[Any], set[int]]] = [
    ([], {1, 2, 3, 4, 5, 6}),
    ([["id", "=", 3]], {3}),
    ([["id", "!=", 3]], {1, 2, 4, 5, 6}),
    ([["id", "<>", 3]], {1, 2, 4, 5, 6}),
    ([["id", "in", [1, 2, 99]]], {1, 2}),
    ([["id", "not in", [1, 2]]], {3, 4, 5, 6}),
    ([["expected_revenue", ">", 18500]], {3, 4}),
    ([["expected_revenue", ">=", 18500]], {1, 3, 4}),
    ([["expected_revenue", "<", 7200]], {5}),
    ([["expected_revenue", "<=", 7200]], {2, 5}),
    ([["name", "like", "Lisbon"]], {1}),
    ([["name", "like", "lisbon"]], set()),
    ([["name", "ilike", "LISBON"]], {1}),
    ([["name", "ilike", "d_sk"]], {1}),
    ([["name", "not ilike", "lisbon"]], {2, 3, 4, 5, 6}),
    ([["name", "not like", "Lisbon"]], {2, 3, 4, 5, 6}),
    ([["name", "=like", "Desks%"]], {1}),
    ([["name", "=like", "Desks"]], set()),
    ([["name", "=ilike", "desks%"]], {1}),
    ([["date_deadline", "<", "2026-12-01"]], {2, 6}),
    ([["date_deadline", "=", False]], {4, 5}),
    ([["date_deadline", "!=", False]], {1, 2, 3, 6}),
    ([["user_id", "=", False]], {5}),
    ([["user_id", "!=", 6]], {3, 5}),
    ([["user_id", "in", [6, False]]], {1, 2, 4, 5, 6}),
    ([["user_id", "=?", False]], {1, 2, 3, 4, 5, 6}),
    ([["user_id", "=?", 2]], {3}),
    ([["partner_id", "=", 14]], {1, 3}),
    ([["partner_id", "ilike", "azure"]], {1, 3}),
    ([["partner_id", "=", "Azure Interior"]], {1, 3}),
    ([["partner_id.city", "=", "Lisbon"]], {1, 3, 4, 6}),
    ([["partner_id.user_id.login", "=", "ada@butler.example"]], {1, 3}),
    ([["partner_id.child_ids.name", "=", "Nicole Ford"]], {1, 3}),
    ([["partner_id", "any", [["city", "=", "Porto"]]]], {2}),
    ([["partner_id", "not any", [["city", "=", "Lisbon"]]]], {2, 5}),
    ([["stage_id.name", "in", ["New", "Won"]]], {4, 5, 6}),
    ([[1, "=", 1]], {1, 2, 3, 4, 5, 6}),
    ([[0, "=", 1]], set()),
    ([["id", ">", 1], ["id", "<", 4]], {2, 3}),
    (["&", ["id", ">", 1], ["id", "<", 4]], {2, 3}),
    (["|", ["id", "=", 1], ["id", "=", 4]], {1, 4}),
    (["!", ["id", "=", 1]], {2, 3, 4, 5, 6}),
    (["|", ["id", "=", 1], "&", ["id", ">", 2], ["user_id", "=", 6]], {1, 4, 6}),
    (["!", "|", ["id", "=", 1], ["id", "=", 4]], {2, 3, 5, 6}),
    (["|", "!", ["user_id", "=", 6], ["id", "=", 1], ["stage_id", "=", 3]], {1, 3}),
]

PARTNERS: list[tuple[list[Any], set[int]]] = [
    ([["id", "child_of", 14]], {14, 26, 27}),
    ([["parent_id", "child_of", [14]]], {26, 27}),
    ([["id", "parent_of", 26]], {14, 26}),
    ([["child_ids", "!=", False], ["is_company", "=", True]], {14, 15}),
    ([["is_company", "=", False], ["parent_id", "!=", False]], {26, 27, 28}),
    ([["child_ids.email", "ilike", "brandon"]], {14}),
]


def found(model: str, domain: list[Any]) -> set[int]:
    test = compile_domain(RECORDS, model, domain)
    return {id for id in RECORDS.record_ids(model) if test(id)}


@pytest.mark.parametrize("domain, ids", LEADS, ids=str)
def test_leads(domain: list[Any], ids: set[int]) -> None:
    """All operators, prefix notation, paths; what has no value is found by what denies."""
    assert found("crm.lead", domain) == ids


@pytest.mark.parametrize("domain, ids", PARTNERS, ids=str)
def test_partners(domain: list[Any], ids: set[int]) -> None:
    """Hierarchies, and fields that lead to several records."""
    assert found("res.partner", domain) == ids


@pytest.mark.parametrize(
    "domain",
    [
        [["nope", "=", 1]],
        [["name", "~", "x"]],
        ["|", ["id", "=", 1]],
        ["&"],
        [["id", "="]],
        ["x"],
        [["name.x", "=", 1]],
        [["expected_revenue", ">", "much"]],
    ],
    ids=str,
)
def test_what_is_no_domain(domain: list[Any]) -> None:
    """Odoo raises a ValueError for it."""
    with pytest.raises(DomainError):
        found("crm.lead", domain)

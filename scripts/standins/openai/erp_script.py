"""Calls the ERP's tools by a script: looks up the records asked for, and tells what it found.

A figure at the end of the question is proposed as the first record's expected revenue. No intelligence in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Call = dict[str, Any]

MODELS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "lead|opportunit|pipeline|chance|oportunidad|piste": (
        "crm.lead",
        ("stage_id", "expected_revenue"),
        "expected_revenue desc",
    ),
    "invoice|rechnung|factur": ("account.move", ("amount_residual", "invoice_date_due"), "invoice_date_due"),
    "order|auftr|pedido|commande": ("sale.order", ("partner_id", "amount_total"), "date_order desc"),
    "contact|customer|phone|kunde|kontakt|client": ("res.partner", ("email", "phone", "city"), "name"),
    "task|aufgabe|tarea|tâche": ("project.task", ("project_id", "date_deadline"), ""),
    "hour|stunde|timesheet|hora|heure": ("account.analytic.line", ("date", "unit_amount"), "date desc"),
}
"""By words of the question: which model, which of its fields, in which order."""

NAMED = re.compile(r"[\"“”«»](?P<name>[^\"“”«»]+)[\"“”«»]")
FIGURE = re.compile(r"\b(?:to|auf|a|à)\s+(?P<figure>\d[\d.,]*)\D*$")
RECORD = re.compile(r"\(#(?P<id>\d+)\)")
REMARK = "_This is the scripted stand-in for a model, which looked into Odoo's stand-in._"
MOST = 5


def answered(
    request: Mapping[str, Any], items: Sequence[tuple[str, str]]
) -> tuple[str, tuple[Call, ...]] | None:
    """Returns the text and the tool calls of the answer. None for a question that is not about the ERP."""
    tools = {tool["name"] for tool in request.get("tools") or ()}
    question = next((text for role, text in reversed(items) if role == "user"), "")
    model = next((about for words, about in MODELS.items() if re.search(words, question.lower())), None)
    if "erp_search" not in tools or model is None:
        return None
    results = [text for role, text in items if role == "tool" and text]
    if not results:
        return "", (_search(question, *model),)
    figure, found = FIGURE.search(question), RECORD.search(results[0])
    if len(results) == 1 and figure and found and "erp_propose_update" in tools:
        return "", (_proposal(model[0], int(found["id"]), figure["figure"]),)
    return _said(results), ()


def _search(asked: str, model: str, fields: tuple[str, ...], order: str) -> Call:
    named = NAMED.search(asked)
    domain = json.dumps([["name", "ilike", named["name"]]] if named else [])
    given = {"model": model, "domain": domain, "fields": list(fields), "order": order, "limit": MOST}
    return {"name": "erp_search", "arguments": given}


def _proposal(model: str, id: int, figure: str) -> Call:
    value = float(figure.rstrip(".,").replace(",", ""))
    values = [{"field": "expected_revenue", "value": value}]
    return {"name": "erp_propose_update", "arguments": {"model": model, "id": id, "values": values}}


def _said(results: Sequence[str]) -> str:
    if len(results) > 1:
        return f"I propose a change in Odoo. Please approve it below, if you want it.\n\n{REMARK}"
    lines = [line for line in results[0].splitlines() if line.startswith("- [")]
    if not lines:
        return f"I looked in Odoo: {results[0].splitlines()[0]}\n\n{REMARK}"
    return "\n".join(("I looked in Odoo:", "", *lines[:MOST], "", REMARK))

"""Tell what is new in a person's records: the company's ERP by their own rights, their training, and
proposals that wait for their decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from repartee.domain.timezones import find_timezone
from repartee.errors import PermissionDenied
from repartee.ports import Erp, ErpQuery, ProposalStore, WorkoutStore
from repartee.ports.briefs import BriefSource, SourceItem, SourceQuery

MAX_RECORDS = 20
"""Records of one kind that a brief tells of."""


class ErpView(msgspec.Struct, frozen=True):
    """A kind of records that a brief asks for: of which model, which of them (with `{today}`, `{since}`
    for dates, `{login}` for the person), which fields are told, and in which order."""

    model: str
    domain: tuple[Any, ...]
    fields: tuple[str, ...]
    order: str


ERP_VIEWS: Mapping[str, ErpView] = {
    "tasks": ErpView(
        "project.task",
        (
            ("user_ids.login", "=", "{login}"),
            ("date_deadline", "<=", "{today} 23:59:59"),
            ("state", "not in", ["1_done", "1_canceled"]),
        ),
        ("display_name", "date_deadline", "stage_id", "project_id"),
        "date_deadline",
    ),
    "leads": ErpView(
        "crm.lead",
        (("date_last_stage_update", ">=", "{since}"),),
        ("display_name", "stage_id", "expected_revenue", "user_id"),
        "date_last_stage_update desc",
    ),
    "invoices": ErpView(
        "account.move",
        (
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", ["not_paid", "partial"]),
            ("invoice_date_due", "<", "{today}"),
        ),
        ("display_name", "partner_id", "invoice_date_due", "amount_residual"),
        "invoice_date_due",
    ),
}
"""The parts of the ERP that can be subscribed to: the person's tasks that are due, leads that moved,
invoices that are late. Tasks have a `state` since Odoo 17."""


class ErpSource(BriefSource):
    """`ports.BriefSource` of the ERP: every call is made with the person's own rights."""

    topics: Mapping[str, str] = {
        "tasks": "their tasks that are due",
        "leads": "leads that moved",
        "invoices": "invoices that are late",
    }

    def __init__(self, erp: Erp | None) -> None:
        self._erp = erp

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        view = ERP_VIEWS.get(query.ref.id)
        if self._erp is None or view is None:
            raise PermissionDenied("briefs", "there is no such source here")
        login = self._erp.own_login(query.person)
        if not login:
            raise PermissionDenied("briefs", "the person has linked no account of the ERP")
        found = self._erp.search_records(
            query.person,
            ErpQuery(
                model=view.model,
                domain=_fill_domain(view.domain, query, login),
                fields=view.fields,
                order=view.order,
                limit=MAX_RECORDS,
            ),
        )
        return [self._make_item(view, record, query.until) for record in found]

    def _make_item(self, view: ErpView, record: Mapping[str, Any], at: float) -> SourceItem:
        told = [f"{name}: {_show(record.get(name))}" for name in view.fields[1:] if record.get(name)]
        text = "; ".join([str(record.get("display_name", "")), *told])
        assert self._erp is not None
        link = self._erp.record_url(view.model, int(record["id"]))
        return SourceItem(key=f"{view.model}:{record['id']}", text=text, at=at, link=link)


class TrainingSource(BriefSource):
    """`ports.BriefSource` of the coach's log."""

    topics: Mapping[str, str] = {"training": "the person's own training"}

    def __init__(self, workouts: WorkoutStore) -> None:
        self._workouts = workouts

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        first = datetime.fromtimestamp(query.since, _zone(query)).date() - timedelta(days=1)
        found = self._workouts.list_since(query.person, first.isoformat())
        return [
            SourceItem(
                key=f"workout:{one.id}",
                text=f"{one.day} {one.exercise}: " + _format_numbers(msgspec.to_builtins(one)),
                at=one.told_at,
            )
            for one in found
            if query.since < one.told_at <= query.until
        ]


class ProposalSource(BriefSource):
    """`ports.BriefSource` of the proposals that wait for the person's decision."""

    topics: Mapping[str, str] = {"proposals": "what waits for their approval"}

    def __init__(self, proposals: ProposalStore) -> None:
        self._proposals = proposals

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        found = self._proposals.list_open(query.person, query.until)
        return [
            SourceItem(key=f"proposal:{one.id}", text=f"waits for a decision: {one.summary}", at=query.until)
            for one in found
        ]


def _fill_domain(domain: Sequence[Any], query: SourceQuery, login: str) -> list[Any]:
    values = {
        "login": login,
        "today": datetime.fromtimestamp(query.until, _zone(query)).date().isoformat(),
        "since": f"{datetime.fromtimestamp(query.since, UTC):%Y-%m-%d %H:%M:%S}",
    }
    return [
        [name, operator, value.format(**values) if isinstance(value, str) else value]
        for name, operator, value in domain
    ]


def _zone(query: SourceQuery) -> tzinfo:
    return find_timezone(query.timezone) or UTC


def _show(value: Any) -> str:
    """A link to another record is its id and name."""
    return str(value[1]) if isinstance(value, list | tuple) and len(value) == 2 else str(value)


NUMBER_NAMES = ("sets", "reps", "load", "distance", "duration", "effort")


def _format_numbers(workout: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {workout[name]:g}" for name in NUMBER_NAMES if workout.get(name))

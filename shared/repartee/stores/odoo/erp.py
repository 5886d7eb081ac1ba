"""`ports.Erp` on Odoo: whoever asks is who Odoo sees, with their own rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal

from repartee.errors import Denied
from repartee.ports import Account, Accounts, ErpField, ErpGrouping, ErpModel, ErpQuery
from repartee.stores.odoo import described
from repartee.stores.odoo.client import JSON2_SINCE, OdooClient
from repartee.stores.odoo.refusals import BACKEND

LINKED_FOR = 60.0
"""Seconds that a person's account is remembered: one that is unlinked counts no longer."""

PATHS_SINCE = 18
"""Versions from this one on have a readable address for a record."""

PLAIN_SINCE = 17
"""Versions from this one on take the text of a message for text; before it is HTML."""


class OdooErp:
    """`ports.Erp` on Odoo. `shared` is the account that stands in for reading, where there is one."""

    def __init__(
        self, client: OdooClient, accounts: Accounts, shared: Account | None, clock: Callable[[], float]
    ) -> None:
        self._client, self._accounts, self._shared = client, accounts, shared
        self._linked: described.Kept[tuple[Account | None]] = described.Kept(clock, LINKED_FOR)
        self._models: described.Kept[tuple[ErpModel, ...]] = described.Kept(clock)
        self._fields: described.Kept[tuple[ErpField, ...]] = described.Kept(clock)

    def reads_as(self, person: str) -> Literal["self", "shared", "nobody"]:
        if self._own(person):
            return "self"
        return "shared" if self._shared else "nobody"

    def models(self, person: str) -> Sequence[ErpModel]:
        account = self._reader(person)
        return self._models.of(
            account,
            lambda: described.models(self._client.call(account, "ir.model", "get_available_models")),
        )

    def fields(self, person: str, model: str) -> Sequence[ErpField]:
        account = self._reader(person)
        return self._fields.of(
            (account, model),
            lambda: described.fields(
                self._client.call(account, model, "fields_get", attributes=described.ATTRIBUTES)
            ),
        )

    def search(self, person: str, query: ErpQuery) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._client.call(
            self._reader(person),
            query.model,
            "search_read",
            domain=list(query.domain),
            fields=list(query.fields),
            limit=query.limit,
            **({"order": query.order} if query.order else {}),
        )
        return found

    def count(self, person: str, model: str, domain: Sequence[Any]) -> int:
        return int(self._client.call(self._reader(person), model, "search_count", domain=list(domain)))

    def group(self, person: str, grouping: ErpGrouping) -> Sequence[Mapping[str, Any]]:
        account = self._reader(person)
        asked = {"domain": list(grouping.domain), "groupby": list(grouping.by), "limit": grouping.limit}
        if self._client.server.version >= JSON2_SINCE:
            asked |= {"aggregates": [*grouping.computed, "__count"]}
            asked |= {"order": grouping.order} if grouping.order else {}
            rows = self._client.call(account, grouping.model, "formatted_read_group", **asked)
        else:
            asked |= {"fields": list(grouping.computed) or ["__count"], "lazy": False}
            asked |= {"orderby": _without_functions(grouping)} if grouping.order else {}
            rows = self._client.call(account, grouping.model, "read_group", **asked)
        return [_row(row, grouping) for row in rows]

    def create(self, person: str, model: str, values: Mapping[str, Any]) -> int:
        made = self._client.call(self._writer(person), model, "create", vals_list=[dict(values)])
        return int(made[0] if isinstance(made, list) else made)

    def update(self, person: str, model: str, id: int, values: Mapping[str, Any]) -> None:
        self._client.call(self._writer(person), model, "write", [id], vals=dict(values))

    def post(self, person: str, model: str, id: int, text: str) -> None:
        account = self._writer(person)
        body = text if self._client.server.version >= PLAIN_SINCE else escape(text).replace("\n", "<br>")
        self._client.call(account, model, "message_post", [id], body=body, message_type="comment")

    def link(self, model: str, id: int) -> str:
        if self._client.server.version < PATHS_SINCE:
            return f"{self._client.url}/web#id={id}&model={model}&view_type=form"
        return f"{self._client.url}/odoo/{model if '.' in model else f'm-{model}'}/{id}"

    def _own(self, person: str) -> Account | None:
        return self._linked.of(person, lambda: (self._accounts.of(person),))[0]

    def _reader(self, person: str) -> Account:
        account = self._own(person) or self._shared
        if account is None:
            raise Denied(BACKEND, "nobody has linked this person's account")
        return account

    def _writer(self, person: str) -> Account:
        account = self._own(person)
        if account is None:
            raise Denied(BACKEND, "who changes something needs an account of their own")
        return account


def _without_functions(grouping: ErpGrouping) -> str:
    """The order as `read_group` wants it: `amount_total desc`, not `amount_total:sum desc`."""
    order = grouping.order
    for spec in grouping.computed:
        order = order.replace(spec, spec.partition(":")[0])
    return order


def _row(row: Mapping[str, Any], grouping: ErpGrouping) -> Mapping[str, Any]:
    """A group as both methods tell it, each in its own words."""
    by = {spec: _named(row.get(spec)) for spec in grouping.by}
    computed = {spec: row.get(spec, row.get(spec.partition(":")[0])) for spec in grouping.computed}
    return {**by, **computed, "__count": row.get("__count", 0)}


def _named(value: Any) -> Any:
    """What a group is called: records and dates come with their names."""
    return value[1] if isinstance(value, list | tuple) and len(value) == 2 else value

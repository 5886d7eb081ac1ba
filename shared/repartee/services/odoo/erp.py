"""`ports.Erp` on Odoo: each person's calls are made as their own user, with their rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal

from repartee.errors import PermissionDenied
from repartee.ports import ErpAccount, ErpAccountStore, ErpField, ErpGrouping, ErpModel, ErpQuery
from repartee.services.odoo import schema_cache
from repartee.services.odoo.client import JSON2_MIN_VERSION, OdooClient
from repartee.services.odoo.errors import BACKEND_NAME
from repartee.services.odoo.locale import OdooContext, PersonContexts, ProfileReader

ACCOUNT_CACHE_SECONDS = 60.0
"""Seconds that a person's account is remembered: one that is unlinked counts no longer."""

READABLE_PATHS_MIN_VERSION = 18
"""Versions from this one on have a readable address for a record."""

PLAIN_NOTES_MIN_VERSION = 17
"""Versions from this one on take the text of a message for text; before it is HTML."""


class OdooErp:
    """`ports.Erp` on Odoo. `shared_account` stands in for reading, where there is one. `read_profile` gives
    what is known of people who have set no language or time zone in Odoo."""

    def __init__(
        self,
        client: OdooClient,
        accounts: ErpAccountStore,
        shared_account: ErpAccount | None,
        clock: Callable[[], float],
        read_profile: ProfileReader = lambda person: {},
    ) -> None:
        self._client, self._accounts, self._shared = client, accounts, shared_account
        self._contexts = PersonContexts(client, read_profile, clock)
        self._linked: schema_cache.TtlCache[tuple[ErpAccount | None]] = schema_cache.TtlCache(
            clock, ACCOUNT_CACHE_SECONDS
        )
        self._models: schema_cache.TtlCache[tuple[ErpModel, ...]] = schema_cache.TtlCache(clock)
        self._fields: schema_cache.TtlCache[tuple[ErpField, ...]] = schema_cache.TtlCache(clock)

    def reading_identity(self, person: str) -> Literal["self", "shared", "nobody"]:
        if self._own_account(person):
            return "self"
        return "shared" if self._shared else "nobody"

    def own_login(self, person: str) -> str:
        account = self._own_account(person)
        return account.login if account else ""

    def list_models(self, person: str) -> Sequence[ErpModel]:
        return self._models.get_or_make(
            self._schema_key(person),
            lambda: schema_cache.decode_models(self._read(person, "ir.model", "get_available_models")),
        )

    def list_fields(self, person: str, model: str) -> Sequence[ErpField]:
        return self._fields.get_or_make(
            (*self._schema_key(person), model),
            lambda: schema_cache.decode_fields(
                self._read(person, model, "fields_get", attributes=schema_cache.FIELD_ATTRIBUTES)
            ),
        )

    def search_records(self, person: str, query: ErpQuery) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._read(
            person,
            query.model,
            "search_read",
            domain=list(query.domain),
            fields=list(query.fields),
            limit=query.limit,
            **({"order": query.order} if query.order else {}),
        )
        return found

    def count_records(self, person: str, model: str, domain: Sequence[Any]) -> int:
        return int(self._read(person, model, "search_count", domain=list(domain)))

    def group_records(self, person: str, grouping: ErpGrouping) -> Sequence[Mapping[str, Any]]:
        arguments = {
            "domain": list(grouping.domain),
            "groupby": list(grouping.group_by),
            "limit": grouping.limit,
        }
        if self._client.server.version >= JSON2_MIN_VERSION:
            arguments |= {"aggregates": [*grouping.aggregates, "__count"]}
            arguments |= {"order": grouping.order} if grouping.order else {}
            rows = self._read(person, grouping.model, "formatted_read_group", **arguments)
        else:
            arguments |= {"fields": list(grouping.aggregates) or ["__count"], "lazy": False}
            arguments |= {"orderby": _read_group_order(grouping)} if grouping.order else {}
            rows = self._read(person, grouping.model, "read_group", **arguments)
        return [_normalise_group(row, grouping) for row in rows]

    def create_record(self, person: str, model: str, values: Mapping[str, Any]) -> int:
        made = self._write(person, model, "create", vals_list=[dict(values)])
        return int(made[0] if isinstance(made, list) else made)

    def update_record(self, person: str, model: str, id: int, values: Mapping[str, Any]) -> None:
        self._write(person, model, "write", [id], vals=dict(values))

    def post_note(self, person: str, model: str, id: int, text: str) -> None:
        body = (
            text
            if self._client.server.version >= PLAIN_NOTES_MIN_VERSION
            else escape(text).replace("\n", "<br>")
        )
        self._write(person, model, "message_post", [id], body=body, message_type="comment")

    def record_url(self, model: str, id: int) -> str:
        if self._client.server.version < READABLE_PATHS_MIN_VERSION:
            return f"{self._client.url}/web#id={id}&model={model}&view_type=form"
        return f"{self._client.url}/odoo/{model if '.' in model else f'm-{model}'}/{id}"

    def _read(self, person: str, model: str, method: str, **arguments: Any) -> Any:
        return self._call(person, self._reading_account(person), model, method, **arguments)

    def _write(self, person: str, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> Any:
        return self._call(person, self._writing_account(person), model, method, ids, **arguments)

    def _call(
        self, person: str, account: ErpAccount, model: str, method: str, ids: Sequence[int] = (), **named: Any
    ) -> Any:
        """Calls a method as the person sees Odoo: in their language and time zone."""
        context = self._find_context(person, account)
        return self._client.call_method(account, model, method, ids, **named, context=dict(context))

    def _find_context(self, person: str, account: ErpAccount) -> OdooContext:
        return self._contexts.find_context(person, account, is_own=account == self._own_account(person))

    def _schema_key(self, person: str) -> tuple[ErpAccount, str]:
        """By what descriptions differ: whose rights they follow, and the language of their labels."""
        account = self._reading_account(person)
        return account, self._find_context(person, account).get("lang", "")

    def _own_account(self, person: str) -> ErpAccount | None:
        return self._linked.get_or_make(person, lambda: (self._accounts.find(person),))[0]

    def _reading_account(self, person: str) -> ErpAccount:
        account = self._own_account(person) or self._shared
        if account is None:
            raise PermissionDenied(BACKEND_NAME, "nobody has linked this person's account")
        return account

    def _writing_account(self, person: str) -> ErpAccount:
        account = self._own_account(person)
        if account is None:
            raise PermissionDenied(BACKEND_NAME, "who changes something needs an account of their own")
        return account


def _read_group_order(grouping: ErpGrouping) -> str:
    """Returns the order as `read_group` wants it: `amount_total desc`, not `amount_total:sum desc`."""
    order = grouping.order
    for spec in grouping.aggregates:
        order = order.replace(spec, spec.partition(":")[0])
    return order


def _normalise_group(row: Mapping[str, Any], grouping: ErpGrouping) -> Mapping[str, Any]:
    """Returns a group as both methods tell it, each in its own words."""
    by = {spec: _group_name(row.get(spec)) for spec in grouping.group_by}
    computed = {spec: row.get(spec, row.get(spec.partition(":")[0])) for spec in grouping.aggregates}
    return {**by, **computed, "__count": row.get("__count", 0)}


def _group_name(value: Any) -> Any:
    """Returns the display name of a group: records and dates come with theirs."""
    return value[1] if isinstance(value, list | tuple) and len(value) == 2 else value

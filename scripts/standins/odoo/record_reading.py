"""Finds, reads and groups records in Odoo's stand-in (odoo/orm/models.py of Odoo 17 to 19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from standins.odoo.access_rights import AccessRights
from standins.odoo.call_context import local_day, utc_midnight
from standins.odoo.definitions import FieldDefinition, Values
from standins.odoo.read_groups import group_period, group_sort_key
from standins.odoo.records import OdooFault, access_error
from standins.odoo.search_domain import DomainError, compile_domain, domain_leaves

AGGREGATES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "max": max,
    "min": min,
}


class RecordReading(AccessRights):
    """Reads records, as far as the user may see them."""

    def _search_ids(self, model: str, domain: Sequence[Any]) -> list[int]:
        self._has_access(model, "read")
        for leaf in domain_leaves(domain):
            about = self._records.field_definition(model, str(leaf[0]).partition(".")[0])
            if about and not self._can_see_field(about):
                raise access_error(f'You do not have enough rights to access the field "{leaf[0]}"')
        allowed = self._record_rule(model)
        try:
            test = compile_domain(self._records, model, domain)
            return [id for id in self._records.record_ids(model) if allowed(id) and test(id)]
        except DomainError as error:
            raise OdooFault("builtins.ValueError", str(error)) from None

    def _sort_ids(self, model: str, ids: list[int], order: str) -> None:
        for term in reversed(order.split(",")):
            name, _, direction = term.strip().partition(" ")
            about = self._require_field(model, name)
            if not about.store and name != "display_name":
                raise OdooFault("builtins.ValueError", f"Cannot convert field {model}.{name} to SQL")
            ids.sort(key=lambda id, name=name: self._sort_key(model, id, name), reverse=direction == "desc")  # type: ignore[misc]

    def _sort_key(self, model: str, id: int, name: str) -> tuple[bool, Any]:
        about, value = self._require_field(model, name), self._records.raw_value(model, id, name)
        if value is False:
            return (True, 0)
        return (
            False,
            self._records.display_name(about.relation, value) if about.type == "many2one" else value,
        )

    def _require_field(self, model: str, name: str) -> FieldDefinition:
        about = self._records.field_definition(model, name)
        if about is None:
            raise OdooFault("builtins.ValueError", f"Invalid field {name!r} on model {model!r}")
        return about

    def _read_record(self, model: str, id: int, names: Iterable[str], load: str | None) -> Values:
        return {name: self._format_value(model, id, name, load) for name in names}

    def _format_value(self, model: str, id: int, name: str, load: str | None) -> Any:
        about, value = self._require_field(model, name), self._records.raw_value(model, id, name)
        if name == "id":
            return id
        if about.type == "many2one" and value and load:
            return [value, self._records.display_name(about.relation, value)]
        if about.type == "one2many":
            allowed = self._record_rule(about.relation)
            return [other for other in value if allowed(other)]
        return value

    # Groups

    def _group_ids(self, model: str, domain: Sequence[Any], by: Sequence[str]) -> dict[Any, list[int]]:
        grouped: defaultdict[Any, list[int]] = defaultdict(list)
        for id in self._search_ids(model, domain):
            grouped[tuple(self._group_key(model, id, spec) for spec in by)].append(id)
        if not by and not grouped:
            grouped[()] = []
        return dict(sorted(grouped.items(), key=lambda item: [group_sort_key(key) for key in item[0]]))

    def _group_key(self, model: str, id: int, spec: str) -> Any:
        name, _, granularity = spec.partition(":")
        about, value = self._require_field(model, name), self._records.raw_value(model, id, name)
        if not about.store:
            raise OdooFault("builtins.ValueError", f"Cannot convert field {model}.{name} to SQL")
        if value is False:
            return False
        if about.type == "many2one":
            return (value, self._records.display_name(about.relation, value))
        if about.type in ("date", "datetime"):
            day = local_day(str(value), self._timezone if about.type == "datetime" else UTC)
            return group_period(day, granularity or "month", self._lang)
        return value

    def _aggregate(self, model: str, spec: str, ids: Sequence[int]) -> Any:
        name, _, function = spec.partition(":")
        about = self._require_field(model, name)
        values = [self._records.raw_value(model, id, name) for id in ids]
        if function == "count_distinct":
            return len({str(value) for value in values if value is not False})
        if function not in AGGREGATES or about.type not in ("float", "monetary", "integer"):
            raise OdooFault("builtins.ValueError", f"Invalid aggregate method {function!r} for {spec!r}.")
        return AGGREGATES[function](values) if values else False

    def _group_domain(self, model: str, domain: Sequence[Any], by: Sequence[str], keys: Any) -> list[Any]:
        own = []
        for spec, key in zip(by, keys, strict=True):
            name = spec.partition(":")[0]
            if isinstance(key, tuple) and len(key) == 3:
                about = self._require_field(model, name)
                first, after = (self._period_bound(about, day) for day in (key[0], key[2]))
                own += [[name, ">=", first], [name, "<", after]]
            else:
                own.append([name, "=", key[0] if isinstance(key, tuple) else key])
        return [*(["&"] * (len(own) - 1 + bool(domain and own))), *domain, *own] if own else list(domain)

    def _period_bound(self, about: FieldDefinition, day: str) -> str:
        """Returns the day's beginning as it is stored: moments are in UTC."""
        return utc_midnight(day, self._timezone) if about.type == "datetime" else day

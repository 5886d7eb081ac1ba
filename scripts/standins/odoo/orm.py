"""The methods of every model in Odoo's stand-in, with the rights of their caller.

Results and words are those of Odoo 17 to 19 (odoo/orm/models.py, base/models/ir_rule.py, ir_model.py).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from html import escape
from typing import Any

from standins.odoo import company
from standins.odoo.call_context import local_day, read_context, utc_midnight
from standins.odoo.company import ACCESS_RIGHTS, RECORD_RULES, OdooUser
from standins.odoo.definitions import FieldDefinition, Values
from standins.odoo.models import MODELS
from standins.odoo.read_groups import group_key, group_period, group_sort_key, sort_rows
from standins.odoo.records import LOG_FIELDS, OdooFault, OdooRecordStore, access_error
from standins.odoo.search_domain import DomainError, compile_domain, domain_leaves
from standins.odoo.translations import INSTALLED_LANGUAGES, translate_term

OPERATION_LETTERS = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
OPERATION_VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
MODEL_METHODS = {
    "context_get",
    "create",
    "fields_get",
    "formatted_read_group",
    "get_available_models",
    "get_installed",
    "name_search",
    "read_group",
    "search",
    "search_count",
    "search_read",
}
"""Methods that are called on a model, and not on records of it."""

RECORD_METHODS = {"message_post", "read", "unlink", "write"}
AGGREGATES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "max": max,
    "min": min,
}


class OdooSession:
    """The public methods of all models, as one user may call them in one version of Odoo. The language and
    the time zone are those of the call's context: what the user has set is only told by `context_get`."""

    def __init__(
        self, records: OdooRecordStore, user: OdooUser, version: int, context: Mapping[str, Any] | None = None
    ) -> None:
        self._lang, self._timezone = read_context(context or {})
        self._records, self.user, self._version = records.in_language(self._lang), user, version

    def fields_get(
        self, model: str, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> Mapping[str, Any]:
        self._has_access(model, "read")
        writes = self._require_access(model, "write") or self._require_access(model, "create")
        return {
            name: _describe_field(name, about, attributes, writes, self._lang)
            for name, about in {**MODELS[model].fields, **LOG_FIELDS}.items()
            if (not allfields or name in allfields) and self._can_see_field(about)
        }

    def search(
        self,
        model: str,
        domain: Sequence[Any],
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[int]:
        found = self._search_ids(model, domain)
        self._sort_ids(model, found, order or MODELS[model].order)
        return found[offset : offset + limit if limit else None]

    def search_count(self, model: str, domain: Sequence[Any], limit: int | None = None) -> int:
        count = len(self._search_ids(model, domain))
        return min(count, limit) if limit else count

    def search_read(
        self,
        model: str,
        domain: Sequence[Any] | None = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Values]:
        return self.read(model, self.search(model, domain or [], offset, limit, order), fields)

    def read(
        self,
        model: str,
        ids: Sequence[int],
        fields: Sequence[str] | None = None,
        load: str | None = "_classic_read",
    ) -> list[Values]:
        self._require_record_access(model, ids, "read")
        known = {**MODELS[model].fields, **LOG_FIELDS}
        names = list(fields or (name for name, about in known.items() if self._can_see_field(about)))
        for name in names:
            self._require_field(model, name)
            if not self._can_see_field(known[name]):
                raise access_error(
                    f"The requested operation can not be completed due to security "
                    f"restrictions: field {name} of {model}"
                )
        return [self._read_record(model, id, ["id", *(n for n in names if n != "id")], load) for id in ids]

    def name_search(
        self,
        model: str,
        name: str = "",
        domain: Sequence[Any] | None = None,
        operator: str = "ilike",
        limit: int = 100,
    ) -> list[list[Any]]:
        found = self._records.search_names(model, operator, name)
        ids = [id for id in self.search(model, domain or []) if id in found][:limit]
        return [[id, self._records.display_name(model, id)] for id in ids]

    def read_group(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        groupby: Sequence[str] | str,
        offset: int = 0,
        limit: int | None = None,
        orderby: str | bool = False,
        lazy: bool = True,
    ) -> list[Values]:
        by = [groupby] if isinstance(groupby, str) else list(groupby)
        by = by[:1] if lazy else by
        specs = [spec for spec in fields if ":" in spec]
        rows = []
        for keys, ids in self._group_ids(model, domain, by).items():
            row: Values = {spec: group_key(key, old=True) for spec, key in zip(by, keys, strict=True)}
            row |= {spec.partition(":")[0]: self._aggregate(model, spec, ids) for spec in specs}
            row |= {f"{by[0]}_count" if lazy and by else "__count": len(ids)}
            rows.append({**row, "__domain": self._group_domain(model, domain, by, keys)})
        sort_rows(rows, str(orderby or ""))
        return rows[offset : offset + limit if limit else None]

    def formatted_read_group(
        self,
        model: str,
        domain: Sequence[Any],
        groupby: Sequence[str] = (),
        aggregates: Sequence[str] = (),
        having: Sequence[Any] = (),
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Values]:
        rows = []
        for keys, ids in self._group_ids(model, domain, groupby).items():
            row: Values = {spec: group_key(key, old=False) for spec, key in zip(groupby, keys, strict=True)}
            for spec in aggregates:
                row[spec] = len(ids) if spec == "__count" else self._aggregate(model, spec, ids)
            rows.append({"__extra_domain": self._group_domain(model, [], groupby, keys), **row})
        sort_rows(rows, order or "")
        return rows[offset : offset + limit if limit else None]

    def create(self, model: str, vals_list: Values | Sequence[Values]) -> int | list[int]:
        self._has_access(model, "create")
        several = [vals_list] if isinstance(vals_list, dict) else list(vals_list)
        for values in several:
            self._check_values(model, {**MODELS[model].defaults, **values}, whole=True)
        ids = [self._records.create_record(model, dict(values), self.user) for values in several]
        try:
            self._require_record_access(model, ids, "create")
        except OdooFault:
            for id in ids:
                self._records.delete_record(model, id)
            raise
        return ids[0] if isinstance(vals_list, dict) else ids

    def write(self, model: str, ids: Sequence[int], vals: Values) -> bool:
        self._require_record_access(model, ids, "write")
        self._check_values(model, vals, whole=False)
        for id in ids:
            self._records.update_record(model, id, vals, self.user)
        return True

    def unlink(self, model: str, ids: Sequence[int]) -> bool:
        self._require_record_access(model, ids, "unlink")
        for id in ids:
            self._records.delete_record(model, id)
        return True

    def message_post(
        self,
        model: str,
        ids: Sequence[int],
        *,
        body: str = "",
        subject: str | None = None,
        message_type: str = "notification",
        subtype_xmlid: str | None = None,
        partner_ids: Sequence[int] | None = None,
        body_is_html: bool = False,
    ) -> int:
        if not MODELS[model].has_chatter:
            raise OdooFault("builtins.AttributeError", f"'{model}' object has no attribute 'message_post'")
        if len(ids) != 1:
            raise OdooFault("builtins.ValueError", f"Expected singleton: {model}{tuple(ids)}")
        self._require_record_access(model, ids, "read")
        shown = body if body_is_html or self._version < 17 else f"<p>{escape(body)}</p>"
        message = {"model": model, "res_id": ids[0], "body": shown, "author_id": self.user.partner}
        return self._records.create_record("mail.message", message, self.user)

    def get_available_models(self, model: str) -> list[Values]:
        return [
            {"model": name, "display_name": translate_term(about.label, self._lang)}
            for name, about in MODELS.items()
            if self._require_access(name, "read")
        ]

    def context_get(self, model: str) -> Values:
        return {"lang": self.user.lang, "tz": self.user.tz, "uid": self.user.id}

    def get_installed(self, model: str) -> list[list[str]]:
        return sorted(([code, name] for code, name in INSTALLED_LANGUAGES), key=lambda one: one[1])

    # Rights

    def _require_access(self, model: str, operation: str) -> bool:
        return any(
            OPERATION_LETTERS[operation] in rights
            for group, rights in ACCESS_RIGHTS[model].items()
            if self._is_in_group(group)
        ) or self._is_in_group(company.SETTINGS)

    def _is_in_group(self, group: str) -> bool:
        return group in self.user.groups

    def _can_see_field(self, about: FieldDefinition) -> bool:
        return not about.groups or self._is_in_group(about.groups)

    def _has_access(self, model: str, operation: str) -> None:
        if self._require_access(model, operation):
            return
        groups = [
            f"\t- {company.GROUP_NAMES[group]}"
            for group, rights in ACCESS_RIGHTS[model].items()
            if OPERATION_LETTERS[operation] in rights
        ]
        allowed = "This operation is allowed for the following groups:\n" + "\n".join(groups)
        raise access_error(
            f"You are not allowed to {OPERATION_VERBS[operation]} '{MODELS[model].label}' ({model}) "
            "records.\n\n"
            f"{allowed if groups else 'No group currently allows this operation.'}\n\n"
            "Contact your administrator to request access if necessary."
        )

    def _require_record_access(self, model: str, ids: Sequence[int], operation: str) -> None:
        self._has_access(model, operation)
        for id in ids:
            if not self._records.require_existing(model, id):
                raise OdooFault(
                    "odoo.exceptions.MissingError",
                    f"Record does not exist or has been deleted.\n(Record: {model}({id},), "
                    f"User: {self.user.id})",
                )
        allowed = self._record_rule(model)
        if not all(allowed(id) for id in ids):
            raise access_error(
                "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
                f"Sorry, {self.user.name} (id={self.user.id}) doesn't have '{operation}' access to:\n"
                f"- {MODELS[model].label} ({model})\n\nIf you really, really need access, perhaps you can "
                "win over your friendly administrator with a batch of freshly baked cookies."
            )

    def _record_rule(self, model: str) -> Any:
        rules = [rule for group, rule in RECORD_RULES.get(model, {}).items() if self._is_in_group(group)]
        if not rules:
            return lambda id: True
        own = [[_bind_user(leaf, self.user.id) for leaf in rule] for rule in rules]
        tests = [compile_domain(self._records, model, rule) for rule in own]
        return lambda id: any(test(id) for test in tests)

    # Reading

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

    # Writing

    def _check_values(self, model: str, values: Values, *, whole: bool) -> None:
        for name, value in values.items():
            about = self._require_field(model, name)
            self._check_value(model, name, about, value)
        for name, about in MODELS[model].fields.items():
            if about.required and not values.get(name, not whole):
                raise OdooFault(
                    "odoo.exceptions.ValidationError",
                    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
                    "- Delete: another model requires the record being deleted. If possible, archive it "
                    f"instead.\n\nModel: {MODELS[model].label} ({model})\nField: {about.string} ({name})",
                )

    def _check_value(self, model: str, name: str, about: FieldDefinition, value: Any) -> None:
        if not self._can_see_field(about):
            raise access_error(f'You do not have enough rights to access the field "{name}" on {model}')
        if about.type == "selection" and value and value not in dict(about.selection):
            raise OdooFault("builtins.ValueError", f"Wrong value for {model}.{name}: {value!r}")
        if about.type == "many2one" and value and not self._records.require_existing(about.relation, value):
            raise OdooFault(
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: another model requires the record being deleted.",
            )
        if about.type == "date" and value:
            try:
                datetime.date.fromisoformat(str(value))
            except ValueError:
                raise OdooFault(
                    "builtins.ValueError", f"time data '{value}' does not match format '%Y-%m-%d'"
                ) from None
        if model == "crm.lead" and name == "probability" and not 0 <= float(value or 0) <= 100:
            raise OdooFault(
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: The probability of closing the deal should be between "
                "0% and 100%!",
            )


def _describe_field(
    name: str, about: FieldDefinition, attributes: Sequence[str] | None, writes: bool, lang: str
) -> Mapping[str, Any]:
    all_: Values = {
        "name": name,
        "type": about.type,
        "string": translate_term(about.string, lang),
        "required": about.required,
        "readonly": about.readonly or not writes,
        "store": about.store and not about.inverse,
        "searchable": about.store,
        "sortable": about.store and not about.inverse,
    }
    if about.relation:
        all_["relation"] = about.relation
    if about.inverse:
        all_["relation_field"] = about.inverse
    if about.selection:
        all_["selection"] = [[value, translate_term(label, lang)] for value, label in about.selection]
    return {key: value for key, value in all_.items() if not attributes or key in attributes}


def _bind_user(leaf: Any, user: int) -> Any:
    if isinstance(leaf, list) and leaf[2] == "user":
        return [leaf[0], leaf[1], user]
    return leaf

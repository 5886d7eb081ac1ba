"""What Odoo's stand-in does with records: the methods of every model, with the rights of who calls them.

Results and words are those of Odoo 17 to 19 (odoo/orm/models.py, base/models/ir_rule.py, ir_model.py).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from local import odoo_company as company
from local.odoo_company import MODELS, RIGHTS, RULES, Described, User, Values
from local.odoo_domain import DomainError, leaves, matching
from local.odoo_groups import period, rank, sort_rows, told
from local.odoo_records import LOG_FIELDS, Fault, Records, access_error

OPERATIONS = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
MODEL_METHODS = {
    "context_get",
    "create",
    "fields_get",
    "formatted_read_group",
    "get_available_models",
    "name_search",
    "read_group",
    "search",
    "search_count",
    "search_read",
}
"""Methods that are called on a model, and not on records of it."""

RECORD_METHODS = {"message_post", "read", "unlink", "write"}
SUMS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "max": max,
    "min": min,
}


class Session:
    """The public methods of all models, as one user may call them in one version of Odoo."""

    def __init__(self, records: Records, user: User, version: int) -> None:
        self._records, self.user, self._version = records, user, version

    def fields_get(
        self, model: str, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> Mapping[str, Any]:
        self._may(model, "read")
        writes = self._allowed(model, "write") or self._allowed(model, "create")
        return {
            name: _about(name, about, attributes, writes)
            for name, about in {**MODELS[model].fields, **LOG_FIELDS}.items()
            if (not allfields or name in allfields) and self._sees(about)
        }

    def search(
        self,
        model: str,
        domain: Sequence[Any],
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[int]:
        found = self._found(model, domain)
        self._sort(model, found, order or MODELS[model].order)
        return found[offset : offset + limit if limit else None]

    def search_count(self, model: str, domain: Sequence[Any], limit: int | None = None) -> int:
        count = len(self._found(model, domain))
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
        self._records_may(model, ids, "read")
        known = {**MODELS[model].fields, **LOG_FIELDS}
        names = list(fields or (name for name, about in known.items() if self._sees(about)))
        for name in names:
            self._known(model, name)
            if not self._sees(known[name]):
                raise access_error(
                    f"The requested operation can not be completed due to security "
                    f"restrictions: field {name} of {model}"
                )
        return [self._read(model, id, ["id", *(n for n in names if n != "id")], load) for id in ids]

    def name_search(
        self,
        model: str,
        name: str = "",
        domain: Sequence[Any] | None = None,
        operator: str = "ilike",
        limit: int = 100,
    ) -> list[list[Any]]:
        found = self._records.named(model, operator, name)
        ids = [id for id in self.search(model, domain or []) if id in found][:limit]
        return [[id, self._records.name(model, id)] for id in ids]

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
        for keys, ids in self._groups(model, domain, by).items():
            row: Values = {spec: told(key, old=True) for spec, key in zip(by, keys, strict=True)}
            row |= {spec.partition(":")[0]: self._computed(model, spec, ids) for spec in specs}
            row |= {f"{by[0]}_count" if lazy and by else "__count": len(ids)}
            rows.append({**row, "__domain": self._of_group(model, domain, by, keys)})
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
        for keys, ids in self._groups(model, domain, groupby).items():
            row: Values = {spec: told(key, old=False) for spec, key in zip(groupby, keys, strict=True)}
            for spec in aggregates:
                row[spec] = len(ids) if spec == "__count" else self._computed(model, spec, ids)
            rows.append({"__extra_domain": self._of_group(model, [], groupby, keys), **row})
        sort_rows(rows, order or "")
        return rows[offset : offset + limit if limit else None]

    def create(self, model: str, vals_list: Values | Sequence[Values]) -> int | list[int]:
        self._may(model, "create")
        several = [vals_list] if isinstance(vals_list, dict) else list(vals_list)
        for values in several:
            self._check(model, {**MODELS[model].defaults, **values}, whole=True)
        ids = [self._records.put(model, dict(values), self.user) for values in several]
        try:
            self._records_may(model, ids, "create")
        except Fault:
            for id in ids:
                self._records.remove(model, id)
            raise
        return ids[0] if isinstance(vals_list, dict) else ids

    def write(self, model: str, ids: Sequence[int], vals: Values) -> bool:
        self._records_may(model, ids, "write")
        self._check(model, vals, whole=False)
        for id in ids:
            self._records.change(model, id, vals, self.user)
        return True

    def unlink(self, model: str, ids: Sequence[int]) -> bool:
        self._records_may(model, ids, "unlink")
        for id in ids:
            self._records.remove(model, id)
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
        if not MODELS[model].thread:
            raise Fault("builtins.AttributeError", f"'{model}' object has no attribute 'message_post'")
        if len(ids) != 1:
            raise Fault("builtins.ValueError", f"Expected singleton: {model}{tuple(ids)}")
        self._records_may(model, ids, "read")
        shown = body if body_is_html or self._version < 17 else f"<p>{escape(body)}</p>"
        message = {"model": model, "res_id": ids[0], "body": shown, "author_id": self.user.partner}
        return self._records.put("mail.message", message, self.user)

    def get_available_models(self, model: str) -> list[Values]:
        return [
            {"model": name, "display_name": about.label}
            for name, about in MODELS.items()
            if self._allowed(name, "read")
        ]

    def context_get(self, model: str) -> Values:
        return {"lang": "en_US", "tz": "Europe/Lisbon", "uid": self.user.id}

    # Rights

    def _allowed(self, model: str, operation: str) -> bool:
        return any(
            OPERATIONS[operation] in rights for group, rights in RIGHTS[model].items() if self._in(group)
        ) or self._in(company.SETTINGS)

    def _in(self, group: str) -> bool:
        return group in self.user.groups

    def _sees(self, about: Described) -> bool:
        return not about.groups or self._in(about.groups)

    def _may(self, model: str, operation: str) -> None:
        if self._allowed(model, operation):
            return
        groups = [
            f"\t- {company.GROUP_NAMES[group]}"
            for group, rights in RIGHTS[model].items()
            if OPERATIONS[operation] in rights
        ]
        allowed = "This operation is allowed for the following groups:\n" + "\n".join(groups)
        raise access_error(
            f"You are not allowed to {VERBS[operation]} '{MODELS[model].label}' ({model}) records.\n\n"
            f"{allowed if groups else 'No group currently allows this operation.'}\n\n"
            "Contact your administrator to request access if necessary."
        )

    def _records_may(self, model: str, ids: Sequence[int], operation: str) -> None:
        self._may(model, operation)
        for id in ids:
            if not self._records.there(model, id):
                raise Fault(
                    "odoo.exceptions.MissingError",
                    f"Record does not exist or has been deleted.\n(Record: {model}({id},), "
                    f"User: {self.user.id})",
                )
        allowed = self._rule(model)
        if not all(allowed(id) for id in ids):
            raise access_error(
                "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
                f"Sorry, {self.user.name} (id={self.user.id}) doesn't have '{operation}' access to:\n"
                f"- {MODELS[model].label} ({model})\n\nIf you really, really need access, perhaps you can "
                "win over your friendly administrator with a batch of freshly baked cookies."
            )

    def _rule(self, model: str) -> Any:
        rules = [rule for group, rule in RULES.get(model, {}).items() if self._in(group)]
        if not rules:
            return lambda id: True
        own = [[_with_user(leaf, self.user.id) for leaf in rule] for rule in rules]
        tests = [matching(self._records, model, rule) for rule in own]
        return lambda id: any(test(id) for test in tests)

    # Reading

    def _found(self, model: str, domain: Sequence[Any]) -> list[int]:
        self._may(model, "read")
        for leaf in leaves(domain):
            about = self._records.field(model, str(leaf[0]).partition(".")[0])
            if about and not self._sees(about):
                raise access_error(f'You do not have enough rights to access the field "{leaf[0]}"')
        allowed = self._rule(model)
        try:
            test = matching(self._records, model, domain)
            return [id for id in self._records.ids(model) if allowed(id) and test(id)]
        except DomainError as error:
            raise Fault("builtins.ValueError", str(error)) from None

    def _sort(self, model: str, ids: list[int], order: str) -> None:
        for term in reversed(order.split(",")):
            name, _, direction = term.strip().partition(" ")
            about = self._known(model, name)
            if not about.store and name != "display_name":
                raise Fault("builtins.ValueError", f"Cannot convert field {model}.{name} to SQL")
            ids.sort(key=lambda id, name=name: self._sortable(model, id, name), reverse=direction == "desc")  # type: ignore[misc]

    def _sortable(self, model: str, id: int, name: str) -> tuple[bool, Any]:
        about, value = self._known(model, name), self._records.value(model, id, name)
        if value is False:
            return (True, 0)
        return (False, self._records.name(about.relation, value) if about.type == "many2one" else value)

    def _known(self, model: str, name: str) -> Described:
        about = self._records.field(model, name)
        if about is None:
            raise Fault("builtins.ValueError", f"Invalid field {name!r} on model {model!r}")
        return about

    def _read(self, model: str, id: int, names: Iterable[str], load: str | None) -> Values:
        return {name: self._told_value(model, id, name, load) for name in names}

    def _told_value(self, model: str, id: int, name: str, load: str | None) -> Any:
        about, value = self._known(model, name), self._records.value(model, id, name)
        if name == "id":
            return id
        if about.type == "many2one" and value and load:
            return [value, self._records.name(about.relation, value)]
        if about.type == "one2many":
            allowed = self._rule(about.relation)
            return [other for other in value if allowed(other)]
        return value

    # Groups

    def _groups(self, model: str, domain: Sequence[Any], by: Sequence[str]) -> dict[Any, list[int]]:
        grouped: defaultdict[Any, list[int]] = defaultdict(list)
        for id in self._found(model, domain):
            grouped[tuple(self._key(model, id, spec) for spec in by)].append(id)
        if not by and not grouped:
            grouped[()] = []
        return dict(sorted(grouped.items(), key=lambda item: [rank(key) for key in item[0]]))

    def _key(self, model: str, id: int, spec: str) -> Any:
        name, _, granularity = spec.partition(":")
        about, value = self._known(model, name), self._records.value(model, id, name)
        if not about.store:
            raise Fault("builtins.ValueError", f"Cannot convert field {model}.{name} to SQL")
        if value is False:
            return False
        if about.type == "many2one":
            return (value, self._records.name(about.relation, value))
        if about.type in ("date", "datetime"):
            return period(str(value)[:10], granularity or "month")
        return value

    def _computed(self, model: str, spec: str, ids: Sequence[int]) -> Any:
        name, _, function = spec.partition(":")
        about = self._known(model, name)
        values = [self._records.value(model, id, name) for id in ids]
        if function == "count_distinct":
            return len({str(value) for value in values if value is not False})
        if function not in SUMS or about.type not in ("float", "monetary", "integer"):
            raise Fault("builtins.ValueError", f"Invalid aggregate method {function!r} for {spec!r}.")
        return SUMS[function](values) if values else False

    def _of_group(self, model: str, domain: Sequence[Any], by: Sequence[str], keys: Any) -> list[Any]:
        own = []
        for spec, key in zip(by, keys, strict=True):
            name = spec.partition(":")[0]
            if isinstance(key, tuple) and len(key) == 3:
                own += [[name, ">=", key[0]], [name, "<", key[2]]]
            else:
                own.append([name, "=", key[0] if isinstance(key, tuple) else key])
        return [*(["&"] * (len(own) - 1 + bool(domain and own))), *domain, *own] if own else list(domain)

    # Writing

    def _check(self, model: str, values: Values, *, whole: bool) -> None:
        for name, value in values.items():
            about = self._known(model, name)
            self._check_value(model, name, about, value)
        for name, about in MODELS[model].fields.items():
            if about.required and not values.get(name, not whole):
                raise Fault(
                    "odoo.exceptions.ValidationError",
                    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
                    "- Delete: another model requires the record being deleted. If possible, archive it "
                    f"instead.\n\nModel: {MODELS[model].label} ({model})\nField: {about.string} ({name})",
                )

    def _check_value(self, model: str, name: str, about: Described, value: Any) -> None:
        if not self._sees(about):
            raise access_error(f'You do not have enough rights to access the field "{name}" on {model}')
        if about.type == "selection" and value and value not in dict(about.selection):
            raise Fault("builtins.ValueError", f"Wrong value for {model}.{name}: {value!r}")
        if about.type == "many2one" and value and not self._records.there(about.relation, value):
            raise Fault(
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: another model requires the record being deleted.",
            )
        if about.type == "date" and value:
            try:
                datetime.date.fromisoformat(str(value))
            except ValueError:
                raise Fault(
                    "builtins.ValueError", f"time data '{value}' does not match format '%Y-%m-%d'"
                ) from None
        if model == "crm.lead" and name == "probability" and not 0 <= float(value or 0) <= 100:
            raise Fault(
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: The probability of closing the deal should be between "
                "0% and 100%!",
            )


def _about(name: str, about: Described, attributes: Sequence[str] | None, writes: bool) -> Mapping[str, Any]:
    all_: Values = {
        "name": name,
        "type": about.type,
        "string": about.string,
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
        all_["selection"] = [list(option) for option in about.selection]
    return {key: value for key, value in all_.items() if not attributes or key in attributes}


def _with_user(leaf: Any, user: int) -> Any:
    if isinstance(leaf, list) and leaf[2] == "user":
        return [leaf[0], leaf[1], user]
    return leaf

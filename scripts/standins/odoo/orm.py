"""The methods of every model in Odoo's stand-in, with the rights of their caller.

Results and words are those of Odoo 17 to 19 (odoo/orm/models.py, base/models/ir_rule.py, ir_model.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from standins.odoo.definitions import FieldDefinition, Values
from standins.odoo.models import MODELS
from standins.odoo.read_groups import group_key, sort_rows
from standins.odoo.record_reading import RecordReading
from standins.odoo.records import LOG_FIELDS, OdooFault, access_error
from standins.odoo.translations import INSTALLED_LANGUAGES, translate_term

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


class OdooSession(RecordReading):
    """The public methods of all models, as one user may call them in one version of Odoo."""

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

"""The records of Odoo's stand-in: what is there, how it is called, and what changes."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from typing import Any

from standins.odoo import company
from standins.odoo.company import OdooUser
from standins.odoo.definitions import FieldDefinition, Values
from standins.odoo.models import MODELS
from standins.odoo.search_domain import name_is_like
from standins.odoo.translations import BASE_LANGUAGE, TRANSLATED_FIELDS, translate_term

LOG_FIELDS = {
    "id": FieldDefinition("integer", "ID", readonly=True),
    "display_name": FieldDefinition("char", "Display Name", readonly=True, store=False),
    "create_date": FieldDefinition("datetime", "Created on", readonly=True),
    "write_date": FieldDefinition("datetime", "Last Updated on", readonly=True),
    "create_uid": FieldDefinition("many2one", "Created by", "res.users", readonly=True),
    "write_uid": FieldDefinition("many2one", "Last Updated by", "res.users", readonly=True),
}

CREATED_AT = "2026-09-01 06:00:00"


class OdooFault(Exception):
    """An exception of Odoo's, by its Python name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def access_error(message: str) -> OdooFault:
    return OdooFault("odoo.exceptions.AccessError", message)


class OdooRecordStore:
    """The company's records. Not for more than one thread."""

    def __init__(self, now: str = "2026-11-22 08:00:00") -> None:
        self._records: dict[str, dict[int, Values]] = {
            model: {one["id"]: copy.deepcopy(one) for one in company.RECORDS.get(model, [])}
            for model in MODELS
        }
        self._ids = itertools.count(1001)
        self._now = now
        self._lang = BASE_LANGUAGE

    def in_language(self, lang: str) -> OdooRecordStore:
        """Returns the same records, as they read in that language: domains and orders see the translations
        too. What is written to a translated field stands for all languages, which is simpler than in Odoo."""
        view = copy.copy(self)
        view.__dict__["_lang"] = lang
        return view

    # What domains want to know

    def field_definition(self, model: str, name: str) -> FieldDefinition | None:
        return MODELS[model].fields.get(name) or LOG_FIELDS.get(name)

    def raw_value(self, model: str, id: int, name: str) -> Any:
        about = self.field_definition(model, name)
        record = self._records[model][id]
        if about and about.inverse:
            others = self._records[about.relation]
            return [other for other, values in others.items() if values.get(about.inverse) == id]
        if name == "display_name":
            return self.display_name(model, id)
        if name in ("create_date", "write_date"):
            return record.get(name, CREATED_AT)
        if name in ("create_uid", "write_uid"):
            return record.get(name, company.ADMIN.id)
        empty: Any = [] if about and about.type == "many2many" else False
        numeric = about and about.type in ("float", "monetary", "integer")
        value = record.get(name, 0.0 if numeric else empty)
        return translate_term(value, self._lang) if (model, name) in TRANSLATED_FIELDS else value

    def record_ids(self, model: str) -> Sequence[int]:
        return list(self._records[model])

    def search_names(self, model: str, operator: str, name: str) -> set[int]:
        return {
            id for id in self.record_ids(model) if name_is_like(operator, self.display_name(model, id), name)
        }

    def display_name(self, model: str, id: int) -> str:
        record = self._records[model].get(id, {})
        name = str(record.get(MODELS[model].name) or f"{model},{id}")
        if (model, MODELS[model].name) in TRANSLATED_FIELDS:
            name = translate_term(name, self._lang)
        if model == "res.partner" and record.get("parent_id"):
            return f"{self.display_name(model, record['parent_id'])}, {name}"
        return name

    def require_existing(self, model: str, id: int) -> bool:
        return id in self._records[model]

    # What changes

    def create_record(self, model: str, values: Values, by: OdooUser) -> int:
        id = next(self._ids)
        stamps = {"create_date": self._now, "create_uid": by.id}
        self._records[model][id] = {**MODELS[model].defaults, **stamps, **values, "id": id}
        return id

    def update_record(self, model: str, id: int, values: Values, by: OdooUser) -> None:
        self._records[model][id] |= {**values, "write_date": self._now, "write_uid": by.id}

    def delete_record(self, model: str, id: int) -> None:
        del self._records[model][id]

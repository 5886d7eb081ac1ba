"""The rights of a user of Odoo's stand-in: which records may be read, written, created and deleted.

Rules and words are those of Odoo 17 to 19 (base/models/ir_rule.py, ir_model.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standins.odoo import company
from standins.odoo.call_context import read_context
from standins.odoo.company import ACCESS_RIGHTS, RECORD_RULES, OdooUser
from standins.odoo.definitions import FieldDefinition
from standins.odoo.models import MODELS
from standins.odoo.records import OdooFault, OdooRecordStore, access_error
from standins.odoo.search_domain import compile_domain

OPERATION_LETTERS = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
OPERATION_VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}


class AccessRights:
    """The rights of one user in one version of Odoo. The language and the time zone are those of the call's
    context: what the user has set is only told by `context_get`."""

    def __init__(
        self, records: OdooRecordStore, user: OdooUser, version: int, context: Mapping[str, Any] | None = None
    ) -> None:
        self._lang, self._timezone = read_context(context or {})
        self._records, self.user, self._version = records.in_language(self._lang), user, version

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


def _bind_user(leaf: Any, user: int) -> Any:
    if isinstance(leaf, list) and leaf[2] == "user":
        return [leaf[0], leaf[1], user]
    return leaf

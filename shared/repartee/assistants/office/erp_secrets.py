"""The ERP without its secrets: nobody reads or changes passwords, keys, tokens and mail servers here.

That holds for administrators, too: what the model has read is in prompts, answers and histories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from repartee.errors import InvalidPayload
from repartee.ports import Erp, ErpField, ErpGrouping, ErpModel, ErpQuery

SECRET_MODEL_PATTERN = re.compile(
    r"mail_server|fetchmail|config_parameter|api_?keys?\b|oauth|totp|passkey|identitycheck|certificate"
    r"|(^|[._])(password|secret|token|credential)s?([._]|$)"
)
SECRET_FIELD_PATTERN = re.compile(
    r"passw(or)?d|passphrase|secret|credential|api_?key|mail_server|fetchmail|signup_url|smtp_|totp|oauth"
    r"|(^|_)(pwd|pin|otp|tokens?|keys?_ids|jwt|bearer)(_|$)|(^|_)keys?$|private_key|(^|_)certificate"
)


def is_secret_model(name: str) -> bool:
    """Tells whether all records of the model are secrets."""
    return bool(SECRET_MODEL_PATTERN.search(name.lower()))


def is_secret_field(name: str) -> bool:
    """Tells whether a field keeps a secret, by its name or by a part of its path."""
    return any(SECRET_FIELD_PATTERN.search(part) for part in name.lower().split("."))


def refuse_secret_path(path: str) -> None:
    """Raises `InvalidPayload` for a path that leads to a secret: to search by one is to read it."""
    if is_secret_field(path):
        raise InvalidPayload(f"{path} is kept secret: it is never read, searched or changed here")


class ErpWithoutSecrets:
    """`ports.Erp` on another one, whose secrets are neither listed nor read nor written."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    def reading_identity(self, person: str) -> Literal["self", "shared", "nobody"]:
        return self._erp.reading_identity(person)

    def own_login(self, person: str) -> str:
        return self._erp.own_login(person)

    def list_models(self, person: str) -> Sequence[ErpModel]:
        return [model for model in self._erp.list_models(person) if not is_secret_model(model.name)]

    def list_fields(self, person: str, model: str) -> Sequence[ErpField]:
        _check_secrets(model)
        return [
            field
            for field in self._erp.list_fields(person, model)
            if not is_secret_field(field.name) and not is_secret_model(field.relation)
        ]

    def search_records(self, person: str, query: ErpQuery) -> Sequence[Mapping[str, Any]]:
        _check_secrets(query.model, query.fields)
        return self._erp.search_records(person, query)

    def count_records(self, person: str, model: str, domain: Sequence[Any]) -> int:
        _check_secrets(model)
        return self._erp.count_records(person, model, domain)

    def group_records(self, person: str, grouping: ErpGrouping) -> Sequence[Mapping[str, Any]]:
        names = (spec.partition(":")[0] for spec in (*grouping.group_by, *grouping.aggregates))
        _check_secrets(grouping.model, names)
        return self._erp.group_records(person, grouping)

    def create_record(self, person: str, model: str, values: Mapping[str, Any]) -> int:
        _check_secrets(model, values)
        return self._erp.create_record(person, model, values)

    def update_record(self, person: str, model: str, id: int, values: Mapping[str, Any]) -> None:
        _check_secrets(model, values)
        self._erp.update_record(person, model, id, values)

    def post_note(self, person: str, model: str, id: int, text: str) -> None:
        _check_secrets(model)
        self._erp.post_note(person, model, id, text)

    def record_url(self, model: str, id: int) -> str:
        return self._erp.record_url(model, id)


def _check_secrets(model: str, field_names: Iterable[str] = ()) -> None:
    if is_secret_model(model):
        raise InvalidPayload(f"{model} keeps secrets: it is never read or changed here")
    for name in field_names:
        refuse_secret_path(name)

"""Values that a model proposes for the ERP's fields, checked strictly by the fields' types.

What is written is what the person was shown: nothing is cut, guessed or converted to another meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

import msgspec

from repartee.assistants.office import erp_domain
from repartee.assistants.office.erp_characters import check_visible
from repartee.errors import InvalidPayload
from repartee.ports import ErpField

MAX_FIELDS_PER_CHANGE = 20

TEXT_TYPES = frozenset(("char", "text", "html"))
DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

FieldValueType = str | int | float | bool | None


class FieldValue(msgspec.Struct, frozen=True):
    """A field's new value: a record by its id, a date as 2026-11-22, null for none."""

    field: str
    value: FieldValueType


def convert_values(values: Sequence[FieldValue], fields: Mapping[str, ErpField]) -> dict[str, Any]:
    """Returns the new values as the ERP takes them. Raises `InvalidPayload`, which names the field and what
    it takes."""
    if not 1 <= len(values) <= MAX_FIELDS_PER_CHANGE:
        raise InvalidPayload(f"give 1 to {MAX_FIELDS_PER_CHANGE} values")
    return {one.field: _convert_value(erp_domain.find_field(one.field, fields), one.value) for one in values}


def _convert_value(field: ErpField, value: FieldValueType) -> Any:
    if field.readonly:
        raise InvalidPayload(f"{field.name} cannot be written")
    if field.type in ("one2many", "many2many"):
        raise InvalidPayload(f"{field.name} leads to several records: that cannot be proposed here")
    convert = _CONVERTERS.get(field.type)
    if convert is None:
        raise InvalidPayload(f"{field.name} is of type {field.type}: that cannot be proposed here")
    if field.type not in _NEVER_EMPTY_TYPES and (value is None or (value == "" and field.type in TEXT_TYPES)):
        return _require_optional(field)
    return convert(field, value)


def _require_optional(field: ErpField) -> bool:
    if field.required:
        raise InvalidPayload(f"{field.name} must have a value")
    return False


def _convert_boolean(field: ErpField, value: FieldValueType) -> bool:
    if not isinstance(value, bool):
        raise InvalidPayload(f"{field.name} takes a boolean: true or false, without quotation marks")
    return value


def _convert_integer(field: ErpField, value: FieldValueType) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if not _is_stored_integer(whole):
        raise InvalidPayload(f"{field.name} takes an integer: a whole number such as 12, without quotes")
    return int(whole)  # type: ignore[arg-type]


def _convert_number(field: ErpField, value: FieldValueType) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if isfinite(number) and number == value:
            return number
    raise InvalidPayload(
        f"{field.name} takes a finite number such as 12.5, without quotes; 0 where there is none"
    )


def _convert_record_id(field: ErpField, value: FieldValueType) -> int:
    if not _is_stored_integer(value) or not value:
        raise InvalidPayload(
            f"{field.name} takes the id of a record of {field.relation}, a number: search for it first"
        )
    return int(value)


def _is_stored_integer(value: FieldValueType) -> bool:
    """Tells whether it is an integer, and fits into the four bytes in which Odoo keeps one."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


def _convert_option(field: ErpField, value: FieldValueType) -> str:
    if isinstance(value, str):
        for option, label in field.options:
            if value.lower() in (option.lower(), label.lower()):
                return option
    known = ", ".join(option for option, _ in field.options)
    raise InvalidPayload(f"{field.name} is one of {known}, as text")


def _convert_date(field: ErpField, value: FieldValueType) -> str:
    try:
        if isinstance(value, str) and DATE_PATTERN.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise InvalidPayload(f"{field.name} takes a date as text in ISO form: 2026-11-22")


def _convert_datetime(field: ErpField, value: FieldValueType) -> str:
    try:
        if isinstance(value, str) and DATE_PATTERN.match(value):
            moment = datetime.fromisoformat(value)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment
            return moment.strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        pass
    raise InvalidPayload(f"{field.name} takes a time in UTC as text in ISO form: 2026-11-22 14:30:00")


def _convert_text(field: ErpField, value: FieldValueType) -> str:
    if not isinstance(value, str):
        raise InvalidPayload(f"{field.name} takes a text, in quotation marks")
    return check_visible(field.name, value)


_NEVER_EMPTY_TYPES = frozenset(("boolean", "integer", "float", "monetary"))
"""Types whose fields are never empty: Odoo would write false or 0 where null was shown."""

_CONVERTERS: Mapping[str, Callable[[ErpField, FieldValueType], Any]] = {
    "boolean": _convert_boolean,
    "integer": _convert_integer,
    "float": _convert_number,
    "monetary": _convert_number,
    "many2one": _convert_record_id,
    "selection": _convert_option,
    "date": _convert_date,
    "datetime": _convert_datetime,
    **dict.fromkeys(TEXT_TYPES, _convert_text),
}

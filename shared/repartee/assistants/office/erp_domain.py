"""The reading of a model's questions to the ERP, checked before anybody is called.

A search domain is a list of conditions in prefix notation:
https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#search-domains
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec

from repartee.assistants.office.erp_secrets import refuse_secret_path
from repartee.errors import InvalidPayload
from repartee.ports import ErpField

FieldsByName = Mapping[str, ErpField]

DOMAIN_OPERATORS = frozenset(
    (
        "=",
        "!=",
        ">",
        ">=",
        "<",
        "<=",
        "=?",
        "like",
        "not like",
        "ilike",
        "not ilike",
        "=like",
        "=ilike",
        "in",
        "not in",
        "child_of",
        "parent_of",
        "any",
        "not any",
    )
)
OPERATOR_ARITY = {"&": 2, "|": 2, "!": 1}
MAX_DOMAIN_TOKENS = 60
MAX_LIST_VALUES = 200
MAX_DOMAIN_VALUE_CHARS = 500
FIELD_PATH_PATTERN = re.compile(r"[a-z_]\w*(\.[a-z_]\w*){0,3}", re.ASCII)
ORDER_TERM_PATTERN = re.compile(
    r"(?P<field>[a-z_]\w*)(?P<of>:\w+)?(\s+(asc|desc))?", re.ASCII | re.IGNORECASE
)
DATE_GRANULARITIES = frozenset(("day", "week", "month", "quarter", "year"))
AGGREGATE_FUNCTIONS = frozenset(("sum", "avg", "min", "max", "count_distinct"))
NUMERIC_FIELD_TYPES = frozenset(("integer", "float", "monetary"))


def parse_domain(text: str, fields: FieldsByName) -> list[Any]:
    """The domain that is written there. Raises `Malformed`, which says what would be right."""
    try:
        given = msgspec.json.decode(text.strip() or "[]")
    except msgspec.DecodeError:
        raise InvalidPayload('the domain is not JSON: write it like [["name","ilike","desk"]]') from None
    return _check_domain(given, fields)


def find_field(name: str, fields: FieldsByName) -> ErpField:
    """The field of that name. Raises `Malformed` with names that are like it."""
    if found := fields.get(name):
        return found
    like = get_close_matches(name, fields, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(like)}?" if like else "; describe the model to see its fields"
    raise InvalidPayload(f"there is no field {name!r}{hint}")


def find_stored_field(name: str, fields: FieldsByName) -> ErpField:
    """A field by which one can search and sort."""
    field = find_field(name, fields)
    if not field.stored and field.type not in ("one2many", "many2many"):
        raise InvalidPayload(f"{name} is computed: it can be read, and not searched or sorted by")
    return field


def parse_order(text: str, fields: FieldsByName) -> str:
    """An order like `date desc, name`, of fields that can be sorted by."""
    for term in _split_terms(text):
        found = ORDER_TERM_PATTERN.fullmatch(term)
        if not found or found["of"]:
            raise InvalidPayload(f"{term!r} is no order: write it like 'create_date desc'")
        find_stored_field(found["field"], fields)
    return text.strip()


def parse_groups(by: Sequence[str], fields: FieldsByName) -> tuple[str, ...]:
    """Returns the fields to group by, those of dates with a granularity."""
    for spec in by:
        name, _, granularity = spec.partition(":")
        field = find_stored_field(name, fields)
        if granularity and (field.type not in ("date", "datetime") or granularity not in DATE_GRANULARITIES):
            raise InvalidPayload(f"{spec!r}: only dates have one of {', '.join(sorted(DATE_GRANULARITIES))}")
    return tuple(by)


def parse_aggregates(specs: Sequence[str], fields: FieldsByName) -> tuple[str, ...]:
    """Returns the aggregates to compute of each group: `amount_total:sum`."""
    for spec in specs:
        name, _, function = spec.partition(":")
        field = find_stored_field(name, fields)
        if function not in AGGREGATE_FUNCTIONS or (
            function != "count_distinct" and field.type not in NUMERIC_FIELD_TYPES
        ):
            raise InvalidPayload(f"{spec!r} cannot be computed: write it like 'amount_total:sum'")
    return tuple(specs)


def parse_group_order(text: str, specs: Sequence[str]) -> str:
    """An order of groups, by what they are grouped by, by what is computed, or by `__count`."""
    for term in _split_terms(text):
        if term.split()[0] not in (*specs, "__count") or not re.fullmatch(r"\S+( asc| desc)?", term):
            raise InvalidPayload(
                f"{term!r} is no order of these groups: one of {', '.join((*specs, '__count'))}"
            )
    return text.strip()


def _split_terms(text: str) -> list[str]:
    return [term.strip() for term in text.split(",") if term.strip()]


def _check_domain(parsed: Any, fields: FieldsByName | None) -> list[Any]:
    """A domain whose shape is right; its fields, too, where they are known."""
    if not isinstance(parsed, list) or len(parsed) > MAX_DOMAIN_TOKENS:
        raise InvalidPayload(f"a domain is a list of at most {MAX_DOMAIN_TOKENS} conditions")
    if len(parsed) == 3 and isinstance(parsed[0], str) and parsed[0] not in OPERATOR_ARITY:
        parsed = [parsed]  # one condition without the list around it
    open_ends = 1
    read: list[Any] = []
    for token in parsed:
        if open_ends == 0:  # conditions that follow one another all hold
            open_ends = 1
        if isinstance(token, str):
            if token not in OPERATOR_ARITY:
                raise InvalidPayload(f"{token!r} is neither a condition nor one of & | !")
            open_ends += OPERATOR_ARITY[token] - 1
            read.append(token)
        else:
            open_ends -= 1
            read.append(_check_condition(token, fields))
    if read and open_ends:
        raise InvalidPayload(
            "an operator lacks its conditions: & and | come before two of them, ! before one"
        )
    return read


def _check_condition(token: Any, fields: FieldsByName | None) -> list[Any]:
    if not isinstance(token, list) or len(token) != 3:
        raise InvalidPayload("a condition is a list of a field, an operator and a value")
    path, operator, value = token
    if not isinstance(path, str) or not FIELD_PATH_PATTERN.fullmatch(path):
        raise InvalidPayload(f"{path!r} is no field")
    refuse_secret_path(path)
    if operator not in DOMAIN_OPERATORS:
        raise InvalidPayload(f"{operator!r} is no operator: one of {', '.join(sorted(DOMAIN_OPERATORS))}")
    if fields is not None:
        first, _, rest = path.partition(".")
        if rest and not find_stored_field(first, fields).relation:
            raise InvalidPayload(f"{first} leads to no other record")
        find_stored_field(first, fields)
    if operator in ("any", "not any"):
        return [path, operator, _check_domain(value, None)]
    return [path, operator, _check_value(operator, value)]


def _check_value(operator: str, value: Any) -> Any:
    if isinstance(value, list):
        if operator not in ("in", "not in", "child_of", "parent_of") or len(value) > MAX_LIST_VALUES:
            raise InvalidPayload(f"{operator!r} does not take this list")
        return [_check_value("=", one) for one in value]
    if operator in ("in", "not in"):
        raise InvalidPayload(f"{operator!r} takes a list")
    if value is None:
        return False
    if isinstance(value, dict) or (isinstance(value, str) and len(value) > MAX_DOMAIN_VALUE_CHARS):
        raise InvalidPayload("a condition's value is a text, a number, true, false or null")
    return value

"""What a model writes when it asks the ERP, read and checked before anybody is called.

A search domain is a list of conditions in prefix notation:
https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#search-domains
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec

from repartee.errors import Malformed
from repartee.ports import ErpField

Fields = Mapping[str, ErpField]

OPERATORS = frozenset(
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
ARITY = {"&": 2, "|": 2, "!": 1}
MOST_TOKENS = 60
MOST_VALUES = 200
LONGEST_VALUE = 500
PATH = re.compile(r"[a-z_]\w*(\.[a-z_]\w*){0,3}", re.ASCII)
TERM = re.compile(r"(?P<field>[a-z_]\w*)(?P<of>:\w+)?(\s+(asc|desc))?", re.ASCII | re.IGNORECASE)
GRANULARITIES = frozenset(("day", "week", "month", "quarter", "year"))
FUNCTIONS = frozenset(("sum", "avg", "min", "max", "count_distinct"))
NUMERIC = frozenset(("integer", "float", "monetary"))


def domain(text: str, fields: Fields) -> list[Any]:
    """The domain that is written there. Raises `Malformed`, which says what would be right."""
    try:
        given = msgspec.json.decode(text.strip() or "[]")
    except msgspec.DecodeError:
        raise Malformed('the domain is not JSON: write it like [["name","ilike","desk"]]') from None
    return _checked(given, fields)


def known(name: str, fields: Fields) -> ErpField:
    """The field of that name. Raises `Malformed` with names that are like it."""
    if found := fields.get(name):
        return found
    like = get_close_matches(name, fields, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(like)}?" if like else "; describe the model to see its fields"
    raise Malformed(f"there is no field {name!r}{hint}")


def stored(name: str, fields: Fields) -> ErpField:
    """A field by which one can search and sort."""
    field = known(name, fields)
    if not field.stored and field.type not in ("one2many", "many2many"):
        raise Malformed(f"{name} is computed: it can be read, and not searched or sorted by")
    return field


def order(text: str, fields: Fields) -> str:
    """An order like `date desc, name`, of fields that can be sorted by."""
    for term in _terms(text):
        found = TERM.fullmatch(term)
        if not found or found["of"]:
            raise Malformed(f"{term!r} is no order: write it like 'create_date desc'")
        stored(found["field"], fields)
    return text.strip()


def groups(by: Sequence[str], fields: Fields) -> tuple[str, ...]:
    """What to group by: fields, those of dates with a granularity."""
    for spec in by:
        name, _, granularity = spec.partition(":")
        field = stored(name, fields)
        if granularity and (field.type not in ("date", "datetime") or granularity not in GRANULARITIES):
            raise Malformed(f"{spec!r}: only dates have one of {', '.join(sorted(GRANULARITIES))}")
    return tuple(by)


def computations(specs: Sequence[str], fields: Fields) -> tuple[str, ...]:
    """What to compute of each group: `amount_total:sum`."""
    for spec in specs:
        name, _, function = spec.partition(":")
        field = stored(name, fields)
        if function not in FUNCTIONS or (function != "count_distinct" and field.type not in NUMERIC):
            raise Malformed(f"{spec!r} cannot be computed: write it like 'amount_total:sum'")
    return tuple(specs)


def order_of_groups(text: str, specs: Sequence[str]) -> str:
    """An order of groups, by what they are grouped by, by what is computed, or by `__count`."""
    for term in _terms(text):
        if term.split()[0] not in (*specs, "__count") or not re.fullmatch(r"\S+( asc| desc)?", term):
            raise Malformed(f"{term!r} is no order of these groups: one of {', '.join((*specs, '__count'))}")
    return text.strip()


def _terms(text: str) -> list[str]:
    return [term.strip() for term in text.split(",") if term.strip()]


def _checked(given: Any, fields: Fields | None) -> list[Any]:
    """A domain whose shape is right; its fields, too, where they are known."""
    if not isinstance(given, list) or len(given) > MOST_TOKENS:
        raise Malformed(f"a domain is a list of at most {MOST_TOKENS} conditions")
    if len(given) == 3 and isinstance(given[0], str) and given[0] not in ARITY:
        given = [given]  # one condition without the list around it
    open_ends = 1
    read: list[Any] = []
    for token in given:
        if open_ends == 0:  # conditions that follow one another all hold
            open_ends = 1
        if isinstance(token, str):
            if token not in ARITY:
                raise Malformed(f"{token!r} is neither a condition nor one of & | !")
            open_ends += ARITY[token] - 1
            read.append(token)
        else:
            open_ends -= 1
            read.append(_condition(token, fields))
    if read and open_ends:
        raise Malformed("an operator lacks its conditions: & and | come before two of them, ! before one")
    return read


def _condition(token: Any, fields: Fields | None) -> list[Any]:
    if not isinstance(token, list) or len(token) != 3:
        raise Malformed("a condition is a list of a field, an operator and a value")
    path, operator, value = token
    if not isinstance(path, str) or not PATH.fullmatch(path):
        raise Malformed(f"{path!r} is no field")
    if operator not in OPERATORS:
        raise Malformed(f"{operator!r} is no operator: one of {', '.join(sorted(OPERATORS))}")
    if fields is not None:
        first, _, rest = path.partition(".")
        if rest and not stored(first, fields).relation:
            raise Malformed(f"{first} leads to no other record")
        stored(first, fields)
    if operator in ("any", "not any"):
        return [path, operator, _checked(value, None)]
    return [path, operator, _value(operator, value)]


def _value(operator: str, value: Any) -> Any:
    if isinstance(value, list):
        if operator not in ("in", "not in", "child_of", "parent_of") or len(value) > MOST_VALUES:
            raise Malformed(f"{operator!r} does not take this list")
        return [_value("=", one) for one in value]
    if operator in ("in", "not in"):
        raise Malformed(f"{operator!r} takes a list")
    if value is None:
        return False
    if isinstance(value, dict) or (isinstance(value, str) and len(value) > LONGEST_VALUE):
        raise Malformed("a condition's value is a text, a number, true, false or null")
    return value

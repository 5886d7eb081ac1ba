"""Odoo's search domains, as its stand-in reads them: conditions in prefix notation, on records in memory.

https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#search-domains
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

MatchesRecord = Callable[[int], bool]
Leaf = Sequence[Any]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, wanted: value < wanted,
    ">": lambda value, wanted: value > wanted,
    "<=": lambda value, wanted: value <= wanted,
    ">=": lambda value, wanted: value >= wanted,
}
LIKE_OPERATORS = {"like", "ilike", "=like", "=ilike"}
NEGATED_OPERATORS = {
    "!=": "=",
    "<>": "=",
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
}
"""Negated operators, and those they negate: records without a value match the negated ones."""
OPERATORS = {
    *COMPARISONS,
    *LIKE_OPERATORS,
    *NEGATED_OPERATORS,
    "=",
    "==",
    "=?",
    "in",
    "any",
    "child_of",
    "parent_of",
}


class DomainError(Exception):
    """A domain that Odoo refuses: a `ValueError` there."""


class FieldProtocol(Protocol):
    """A field, as far as a domain needs to know it."""

    @property
    def type(self) -> str: ...

    @property
    def relation(self) -> str: ...


class RecordSource(Protocol):
    """Where the records are."""

    def field_definition(self, model: str, name: str) -> FieldProtocol | None: ...

    def raw_value(self, model: str, id: int, name: str) -> Any:
        """Returns the raw value: an id for a many2one, ids for those to many, False for none."""

    def record_ids(self, model: str) -> Sequence[int]: ...

    def search_names(self, model: str, operator: str, name: str) -> set[int]:
        """Returns the records whose name matches."""


def compile_domain(company: RecordSource, model: str, domain: Sequence[Any]) -> MatchesRecord:
    """Returns the domain as a function that tests a record."""
    terms = list(reversed([_compile_term(company, model, one) for one in _normalize_domain(domain)]))
    stack: list[MatchesRecord] = []
    for term in terms:
        if callable(term):
            stack.append(term)
        elif term == "!":
            stack.append(_negate(_pop_operand(stack)))
        else:
            stack.append(_combine(term, _pop_operand(stack), _pop_operand(stack)))
    if len(stack) > 1:
        raise DomainError(f"Domain {list(domain)} syntax is not correct.")
    return stack[0] if stack else lambda id: True


def _pop_operand(stack: list[MatchesRecord]) -> MatchesRecord:
    if not stack:
        raise DomainError("Domain() invalid: an operator lacks its conditions")
    return stack.pop()


def _normalize_domain(domain: Sequence[Any]) -> list[Any]:
    """Returns the domain with every `&` that Odoo adds by itself."""
    normal: list[Any] = []
    expected = 1
    for token in domain:
        if expected == 0:
            normal.insert(0, "&")
            expected = 1
        expected += 1 if token in ("&", "|") else 0 if token == "!" else -1
        normal.append(token)
    if expected > 0 and domain:
        raise DomainError(f"Domain {list(domain)} syntax is not correct.")
    return normal


def _compile_term(company: RecordSource, model: str, token: Any) -> MatchesRecord | str:
    if token in ("&", "|", "!"):
        return str(token)
    if not isinstance(token, list | tuple) or len(token) != 3:
        raise DomainError(f"Invalid leaf {token!r}")
    path, operator, wanted = token
    if (path, operator) in ((1, "="), (0, "=")):
        return lambda id: path == wanted
    operator = str(operator).lower()
    if operator not in OPERATORS:
        raise DomainError(f"Invalid operator {operator!r} in domain term {tuple(token)}")
    if not isinstance(path, str):
        raise DomainError(f"Invalid leaf {token!r}")
    return _compile_leaf(company, model, (path, operator, wanted))


def _compile_leaf(company: RecordSource, model: str, leaf: Leaf) -> MatchesRecord:
    path, operator, wanted = leaf
    if operator in NEGATED_OPERATORS:
        return _negate(_compile_leaf(company, model, (path, NEGATED_OPERATORS[operator], wanted)))
    first, _, rest = path.partition(".")
    field = company.field_definition(model, first)
    if field is None:
        raise DomainError(f"Invalid field {model}.{first} in condition {tuple(leaf)}")
    if rest and field.relation:
        return _compile_related_path(
            company, model, first, compile_domain(company, field.relation, [[rest, operator, wanted]])
        )
    if rest:
        raise DomainError(f"Invalid field {model}.{path} in condition {tuple(leaf)}")
    if operator == "any":
        return _compile_related_path(company, model, first, compile_domain(company, field.relation, wanted))
    if operator in ("child_of", "parent_of"):
        return _compile_hierarchy(company, model, field, first, operator, wanted)
    return lambda id: _leaf_holds(company, model, id, first, field, operator, wanted)


def _compile_related_path(company: RecordSource, model: str, name: str, test: MatchesRecord) -> MatchesRecord:
    """True of a record that leads to one for which the test holds."""
    return lambda id: any(test(other) for other in _as_sequence(company.raw_value(model, id, name)))


def _compile_hierarchy(
    company: RecordSource, model: str, field: FieldProtocol, name: str, operator: str, wanted: Any
) -> MatchesRecord:
    of = field.relation or model
    roots = (
        set(_as_sequence(wanted))
        if not isinstance(wanted, str)
        else company.search_names(of, "ilike", wanted)
    )
    found = set(roots)
    if operator == "child_of":
        while more := {id for id in company.record_ids(of) if _parent_id(company, of, id) in found} - found:
            found |= more
    else:
        while more := {_parent_id(company, of, id) for id in found} - found - {False}:
            found |= more
    if name == "id":
        return lambda id: id in found
    return lambda id: bool(found & set(_as_sequence(company.raw_value(model, id, name))))


def _parent_id(company: RecordSource, model: str, id: int) -> Any:
    return (
        company.raw_value(model, id, "parent_id") if company.field_definition(model, "parent_id") else False
    )


def _leaf_holds(
    company: RecordSource, model: str, id: int, name: str, field: FieldProtocol, operator: str, wanted: Any
) -> bool:
    value = company.raw_value(model, id, name)
    if operator == "=?":
        return wanted in (False, None) or _leaf_holds(company, model, id, name, field, "=", wanted)
    if field.relation:
        return _related_holds(company, field, _as_sequence(value), operator, wanted)
    if operator in ("=", "==", "in"):
        several = wanted if isinstance(wanted, list | tuple) else [wanted]
        return any(_values_equal(value, one, field) for one in several)
    if operator in LIKE_OPERATORS:
        return value is not False and _value_is_like(operator, str(value), str(wanted))
    if value is False and field.type not in ("boolean", "integer", "float", "monetary"):
        return False
    try:
        return COMPARISONS[operator](value, wanted)
    except TypeError:
        raise DomainError(f"{wanted!r} cannot be compared with {model}.{name}") from None


def _related_holds(
    company: RecordSource, field: FieldProtocol, ids: Sequence[int], operator: str, wanted: Any
) -> bool:
    """On a field that leads elsewhere a number is an id, and a text the name of what it leads to."""
    several = wanted if isinstance(wanted, list | tuple) else [wanted]
    if operator in LIKE_OPERATORS or any(isinstance(one, str) for one in several):
        by = "=" if operator == "in" else operator
        return any(set(ids) & company.search_names(field.relation, by, str(one)) for one in several)
    if operator not in ("=", "==", "in"):
        return any(COMPARISONS[operator](id, wanted) for id in ids)
    return any(one in ids if one else not ids for one in several)


def _values_equal(value: Any, wanted: Any, field: FieldProtocol) -> bool:
    if wanted is None or wanted is False:
        return value in (False, None, "") or (field.type == "boolean" and not value)
    if field.type == "datetime" and isinstance(value, str) and len(str(wanted)) == 10:
        return value == f"{wanted} 00:00:00"
    return bool(value == wanted)


def _value_is_like(operator: str, value: str, pattern: str) -> bool:
    if not operator.startswith("="):
        pattern = f"%{pattern}%"
    expression = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    flags = re.DOTALL | (re.IGNORECASE if operator.endswith("ilike") else 0)
    return re.fullmatch(expression, value, flags) is not None


def name_is_like(operator: str, value: str, pattern: str) -> bool:
    """Returns whether a name matches: `=` compares the whole of it."""
    return value == pattern if operator in ("=", "==") else _value_is_like(operator, value, pattern)


def _as_sequence(value: Any) -> Sequence[int]:
    if value in (False, None):
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _negate(test: MatchesRecord) -> MatchesRecord:
    return lambda id: not test(id)


def _combine(operator: str, first: MatchesRecord, second: MatchesRecord) -> MatchesRecord:
    if operator == "&":
        return lambda id: first(id) and second(id)
    return lambda id: first(id) or second(id)


def domain_leaves(domain: Sequence[Any]) -> Iterator[Leaf]:
    """Yields the conditions of a domain."""
    return (token for token in domain if isinstance(token, list | tuple))

"""Odoo's search domains, as its stand-in reads them: conditions in prefix notation, on records in memory.

https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#search-domains
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Test = Callable[[int], bool]
Leaf = Sequence[Any]

COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, wanted: value < wanted,
    ">": lambda value, wanted: value > wanted,
    "<=": lambda value, wanted: value <= wanted,
    ">=": lambda value, wanted: value >= wanted,
}
LIKE = {"like", "ilike", "=like", "=ilike"}
NEGATED = {
    "!=": "=",
    "<>": "=",
    "not in": "in",
    "not like": "like",
    "not ilike": "ilike",
    "not =like": "=like",
    "not =ilike": "=ilike",
    "not any": "any",
}
"""What is found by these is all that is not found by those: records without a value among them."""
OPERATORS = {*COMPARED, *LIKE, *NEGATED, "=", "==", "=?", "in", "any", "child_of", "parent_of"}


class DomainError(Exception):
    """A domain that Odoo refuses: a `ValueError` there."""


class Field(Protocol):
    """What a domain has to know of a field."""

    @property
    def type(self) -> str: ...

    @property
    def relation(self) -> str: ...


class Company(Protocol):
    """Where the records are."""

    def field(self, model: str, name: str) -> Field | None: ...

    def value(self, model: str, id: int, name: str) -> Any:
        """The raw value: an id for a many2one, ids for those to many, False for none."""

    def ids(self, model: str) -> Sequence[int]: ...

    def named(self, model: str, operator: str, name: str) -> set[int]:
        """The records whose name is so."""


def matching(company: Company, model: str, domain: Sequence[Any]) -> Test:
    """The test that the domain is."""
    terms = list(reversed([_term(company, model, one) for one in _normal(domain)]))
    stack: list[Test] = []
    for term in terms:
        if callable(term):
            stack.append(term)
        elif term == "!":
            stack.append(_not(_popped(stack)))
        else:
            stack.append(_both(term, _popped(stack), _popped(stack)))
    if len(stack) > 1:
        raise DomainError(f"Domain {list(domain)} syntax is not correct.")
    return stack[0] if stack else lambda id: True


def _popped(stack: list[Test]) -> Test:
    if not stack:
        raise DomainError("Domain() invalid: an operator lacks its conditions")
    return stack.pop()


def _normal(domain: Sequence[Any]) -> list[Any]:
    """The domain with every `&` that Odoo adds by itself."""
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


def _term(company: Company, model: str, token: Any) -> Test | str:
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
    return _leaf(company, model, (path, operator, wanted))


def _leaf(company: Company, model: str, leaf: Leaf) -> Test:
    path, operator, wanted = leaf
    if operator in NEGATED:
        return _not(_leaf(company, model, (path, NEGATED[operator], wanted)))
    first, _, rest = path.partition(".")
    field = company.field(model, first)
    if field is None:
        raise DomainError(f"Invalid field {model}.{first} in condition {tuple(leaf)}")
    if rest and field.relation:
        return _through(company, model, first, matching(company, field.relation, [[rest, operator, wanted]]))
    if rest:
        raise DomainError(f"Invalid field {model}.{path} in condition {tuple(leaf)}")
    if operator == "any":
        return _through(company, model, first, matching(company, field.relation, wanted))
    if operator in ("child_of", "parent_of"):
        return _in_hierarchy(company, model, field, first, operator, wanted)
    return lambda id: _holds(company, model, id, first, field, operator, wanted)


def _through(company: Company, model: str, name: str, test: Test) -> Test:
    """True of a record that leads to one for which the test holds."""
    return lambda id: any(test(other) for other in _many(company.value(model, id, name)))


def _in_hierarchy(company: Company, model: str, field: Field, name: str, operator: str, wanted: Any) -> Test:
    of = field.relation or model
    roots = set(_many(wanted)) if not isinstance(wanted, str) else company.named(of, "ilike", wanted)
    found = set(roots)
    if operator == "child_of":
        while more := {id for id in company.ids(of) if _parent(company, of, id) in found} - found:
            found |= more
    else:
        while more := {_parent(company, of, id) for id in found} - found - {False}:
            found |= more
    if name == "id":
        return lambda id: id in found
    return lambda id: bool(found & set(_many(company.value(model, id, name))))


def _parent(company: Company, model: str, id: int) -> Any:
    return company.value(model, id, "parent_id") if company.field(model, "parent_id") else False


def _holds(
    company: Company, model: str, id: int, name: str, field: Field, operator: str, wanted: Any
) -> bool:
    value = company.value(model, id, name)
    if operator == "=?":
        return wanted in (False, None) or _holds(company, model, id, name, field, "=", wanted)
    if field.relation:
        return _related(company, field, _many(value), operator, wanted)
    if operator in ("=", "==", "in"):
        several = wanted if isinstance(wanted, list | tuple) else [wanted]
        return any(_same(value, one, field) for one in several)
    if operator in LIKE:
        return value is not False and _like(operator, str(value), str(wanted))
    if value is False and field.type not in ("boolean", "integer", "float", "monetary"):
        return False
    try:
        return COMPARED[operator](value, wanted)
    except TypeError:
        raise DomainError(f"{wanted!r} cannot be compared with {model}.{name}") from None


def _related(company: Company, field: Field, ids: Sequence[int], operator: str, wanted: Any) -> bool:
    """On a field that leads elsewhere a number is an id, and a text the name of what it leads to."""
    several = wanted if isinstance(wanted, list | tuple) else [wanted]
    if operator in LIKE or any(isinstance(one, str) for one in several):
        by = "=" if operator == "in" else operator
        return any(set(ids) & company.named(field.relation, by, str(one)) for one in several)
    if operator not in ("=", "==", "in"):
        return any(COMPARED[operator](id, wanted) for id in ids)
    return any(one in ids if one else not ids for one in several)


def _same(value: Any, wanted: Any, field: Field) -> bool:
    if wanted is None or wanted is False:
        return value in (False, None, "") or (field.type == "boolean" and not value)
    if field.type == "datetime" and isinstance(value, str) and len(str(wanted)) == 10:
        return value == f"{wanted} 00:00:00"
    return bool(value == wanted)


def _like(operator: str, value: str, pattern: str) -> bool:
    if not operator.startswith("="):
        pattern = f"%{pattern}%"
    expression = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    flags = re.DOTALL | (re.IGNORECASE if operator.endswith("ilike") else 0)
    return re.fullmatch(expression, value, flags) is not None


def like(operator: str, value: str, pattern: str) -> bool:
    """Whether a name is so: `=` compares the whole of it."""
    return value == pattern if operator in ("=", "==") else _like(operator, value, pattern)


def _many(value: Any) -> Sequence[int]:
    if value in (False, None):
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _not(test: Test) -> Test:
    return lambda id: not test(id)


def _both(operator: str, first: Test, second: Test) -> Test:
    if operator == "&":
        return lambda id: first(id) and second(id)
    return lambda id: first(id) or second(id)


def leaves(domain: Sequence[Any]) -> Iterator[Leaf]:
    """The conditions of a domain."""
    return (token for token in domain if isinstance(token, list | tuple))

"""Roles of operators, by what the login service says of them.

CONSOLE_ROLES holds rules such as admin=groups:platform-team, agent=roles:Support.Agent or
viewer=email:@example.com: a role, a claim of the token, and the value, or one of the values, that it must
have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from repartee.console.access import Role

EMAIL_CLAIM = "email"


class RoleRule(msgspec.Struct, frozen=True):
    """Gives a role to the people whose claim has the value; an e-mail's may be a domain, @example.com."""

    role: Role
    claim: str
    value: str

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Returns whether the rule is about the person with these claims."""
        given = claims.get(self.claim)
        words = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        if self.claim != EMAIL_CLAIM:
            return self.value in words
        if claims.get("email_verified") not in (True, "true"):
            return False
        return any(self._is_address(word) for word in words if isinstance(word, str))

    def _is_address(self, word: str) -> bool:
        address, wanted = word.lower(), self.value.lower()
        return address.endswith(wanted) if wanted.startswith("@") else address == wanted


class OperatorRoles:
    """The rules of a deployment. A person whom none is about has no role, and is not let in."""

    def __init__(self, rules: Iterable[RoleRule]) -> None:
        self._rules = tuple(rules)

    def find_role(self, claims: Mapping[str, Any]) -> Role | None:
        """Returns the highest role that a rule gives."""
        return max((rule.role for rule in self._rules if rule.matches(claims)), default=None)


def parse_roles(rules: Iterable[str]) -> OperatorRoles:
    """Returns the rules. Raises `ValueError` for one that cannot be read, and where there is none: with no
    rule the console would be there for nobody."""
    found = [_parse_rule(rule) for rule in rules]
    if not found:
        raise ValueError("CONSOLE_ROLES names no role, such as admin=email:ada@example.com")
    return OperatorRoles(found)


def _parse_rule(text: str) -> RoleRule:
    name, _, rest = text.partition("=")
    claim, _, value = rest.partition(":")
    role = Role.__members__.get(name.strip().upper())
    claim, value = claim.strip(), value.strip()
    if role is None or not claim or not value:
        raise ValueError(f"CONSOLE_ROLES: {text!r} is not like admin=groups:platform-team")
    return RoleRule(role, claim, value)

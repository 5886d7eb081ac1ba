"""Access to the console: operators with roles, sessions that end, and proof against forged requests.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Protocol

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD"})
SESSION_IDLE_SECONDS = 3600
"""Seconds without a request after which an operator signs in again."""

SESSION_SECONDS = 8 * 3600.0
"""Seconds after which an operator signs in again in any case."""

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Role(IntEnum):
    """The rights of an operator: each role has those of the roles below it."""

    VIEWER = 1
    AGENT = 2
    ADMIN = 3


class Operator(msgspec.Struct, frozen=True):
    """A person who is signed in to the console. `id` is the subject that the login service knows."""

    id: str
    name: str
    role: Role


class SignInRequired(Exception):
    """The request belongs to no operator: none has signed in, or the session has ended."""


class Access(Protocol):
    """Tells who sends a request."""

    def identify_operator(self, request: Request) -> Operator:
        """Returns the operator. Raises `SignInRequired`, or `HTTPException` where a request is refused."""


class LoopbackAccess:
    """Lets in the person at this machine, as an administrator, and no other.

    The name that was asked for must be this machine's too: a page of another site may have its own name
    resolved to 127.0.0.1.
    """

    def identify_operator(self, request: Request) -> Operator:
        client = request.client.host if request.client else ""
        if client not in LOOPBACK_HOSTS or request.url.hostname not in LOOPBACK_HOSTS:
            raise HTTPException(403, "the local console answers this machine alone")
        return Operator("local", "this machine", Role.ADMIN)


class SessionAccess:
    """Lets in who has signed in, for as long as the session lasts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def identify_operator(self, request: Request) -> Operator:
        kept = request.session.get("operator")
        if not kept or self._clock() - kept["at"] > SESSION_SECONDS:
            request.session.pop("operator", None)
            raise SignInRequired
        return Operator(kept["id"], kept["name"], Role(kept["role"]))

    def start_session(self, session: dict[str, Any], operator: Operator) -> None:
        """Signs the operator in. Nothing of what was in the session before stays."""
        session.clear()
        session["operator"] = {
            "id": operator.id,
            "name": operator.name,
            "role": int(operator.role),
            "at": self._clock(),
        }


def role_of_claims(claims: Mapping[str, Any], claim: str) -> Role | None:
    """Returns the highest role that a token's claim names (a word, or a list of them); None without any."""
    named = claims.get(claim) or ()
    words = {named} if isinstance(named, str) else {word for word in named if isinstance(word, str)}
    return max((role for role in Role if role.name.lower() in words), default=None)


def csrf_token(session: dict[str, Any]) -> str:
    """Returns the session's token, with which every form comes back."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(24))
    return token


def check_forgery(request: Request, form: Mapping[str, Any]) -> None:
    """Raises `HTTPException` unless a page of the console itself sent this."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD) or ""
    known = request.session.get("csrf", "")
    same_site = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not (known and same_site and isinstance(given, str) and hmac.compare_digest(given, known)):
        raise HTTPException(403, "this form is too old: load the page again")


def require_role(operator: Operator, role: Role) -> None:
    """Raises `HTTPException` if the operator's role is lower."""
    if operator.role < role:
        raise HTTPException(403, f"this needs the role {role.name.lower()}")

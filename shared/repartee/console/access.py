"""Access to the console: operators with roles, sessions that end, and proof against forged requests.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Protocol

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from repartee.ports.operations import OperatorSession, OperatorSessions

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD"})
SESSION_IDLE_SECONDS = 3600
"""Seconds without a request after which an operator signs in again."""

SESSION_SECONDS = 8 * 3600.0
"""Seconds after which an operator signs in again in any case."""

CHECK_SECONDS = 300.0
"""Seconds after which the next page asks the login service again for the operator's role."""

MAX_UNCHECKED_SECONDS = 900.0
"""Seconds after which nothing is done for an operator whose role was not asked for again."""

SEEN_INTERVAL_SECONDS = 60.0
"""Seconds after which it is noted that an operator is still there."""

TOKEN_NAME = "token"  # noqa: S105 - the name of a field
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
    """The request belongs to no operator: none has signed in, or the session has ended. `is_check`: the
    session goes on, and the login service is to say again which role the operator has."""

    def __init__(self, *, is_check: bool = False) -> None:
        super().__init__("sign in")
        self.is_check = is_check


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
    """Lets in who has signed in, for as long as the session lasts and the login service stands by the role.

    The browser has the session's token alone; the rest is kept here, so that a session can be ended.
    """

    def __init__(self, sessions: OperatorSessions, clock: Callable[[], float]) -> None:
        self._sessions, self._clock = sessions, clock

    def identify_operator(self, request: Request) -> Operator:
        now, token = self._clock(), request.session.get(TOKEN_NAME, "")
        kept = self._sessions.find(hash_token(token)) if token else None
        if (
            kept is None
            or now - kept.started_at > SESSION_SECONDS
            or now - kept.seen_at > SESSION_IDLE_SECONDS
        ):
            if kept:
                self._sessions.delete(kept.id)
            request.session.clear()
            raise SignInRequired
        is_page = request.method in SAFE_METHODS and not request.headers.get("hx-request")
        if now - kept.checked_at > (CHECK_SECONDS if is_page else MAX_UNCHECKED_SECONDS):
            raise SignInRequired(is_check=True)
        if now - kept.seen_at > SEEN_INTERVAL_SECONDS:
            self._sessions.mark_seen(kept.id, now)
        return Operator(kept.operator, kept.name, Role(kept.role))

    def start_session(self, session: dict[str, Any], operator: Operator) -> None:
        """Signs the operator in. A session of the same operator goes on, with the role that was told now;
        of any other nothing stays."""
        now, token = self._clock(), session.get(TOKEN_NAME, "")
        kept = self._sessions.find(hash_token(token)) if token else None
        if kept is None or kept.operator != operator.id or now - kept.started_at > SESSION_SECONDS:
            self.end_session(session)
            kept, token = None, secrets.token_urlsafe(32)
        started_at = kept.started_at if kept else now
        made = OperatorSession(
            id=hash_token(token),
            operator=operator.id,
            name=operator.name,
            role=int(operator.role),
            started_at=started_at,
            checked_at=now,
            seen_at=now,
        )
        self._sessions.save(made, started_at + SESSION_SECONDS)
        session[TOKEN_NAME] = token

    def end_session(self, session: dict[str, Any]) -> None:
        """Signs the operator out: the token is worth nothing any more, wherever else it is."""
        if token := session.get(TOKEN_NAME, ""):
            self._sessions.delete(hash_token(token))
        session.clear()


def hash_token(token: str) -> str:
    """Returns what a session's token is known by: what is stored lets nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


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

"""The pages by which operators sign in and out, with OpenID Connect.

A sign-in that was begun is kept in the browser's signed cookie until the login service answers: its state
ties the answer to this browser, its nonce ties the token to it, and its verifier (PKCE) the code.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from repartee.console.access import Operator, SessionAccess, check_forgery
from repartee.console.oidc import OidcClient
from repartee.console.operator_roles import OperatorRoles
from repartee.console.pages import PREFIX, Pages
from repartee.errors import Unauthorized
from repartee.ports.logging import Logger

ATTEMPTS_NAME = "attempts"
MAX_ATTEMPTS = 4
"""Sign-ins that a browser may have begun at once, in several tabs."""

ATTEMPT_SECONDS = 600.0
"""Seconds that a person has for signing in at the login service."""

MAX_NAME_CHARS, MAX_TARGET_CHARS = 120, 1500
MUST_ASK_ERRORS = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)
"""Answers of a login service that was to ask nothing and must (OpenID Connect Core, 3.1.2.6)."""


class SignIn:
    """The routes of signing in and out. `url` is the console's address where requests do not name it."""

    def __init__(
        self,
        client: OidcClient,
        roles: OperatorRoles,
        access: SessionAccess,
        pages: Pages,
        clock: Callable[[], float],
        logger: Logger,
        url: str = "",
    ) -> None:
        self._client, self._roles, self._access, self._pages = client, roles, access, pages
        self._clock, self._logger, self._url = clock, logger, url.rstrip("/")

    def routes(self) -> Sequence[Route]:
        """Returns the routes, which are open to everybody."""
        return (
            Route("/sign-in", self.begin, methods=["GET"]),
            Route("/signed-in", self.finish, methods=["GET"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/signed-out", self.show_signed_out, methods=["GET"]),
        )

    async def begin(self, request: Request) -> Response:
        """Sends the browser to the login service."""
        is_check = request.query_params.get("check") == "1"
        state = secrets.token_urlsafe(24)
        attempt: dict[str, Any] = {
            "nonce": secrets.token_urlsafe(24),
            "verifier": secrets.token_urlsafe(48),
            "next": local_target(request.query_params.get("next", "")),
            "at": self._clock(),
            "check": is_check,
        }
        url = await run_in_threadpool(
            self._client.authorization_url,
            self._redirect_uri(request),
            state,
            attempt["nonce"],
            attempt["verifier"],
            silent=is_check,
        )
        begun = [*request.session.get(ATTEMPTS_NAME, {}).items(), (state, attempt)]
        request.session[ATTEMPTS_NAME] = dict(begun[-MAX_ATTEMPTS:])
        return RedirectResponse(url, 303)

    async def finish(self, request: Request) -> Response:
        """Takes the login service's answer."""
        given = request.query_params
        attempt = self._take_attempt(request, given.get("state", ""))
        await run_in_threadpool(self._client.check_issuer, given.get("iss", ""))
        if error := given.get("error", ""):
            return await run_in_threadpool(self._answer_error, request, error, attempt)
        operator = await run_in_threadpool(self._identify, request, given.get("code", ""), attempt)
        if operator is None:
            await run_in_threadpool(self._access.end_session, request.session)
            raise HTTPException(403, "You have signed in, and have no role in this console.")
        await run_in_threadpool(self._access.start_session, request.session, operator)
        return RedirectResponse(local_target(str(attempt["next"])), 303)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session here, and at the login service where it has a page for that."""
        check_forgery(request, await request.form(max_files=0, max_fields=4))
        await run_in_threadpool(self._access.end_session, request.session)
        target = f"{self._console_url(request)}/signed-out"
        url = await run_in_threadpool(self._client.end_session_url, target)
        return RedirectResponse(url or f"{PREFIX}/signed-out", 303)

    async def show_signed_out(self, request: Request) -> Response:
        """Says that the session has ended."""
        return HTMLResponse(self._pages.render("signed_out.html", {}))

    def _identify(self, request: Request, code: str, attempt: Mapping[str, Any]) -> Operator | None:
        if not code:
            raise Unauthorized("the login service gave no code")
        claims = self._client.redeem_code(
            code, self._redirect_uri(request), attempt["nonce"], attempt["verifier"]
        )
        role = self._roles.find_role(claims)
        self._logger.info("operator_signed_in", role=role.name.lower() if role else "none")
        if role is None:
            return None
        name = next((str(claims[key]) for key in ("name", "email") if claims.get(key)), str(claims["sub"]))
        return Operator(str(claims["sub"]), name[:MAX_NAME_CHARS], role)

    def _answer_error(self, request: Request, error: str, attempt: Mapping[str, Any]) -> Response:
        if attempt["check"] and error in MUST_ASK_ERRORS:
            self._access.end_session(request.session)
            return RedirectResponse(sign_in_address(str(attempt["next"])), 303)
        self._access.end_session(request.session)
        raise HTTPException(403, "The login service has not signed you in.")

    def _take_attempt(self, request: Request, state: str) -> Mapping[str, Any]:
        """Returns the sign-in that is answered. It can be answered once."""
        begun = dict(request.session.get(ATTEMPTS_NAME, {}))
        attempt: Mapping[str, Any] | None = begun.pop(state, None)
        request.session[ATTEMPTS_NAME] = begun
        if attempt is None or self._clock() - attempt["at"] > ATTEMPT_SECONDS:
            raise HTTPException(
                400, "This sign-in was not begun here, or is too old. Open the console again."
            )
        return attempt

    def _redirect_uri(self, request: Request) -> str:
        return f"{self._console_url(request)}/signed-in"

    def _console_url(self, request: Request) -> str:
        return f"{self._url or f'https://{request.url.netloc}'}{PREFIX}"


def local_target(address: str) -> str:
    """Returns a page of the console: this one, or the first where the address leads elsewhere."""
    is_local = address.startswith(f"{PREFIX}/") and len(address) <= MAX_TARGET_CHARS
    return address if is_local and address.isprintable() and "\\" not in address else f"{PREFIX}/"


def sign_in_address(target: str, *, is_check: bool = False) -> str:
    """Returns the address of the page that signs an operator in and then leads there."""
    query = {"next": local_target(target)} | ({"check": "1"} if is_check else {})
    return f"{PREFIX}/sign-in?" + urlencode(query)

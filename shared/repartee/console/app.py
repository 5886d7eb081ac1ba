"""The console as an ASGI app: its routes, who may call them, and the headers that browsers are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.console.access import (
    SESSION_SECONDS,
    Access,
    Operator,
    Role,
    SignInRequired,
    check_forgery,
    csrf_token,
    require_role,
)
from repartee.console.pages import PREFIX, STATIC_FOLDER, NavigationItem, Pages
from repartee.console.sign_in import sign_in_address
from repartee.console.static_files import StaticVersions
from repartee.errors import BackendError, RequestRejected

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MIN_GZIP_BYTES = 600
"""Bytes of an answer below which it is not compressed."""

SESSION_COOKIE, SECURE_SESSION_COOKIE = "repartee_console", "__Host-repartee_console"
"""The cookie's name on this machine, and where it is served over https: browsers take the prefix __Host- of
this very host alone, over https, for all of its paths (RFC 6265bis)."""

MAX_FORM_FILES, MAX_FORM_FIELDS = 1, 40
"""Files and fields that a form may have."""


KEPT_FORM_FRAGMENT = "#kept-form"
"""The end of a page's address by which it fills a form in again that was sent and not taken: `console.js`
keeps what was typed in the tab until then. The text leaves the browser with the form alone."""


class ConsoleRequest:
    """A request of an operator, with the form that was sent."""

    def __init__(self, request: Request, operator: Operator, form: Mapping[str, Any]) -> None:
        self.request, self.operator, self._form = request, operator, form

    @property
    def path(self) -> Mapping[str, str]:
        """The parts of the path that the route names."""
        return self.request.path_params

    def query(self, name: str, otherwise: str = "") -> str:
        """Returns a parameter of the address."""
        return self.request.query_params.get(name, otherwise)

    def field(self, name: str) -> str:
        """Returns a field of the form; empty if it is not there."""
        value = self._form.get(name, "")
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> list[str]:
        """Returns all values of a field of the form that are not empty."""
        values = self._form.getlist(name) if isinstance(self._form, FormData) else [self._form.get(name)]
        return [value for value in values if isinstance(value, str) and value]

    def upload(self, name: str) -> Any:
        """Returns an uploaded file, or None."""
        value = self._form.get(name)
        return None if value is None or isinstance(value, str) else value

    @property
    def session(self) -> dict[str, Any]:
        """The values that are kept of the operator between requests, in a signed cookie."""
        return self.request.session

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"


Handler = Callable[[ConsoleRequest], Response | Awaitable[Response]]


class ConsoleRoute(msgspec.Struct, frozen=True):
    """A path of the console. `role` is the least that may call it. `streams`: the handler is a coroutine
    function, and runs on the event loop."""

    path: str
    handler: Callable[[ConsoleRequest], Any]
    role: Role
    methods: tuple[str, ...] = ("GET",)
    streams: bool = False


class ConsoleSection(msgspec.Struct, frozen=True):
    """A part of the console: its entry in the navigation, and its routes."""

    navigation: NavigationItem
    routes: tuple[ConsoleRoute, ...]


class ConsoleApp:
    """Puts the sections together. `sign_in_routes` are open to everybody."""

    def __init__(
        self,
        access: Access,
        session_secret: str,
        pages: Pages,
        *,
        secure_cookies: bool = True,
        sign_in_routes: Sequence[BaseRoute] = (),
    ) -> None:
        self._access, self._secret, self._pages = access, session_secret, pages
        self._secure_cookies, self._sign_in_routes = secure_cookies, sign_in_routes
        self._navigation: tuple[NavigationItem, ...] = ()

    def make_asgi_app(self, sections: Sequence[ConsoleSection]) -> Starlette:
        """Returns the app, to be mounted under `PREFIX`."""
        self._navigation = tuple(section.navigation for section in sections)
        routes = [self._make_route(route) for section in sections for route in section.routes]
        first = f"{PREFIX}{sections[0].navigation.path}"
        return Starlette(
            routes=[
                Route("/", lambda request: RedirectResponse(first)),
                Mount("/static", StaticVersions(StaticFiles(directory=STATIC_FOLDER))),
                *self._sign_in_routes,
                *routes,
            ],
            middleware=[
                Middleware(SecurityHeaders),
                Middleware(GZipMiddleware, minimum_size=MIN_GZIP_BYTES),
                Middleware(
                    SessionMiddleware,
                    secret_key=self._secret,
                    session_cookie=SECURE_SESSION_COOKIE if self._secure_cookies else SESSION_COOKIE,
                    max_age=int(SESSION_SECONDS),
                    path="/" if self._secure_cookies else PREFIX,
                    same_site="lax",
                    https_only=self._secure_cookies,
                ),
            ],
            exception_handlers={
                SignInRequired: _send_to_sign_in,
                HTTPException: self._show_problem,
                RequestRejected: self._show_problem,
                BackendError: self._show_problem,
                404: self._show_problem,
            },
        )

    def render(self, template: str, request: ConsoleRequest, **context: Any) -> HTMLResponse:
        """Returns a page for the operator."""
        return HTMLResponse(
            self._pages.render(
                template,
                {
                    **context,
                    "operator": request.operator,
                    "Role": Role,
                    "navigation": self._navigation,
                    "csrf": csrf_token(request.request.session),
                    "here": request.request.url.path,
                    "can_sign_out": bool(self._sign_in_routes),
                },
            )
        )

    def _make_route(self, route: ConsoleRoute) -> Route:
        async def call_handler(request: Request) -> Response:
            operator = await run_in_threadpool(self._access.identify_operator, request)
            form = await _read_form(request)
            check_forgery(request, form)
            require_role(operator, route.role)
            given = ConsoleRequest(request, operator, form)
            if route.streams:
                streamed: Response = await route.handler(given)
                return streamed
            answer: Response = await run_in_threadpool(route.handler, given)
            return answer

        return Route(route.path, call_handler, methods=list(route.methods))

    async def _show_problem(self, request: Request, problem: Exception) -> Response:
        status, words = _describe_problem(problem)
        page = self._pages.render("problem.html", {"status": status, "words": words})
        return HTMLResponse(page, status)


def _describe_problem(problem: Exception) -> tuple[int, str]:
    if isinstance(problem, HTTPException):
        return problem.status_code, problem.detail
    if isinstance(problem, RequestRejected):
        return problem.status, str(problem)
    return 503, "A backend cannot be reached. Try again in a moment."


async def _send_to_sign_in(request: Request, problem: Exception) -> Response:
    is_check = isinstance(problem, SignInRequired) and problem.is_check
    kept = "" if request.method == "GET" else KEPT_FORM_FRAGMENT
    address = sign_in_address(_page_of(request) + kept, is_check=is_check)
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _page_of(request: Request) -> str:
    """Returns the page that the person looks at: what was asked for, or the page with the form."""
    if request.method == "GET" and not request.headers.get("hx-request"):
        return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    parts = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


async def _read_form(request: Request) -> Mapping[str, Any]:
    if request.method not in ("POST", "PUT"):
        return {}
    return await request.form(max_files=MAX_FORM_FILES, max_fields=MAX_FORM_FIELDS)


class SecurityHeaders:
    """Adds the headers that keep a page to itself. What is no file is kept by no cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)

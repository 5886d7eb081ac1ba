"""Operators sign in at a real OpenID provider, and are who it says, for as long as it says so."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import (
    CHECK_SECONDS,
    MAX_UNCHECKED_SECONDS,
    SESSION_IDLE_SECONDS,
    SESSION_SECONDS,
    Role,
    SessionAccess,
)
from repartee.console.app import (
    SECURE_SESSION_COOKIE,
    ConsoleApp,
    ConsoleRequest,
    ConsoleRoute,
    ConsoleSection,
)
from repartee.console.oidc import OidcClient
from repartee.console.operator_roles import parse_roles
from repartee.console.pages import NavigationItem, Pages
from repartee.console.sign_in import SignIn
from repartee.console.try_it_stage import ActResult
from repartee.errors import Unauthorized
from repartee.stores.dynamodb.operator_sessions import DynamoOperatorSessions
from tests.support import aws
from tests.support.oidc_browser import CLIENT_ID, CLIENT_SECRET, CONSOLE_URL, OidcBrowser

RULES = ("admin=groups:platform", "agent=groups:support", "viewer=email:@example.com")


class LogLines:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[object, dict[str, Any]]] = []

    def info(self, msg: object, **fields: Any) -> None:
        self.lines.append((msg, fields))

    warning = error = info

    def set_correlation_id(self, value: str) -> None:
        raise AssertionError(value)


class World:
    """The console, its clock, and a login service."""

    def __init__(self, dynamodb: Any, issuer: str) -> None:
        self.issuer, self.shift_seconds, self.logger = issuer, 0.0, LogLines()
        self.table, self.dynamodb = aws.make_table(dynamodb), dynamodb
        sessions = DynamoOperatorSessions(dynamodb, self.table)
        self.client = OidcClient(issuer, CLIENT_ID, CLIENT_SECRET, "openid email groups profile", self.clock)
        pages, access = Pages(), SessionAccess(sessions, self.clock)
        sign_in = SignIn(self.client, parse_roles(RULES), access, pages, self.clock, self.logger)
        app = ConsoleApp(access, "for-tests-only", pages, sign_in_routes=sign_in.routes())

        def show(request: ConsoleRequest) -> PlainTextResponse:
            app.render("said.html", request, result=ActResult())
            csrf, who = request.request.session["csrf"], request.operator
            return PlainTextResponse(f"{who.name} {who.role.name} {csrf}")

        routes = (
            ConsoleRoute("/look", show, Role.VIEWER),
            ConsoleRoute("/mute", lambda request: PlainTextResponse("muted"), Role.AGENT, ("POST",)),
        )
        section = ConsoleSection(NavigationItem("/look", "Look"), routes)
        self.app = Starlette(routes=[Mount("/console", app.make_asgi_app([section]))])

    def clock(self) -> float:
        return time.time() + self.shift_seconds

    def open_browser(self) -> TestClient:
        return TestClient(self.app, base_url=CONSOLE_URL)


@pytest.fixture
def world(moto: str, login_service: str) -> World:
    return World(aws.make_client("dynamodb", moto), login_service)


@pytest.fixture
def ada(world: World) -> Iterator[OidcBrowser]:
    with world.open_browser() as console:
        person = OidcBrowser(console, world.issuer, f"ada-{uuid.uuid4().hex}")
        person.declare_person(name="Ada", email="ada@example.com", email_verified=True, groups=["support"])
        yield person


def csrf_of(page: Any) -> str:
    return str(page.text.split()[-1])


def mute(person: OidcBrowser, csrf: str) -> Any:
    return person.console.post("/console/mute", data={"csrf": csrf}, follow_redirects=False)


def test_an_operator_signs_in_and_comes_where_they_wanted(ada: OidcBrowser) -> None:
    """With the role of their group; the cookie is this host's alone, over https, and no script reads it."""
    page = ada.open("/console/look?span=7d")
    assert page.text.startswith("Ada AGENT")
    assert str(page.request.url).endswith("/console/look?span=7d")
    assert mute(ada, csrf_of(page)).text == "muted"
    (cookie,) = ada.console.cookies.jar
    assert cookie.name == SECURE_SESSION_COOKIE
    assert cookie.name.startswith("__Host-")
    assert (cookie.secure, cookie.path, cookie.domain_specified) == (True, "/", False)


def test_the_cookie_is_kept_from_scripts_and_other_sites(ada: OidcBrowser) -> None:
    """HttpOnly, Secure, SameSite=Lax, for eight hours."""
    header = ada.console.get("/console/sign-in", follow_redirects=False).headers["set-cookie"].lower()
    assert {"httponly", "secure", "samesite=lax", "path=/", f"max-age={int(SESSION_SECONDS)}"} <= {
        part.strip() for part in header.split(";")
    }


def test_what_is_sent_to_the_login_service(ada: OidcBrowser) -> None:
    """A code with a challenge of PKCE, a state and a nonce, each time anew; no secret."""
    asked = [
        parse_qs(
            urlsplit(ada.console.get("/console/sign-in", follow_redirects=False).headers["location"]).query
        )
        for _ in range(2)
    ]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]
    assert asked[0]["redirect_uri"] == [f"{CONSOLE_URL}/console/signed-in"]
    assert all(asked[0][name] != asked[1][name] for name in ("state", "nonce", "code_challenge"))
    assert "secret" not in str(asked)


def test_a_person_without_a_role_is_not_let_in(world: World, ada: OidcBrowser) -> None:
    """They have signed in, which is not enough; an address counts only where it was verified."""
    ada.declare_person(email="ada@example.com", email_verified=False, groups=["cooks"])
    assert ada.open("/console/look").status_code == 403
    ada.declare_person(email="ada@example.org", email_verified=True)
    assert ada.open("/console/look").status_code == 403
    ada.declare_person(email="ada@example.com", email_verified=True)
    assert "VIEWER" in ada.open("/console/look").text


def test_a_role_that_is_taken_away_is_gone_within_minutes(world: World, ada: OidcBrowser) -> None:
    """The next page asks the login service again, without a question to the person."""
    csrf = csrf_of(ada.open("/console/look"))
    asked = ada.asked
    ada.declare_person(email="ada@example.com", email_verified=True, groups=[])
    assert mute(ada, csrf).text == "muted"
    world.shift_seconds += CHECK_SECONDS + 1
    page = ada.open("/console/look")
    assert page.text.startswith("ada@example.com VIEWER")
    assert ada.asked == asked
    assert csrf_of(page) == csrf
    assert mute(ada, csrf).status_code == 403


def test_an_operator_whose_last_role_is_taken_away_is_signed_out(world: World, ada: OidcBrowser) -> None:
    """The login service still knows them; the console does not any more."""
    csrf = csrf_of(ada.open("/console/look"))
    ada.declare_person(groups=[])
    world.shift_seconds += CHECK_SECONDS + 1
    assert ada.open("/console/look").status_code == 403
    assert mute(ada, csrf).status_code == 303


def test_no_form_is_taken_of_an_operator_who_was_not_checked(world: World, ada: OidcBrowser) -> None:
    """After a quarter of an hour it leads to the login service, and back to the page with the form."""
    csrf = csrf_of(ada.open("/console/look"))
    world.shift_seconds += MAX_UNCHECKED_SECONDS + 1
    answer = ada.console.post(
        "/console/mute",
        data={"csrf": csrf},
        headers={"hx-request": "true", "hx-current-url": f"{CONSOLE_URL}/console/look?span=7d"},
    )
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == (
        "/console/sign-in?next=%2Fconsole%2Flook%3Fspan%3D7d%23kept-form&check=1"
    )


def test_a_person_whose_session_at_the_login_service_has_ended_signs_in_again(
    world: World, ada: OidcBrowser
) -> None:
    """The check cannot be made without a question, so that the session ends."""
    csrf = csrf_of(ada.open("/console/look"))
    ada.leave_provider()
    world.shift_seconds += CHECK_SECONDS + 1
    answer = ada.console.get("/console/look", follow_redirects=False)
    checked = ada.console.get(answer.headers["location"], follow_redirects=False)
    back = ada.visit_provider(checked.headers["location"])
    ended = ada.console.get(back.removeprefix(CONSOLE_URL), follow_redirects=False)
    assert ended.headers["location"] == "/console/sign-in?next=%2Fconsole%2Flook"
    world.shift_seconds = 0.0
    assert mute(ada, csrf).status_code == 303


@pytest.mark.parametrize("seconds", [SESSION_IDLE_SECONDS + 1, SESSION_SECONDS + 1])
def test_a_session_ends_by_itself(world: World, ada: OidcBrowser, seconds: float) -> None:
    """After an hour without a request; the cookie itself is worth nothing after eight."""
    ada.open("/console/look")
    world.shift_seconds += seconds
    answer = ada.console.get("/console/look", follow_redirects=False)
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Flook"


def test_signing_out_ends_the_session_everywhere(world: World, ada: OidcBrowser) -> None:
    """A copy of the cookie is worth nothing afterwards; another site cannot sign an operator out."""
    csrf = csrf_of(ada.open("/console/look"))
    copied = ada.console.cookies[SECURE_SESSION_COOKIE]
    assert ada.console.post("/console/sign-out", follow_redirects=False).status_code == 403
    ended = ada.console.post("/console/sign-out", data={"csrf": csrf}, follow_redirects=False)
    assert ended.headers["location"].startswith(f"{world.issuer}/session/end?")
    assert ada.console.get("/console/signed-out").status_code == 200
    ada.console.cookies.clear()
    ada.console.cookies.set(SECURE_SESSION_COOKIE, copied, domain="console.example.com")
    assert ada.console.get("/console/look", follow_redirects=False).status_code == 303


def test_an_answer_that_was_not_asked_for_signs_nobody_in(world: World, ada: OidcBrowser) -> None:
    """A code in another browser, an answer that comes twice, one of another provider, a late one."""
    asked = ada.console.get("/console/sign-in", follow_redirects=False).headers["location"]
    back = ada.visit_provider(asked).removeprefix(CONSOLE_URL)
    with world.open_browser() as other:
        assert other.get(back, follow_redirects=False).status_code == 400
    foreign = back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F&was=")
    assert ada.console.get(foreign, follow_redirects=False).status_code == 401
    assert ada.console.get(back, follow_redirects=False).status_code == 400
    begun = ada.console.get("/console/sign-in", follow_redirects=False)
    again = ada.visit_provider(begun.headers["location"])
    world.shift_seconds += 3600
    assert ada.console.get(again.removeprefix(CONSOLE_URL), follow_redirects=False).status_code == 400


def test_a_code_is_worth_nothing_without_its_verifier(world: World, ada: OidcBrowser) -> None:
    """Who has seen the code in an address cannot redeem it, even with the console's secret."""
    asked = ada.console.get("/console/sign-in", follow_redirects=False).headers["location"]
    back = parse_qs(urlsplit(ada.visit_provider(asked)).query)
    nonce = parse_qs(urlsplit(asked).query)["nonce"][0]
    with pytest.raises(Unauthorized, match="did not take the code"):
        world.client.redeem_code(back["code"][0], f"{CONSOLE_URL}/console/signed-in", nonce, "no")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/health"])
def test_a_sign_in_leads_nowhere_else(ada: OidcBrowser, target: str) -> None:
    """An address that a stranger sends an operator cannot use the sign-in to lead out of the console."""
    begun = ada.console.get("/console/sign-in", params={"next": target}, follow_redirects=False)
    back = ada.visit_provider(begun.headers["location"])
    answer = ada.console.get(back.removeprefix(CONSOLE_URL), follow_redirects=False)
    assert answer.headers["location"] == "/console/"


def test_new_keys_of_the_login_service_are_found(world: World, ada: OidcBrowser) -> None:
    """It signs with another key from now on: the next sign-in reads the keys again."""
    assert "AGENT" in ada.open("/console/look").text
    httpx2.post(f"{world.issuer}/keys")
    world.shift_seconds += MAX_UNCHECKED_SECONDS
    world.shift_seconds = 61.0
    ada.console.cookies.clear()
    assert "AGENT" in ada.open("/console/look").text


def test_a_console_whose_login_service_is_down_lets_nobody_in(moto: str) -> None:
    """It says so, and an operator who is signed in is not sent anywhere for some minutes."""
    world = World(aws.make_client("dynamodb", moto), "http://127.0.0.1:9")
    with world.open_browser() as console:
        assert console.get("/console/sign-in").status_code == 503
        assert console.get("/console/look", follow_redirects=False).status_code == 303

"""Who may call what in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import (
    SESSION_IDLE_SECONDS,
    SESSION_SECONDS,
    LoopbackAccess,
    Operator,
    Role,
    SessionAccess,
    SignInRequired,
)
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.operator_roles import parse_roles
from repartee.console.pages import NavigationItem, Pages
from repartee.console.try_it_stage import ActResult
from repartee.ports.operations import OperatorSession


class FixedAccess:
    """Lets in one operator of that role."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def identify_operator(self, request: Request) -> Operator:
        return Operator("ada", "Ada", self.role)


def make_client(access: FixedAccess | LoopbackAccess, **options: str) -> TestClient:
    app = ConsoleApp(access, "for-tests-only", Pages(), secure_cookies=False)

    def act(request: ConsoleRequest) -> PlainTextResponse:
        return PlainTextResponse("done")

    def show(request: ConsoleRequest) -> PlainTextResponse:
        page = app.render("said.html", request, result=ActResult())
        return PlainTextResponse(request.request.session["csrf"], headers={"x-length": str(len(page.body))})

    routes = (
        ConsoleRoute("/look", show, Role.VIEWER),
        ConsoleRoute("/mute", act, Role.AGENT, ("POST",)),
        ConsoleRoute("/replay", act, Role.ADMIN, ("POST",)),
    )
    section = ConsoleSection(NavigationItem("/look", "Look"), routes)
    mounted = Starlette(routes=[Mount("/console", app.make_asgi_app([section]))])
    return TestClient(mounted, base_url=options.get("base_url", "http://localhost"), client=("127.0.0.1", 1))


@pytest.fixture
def agent() -> Iterator[TestClient]:
    with make_client(FixedAccess(Role.AGENT)) as client:
        yield client


def test_a_form_of_another_site_is_refused(agent: TestClient) -> None:
    """Without the session's token nothing is changed; with it, and from another site, neither."""
    token = agent.get("/console/look").text
    assert agent.post("/console/mute").status_code == 403
    assert agent.post("/console/mute", data={"csrf": "guessed"}).status_code == 403
    assert agent.post("/console/mute", data={"csrf": token}).text == "done"
    assert agent.post("/console/mute", headers={"x-csrf-token": token}).text == "done"
    foreign = {"x-csrf-token": token, "sec-fetch-site": "cross-site"}
    assert agent.post("/console/mute", headers=foreign).status_code == 403


@pytest.mark.parametrize(
    "role, may_mute, may_replay",
    [(Role.VIEWER, False, False), (Role.AGENT, True, False), (Role.ADMIN, True, True)],
)
def test_a_role_may_do_what_it_says(role: Role, may_mute: bool, may_replay: bool) -> None:
    """A viewer cannot mute, and an agent cannot replay."""
    with make_client(FixedAccess(role)) as client:
        token = client.get("/console/look").text
        assert (client.post("/console/mute", data={"csrf": token}).status_code == 200) is may_mute
        assert (client.post("/console/replay", data={"csrf": token}).status_code == 200) is may_replay


def test_the_local_console_answers_this_machine_alone() -> None:
    """A name of another site that leads to this machine is refused, which stops DNS rebinding."""
    with make_client(LoopbackAccess()) as client:
        assert client.get("/console/look").status_code == 200
    with make_client(LoopbackAccess(), base_url="http://evil.example") as client:
        assert client.get("/console/look").status_code == 403


def test_every_answer_keeps_a_page_to_itself(agent: TestClient) -> None:
    """Scripts and styles come from the console alone, no page is framed, and nothing stored is kept."""
    headers = agent.get("/console/look").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:", policy)
    assert headers["cache-control"] == "no-store"


class MemorySessions:
    """Sessions of operators in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, OperatorSession] = {}

    def find(self, id: str) -> OperatorSession | None:
        return self.kept.get(id)

    def save(self, session: OperatorSession, expires_at: float) -> None:
        self.kept[session.id] = session

    def mark_seen(self, id: str, at: float) -> None:
        self.kept[id] = msgspec.structs.replace(self.kept[id], seen_at=at)

    def delete(self, id: str) -> None:
        self.kept.pop(id, None)


def test_a_session_ends() -> None:
    """After eight hours an operator signs in again, however busy the session was and how often its role was
    checked; after an hour without a request too. Nothing of the visitor before stays in it."""
    now, sessions = [1000.0], MemorySessions()
    access = SessionAccess(sessions, lambda: now[0])
    session: dict[str, object] = {"csrf": "of the visitor before"}
    operator = Operator("s1", "Ada", Role.AGENT)
    access.start_session(session, operator)
    assert "csrf" not in session
    request = Request({"type": "http", "method": "GET", "headers": [], "session": session})
    for _ in range(int(SESSION_SECONDS // SESSION_IDLE_SECONDS)):
        now[0] += SESSION_IDLE_SECONDS - 1
        with pytest.raises(SignInRequired, match="sign in") as needed:
            access.identify_operator(request)
        assert needed.value.is_check
        access.start_session(session, operator)
        assert access.identify_operator(request).role is Role.AGENT
    now[0] += 600
    with pytest.raises(SignInRequired) as needed:
        access.identify_operator(request)
    assert not needed.value.is_check
    assert sessions.kept == {}
    access.start_session(session, operator)
    now[0] += SESSION_IDLE_SECONDS + 1
    with pytest.raises(SignInRequired):
        access.identify_operator(request)


def test_another_operator_in_the_same_browser_begins_anew() -> None:
    """Neither the token nor the session before goes on."""
    sessions = MemorySessions()
    access = SessionAccess(sessions, lambda: 1000.0)
    session: dict[str, object] = {}
    access.start_session(session, Operator("s1", "Ada", Role.ADMIN))
    before = dict(session)
    access.start_session(session, Operator("s2", "Ben", Role.VIEWER))
    assert session != before
    assert [kept.name for kept in sessions.kept.values()] == ["Ben"]


@pytest.mark.parametrize(
    "claims, role",
    [
        ({"groups": ["cooks", "platform"]}, Role.ADMIN),
        ({"groups": "support"}, Role.AGENT),
        ({"groups": ["cooks", 3]}, None),
        ({"groups": {"platform": True}}, None),
        ({"email": "Eva@Example.COM", "email_verified": True}, Role.ADMIN),
        ({"email": "ada@example.com", "email_verified": "true"}, Role.VIEWER),
        ({"email": "ada@example.com", "email_verified": False}, None),
        ({"email": "ada@example.com"}, None),
        ({"email": "ada@example.com.evil.org", "email_verified": True}, None),
        ({"email": "example.com", "email_verified": True}, None),
        ({"roles": ["platform"]}, None),
        ({}, None),
    ],
)
def test_roles_are_what_the_login_service_says(claims: dict[str, object], role: Role | None) -> None:
    """The highest role that a rule gives counts, and an address only if it was verified; a person about whom
    there is no rule has none."""
    roles = parse_roles(
        (
            "admin=groups:platform",
            "agent = groups:support",
            "viewer=email:@example.com",
            "admin=email:eva@example.com",
        )
    )
    assert roles.find_role(claims) is role


@pytest.mark.parametrize("rules", [(), ("owner=groups:a",), ("admin",), ("admin=groups:",), ("admin=:x",)])
def test_rules_that_cannot_be_read_stop_the_start(rules: tuple[str, ...]) -> None:
    """And so does having none."""
    with pytest.raises(ValueError, match="CONSOLE_ROLES"):
        parse_roles(rules)

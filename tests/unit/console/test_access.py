"""Who may call what in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import (
    SESSION_SECONDS,
    LoopbackAccess,
    Operator,
    Role,
    SessionAccess,
    SignInRequired,
    role_of_claims,
)
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import NavigationItem, Pages


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
        page = app.render("said.html", request, problem="")
        return PlainTextResponse(request.request.session["csrf"], headers={"x-length": str(len(page.body))})

    routes = (
        ConsoleRoute("/look", show),
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


def test_a_session_ends() -> None:
    """After eight hours an operator signs in again, however busy the session was."""
    now = [1000.0]
    access = SessionAccess(lambda: now[0])
    session: dict[str, object] = {"csrf": "of the visitor before"}
    access.start_session(session, Operator("s1", "Ada", Role.AGENT))
    assert "csrf" not in session
    request = Request({"type": "http", "session": session})
    assert access.identify_operator(request).role is Role.AGENT
    now[0] += SESSION_SECONDS + 1
    with pytest.raises(SignInRequired):
        access.identify_operator(request)


def test_roles_are_what_the_login_service_says() -> None:
    """The highest role that a token names counts; a person without one is let in by nobody."""
    assert role_of_claims({"roles": ["viewer", "admin"]}, "roles") is Role.ADMIN
    assert role_of_claims({"roles": "agent"}, "roles") is Role.AGENT
    assert role_of_claims({"roles": ["gardener", 3]}, "roles") is None
    assert role_of_claims({}, "roles") is None

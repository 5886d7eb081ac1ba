"""The web's app as HTTP: what it refuses and how it says so, and what browsers ask beforehand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from repartee.errors import Unavailable
from tests.support.memory_handlers import read_payload
from tests.support.web_instances import WebClient, WebInstances

OURS, THEIRS = "https://app.example.com", "https://evil.example.com"


@pytest.fixture
def instances() -> Iterator[WebInstances]:
    with ExitStack() as opened:
        yield WebInstances(opened)


@pytest.fixture
def web(instances: WebInstances) -> WebClient:
    return instances.start_instance()


def said(answer: httpx2.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["error"]


def test_without_a_token(web: WebClient) -> None:
    """Who shows no token is told that one is wanted, and nothing is kept."""
    answer = web.post_message({}, text="hello")

    assert said(answer) == (401, "a bearer token is missing")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert said(web.http.get("/chat/main.m-1/events")) == (401, "a bearer token is missing")
    assert not web.shared.inbox.messages


@pytest.mark.parametrize(
    "claims, reason",
    [
        ({"exp": 1}, "the token has expired"),
        ({"aud": "somebody-else"}, "the token's aud is missing or not accepted"),
    ],
)
def test_a_token_that_is_not_accepted(web: WebClient, claims: dict[str, Any], reason: str) -> None:
    """A token that is too old or meant for others opens nothing, and the answer says why."""
    headers = {"Authorization": f"Bearer {web.shared.issuer.issue_token(**claims)}"}

    assert said(web.post_message(headers, text="hello")) == (401, reason)
    assert said(web.http.get("/chat/main.m-1/events", headers=headers)) == (401, reason)


def test_an_issuer_that_cannot_be_asked(instances: WebInstances) -> None:
    """As long as nobody can know whose a token is, the client should try again."""
    instances.shared.issuer_url = "http://127.0.0.1:9"
    web = instances.start_instance()

    assert web.post_message(text="hello").status_code == 503
    assert web.http.get("/chat/main.m-1/events", headers=web.request_headers).status_code == 503


def test_what_cannot_be_read(web: WebClient) -> None:
    """A body that is no message is refused with the reason."""
    answer = web.http.post("/chat", content=b"{", headers=web.request_headers)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert said(web.post_message(text="")) == (400, "the text is empty, and nothing comes with it")


def test_too_large(web: WebClient) -> None:
    """Of a body that is too large no more is read than may be sent, also when its length is not told."""
    answer = web.http.post("/chat", content=iter([b"a" * 400_000] * 3), headers=web.request_headers)

    assert said(answer) == (413, "the body has more than 1048576 bytes")


def test_too_fast(instances: WebInstances) -> None:
    """Who writes too fast is told when to go on, wherever they write."""
    web, elsewhere = instances.start_instance(WEB_RATE="1"), instances.start_instance(WEB_RATE="1")
    web.post_message(text="stop")

    answer = elsewhere.post_message(text="hello")

    assert said(answer) == (429, "more than 1 messages in a minute")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    instances.shared.now += int(answer.headers["retry-after"])
    assert elsewhere.post_message(text="stop").status_code == 200


def test_turns_that_are_not_there(web: WebClient) -> None:
    """A turn that there is not cannot be read, whatever it is called."""
    for turn in ("main.m-1", "nonsense", "a.b.c", "%2e%2e"):
        assert said(web.http.get(f"/chat/{turn}/events", headers=web.request_headers))[0] == 404


def test_other_routes_and_methods(web: WebClient) -> None:
    """Whatever else is asked is answered in JSON, too."""
    assert said(web.http.get("/")) == (404, "Not Found")
    assert said(web.http.get("/chat")) == (405, "Method Not Allowed")
    assert said(web.http.post("/chat/main.m-1/events")) == (405, "Method Not Allowed")


def test_too_many_at_once(instances: WebInstances) -> None:
    """Who comes while a process answers as many as it can is told to come back, and nothing of it is kept;
    when one of those has its answer there is room again."""
    busy = instances.start_instance(WEB_ANSWERS="1")
    with busy.stream_message(id="m-1", text="hello") as reading:
        busy.shared.model.add_pieces("Hello.")
        reading.read_until_text("Hello.")
        answer = busy.post_message(id="m-2", text="hello?", conversation="another")
        assert said(answer) == (503, "busy, send it again in a moment")
        assert answer.headers["retry-after"] == "2"
        assert len(busy.shared.inbox.messages) == 1
        busy.shared.model.end_reply()
        reading.read_until_event("done")

    deadline = time.monotonic() + 5.0
    while busy.post_message(text="").status_code == 503:  # its place is free a moment after its end is read
        assert time.monotonic() < deadline
    for _ in range(3):  # what is refused leaves its place to others
        assert busy.post_message(text="").status_code == 400
    assert busy.post_message(text="stop").status_code == 200


def test_a_store_that_fails(web: WebClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be kept is to be sent again."""

    def failing(*_: Any) -> None:
        raise Unavailable("dynamodb", "as ordered")

    monkeypatch.setattr(web.shared.inbox, "put", failing)

    assert said(web.post_message(text="hello")) == (503, "not kept, send it again")


def test_a_pages_origin(web: WebClient) -> None:
    """Pages of the origins that are set may call with a token and read on; others may not."""
    asks = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,last-event-id",
    }
    allowed = web.http.options("/chat", headers=asks | {"Origin": OURS})
    refused = web.http.options("/chat", headers=asks | {"Origin": THEIRS})
    deletes = web.http.options(
        "/chat", headers=asks | {"Origin": OURS, "Access-Control-Request-Method": "DELETE"}
    )

    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, OURS)
    assert (refused.status_code, deletes.status_code) == (400, 400)
    assert "access-control-allow-origin" not in refused.headers


def test_a_page_can_read_refusals(web: WebClient) -> None:
    """A page of ours can read why it was refused, and when it may try again."""
    answer = web.post_message({"Origin": OURS}, text="hello")

    assert answer.headers["access-control-allow-origin"] == OURS
    assert answer.headers["access-control-expose-headers"] == "Content-Location, Retry-After"
    assert "access-control-allow-origin" not in web.post_message({"Origin": THEIRS}, text="hello").headers


@pytest.mark.parametrize(
    "name", ["message", "message_in_conversation", "message_without_id", "message_with_files"]
)
def test_sample_events(web: WebClient, name: str) -> None:
    """What events/web holds is answered as it is posted."""
    web.shared.model.add_pieces("Hello.")
    web.shared.model.end_reply()

    answer = web.http.post("/chat", content=read_payload(f"web/{name}"), headers=web.request_headers)

    assert answer.status_code == 200
    assert "event: done" in answer.text


@pytest.mark.parametrize("last", ["x", "-1", "9" * 40, "0", "\u0661" * 16])
def test_ids_that_are_none_of_ours(web: WebClient, last: str) -> None:
    """An event's id that cannot be ours is none: the reply is read from its beginning."""
    web.shared.model.add_pieces("Hello.")
    web.shared.model.end_reply()
    web.post_message(id="m-1", text="hello?")
    headers = {**web.request_headers, "Last-Event-ID": last.encode()}

    answer = web.http.get("/chat/main.m-1/events", headers=headers)  # type: ignore[arg-type]

    assert "Hello." in answer.text


def test_nothing_secret_is_logged(instances: WebInstances) -> None:
    """Neither a token nor what was said is in the logs."""
    web = instances.start_instance()
    instances.shared.model.add_pieces("my answer")
    instances.shared.model.end_reply()
    web.post_message(text="my question")
    web.post_message({"Authorization": "Bearer my-token"}, text="my question")

    log = "".join(instance.log.getvalue() for instance in instances.made)

    assert "message_kept" in log
    assert "request_refused" in log
    assert "my-token" not in log
    assert "my question" not in log
    assert "my answer" not in log

"""Slack's stand-in at the other end of the real client's wire, which may fail as wires do."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.replies import SlackReplySender
from repartee.domain.message import Attachment, Message
from repartee.domain.reply import VisibleState
from repartee.ports.channels import Reply
from standins.slack.posts import BOT_USER_ID, TEAM_ID
from standins.slack.server import BOT_TOKEN, SlackStandIn
from tests.support.memory_stores import MemoryRecords

CHANNEL_ID = "C0GENERAL"
THREAD_TS = "1788999999.000001"


class SlackWire(httpx2.BaseTransport):
    """Carries calls to the stand-in. `trouble` lists, by method, how its next calls fail:

    `lost` and `late` are carried out and their answer does not come; `down` is not carried out; a number of
    seconds is a 429 with that Retry-After; any other word is Slack's error. `None` goes through.
    """

    def __init__(self, slack: SlackStandIn) -> None:
        self._slack = slack
        self.trouble: dict[str, list[str | int | None]] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return self._serve_file(request)
        method = request.url.path.rpartition("/")[2]
        trouble = self._next_trouble(method)
        if trouble == "down":
            raise httpx2.ConnectError("broken")
        if isinstance(trouble, int):
            body = {"ok": False, "error": "ratelimited"}
            return httpx2.Response(429, headers={"Retry-After": str(trouble)}, json=body)
        if trouble not in (None, "lost", "late"):
            return httpx2.Response(200, json={"ok": False, "error": trouble})
        if "/upload/" in request.url.path:
            return httpx2.Response(200 if self._slack.upload_file(method, request.read()) else 400)
        token = request.headers["authorization"].removeprefix("Bearer ")
        answer = self._slack.handle_call(method, token, arguments_of(request))
        if trouble == "lost":
            raise httpx2.ReadError("broken")
        if trouble == "late":
            raise httpx2.ReadTimeout("late")
        return httpx2.Response(answer.status, headers=answer.headers, json=answer.body)

    def _serve_file(self, request: httpx2.Request) -> httpx2.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        content, kind = self._slack.download_file(request.url.path.split("/")[-2], token)
        return httpx2.Response(200, headers={"Content-Type": kind}, content=content)

    def _next_trouble(self, method: str) -> str | int | None:
        waiting = self.trouble.get(method)
        return waiting.pop(0) if waiting else None


def arguments_of(request: httpx2.Request) -> dict[str, Any]:
    """A call's arguments, from JSON or a form."""
    if request.headers["content-type"].startswith("application/json"):
        return dict(json.loads(request.read()))
    return dict(parse_qsl(request.read().decode(), keep_blank_values=True))


class SlackChannel:
    """A channel with one thread, a clock that moves when a caller waits, and replies into it."""

    def __init__(self) -> None:
        self.now = 1_789_000_000.0
        self.slack = SlackStandIn(lambda: self.now)
        self.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD_TS)
        self.wire = SlackWire(self.slack)
        self.token = BOT_TOKEN
        self.api = api = SlackApi("http://slack/api/", lambda: self.token, self.wire)
        self.records = MemoryRecords(lambda: self.now)
        self.replies = SlackReplySender(
            api, self.records, lambda: self.now, self.advance_time, lambda work: work()
        )
        self.kept = VisibleState()

    def share_file(self, id: str, content: bytes, **file: Any) -> Attachment:
        """A file that a person shares, as it comes with their message."""
        link = f"http://slack/files/{id}/file"
        self.slack.share_file(id, link, content, **file)
        return Attachment(kind="file", id=id, mime=file["mimetype"], download_ref={"link": link})

    def advance_time(self, seconds: float) -> None:
        self.now += seconds

    def open_reply(self, shown: VisibleState | None = None, turn: str = "turn-1") -> Reply:
        """A reply to the thread, or what an earlier attempt has shown of it. What it keeps is in `kept`."""
        return self.replies.open_reply(
            self.make_message(), turn, shown or VisibleState(), self._record_visible
        )

    def fail_next_calls(self, method: str, *trouble: str | int | None) -> None:
        """The next calls of the method fail so."""
        self.wire.trouble[method] = list(trouble)

    def write_reply(self, reply: Reply, text: str, size: int = 5, seconds: float = 0.3) -> None:
        """Adds a text in pieces, as a model writes."""
        for start in range(0, len(text), size):
            reply.append(text[start : start + size])
            self.advance_time(seconds)

    def visible_messages(self) -> list[str]:
        """Returns the assistant's messages as people see them: none of them still streaming."""
        own = [
            said for said in self.slack.visible_channel(CHANNEL_ID)["messages"] if said["user"] == BOT_USER_ID
        ]
        assert not any(said["streaming"] for said in own)
        return [said["text"] for said in own]

    def recorded_calls(self, method: str = "") -> list[dict[str, Any]]:
        """The calls that reached Slack, in order."""
        return [call for call in self.slack.posts if method in ("", call["method"])]

    def _record_visible(self, ids: dict[str, str], text: str) -> None:
        self.kept = VisibleState(intent_at=self.now, message_ids=ids, text=text)

    def make_message(self) -> Message:
        room = f"slack:{TEAM_ID}:{CHANNEL_ID}"
        return Message(
            id="1788999999.000001",
            chat=f"{room}:{THREAD_TS}",
            room=room,
            channel="slack",
            sender=f"slack:{TEAM_ID}:U0ADA",
            text="hello",
            sent=self.now,
            received=self.now,
            platform={
                "channel": CHANNEL_ID,
                "thread": THREAD_TS,
                "user": "U0ADA",
                "team": TEAM_ID,
                "self": BOT_USER_ID,
            },
        )

"""Telegram's stand-in at the other end of the real client's wire, which may fail as wires do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.replies import TelegramReplySender
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.ports.channels import Reply
from standins.telegram.routes import parse_arguments
from standins.telegram.server import BOT_TOKEN, TelegramStandIn
from tests.support.memory_stores import MemoryRecords

PRIVATE_CHAT_ID, GROUP_CHAT_ID = 4200042, -1001234567890


class TelegramWire(httpx2.BaseTransport):
    """Carries calls to the stand-in. `trouble` lists, by method, how its next calls fail:

    `lost` and `late` are carried out and their answer does not come; `down` is not carried out; a number of
    seconds is a 429 with that `retry_after`; any other words are a description of a bad request. `None` goes
    through.
    """

    def __init__(self, telegram: TelegramStandIn) -> None:
        self._telegram = telegram
        self.trouble: dict[str, list[str | int | None]] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        bot, _, method = request.url.path.rpartition("/")
        if bot.startswith("/file/"):
            return self._serve_file(bot.removeprefix("/file/bot").partition("/")[0], method)
        trouble = self._next_trouble(method)
        if trouble == "down":
            raise httpx2.ConnectError("broken")
        if isinstance(trouble, int):
            return _error_response(429, f"Too Many Requests: retry after {trouble}", {"retry_after": trouble})
        if trouble not in (None, "lost", "late"):
            return _error_response(400, f"Bad Request: {trouble}")
        arguments = parse_arguments(request.read(), request.headers["content-type"])
        answer = self._telegram.handle_call(method, bot.removeprefix("/bot"), arguments)
        if trouble == "lost":
            raise httpx2.ReadError("broken")
        if trouble == "late":
            raise httpx2.ReadTimeout("late")
        return httpx2.Response(answer.status, headers=answer.headers, json=answer.body)

    def _serve_file(self, token: str, path: str) -> httpx2.Response:
        found = self._telegram.download_file(token, path)
        if isinstance(found, bytes):
            return httpx2.Response(200, content=found)
        return httpx2.Response(found.status, json=found.body)

    def _next_trouble(self, method: str) -> str | int | None:
        waiting = self.trouble.get(method)
        return waiting.pop(0) if waiting else None


def _error_response(code: int, description: str, parameters: dict[str, int] | None = None) -> httpx2.Response:
    more = {"parameters": parameters} if parameters else {}
    body = {"ok": False, "error_code": code, "description": description, **more}
    return httpx2.Response(code, json=body)


class TelegramTestChat:
    """A chat with the bot, a clock that moves when somebody waits, and replies into it."""

    def __init__(self, chat: int = PRIVATE_CHAT_ID, topic: int = 0) -> None:
        self.now = 1_789_000_000.0
        self.chat, self.topic = chat, topic
        self.telegram = TelegramStandIn(lambda: self.now)
        self.telegram.add_person_message(chat, PRIVATE_CHAT_ID, "hello", id=101, topic=topic)
        self.wire = TelegramWire(self.telegram)
        self.api = TelegramApi("http://telegram", lambda: BOT_TOKEN, self.wire)
        self.records = MemoryRecords(lambda: self.now)
        self.awaited: list[Callable[[], None]] = []
        self.replies = TelegramReplySender(
            self.api,
            self.records,
            lambda: self.now,
            self.advance_time,
            lambda work: work(),
            self.schedule_after,
        )
        self.kept = VisibleState()

    def advance_time(self, seconds: float) -> None:
        self.now += seconds

    def schedule_after(self, seconds: float, work: Callable[[], None]) -> Callable[[], object]:
        """Schedules a call after so many seconds of the test's clock."""
        self.awaited.append(work)
        return lambda: self.awaited.remove(work) if work in self.awaited else None

    def open_reply(self, shown: VisibleState | None = None) -> Reply:
        """A reply, or what an earlier attempt has shown of it. What it keeps is in `kept`."""
        return self.replies.open_reply(
            self.make_message(), "turn-1", shown or VisibleState(), self._record_visible
        )

    def fail_next_calls(self, method: str, *trouble: str | int | None) -> None:
        """The next calls of the method fail so."""
        self.wire.trouble[method] = list(trouble)

    def write_reply(self, reply: Reply, text: str, size: int = 5, seconds: float = 0.3) -> None:
        """Adds a text in pieces, as a model writes."""
        for start in range(0, len(text), size):
            reply.append(text[start : start + size])
            self.advance_time(seconds)

    def say_reply(self, text: str) -> None:
        """Replies with the text."""
        reply = self.open_reply()
        self.write_reply(reply, text, size=50)
        reply.finish()

    def assistant_messages(self) -> list[dict[str, Any]]:
        """The assistant's messages, as people see them: none of them still a draft."""
        own = [said for said in self.telegram.visible_chat(self.chat)["messages"] if said["bot"]]
        assert not any(said["streaming"] for said in own)
        return own

    def visible_texts(self) -> list[str]:
        """Returns the assistant's texts as people see them."""
        return [str(said["text"]) for said in self.assistant_messages()]

    def visible_draft(self) -> str:
        """Returns the draft as people see it."""
        own = [said for said in self.telegram.visible_chat(self.chat)["messages"] if said["streaming"]]
        return str(own[0]["text"]) if own else ""

    def recorded_calls(self, *methods: str) -> list[dict[str, Any]]:
        """The calls that reached Telegram, in order."""
        return [call for call in self.telegram.posts if not methods or call["method"] in methods]

    def _record_visible(self, ids: dict[str, str], text: str) -> None:
        self.kept = VisibleState(intent_at=self.now, message_ids=ids, text=text)

    def make_message(self) -> Message:
        room = f"telegram:{self.chat}"
        place = {
            "chat": str(self.chat),
            "type": "private" if self.chat > 0 else "supergroup",
            "message": "101",
        }
        return Message(
            id="0000000101",
            chat=f"{room}:{self.topic}" if self.topic else room,
            room=room,
            channel="telegram",
            sender=f"telegram:{PRIVATE_CHAT_ID}",
            text="hello",
            sent=self.now,
            received=self.now,
            platform={**place, "topic": str(self.topic)} if self.topic else place,
        )

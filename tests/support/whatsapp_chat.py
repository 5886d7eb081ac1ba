"""WhatsApp's stand-in at the other end of the real client's wire, which may fail as wires do."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx2
from aws_lambda_powertools import Logger

from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.replies import WhatsAppReplySender
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.ports.channels import Reply
from standins.whatsapp.arguments import Arguments, UploadForm, WhatsAppError, parse_form
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID, TEMPLATE, WhatsAppStandIn, call_name

PHONE_NUMBER, PERSON_ID = "16505551234", "US.13491208655302741918"

API_VERSION_PATH = "/v25.0/"

MESSAGE_NUMBERS = itertools.count()


class WhatsAppWire(httpx2.BaseTransport):
    """Carries calls to the stand-in. `trouble` lists, by what is called (`send`, `type`, `upload`, `link`,
    `download`), how its next calls fail:

    `lost` and `late` are carried out and their answer does not come; `down` is not carried out; a number is
    an error of that code; `None` goes through.
    """

    def __init__(self, whatsapp: WhatsAppStandIn) -> None:
        self._whatsapp = whatsapp
        self.trouble: dict[str, list[str | int | None]] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.startswith(API_VERSION_PATH):
            return self._serve_download(request)
        path, given = request.url.path.removeprefix(API_VERSION_PATH), _read_arguments(request)
        trouble = self._next_trouble(call_name(request.method, path, given))
        if trouble == "down":
            raise httpx2.ConnectError("broken")
        if isinstance(trouble, int):
            return httpx2.Response(400, json=WhatsAppError(trouble, "as ordered").body)
        answer = self._whatsapp.handle_call(request.method, path, _bearer_token(request), given)
        if trouble == "lost":
            raise httpx2.ReadError("broken")
        if trouble == "late":
            raise httpx2.ReadTimeout("late")
        return httpx2.Response(answer.status, headers=answer.headers, json=answer.body)

    def _serve_download(self, request: httpx2.Request) -> httpx2.Response:
        if self._next_trouble("download") == "down":
            raise httpx2.ConnectError("broken")
        asked = request.url.params
        found = self._whatsapp.download_file(
            _bearer_token(request), asked.get("mid", ""), asked.get("ext", "")
        )
        if isinstance(found, bytes):
            return httpx2.Response(200, content=found)
        return httpx2.Response(found.status, json=found.body)

    def _next_trouble(self, method: str) -> str | int | None:
        waiting = self.trouble.get(method)
        return waiting.pop(0) if waiting else None


def _read_arguments(request: httpx2.Request) -> Arguments | UploadForm:
    kind, body = request.headers.get("content-type", ""), request.read()
    if kind.startswith("multipart/form-data"):
        return parse_form(kind, body)
    given: dict[str, Any] = json.loads(body or b"{}")
    return {**dict(request.url.params), **given}


def _bearer_token(request: httpx2.Request) -> str:
    return str(request.headers.get("authorization", "")).removeprefix("Bearer ")


class VirtualScheduler:
    """Runs scheduled calls on a clock that the test moves."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: dict[int, tuple[float, Callable[[], None]]] = {}

    def schedule_after(self, seconds: float, work: Callable[[], None]) -> Callable[[], object]:
        number = next(MESSAGE_NUMBERS)
        self._waiting[number] = self._clock() + seconds, work
        return lambda: self._waiting.pop(number, None)

    def run_due(self) -> None:
        """Does what is due."""
        due = [number for number, (at, _) in self._waiting.items() if at <= self._clock()]
        for number in due:
            _, work = self._waiting.pop(number)
            work()


class WhatsAppTestChat:
    """A chat with somebody, a clock that moves when somebody waits, and replies into it."""

    def __init__(self, template: tuple[str, str] = TEMPLATE) -> None:
        self.now = 1_789_000_000.0
        self.whatsapp = WhatsAppStandIn(lambda: self.now)
        self.whatsapp.add_person_message("wamid.1", PHONE_NUMBER, PERSON_ID, "hello")
        self.wire = WhatsAppWire(self.whatsapp)
        self.api = WhatsAppApi("https://graph.facebook.com/v25.0", lambda: ACCESS_TOKEN, self.wire)
        self.later = VirtualScheduler(lambda: self.now)
        self.log = io.StringIO()
        logger = Logger(service=f"chat-{next(MESSAGE_NUMBERS)}", stream=self.log)
        self.replies = WhatsAppReplySender(
            self.api, lambda: self.now, self.advance_time, logger, template, self.later.schedule_after
        )
        self.kept = VisibleState()

    def advance_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + 1.0, until)
            self.later.run_due()

    def open_reply(self, shown: VisibleState | None = None) -> Reply:
        """A reply, or what an earlier attempt has shown of it. What it keeps is in `kept`."""
        return self.replies.open_reply(
            self.make_message(), "turn-1", shown or VisibleState(), self._record_visible
        )

    def fail_next_calls(self, method: str, *trouble: str | int | None) -> None:
        """The next calls of the method fail so."""
        self.wire.trouble[method] = list(trouble)

    def write_reply(self, reply: Reply, text: str, size: int = 20, seconds: float = 0.05) -> None:
        """Adds a text in pieces, as a model writes."""
        for start in range(0, len(text), size):
            reply.append(text[start : start + size])
            self.advance_time(seconds)

    def say_reply(self, text: str) -> None:
        """Replies with the text."""
        reply = self.open_reply()
        self.write_reply(reply, text)
        reply.finish()

    def assistant_messages(self) -> list[dict[str, Any]]:
        """The assistant's messages, as the person sees them."""
        return [said for said in self.whatsapp.visible_chat(PERSON_ID)["messages"] if said["bot"]]

    def visible_texts(self) -> list[str]:
        """Returns the assistant's texts as the person sees them."""
        return [str(said["text"]) for said in self.assistant_messages()]

    def is_typing(self) -> bool:
        """Whether somebody is seen typing."""
        return bool(self.whatsapp.visible_chat(PERSON_ID)["typing"])

    def recorded_calls(self, *methods: str) -> list[dict[str, Any]]:
        """The calls that reached WhatsApp, in order."""
        return [call for call in self.whatsapp.posts if not methods or call["method"] in methods]

    def make_message(self, **platform: str) -> Message:
        room = f"whatsapp:{PHONE_NUMBER_ID}:{PERSON_ID}"
        return Message(
            id="1",
            chat=room,
            room=room,
            channel="whatsapp",
            sender=f"whatsapp:{PERSON_ID}",
            text="hello",
            sent=1_789_000_000.0,
            received=1_789_000_000.2,
            platform={"number": PHONE_NUMBER_ID, "message": "wamid.1", **(platform or {"to": PHONE_NUMBER})},
        )

    def _record_visible(self, ids: dict[str, str], text: str) -> None:
        self.kept = VisibleState(intent_at=self.now, message_ids=ids, text=text)

"""The web's app on real ports: instances that share their stores, and a client that reads their streams."""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import uvicorn
from openai._streaming import ServerSentEvent, SSEDecoder  # a decoder that we did not write
from starlette.applications import Starlette
from starlette.types import ASGIApp

from repartee.domain.message import Side, StoredMessage
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.ports import Vector
from repartee.ports.cancellation import CancelToken
from repartee.turn.received_wake import ReceivedWake
from repartee.wiring import functions, services, stores
from standins.oidc.server import AUDIENCE, OidcStandIn
from tests.support.memory_handlers import NOW_SECONDS, MemoryWiring
from tests.support.memory_handovers import MemoryHandovers
from tests.support.memory_images import MemoryPictures
from tests.support.memory_stores import MemoryInbox, MemoryMeetings, MemoryRecords, MemoryVectors, MemoryWakes
from tests.support.memory_web_stores import MemoryEvents, MemoryRates, MemoryStreamSlots

TIMEOUT_SECONDS = 60.0
"""Seconds after which a test that waits for something has failed."""


class InstanceKilled(BaseException):
    """The instance is gone in the middle of a reply."""


class ScriptedModel:
    """`ports.Model` that says what the test tells it, when it does."""

    def __init__(self) -> None:
        self._script: queue.Queue[str | BaseException | None] = queue.Queue()
        self.asked: list[str] = []

    def add_pieces(self, *pieces: str) -> None:
        """The next pieces of the reply."""
        for piece in pieces:
            self._script.put(piece)

    def end_reply(self) -> None:
        """The reply is complete."""
        self._script.put(None)

    def fail_reply(self, error: BaseException) -> None:
        self._script.put(error)

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.asked.append(" / ".join(line.text for line in prompt.incoming))
        while (piece := self._script.get(timeout=TIMEOUT_SECONDS)) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
        yield Usage(1, 1)


class RecordingMessages:
    """`ports.Messages` and `ports.Embedder` that keep what is said, and tell when something was."""

    def __init__(self) -> None:
        self.said: list[StoredMessage] = []
        self.news = threading.Condition()

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[1.0] for _ in texts]

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        return [said for said in self.said if scope in (said.chat, said.room) and said.side == side][-limit:]

    def search(
        self, room: str, side: Side, text: str, vector: Vector | None, limit: int, asked_at: float = 0.0
    ) -> Sequence[StoredMessage]:
        return ()

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        with self.news:
            self.said += [one for one, _ in messages]
            self.news.notify_all()

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        raise NotImplementedError

    def delete_all(self, scope: str, sender: str = "") -> int:
        raise NotImplementedError

    def wait_for_text(self, text: str) -> None:
        """Waits until this was remembered."""
        with self.news:
            assert self.news.wait_for(lambda: text in [one.text for one in self.said], TIMEOUT_SECONDS)


class SharedStores:
    """The stores that all instances share. Their time passes when the test says so."""

    def __init__(self) -> None:
        self.now = NOW_SECONDS
        self.inbox = MemoryInbox()
        self.records = MemoryRecords(self.clock)
        self.wakes = MemoryWakes(self.clock)
        self.handovers = MemoryHandovers(self.records, self.inbox)
        self.events = MemoryEvents(self.clock)
        self.rates = MemoryRates(self.clock)
        self.stream_slots = MemoryStreamSlots(self.clock)
        self.pictures = MemoryPictures(self.clock)
        self.model = ScriptedModel()
        self.memory = RecordingMessages()
        self.issuer = OidcStandIn(self.clock)
        self.issuer_url = ""

    def clock(self) -> float:
        return self.now


class WebInstance(MemoryWiring):
    """One process's parts."""

    def __init__(self, shared: SharedStores, **settings: str) -> None:
        super().__init__(
            SLACK_BOT_TOKEN="xoxb-1",
            OPENAI_API_KEY="nobody asks for it",
            WEB_JWKS_URL=f"{shared.issuer_url}/issuer/jwks.json",
            WEB_AUDIENCE=AUDIENCE,
            WEB_ORIGINS="https://app.example.com",
            **settings,
        )
        self.shared, self.inbox, self.records, self.wakes = shared, shared.inbox, shared.records, shared.wakes
        self.put(stores.earlier_image_store, shared.pictures)
        self.put(stores.events, shared.events)
        self.put(stores.handovers, shared.handovers)
        self.put(stores.rates, shared.rates)
        self.put(stores.stream_slots, shared.stream_slots)
        self.put(stores.messages, shared.memory)
        self.put(stores.meetings, MemoryMeetings())
        self.put(stores.vectors, MemoryVectors())
        self.put(services.model, shared.model)
        self.put(services.embedder, shared.memory)
        self.put(functions.observe_turn, lambda turn: None)

    def clock(self) -> float:
        return self.shared.now

    def answer_all_wakes(self) -> None:
        """Answers the wakes as the turn's function does."""
        for receipt in self.shared.wakes.visible_receipts():
            letter = self.shared.wakes.queued[receipt]
            order = ReceivedWake(
                letter.chat,
                receipt,
                self.shared.now + 270,
                letter.correlation,
                letter.successor_due,
                letter.message_id,
                letter.is_safety_net,
            )
            if not self.get(functions.chat_worker).answer_all([order]):
                self.shared.wakes.delete_wake(receipt)


class WebClient:
    """A client of one instance, signed in as a person."""

    def __init__(self, url: str, shared: SharedStores, sub: str = "ada") -> None:
        self.url, self.shared, self.sub = url, shared, sub
        self.http = httpx2.Client(base_url=url, timeout=TIMEOUT_SECONDS)

    @property
    def request_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.shared.issuer.issue_token(self.sub)}"}

    def post_message(self, headers: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
        """The answer to a message, read to its end."""
        return self.http.post(
            "/chat", json=body, headers=self.request_headers if headers is None else headers
        )

    @contextmanager
    def stream_message(self, last: str = "", **body: Any) -> Iterator[ReplyReading]:
        """The stream that follows on a message."""
        headers = self.request_headers | ({"Last-Event-ID": last} if last else {})
        with self.http.stream("POST", "/chat", json=body, headers=headers) as response:
            yield ReplyReading(response)

    @contextmanager
    def resume_stream(self, turn: str, last: str = "") -> Iterator[ReplyReading]:
        headers = self.request_headers | ({"Last-Event-ID": last} if last else {})
        with self.http.stream("GET", f"/chat/{turn}/events", headers=headers) as response:
            yield ReplyReading(response)


class ReplyReading:
    """A stream as its client reads it: the reply is `text` so far, the last event that they saw `last`."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.events: list[ServerSentEvent] = []
        self.text = self.last = ""
        self.retry_seconds = 0.0
        self._decoded = SSEDecoder().iter_bytes(response.iter_raw())

    @property
    def event_names(self) -> list[str]:
        return [event.event or "" for event in self.events]

    def read_until_event(self, name: str) -> dict[str, Any]:
        """Reads until there is an event of this name, and gives its data."""
        for event in self._read_events():
            if event.event == name:
                data: dict[str, Any] = json.loads(event.data)
                return data
        raise AssertionError(f"the stream ended without {name}, after {self.event_names}")

    def read_rest(self) -> None:
        """Reads to the end of the stream."""
        for _ in self._read_events():
            pass

    def _read_events(self) -> Iterator[ServerSentEvent]:
        for event in self._decoded:
            if event.retry is not None:
                self.retry_seconds = event.retry / 1000
            if event.event is None:
                continue
            self.events.append(event)
            self.last = event.id or self.last
            if event.event in ("delta", "replaced"):
                data = json.loads(event.data)
                self.text = data["text"] if event.event == "replaced" else self.text + data["text"]
            yield event

    def read_until_text(self, text: str) -> None:
        """Reads until the reply, as far as it is, is this."""
        while self.text != text:
            self.read_until_event("delta")


@contextmanager
def serve_app(app: ASGIApp) -> Iterator[str]:
    """The app under uvicorn on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        started = threading.Event()
        startup = server.startup

        async def start(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            started.set()

        server.startup = start  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        assert started.wait(TIMEOUT_SECONDS)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


class WebInstances:
    """Instances on ports of their own, with an issuer that all of them trust."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self.made: list[WebInstance] = []
        self.shared = SharedStores()
        self.shared.issuer_url = opened.enter_context(
            serve_app(Starlette(routes=self.shared.issuer.routes()))
        )

    def start_instance(self, sub: str = "ada", **settings: str) -> WebClient:
        """A client of a new instance."""
        instance = WebInstance(self.shared, **settings)
        self.made.append(instance)
        return WebClient(
            self._opened.enter_context(serve_app(instance.get(functions.stream_app))), self.shared, sub
        )

    def start_worker(self) -> WebInstance:
        """A new process of the turn's function."""
        return WebInstance(self.shared)

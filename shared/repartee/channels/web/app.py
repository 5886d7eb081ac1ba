"""The web's two routes as an ASGI app. It is the only place that knows of HTTP and of server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from threading import BoundedSemaphore, Thread

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from repartee.channels.web.follow import Ended, Follower, Silence
from repartee.channels.web.hub import Hub
from repartee.channels.web.receive import Place, named
from repartee.channels.web.tokens import Tokens
from repartee.conversation import webhook
from repartee.conversation.answer import AnswerChat, Chats
from repartee.conversation.webhook import LARGEST_BODY, Webhook, refused
from repartee.errors import BackendError, Refused, TooLarge
from repartee.ports import Event

INVOCATION_LASTS = 270.0
"""Seconds that the answering of a chat has, as in the turn's own function."""

HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # nginx and those that follow it would wait for more
}

BUSY_FOR = 2.0
"""Seconds after which one may come back who was refused because too much is answered at the same time."""

STRUCTURED = {"picture", "proposal"}
"""Events whose text is JSON."""

GREETING = "retry: 1000\n\n"
"""Sends the headers off at once, and says after how many milliseconds a client may come back."""

NO_ANSWER = "There is no answer to this. Please ask again."


class WebApp:
    """Takes messages in, answers them in this process, `at_once` at the most, and streams what becomes of
    them."""

    def __init__(
        self,
        webhook: Webhook,
        tokens: Tokens,
        chats: Chats,
        follower: Follower,
        hub: Hub,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        at_once: int,
    ) -> None:
        self._webhook, self._tokens, self._chats, self._follower = webhook, tokens, chats, follower
        self._hub, self._clock, self._new_id = hub, clock, new_id
        self._free = BoundedSemaphore(at_once)

    def asgi(self, origins: Sequence[str]) -> Starlette:
        """The app, for browsers' pages of these origins."""
        return Starlette(
            routes=[
                Route("/chat", self.say, methods=["POST"]),
                Route("/chat/{turn}/events", self.read_on, methods=["GET"]),
            ],
            middleware=[
                Middleware(
                    CORSMiddleware,
                    allow_origins=origins,
                    allow_methods=["GET", "POST"],
                    allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
                    expose_headers=["Content-Location", "Retry-After"],
                )
            ],
            exception_handlers={
                Refused: _refusal,
                BackendError: _failure,
                HTTPException: _http_error,
            },
        )

    async def say(self, request: Request) -> Response:
        """`POST /chat`: keeps the message, answers it, and streams what happens."""
        posted = await self._posted(request)
        if not self._free.acquire(blocking=False):
            return _error(503, "busy, send it again in a moment", BUSY_FOR)
        try:
            response = await run_in_threadpool(self._webhook.receive, posted)
            if response.status != 200:
                self._free.release()
                return _answered(response)
            place = msgspec.json.decode(response.body, type=Place)
        except BaseException:
            self._free.release()
            raise
        answering = self._answer(place.chat, posted.correlation)
        return self._stream(request, place, answering.wait)

    async def read_on(self, request: Request) -> Response:
        """`GET /chat/{turn}/events`: what happens after `Last-Event-ID`."""
        authorization = request.headers.get("authorization", "")
        person = await run_in_threadpool(self._tokens.person, authorization)
        place = named(person, request.path_params["turn"])
        if place is None or not await run_in_threadpool(self._follower.known, place):
            raise HTTPException(404, "there is no such turn")
        return self._stream(request, place)

    async def _posted(self, request: Request) -> webhook.Request:
        return webhook.Request(
            method=request.method,
            path=request.url.path,
            headers=dict(request.headers),
            body=await _body(request),
            at=self._clock(),
            correlation=self._new_id(),
        )

    def _answer(self, chat: str, correlation: str) -> asyncio.Event:
        """Answers the chat in a thread of its own, which goes on whoever leaves. Tells when it is over, and
        that there is room for another.

        If there is no thread for it, or this process dies, the chat's delayed wake sees to it.
        """
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        order = AnswerChat(chat, "", self._clock() + INVOCATION_LASTS, correlation)

        def answer() -> None:
            try:
                if self._chats.answer_all([order]):
                    self._hub.leave(chat)
            finally:
                self._free.release()
                with suppress(RuntimeError):  # the loop is closed
                    loop.call_soon_threadsafe(over.set)

        try:
            Thread(target=answer, name="answer", daemon=True).start()
        except RuntimeError:
            self._free.release()
            over.set()
        return over

    def _stream(
        self, request: Request, place: Place, until: Callable[[], Awaitable[object]] | None = None
    ) -> Response:
        lines = self._lines(place, _last_event_id(request), until)
        headers = HEADERS | {"Content-Location": f"/chat/{place.turn}/events"}
        return StreamingResponse(lines, headers=headers, media_type="text/event-stream")

    async def _lines(
        self, place: Place, after: str, until: Callable[[], Awaitable[object]] | None
    ) -> AsyncIterator[str]:
        """The stream. It ends when the work is done: Lambda freezes a process that has answered."""
        yield GREETING
        async for followed in self._follower.follow(place, after):
            yield _line(followed, place.turn)
        if until:
            await until()


def _line(followed: Event | Silence | Ended, turn: str) -> str:
    if isinstance(followed, Silence):
        return ": still here\n\n"
    if isinstance(followed, Event):
        told = msgspec.Raw(followed.text.encode()) if followed.kind in STRUCTURED else {"text": followed.text}
        return _event(followed.kind, told, followed.id)
    if followed.failed:
        return _event("error", {"error": NO_ANSWER, "turn": turn})
    return _event("done", {"turn": turn, "withheld": followed.silent})


def _event(name: str, data: object, id: str = "") -> str:
    """An event on the wire. JSON has no line breaks, so its data is one line."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def _last_event_id(request: Request) -> str:
    """The id that the client has seen last; what is none of ours is none."""
    id = request.headers.get("last-event-id", "")
    return id if id.isascii() and id.isdigit() and len(id) == 16 else ""


async def _body(request: Request) -> bytes:
    """The body, of which no more is read than may be sent."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise TooLarge(f"the body has more than {LARGEST_BODY} bytes")
    return bytes(body)


def _answered(response: webhook.Response) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if response.status == 401 else {}
    if response.retry_after:
        headers["Retry-After"] = str(math.ceil(response.retry_after))
    return Response(response.body, response.status, headers, response.type)


def _error(status: int, problem: str, retry_after: float = 0.0) -> Response:
    body = msgspec.json.encode({"error": problem}).decode()
    return _answered(webhook.Response(status, body, retry_after=retry_after))


async def _refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return _answered(refused(refusal))


async def _failure(request: Request, failure: Exception) -> Response:
    return _error(503, "try again in a moment")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, error.detail)

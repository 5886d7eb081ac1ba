"""The web's routes as an ASGI app. It is the only place that knows of HTTP and of server-sent events.

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

from repartee.channels.web.bearer_tokens import BearerTokens
from repartee.channels.web.chat_component import SCRIPT_PATH, serve_script
from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import WebMessageIds, parse_conversation, parse_turn_id
from repartee.channels.web.live_follower import LiveFollower, LiveRead, NextRequest
from repartee.channels.web.person_streams import CountedResponse, OpenStream, PersonStreams
from repartee.channels.web.reply_follower import ReplyFollower, StreamEnded, StreamHeartbeat
from repartee.channels.web.request_time import received_at
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.errors import BackendError, PayloadTooLarge, RequestRejected
from repartee.intake.webhook import MAX_BODY_BYTES, Webhook
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.choosing import language_code
from repartee.ports import WebEvent
from repartee.turn.received_wake import ReceivedWake
from repartee.turn.worker import ChatWorker

INVOCATION_SECONDS = 270.0
"""Seconds that the answering of a chat has, as in the turn's own function."""

STREAM_HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # nginx and those that follow it would wait for more
}

BUSY_RETRY_SECONDS = 2.0
"""Seconds after which one may come back who was refused because too much is answered at the same time."""

JSON_EVENT_KINDS = {"picture", "proposal", "message"}
"""Events whose text is JSON."""

STREAM_PREAMBLE = "retry: 1000\n\n"
"""Sends the headers off at once, and says after how many milliseconds a client may come back."""


class WebApp:
    """Takes messages in, answers them in this process, `at_once` at the most, and streams what becomes of
    them."""

    def __init__(
        self,
        webhook: Webhook,
        tokens: BearerTokens,
        chats: ChatWorker,
        follower: ReplyFollower,
        hub: EventHub,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        max_concurrency: int,
        streams: PersonStreams,
        live: LiveFollower,
    ) -> None:
        self._webhook, self._tokens, self._chats, self._follower = webhook, tokens, chats, follower
        self._hub, self._clock, self._new_id = hub, clock, new_id
        self._free, self._streams, self._live = BoundedSemaphore(max_concurrency), streams, live

    def make_asgi_app(self, origins: Sequence[str]) -> Starlette:
        """The app, for browsers' pages of these origins."""
        return Starlette(
            routes=[
                Route("/chat", self.post_message, methods=["POST"]),
                Route(SCRIPT_PATH, serve_script, methods=["GET"]),
                Route("/chat/{turn}/events", self.resume_stream, methods=["GET"]),
                Route("/chat/{conversation}/live", self.follow_conversation, methods=["GET"]),
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
                RequestRejected: self._refuse_request,
                BackendError: _handle_backend_error,
                HTTPException: _handle_http_error,
            },
        )

    async def post_message(self, request: Request) -> Response:
        """`POST /chat`: keeps the message, answers it, and streams what happens."""
        posted = await self._to_webhook_request(request)
        if not self._free.acquire(blocking=False):
            return _error_response(503, "busy, send it again in a moment", BUSY_RETRY_SECONDS)
        try:
            stream = await self._streams.open_stream(await self._verify_person(request))
        except BaseException:
            self._free.release()
            raise
        try:
            response = await run_in_threadpool(self._webhook.handle_request, posted)
            if response.status != 200:
                self._free.release()
                await stream.close()
                return _to_http_response(response)
            place = msgspec.json.decode(response.body, type=WebMessageIds)
        except BaseException:
            self._free.release()
            await stream.close()
            raise
        answering = self._answer_in_thread(place.chat, posted.correlation)
        return self._stream_response(request, place, stream, answering.wait)

    async def resume_stream(self, request: Request) -> Response:
        """`GET /chat/{turn}/events`: what happens after `Last-Event-ID`."""
        person = await self._verify_person(request)
        place = parse_turn_id(person, request.path_params["turn"])
        if place is None or not await run_in_threadpool(self._follower.message_exists, place):
            raise HTTPException(404, "there is no such turn")
        return self._stream_response(request, place, await self._streams.open_stream(person))

    async def follow_conversation(self, request: Request) -> Response:
        """`GET /chat/{conversation}/live`: what is said there beside the replies, after `Last-Event-ID`."""
        person = await self._verify_person(request)
        chat = parse_conversation(person, request.path_params["conversation"])
        if chat is None:
            raise HTTPException(404, "there is no such conversation")
        after = _parse_last_event_id(request)
        lines = self._live_lines(chat, after, await self._live.look(chat, after))
        if not self._live.holds_connections:
            return StreamingResponse(lines, headers=STREAM_HEADERS, media_type="text/event-stream")
        stream = await self._streams.open_stream(person, "live")
        return CountedResponse(stream, lines, headers=STREAM_HEADERS, media_type="text/event-stream")

    async def _live_lines(self, chat: str, after: str, first: LiveRead) -> AsyncIterator[str]:
        yield STREAM_PREAMBLE
        async for step in self._live.follow_chat(chat, after, first):
            if isinstance(step, NextRequest):
                yield f"retry: {round(step.seconds * 1000)}\n\n"
            else:
                yield _format_followed(step)

    async def _refuse_request(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, RequestRejected)
        return _to_http_response(self._webhook.refuse_request(refusal))

    async def _verify_person(self, request: Request) -> str:
        authorization = request.headers.get("authorization", "")
        return await run_in_threadpool(self._tokens.verify_person, authorization)

    async def _to_webhook_request(self, request: Request) -> HttpRequest:
        return HttpRequest(
            method=request.method,
            path=request.url.path,
            headers=dict(request.headers),
            body=await _read_body(request),
            received_at=received_at(request.headers, self._clock()),
            correlation=self._new_id(),
        )

    def _answer_in_thread(self, chat: str, correlation: str) -> asyncio.Event:
        """Answers the chat in a thread of its own, which goes on when its reader leaves. Tells when it is
        over, and that there is room for another.

        If there is no thread for it, or this process dies, the chat's delayed wake sees to it.
        """
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        order = ReceivedWake(chat, "", self._clock() + INVOCATION_SECONDS, correlation)

        def answer() -> None:
            try:
                if self._chats.answer_all([order]):
                    self._hub.hand_over(chat)
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

    def _stream_response(
        self,
        request: Request,
        place: WebMessageIds,
        stream: OpenStream,
        until: Callable[[], Awaitable[object]] | None = None,
    ) -> Response:
        language = language_code(request.headers.get("accept-language", ""))
        lines = self._stream_lines(place, _parse_last_event_id(request), until, language)
        headers = STREAM_HEADERS | {"Content-Location": f"/chat/{place.turn}/events"}
        return CountedResponse(stream, lines, headers=headers, media_type="text/event-stream")

    async def _stream_lines(
        self, place: WebMessageIds, after: str, until: Callable[[], Awaitable[object]] | None, language: str
    ) -> AsyncIterator[str]:
        """The stream. It ends when the work is done: Lambda freezes a process that has answered."""
        yield STREAM_PREAMBLE
        async for followed in self._follower.follow_reply(place, after):
            yield _format_followed(followed, place.turn, language)
        if until:
            await until()


def _format_followed(
    followed: WebEvent | StreamHeartbeat | StreamEnded, turn: str = "", language: str = ""
) -> str:
    if isinstance(followed, StreamHeartbeat):
        return ": still here\n\n"
    if isinstance(followed, WebEvent):
        told = (
            msgspec.Raw(followed.text.encode())
            if followed.kind in JSON_EVENT_KINDS
            else {"text": followed.text}
        )
        return _format_event(followed.kind, told, followed.id)
    if followed.failed:
        return _format_event("error", {"error": translate(texts.NO_ANSWER, language), "turn": turn})
    return _format_event("done", {"turn": turn, "withheld": followed.withheld})


def _format_event(name: str, data: object, id: str = "") -> str:
    """An event on the wire. JSON has no line breaks, so its data is one line."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def _parse_last_event_id(request: Request) -> str:
    """The id that the client has seen last; what is none of ours is none."""
    id = request.headers.get("last-event-id", "")
    return id if id.isascii() and id.isdigit() and len(id) == 16 else ""


async def _read_body(request: Request) -> bytes:
    """The body, of which no more is read than may be sent."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _to_http_response(response: HttpResponse) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if response.status == 401 else {}
    if response.retry_after_seconds:
        headers["Retry-After"] = str(math.ceil(response.retry_after_seconds))
    return Response(response.body, response.status, headers, response.content_type)


def _error_response(status: int, problem: str, retry_after: float = 0.0) -> Response:
    body = msgspec.json.encode({"error": problem}).decode()
    return _to_http_response(HttpResponse(status, body, retry_after_seconds=retry_after))


async def _handle_backend_error(request: Request, failure: Exception) -> Response:
    return _error_response(503, "try again in a moment")


async def _handle_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error_response(error.status_code, error.detail)

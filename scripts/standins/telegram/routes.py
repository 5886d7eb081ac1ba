"""The stand-in for Telegram behind HTTP.

/telegram/bot{token}/{method}         the Bot API                            (TELEGRAM_API_URL is …/telegram)
/telegram/file/bot{token}/{path}      what people sent
GET  /standin/telegram/chat/{chat}    the chat as a person sees it; `?after=N` waits for a version after N
POST /standin/telegram/said           a person writes: chat_id, user, text, id, topic, files
POST /standin/telegram/changed        a person edits, deletes or reacts: chat_id, id, text, deleted, reaction
GET  /standin/telegram/posts          every call to Telegram, in order
PUT  /standin/telegram/files/{id}     a person's file, by its file id
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins import multipart
from standins.change_notifier import ChangeNotifier, apply_fault
from standins.faults import FaultQueue, StandInFault
from standins.telegram.server import TelegramStandIn
from standins.truncated_response import TruncatedResponse


class TelegramRoutes:
    """The stand-in on an event loop, with what a test lets go wrong (`telegram:sendMessage`)."""

    def __init__(self, telegram: TelegramStandIn, faults: FaultQueue) -> None:
        self.telegram, self._faults = telegram, faults
        self._news = ChangeNotifier()

    def routes(self) -> list[Route]:
        return [
            Route("/telegram/bot{token}/{method}", self.handle_call, methods=["GET", "POST"]),
            Route("/telegram/file/bot{token}/{path:path}", self.serve_file, methods=["GET"]),
            Route("/standin/telegram/chat/{chat:path}", self.serve_chat, methods=["GET"]),
            Route("/standin/telegram/said", self.add_person_message, methods=["POST"]),
            Route("/standin/telegram/changed", self.change_message, methods=["POST"]),
            Route("/standin/telegram/posts", self.list_posts, methods=["GET"]),
            Route("/standin/telegram/files/{id}", self.keep_file, methods=["PUT"]),
        ]

    async def handle_call(self, request: Request) -> Response:
        method, token = request.path_params["method"], request.path_params["token"]
        fault = await apply_fault(self._faults, f"telegram:{method}")
        if fault and fault.kind == "error":
            return _fault_response(fault)
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        answer = self.telegram.handle_call(method, token, await _read_arguments(request))
        self._news.notify()
        if fault and fault.kind == "lost":
            return TruncatedResponse()
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def serve_file(self, request: Request) -> Response:
        found = self.telegram.download_file(request.path_params["token"], request.path_params["path"])
        if isinstance(found, bytes):
            return Response(found, media_type="application/octet-stream")
        return JSONResponse(found.body, found.status)

    async def serve_chat(self, request: Request) -> Response:
        await self._news.wait_for_version(request, self.telegram.version)
        return JSONResponse(self.telegram.visible_chat(int(request.path_params["chat"])))

    async def add_person_message(self, request: Request) -> Response:
        posted = self.telegram.add_person_message(**await request.json())
        self._news.notify()
        return JSONResponse({"id": posted.id})

    async def change_message(self, request: Request) -> Response:
        self.telegram.change_message(**await request.json())
        self._news.notify()
        return JSONResponse({"ok": True})

    async def list_posts(self, request: Request) -> Response:
        return JSONResponse(self.telegram.posts)

    async def keep_file(self, request: Request) -> Response:
        self.telegram.files[request.path_params["id"]] = await request.body()
        return JSONResponse({"ok": True})


async def _read_arguments(request: Request) -> dict[str, Any]:
    """The call's arguments, from the query, a form or a JSON body."""
    return {
        **request.query_params,
        **parse_arguments(await request.body(), request.headers.get("content-type", "")),
    }


def parse_arguments(body: bytes, content_type: str) -> dict[str, Any]:
    """The arguments in a body. A file is bytes, everything else text, or as JSON has it."""
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        return found if isinstance(found, dict) else {}
    parts = multipart.parse_form(body, content_type)
    if parts is None:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return {name: content if file else content.decode() for name, (file, content) in parts.items()}


def _fault_response(fault: StandInFault) -> Response:
    seconds = max(1, round(fault.seconds))
    if fault.status == 429:
        error: dict[str, Any] = {"description": f"Too Many Requests: retry after {seconds}"}
        error["parameters"] = {"retry_after": seconds}
    else:
        error = {"description": "Internal Server Error"}
    return JSONResponse({"ok": False, "error_code": fault.status, **error}, fault.status)

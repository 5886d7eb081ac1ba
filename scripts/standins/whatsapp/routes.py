"""The stand-in for WhatsApp behind HTTP.

/whatsapp/{version}/{path}              the Cloud API              (WHATSAPP_API_URL is …/whatsapp/v25.0)
/whatsapp/attachments?mid=…             what is behind a file's link
GET  /standin/whatsapp/chat/{person}    the chat as a person sees it; `?after=N` waits for a version after N
POST /standin/whatsapp/said             a person writes: id, wa_id, user_id, text, files
POST /standin/whatsapp/changed          a person edits, deletes or reacts: id, text, deleted, reaction
PUT  /standin/whatsapp/files/{id}       a person's file, by its media id; its type is the request's
GET  /standin/whatsapp/posts            every call to WhatsApp, in order
DELETE /standin/whatsapp/limits         forgets how often people were written to of late
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local import sample_files
from standins.change_notifier import ChangeNotifier, apply_fault
from standins.faults import FaultQueue, StandInFault
from standins.truncated_response import TruncatedResponse
from standins.whatsapp.arguments import Arguments, UploadForm, WhatsAppError, parse_form
from standins.whatsapp.server import WhatsAppResponse, WhatsAppStandIn, call_name


class WhatsAppRoutes:
    """The stand-in on an event loop, with what a test lets go wrong (`whatsapp:send`, `whatsapp:type`)."""

    def __init__(self, whatsapp: WhatsAppStandIn, faults: FaultQueue) -> None:
        self.whatsapp, self._faults = whatsapp, faults
        self._news = ChangeNotifier()

    def routes(self) -> list[Route]:
        return [
            Route("/whatsapp/attachments", self.serve_file, methods=["GET"]),
            Route("/whatsapp/{version}/{path:path}", self.handle_call, methods=["GET", "POST", "DELETE"]),
            Route("/standin/whatsapp/chat/{person}", self.serve_chat, methods=["GET"]),
            Route("/standin/whatsapp/said", self.add_person_message, methods=["POST"]),
            Route("/standin/whatsapp/changed", self.change_message, methods=["POST"]),
            Route("/standin/whatsapp/files/{id}", self.keep_file, methods=["PUT"]),
            Route("/standin/whatsapp/posts", self.list_posts, methods=["GET"]),
            Route("/standin/whatsapp/limits", self.reset_rate_limits, methods=["DELETE"]),
        ]

    async def handle_call(self, request: Request) -> Response:
        path, given = request.path_params["path"], await _read_arguments(request)
        fault = await apply_fault(self._faults, f"whatsapp:{call_name(request.method, path, given)}")
        if fault and fault.kind == "error":
            return _to_http_response(_fault_response(fault))
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        self.whatsapp.url = f"{request.base_url}whatsapp/attachments"
        answer = self.whatsapp.handle_call(request.method, path, _bearer_token(request), given)
        self._news.notify()
        return TruncatedResponse() if fault and fault.kind == "lost" else _to_http_response(answer)

    async def serve_file(self, request: Request) -> Response:
        query = request.query_params
        found = self.whatsapp.download_file(
            _bearer_token(request), query.get("mid", ""), query.get("ext", "")
        )
        if isinstance(found, bytes):
            return Response(found, media_type="application/octet-stream")
        return _to_http_response(found)

    async def serve_chat(self, request: Request) -> Response:
        await self._news.wait_for_version(request, self.whatsapp.version)
        return JSONResponse(self.whatsapp.visible_chat(request.path_params["person"]))

    async def add_person_message(self, request: Request) -> Response:
        body = await request.json()
        files = body.pop("files", {})
        for media, (kind, name) in files.items():
            content = sample_files.read_file(name)
            if content and not self.whatsapp.has_media(media):
                self.whatsapp.store_media(media, kind, content)
        self.whatsapp.add_person_message(**body, names=tuple(name for _, name in files.values()))
        self._news.notify()
        return JSONResponse({"ok": True})

    async def change_message(self, request: Request) -> Response:
        self.whatsapp.change_message(**await request.json())
        self._news.notify()
        return JSONResponse({"ok": True})

    async def keep_file(self, request: Request) -> Response:
        kind, content = request.headers["content-type"], await request.body()
        self.whatsapp.store_media(request.path_params["id"], kind, content)
        return JSONResponse({"ok": True})

    async def list_posts(self, request: Request) -> Response:
        return JSONResponse(self.whatsapp.posts)

    async def reset_rate_limits(self, request: Request) -> Response:
        self.whatsapp.reset_rate_limits()
        return JSONResponse({"ok": True})


async def _read_arguments(request: Request) -> Arguments | UploadForm:
    """Returns the posted arguments, from JSON or from a form with a file."""
    kind, body = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("multipart/form-data"):
        return parse_form(kind, body)
    try:
        given: Any = json.loads(body or b"{}")
    except ValueError:
        given = {}
    return {**request.query_params, **(given if isinstance(given, dict) else {})}


def _bearer_token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _to_http_response(answer: WhatsAppResponse) -> Response:
    return JSONResponse(answer.body, answer.status, answer.headers)


def _fault_response(fault: StandInFault) -> WhatsAppResponse:
    if fault.status == 429:
        return WhatsAppResponse(WhatsAppError(130429, "Too many messages.").body, 429)
    return WhatsAppResponse(WhatsAppError(131000, "Something went wrong").body, fault.status)

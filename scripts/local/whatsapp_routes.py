"""The stand-in for WhatsApp behind HTTP.

/whatsapp/{version}/{path}              the Cloud API              (WHATSAPP_API_URL is …/whatsapp/v25.0)
/whatsapp/attachments?mid=…             what is behind a file's link
GET  /standin/whatsapp/chat/{person}    the chat as a person sees it; `?after=N` waits for a version after N
POST /standin/whatsapp/said             a person writes: id, wa_id, user_id, text, files
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
from local.faults import Fault, Faults
from local.news import News, met
from local.severed import Severed
from local.whatsapp_arguments import Arguments, Form, WhatsAppError, form
from local.whatsapp_standin import Answer, WhatsAppStandIn, named


class WhatsAppRoutes:
    """The stand-in on an event loop, with what a test lets go wrong (`whatsapp:send`, `whatsapp:type`)."""

    def __init__(self, whatsapp: WhatsAppStandIn, faults: Faults) -> None:
        self.whatsapp, self._faults = whatsapp, faults
        self._news = News()

    def routes(self) -> list[Route]:
        return [
            Route("/whatsapp/attachments", self.file, methods=["GET"]),
            Route("/whatsapp/{version}/{path:path}", self.call, methods=["GET", "POST", "DELETE"]),
            Route("/standin/whatsapp/chat/{person}", self.chat, methods=["GET"]),
            Route("/standin/whatsapp/said", self.said, methods=["POST"]),
            Route("/standin/whatsapp/posts", self.posts, methods=["GET"]),
            Route("/standin/whatsapp/limits", self.rest, methods=["DELETE"]),
        ]

    async def call(self, request: Request) -> Response:
        path, given = request.path_params["path"], await _given(request)
        fault = await met(self._faults, f"whatsapp:{named(request.method, path, given)}")
        if fault and fault.kind == "error":
            return _sent(_refused(fault))
        if fault and fault.kind == "hangup":
            return Severed()
        self.whatsapp.url = f"{request.base_url}whatsapp/attachments"
        answer = self.whatsapp.call(request.method, path, _token(request), given)
        self._news.tell()
        return Severed() if fault and fault.kind == "lost" else _sent(answer)

    async def file(self, request: Request) -> Response:
        asked = request.query_params
        found = self.whatsapp.download(_token(request), asked.get("mid", ""), asked.get("ext", ""))
        if isinstance(found, bytes):
            return Response(found, media_type="application/octet-stream")
        return _sent(found)

    async def chat(self, request: Request) -> Response:
        await self._news.after(request, self.whatsapp.version)
        return JSONResponse(self.whatsapp.seen(request.path_params["person"]))

    async def said(self, request: Request) -> Response:
        told = await request.json()
        for media, (kind, name) in told.pop("files", {}).items():
            if content := sample_files.content(name):
                self.whatsapp.keep(media, kind, content)
        self.whatsapp.said(**told)
        self._news.tell()
        return JSONResponse({"ok": True})

    async def posts(self, request: Request) -> Response:
        return JSONResponse(self.whatsapp.posts)

    async def rest(self, request: Request) -> Response:
        self.whatsapp.rest()
        return JSONResponse({"ok": True})


async def _given(request: Request) -> Arguments | Form:
    """What is posted, as JSON or as a form with a file."""
    kind, body = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("multipart/form-data"):
        return form(kind, body)
    try:
        given: Any = json.loads(body or b"{}")
    except ValueError:
        given = {}
    return {**request.query_params, **(given if isinstance(given, dict) else {})}


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _sent(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status, answer.headers)


def _refused(fault: Fault) -> Answer:
    if fault.status == 429:
        return Answer(WhatsAppError(130429, "Too many messages.").body, 429)
    return Answer(WhatsAppError(131000, "Something went wrong").body, fault.status)

"""Routes of the stand-in for Slack.

/slack/api/{method}              Slack's Web API                       (SLACK_API_URL)
/slack/files/{id}/{name}         downloads a file by its link
/slack/upload/{id}               receives an upload
GET  /standin/channel/{channel}  the channel as a person sees it; `?after=N` waits for a version after N
POST /standin/said               a person writes: channel, user, text, ts, thread_ts, files
POST /standin/changed            a person edits, deletes or reacts: channel, ts, text, deleted, reaction
PUT  /standin/files/{id}/{name}  a person's file, before it is shared; its type is the request's
GET  /standin/posts              every call to Slack, in order
DELETE /standin/limits           forgets how often Slack was called of late, as a minute's rest does
POST /standin/end-stream         Slack ends a stream: channel, ts, how
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.change_notifier import ChangeNotifier, apply_fault
from standins.faults import FaultQueue, retry_after_header
from standins.slack.server import SlackStandIn
from standins.truncated_response import TruncatedResponse


class SlackRoutes:
    """Serves the stand-in on an event loop, with the faults that a test injects (`slack:chat.update`)."""

    def __init__(self, slack: SlackStandIn, faults: FaultQueue) -> None:
        self.slack, self._faults = slack, faults
        self._news = ChangeNotifier()

    def routes(self) -> list[Route]:
        return [
            Route("/slack/api/{method}", self.handle_call, methods=["GET", "POST"]),
            Route("/slack/files/{id}/{name}", self.serve_file, methods=["GET"]),
            Route("/slack/upload/{id}", self.receive_upload, methods=["POST"]),
            Route("/standin/channel/{channel}", self.serve_channel, methods=["GET"]),
            Route("/standin/said", self.add_person_message, methods=["POST"]),
            Route("/standin/changed", self.change_message, methods=["POST"]),
            Route("/standin/files/{id}/{name}", self.keep_file, methods=["PUT"]),
            Route("/standin/posts", self.list_posts, methods=["GET"]),
            Route("/standin/limits", self.reset_rate_limits, methods=["DELETE"]),
            Route("/standin/end-stream", self.end_stream, methods=["POST"]),
        ]

    async def handle_call(self, request: Request) -> Response:
        method = request.path_params["method"]
        fault = await apply_fault(self._faults, f"slack:{method}")
        if fault and fault.kind == "error":
            error = "ratelimited" if fault.status == 429 else "service_unavailable"
            return JSONResponse({"ok": False, "error": error}, fault.status, retry_after_header(fault))
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        arguments = await _parse_arguments(request)
        if arguments is None:
            return JSONResponse({"ok": False, "error": "json_not_object"})
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or arguments.get("token", "")
        self.slack.url = f"{request.base_url}slack/"
        answer = self.slack.handle_call(method, token, arguments)
        self._news.notify()
        if fault and fault.kind == "lost":
            return TruncatedResponse()
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def serve_file(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        content, kind = self.slack.download_file(request.path_params["id"], token)
        return Response(content, media_type=kind)

    async def receive_upload(self, request: Request) -> Response:
        taken = self.slack.upload_file(request.path_params["id"], await request.body())
        return Response("OK" if taken else "the length differs", 200 if taken else 400)

    async def serve_channel(self, request: Request) -> Response:
        await self._news.wait_for_version(request, self.slack.version)
        return JSONResponse(self.slack.visible_channel(request.path_params["channel"]))

    async def add_person_message(self, request: Request) -> Response:
        self.slack.url = f"{request.base_url}slack/"
        posted = self.slack.add_person_message(**await request.json())
        self._news.notify()
        return JSONResponse({"ts": posted.ts})

    async def change_message(self, request: Request) -> Response:
        given = await request.json()
        has_replies = False
        if given.pop("deleted", False):
            has_replies = self.slack.delete_message(**given)
        else:
            self.slack.change_message(**given)
        self._news.notify()
        return JSONResponse({"ok": True, "has_replies": has_replies})

    async def keep_file(self, request: Request) -> Response:
        id, name = request.path_params["id"], request.path_params["name"]
        link, kind = f"{request.base_url}slack/files/{id}/{name}", request.headers["content-type"]
        self.slack.share_file(id, link, await request.body(), name=name, mimetype=kind, mode="hosted")
        return JSONResponse({"ok": True})

    async def reset_rate_limits(self, request: Request) -> Response:
        self.slack.reset_rate_limits()
        return JSONResponse({"ok": True})

    async def end_stream(self, request: Request) -> Response:
        self.slack.end_stream(**await request.json())
        self._news.notify()
        return JSONResponse({"ok": True})

    async def list_posts(self, request: Request) -> Response:
        return JSONResponse(self.slack.posts)


async def _parse_arguments(request: Request) -> dict[str, Any] | None:
    """Returns the call's arguments from the query, a form or a JSON body; None for JSON that is no object."""
    query = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            return None
        return {**query, **body} if isinstance(body, dict) else None
    if request.method == "POST":
        return {**query, **await _parse_form(request)}
    return query


async def _parse_form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))

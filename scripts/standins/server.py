"""The stand-ins for the platforms and the model as one HTTP server: `python -m standins.server --port 8400`.

/slack/api/{method}              Slack's Web API                       (SLACK_API_URL)
/slack/files/{id}/{name}         what is behind a file's link
/slack/upload/{id}               where a file is uploaded to
/openai/v1/responses, /embeddings, /audio/transcriptions  the model's API   (OPENAI_BASE_URL)
GET  /standin/channel/{channel}  the channel as a person sees it; `?after=N` waits for a version after N
POST /standin/said               a person writes: channel, user, text, ts, thread_ts, files
GET  /standin/posts              every call to Slack, in order; /standin/asked: every request to the model
POST /standin/script             what the model answers next: a list of text and calls
POST /standin/faults             lets something go wrong (faults.py); DELETE ends all
DELETE /standin/limits           forgets how often Slack was called of late, as a minute's rest does
POST /standin/end-stream         Slack ends a stream: channel, ts, how
GET  /standin/ready

Telegram's routes are in telegram_routes.py, WhatsApp's in whatsapp_routes.py, Odoo's in odoo_routes.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.server_processes import LOOPBACK, end_with_parent
from standins.appconfig.server import AppConfigStandIn
from standins.change_notifier import ChangeNotifier, apply_fault
from standins.faults import FaultQueue, StandInFault
from standins.odoo.routes import OdooRoutes
from standins.openai import transcriptions
from standins.openai.errors import ModelError
from standins.openai.server import ModelStandIn, Pace, Scripted, Writing, embeddings
from standins.slack.server import SlackStandIn
from standins.telegram.routes import TelegramRoutes
from standins.telegram.server import TelegramStandIn
from standins.truncated_response import TruncatedResponse
from standins.whatsapp.routes import WhatsAppRoutes
from standins.whatsapp.server import WhatsAppStandIn


class StandInServer:
    """Both stand-ins behind HTTP, on one event loop."""

    def __init__(self, slack: SlackStandIn, model: ModelStandIn, faults: FaultQueue) -> None:
        self.slack, self.model, self.faults = slack, model, faults
        self._news = ChangeNotifier()

    def make_app(self) -> Starlette:
        post, get = ["POST"], ["GET"]
        return Starlette(
            routes=[
                Route("/slack/api/{method}", self.handle_slack_call, methods=["GET", "POST"]),
                Route("/slack/files/{id}/{name}", self.serve_slack_file, methods=get),
                Route("/slack/upload/{id}", self.receive_slack_upload, methods=post),
                Route("/openai/v1/responses", self.serve_responses, methods=post),
                Route("/openai/v1/embeddings", self.serve_embeddings, methods=post),
                Route("/openai/v1/audio/transcriptions", self.serve_transcriptions, methods=post),
                Route("/standin/channel/{channel}", self.serve_channel, methods=get),
                Route("/standin/said", self.add_person_message, methods=post),
                Route("/standin/posts", lambda request: JSONResponse(self.slack.posts), methods=get),
                Route("/standin/asked", lambda request: JSONResponse(self.model.asked), methods=get),
                Route("/standin/script", self.script_model, methods=post),
                Route("/standin/faults", self.inject_fault, methods=["POST", "DELETE"]),
                Route("/standin/limits", self.reset_rate_limits, methods=["DELETE"]),
                Route("/standin/end-stream", self.end_stream, methods=post),
                Route("/standin/ready", lambda request: JSONResponse({"ok": True}), methods=get),
            ]
        )

    async def handle_slack_call(self, request: Request) -> Response:
        method = request.path_params["method"]
        fault = await apply_fault(self.faults, f"slack:{method}")
        if fault and fault.kind == "error":
            error = "ratelimited" if fault.status == 429 else "service_unavailable"
            return JSONResponse({"ok": False, "error": error}, fault.status, _retry_after_header(fault))
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        arguments = await _slack_arguments(request)
        if arguments is None:
            return JSONResponse({"ok": False, "error": "json_not_object"})
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or arguments.get("token", "")
        self.slack.url = f"{request.base_url}slack/"
        answer = self.slack.handle_call(method, token, arguments)
        self._news.notify()
        if fault and fault.kind == "lost":
            return TruncatedResponse()
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def serve_slack_file(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        content, kind = self.slack.download_file(request.path_params["id"], token)
        return Response(content, media_type=kind)

    async def receive_slack_upload(self, request: Request) -> Response:
        taken = self.slack.upload_file(request.path_params["id"], await request.body())
        return Response("OK" if taken else "the length differs", 200 if taken else 400)

    async def serve_responses(self, request: Request) -> Response:
        fault = await apply_fault(self.faults, "model:responses")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            body = await self._read_model_request(request, fault)
            writing = self.model.respond(body)
        except ModelError as error:
            return _model_error_response(error)
        if not body.get("stream"):
            return JSONResponse(writing.whole())  # how far away a small model is, latencies say
        return StreamingResponse(
            _stream_events(writing, fault), media_type="text/event-stream; charset=utf-8"
        )

    async def serve_embeddings(self, request: Request) -> Response:
        fault = await apply_fault(self.faults, "model:embeddings")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            body = await self._read_model_request(request, fault)
            return JSONResponse(await run_in_threadpool(embeddings, body))
        except ModelError as error:
            return _model_error_response(error)

    async def serve_transcriptions(self, request: Request) -> Response:
        fault = await apply_fault(self.faults, "model:transcriptions")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            self.model.authenticate(request.headers.get("authorization", ""))
            if fault and fault.kind == "error":
                raise _model_fault_response(fault)
            fields = transcriptions.form(await request.body(), request.headers.get("content-type", ""))
            heard = transcriptions.transcription(fields)
        except ModelError as error:
            return _model_error_response(error)
        await asyncio.sleep(self.model.pace.first_token)
        return JSONResponse(heard)

    async def _read_model_request(self, request: Request, fault: StandInFault | None) -> Any:
        self.model.authenticate(request.headers.get("authorization", ""))
        if fault and fault.kind == "error":
            raise _model_fault_response(fault)
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise ModelError(400, "We could not parse the JSON body of your request.") from None
        if not isinstance(body, dict):
            raise ModelError(400, "Invalid request: the body must be a JSON object.")
        return body

    async def serve_channel(self, request: Request) -> Response:
        await self._news.wait_for_version(request, self.slack.version)
        return JSONResponse(self.slack.visible_channel(request.path_params["channel"]))

    async def add_person_message(self, request: Request) -> Response:
        self.slack.url = f"{request.base_url}slack/"
        posted = self.slack.add_person_message(**await request.json())
        self._news.notify()
        return JSONResponse({"ts": posted.ts})

    async def script_model(self, request: Request) -> Response:
        for answer in await request.json():
            self.model.script.append(Scripted(answer.get("text", ""), tuple(answer.get("calls", ()))))
        return JSONResponse({"ok": True})

    async def inject_fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.waiting.clear()
        else:
            self.faults.waiting.append(StandInFault(**await request.json()))
        return JSONResponse({"ok": True})

    async def reset_rate_limits(self, request: Request) -> Response:
        self.slack.reset_rate_limits()
        return JSONResponse({"ok": True})

    async def end_stream(self, request: Request) -> Response:
        self.slack.end_stream(**await request.json())
        self._news.notify()
        return JSONResponse({"ok": True})


async def _slack_arguments(request: Request) -> dict[str, Any] | None:
    """The call's arguments, from the query, a form or a JSON body. None for JSON that is no object."""
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
    from urllib.parse import parse_qsl

    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


async def _stream_events(writing: Writing, fault: StandInFault | None) -> AsyncIterator[bytes]:
    """The reply's events as they come due. Waiting is counted from the start, so that it does not add up."""
    due = time.monotonic()
    for number, (wait, event) in enumerate(writing.events()):
        due += wait
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if fault and fault.kind in ("cut", "failed") and number == fault.after:
            if fault.kind == "failed":
                yield _format_sse(_fail_stream(event, writing))
            return
        yield _format_sse(event)


def _fail_stream(instead_of: dict[str, Any], writing: Writing) -> dict[str, Any]:
    error = {"code": "server_error", "message": "The server had an error while processing your request."}
    response = {**writing.whole(), "status": "failed", "error": error, "output": []}
    number = instead_of["sequence_number"]
    return {"type": "response.failed", "response": response, "sequence_number": number}


def _format_sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def _model_fault_response(fault: StandInFault) -> ModelError:
    if fault.status == 429:
        message = "Rate limit reached for requests. Please try again later."
        headers = {**_retry_after_header(fault), "x-ratelimit-remaining-requests": "0"}
        return ModelError(429, message, code="rate_limit_exceeded", kind="requests", headers=headers)
    message = "The server had an error while processing your request. Sorry about that!"
    return ModelError(fault.status, message, kind="server_error")


def _model_error_response(error: ModelError) -> Response:
    return JSONResponse(error.body, error.status, error.headers)


def _retry_after_header(fault: StandInFault) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(fault.seconds)))} if fault.status == 429 else {}


def main() -> None:
    import uvicorn

    asked = _parse_arguments()
    pace = Pace(asked.first_token_ms / 1000, asked.tokens_per_second)
    model = ModelStandIn(time.time, pace, randomness=random.Random())
    faults = FaultQueue()
    app = StandInServer(SlackStandIn(time.time), model, faults).make_app()
    app.routes.extend(TelegramRoutes(TelegramStandIn(time.time), faults).routes())
    app.routes.extend(OdooRoutes(faults).routes())
    app.routes.extend(WhatsAppRoutes(WhatsAppStandIn(time.time), faults).routes())
    app.routes.extend(AppConfigStandIn(time.time).routes("/appconfig"))
    threading.Thread(target=_warm_up_embedder, daemon=True).start()
    if asked.fd:
        end_with_parent()
    config = uvicorn.Config(app, LOOPBACK, asked.port, log_level="warning", access_log=False, lifespan="off")
    # Not uvicorn's own `fd`: it takes it for a Unix socket, and then every answer waits 40 ms for an ACK.
    uvicorn.Server(config).run([socket.socket(fileno=asked.fd)] if asked.fd else None)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serves the stand-ins for the platforms and the model.")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--fd", type=int, help="a listening socket that is handed over, instead of a port")
    parser.add_argument("--first-token-ms", type=float, default=350, help="how long the model thinks")
    parser.add_argument("--tokens-per-second", type=float, default=90, help="how fast it then writes")
    return parser.parse_args()


def _warm_up_embedder() -> None:
    """The first embedding would otherwise wait for the weights."""
    from standins.openai import minilm

    minilm.load_installed_model().embed("warm")


if __name__ == "__main__":
    main()

"""Routes of the stand-in for OpenAI.

POST /openai/v1/responses, /embeddings, /audio/transcriptions  the model's API   (OPENAI_BASE_URL)
GET  /standin/asked              every request to the model, in order
GET  /standin/model-times        when each request came, when its answer began to say something, and ended
POST /standin/script             the model's next answers: a list of text and calls
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from standins.change_notifier import apply_fault
from standins.faults import FaultQueue, StandInFault, retry_after_header
from standins.openai import transcriptions
from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.openai.embeddings import embeddings
from standins.openai.errors import ModelError
from standins.openai.server import ModelStandIn, Scripted, Writing
from standins.truncated_response import TruncatedResponse

TEXT_EVENT = b"event: response.output_text.delta"
MAX_TIMES = 1000
"""How many of the newest requests' times are kept."""


@dataclass
class RequestTimes:
    """When a request came, its answer began to say something, and ended (epoch seconds; 0 is not yet). What
    is not streamed says all at its end."""

    kind: str
    asked_at: float
    first_text_at: float = 0.0
    ended_at: float = 0.0


class ModelRoutes:
    """Serves the stand-in on an event loop, with the faults that a test injects (`model:responses`)."""

    def __init__(self, model: ModelStandIn, faults: FaultQueue) -> None:
        self.model, self._faults = model, faults
        self._times: deque[RequestTimes] = deque(maxlen=MAX_TIMES)

    def routes(self) -> list[Route]:
        return [
            Route("/openai/v1/responses", self.serve_responses, methods=["POST"]),
            Route("/openai/v1/embeddings", self.serve_embeddings, methods=["POST"]),
            Route("/openai/v1/audio/transcriptions", self.serve_transcriptions, methods=["POST"]),
            Route("/openai/v1/models/{model}", self.serve_model, methods=["GET"]),
            Route("/standin/asked", self.list_requests, methods=["GET"]),
            Route("/standin/model-times", self.list_times, methods=["GET"]),
            Route("/standin/script", self.script_model, methods=["POST"]),
        ]

    async def serve_model(self, request: Request) -> Response:
        name = request.path_params["model"]
        try:
            self.model.authenticate(request.headers.get("authorization", ""))
            if name not in (MODEL, EMBEDDING_MODEL, transcriptions.HEARING_MODEL):
                raise ModelError(404, f"The model '{name}' does not exist", code="model_not_found")
        except ModelError as error:
            return _error_response(error)
        return JSONResponse({"id": name, "object": "model", "created": 0, "owned_by": "local"})

    async def serve_responses(self, request: Request) -> Response:
        times = self._note_request("reply")
        fault = await apply_fault(self._faults, "model:responses")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            body = await self._read_request(request, fault)
            writing = self.model.respond(body)
        except ModelError as error:
            return _error_response(error)
        if not body.get("stream"):
            times.kind, times.ended_at = "small", time.time()
            return JSONResponse(writing.whole())  # the latency of a small model is set by faults
        events = _note_times(_stream_events(writing, fault), times)
        return StreamingResponse(events, media_type="text/event-stream; charset=utf-8")

    async def serve_embeddings(self, request: Request) -> Response:
        times = self._note_request("embeddings")
        fault = await apply_fault(self._faults, "model:embeddings")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            body = await self._read_request(request, fault)
            return JSONResponse(await run_in_threadpool(embeddings, body))
        except ModelError as error:
            return _error_response(error)
        finally:
            times.ended_at = time.time()

    async def serve_transcriptions(self, request: Request) -> Response:
        fault = await apply_fault(self._faults, "model:transcriptions")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        try:
            self.model.authenticate(request.headers.get("authorization", ""))
            if fault and fault.kind == "error":
                raise _fault_error(fault)
            fields = transcriptions.form(await request.body(), request.headers.get("content-type", ""))
            answer = transcriptions.transcription(fields)
        except ModelError as error:
            return _error_response(error)
        await asyncio.sleep(self.model.pace.first_token)
        return JSONResponse(answer)

    def _note_request(self, kind: str) -> RequestTimes:
        times = RequestTimes(kind, time.time())
        self._times.append(times)
        return times

    async def _read_request(self, request: Request, fault: StandInFault | None) -> Any:
        self.model.authenticate(request.headers.get("authorization", ""))
        if fault and fault.kind == "error":
            raise _fault_error(fault)
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise ModelError(400, "We could not parse the JSON body of your request.") from None
        if not isinstance(body, dict):
            raise ModelError(400, "Invalid request: the body must be a JSON object.")
        return body

    async def script_model(self, request: Request) -> Response:
        for answer in await request.json():
            self.model.script.append(Scripted(answer.get("text", ""), tuple(answer.get("calls", ()))))
        return JSONResponse({"ok": True})

    async def list_requests(self, request: Request) -> Response:
        return JSONResponse(self.model.asked)

    async def list_times(self, request: Request) -> Response:
        return JSONResponse([asdict(times) for times in self._times])


async def _note_times(events: AsyncIterator[bytes], times: RequestTimes) -> AsyncIterator[bytes]:
    async for event in events:
        if not times.first_text_at and TEXT_EVENT in event:
            times.first_text_at = time.time()
        yield event
    times.ended_at = time.time()


async def _stream_events(writing: Writing, fault: StandInFault | None) -> AsyncIterator[bytes]:
    """Yields the reply's events when they are due, counted from the start, so that delays do not add up."""
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


def _fault_error(fault: StandInFault) -> ModelError:
    if fault.status == 429:
        message = "Rate limit reached for requests. Please try again later."
        headers = {**retry_after_header(fault), "x-ratelimit-remaining-requests": "0"}
        return ModelError(429, message, code="rate_limit_exceeded", kind="requests", headers=headers)
    message = "The server had an error while processing your request. Sorry about that!"
    return ModelError(fault.status, message, kind="server_error")


def _error_response(error: ModelError) -> Response:
    return JSONResponse(error.body, error.status, error.headers)

"""Replies from the Responses API."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import openai

from repartee.domain.prompt import CUT_SHORT, Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import ReparteeError, Unavailable
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.client import BACKEND, translating
from repartee.services.openai.events import Piece, pieces, pieces_of_whole
from repartee.services.openai.paced_reading import has_unread_bytes, read_paced
from repartee.services.openai.problems import EmptyReply
from repartee.services.openai.request import ReplyRequest, first_request
from repartee.services.openai.second_tries import SecondTries

MAX_REPLY_CHARS = 12_000
"""Characters of one reply. Where a model has room to think it could write on in it; this ends that."""


class OpenAIModel:
    """`ports.Model` on the Responses API. Nothing is stored at the provider.

    What fails before the first word is tried again where that may help: once where nobody was met, as after
    a freeze; with a shorter prompt where it was too long; without pictures where they are not taken; with
    less thinking where that left no tokens for a word; once where nothing was said at all.
    """

    def __init__(self, client: openai.OpenAI, model: str, effort: str) -> None:
        self._client, self._model, self._effort = client, model, effort

    def stream(
        self, prompt: Prompt, cancel_token: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        cancel_token, tries = cancel_token or CancelToken(), SecondTries()
        request: ReplyRequest | None = first_request(prompt, self._effort)
        while request:
            begun = False
            try:
                for piece in self._pieces(request, cancel_token):
                    begun = begun or not isinstance(piece, Usage)
                    yield piece
                return
            except ReparteeError as failure:
                if isinstance(failure, EmptyReply) and any(one.text for one in prompt.rounds):
                    return  # it said all there was to say before its tools
                request = None if begun or cancel_token.cancelled else tries.after(failure, request)
                if request is None:
                    raise

    def _pieces(self, request: ReplyRequest, cancel_token: CancelToken) -> Iterator[Piece]:
        if cancel_token.cancelled:
            raise Unavailable(BACKEND, "hung up")
        written = 0
        with translating(), self._call(request) as response, cancel_token.bind(lambda: _hang_up(response)):
            for piece in _read(response, request.max_tokens, request.continues):
                yield piece
                written += len(piece) if isinstance(piece, str) else 0
                if written > MAX_REPLY_CHARS and request.reasoning_tokens:
                    yield CUT_SHORT
                    yield _estimated(request, written, self._model)
                    return

    def _call(self, request: ReplyRequest) -> Any:
        """Returns the request, which is sent when the context is entered. What it says goes past the SDK's
        look at the type of each part of each message, which costs more than all else of the request."""
        create = self._client.responses.with_streaming_response.create
        return create(model=self._model, store=False, stream=True, extra_body=request.arguments())


def _read(response: openai.APIResponse[Any], limit: int, continues: bool) -> Iterator[Piece]:
    """Yields the pieces of an answer, which may be in one piece. Some gateways call a stream JSON."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        chunks = read_paced(response.iter_bytes(), lambda: has_unread_bytes(_connection(response)))
        return pieces(chunks, response.headers, limit, continues)
    body = response.read()
    if body.lstrip().startswith(b"{"):
        return pieces_of_whole(body, response.headers, limit, continues)
    return pieces([body], response.headers, limit, continues)


def _estimated(request: ReplyRequest, written: int, model: str) -> Usage:
    """Estimates the tokens of a call that was cancelled, at four characters a token."""
    prompt = request.prompt
    lines = sum(len(line.text) for line in (*prompt.history, *prompt.incoming))
    return Usage((len(prompt.instructions) + len(prompt.context) + lines) // 4, written // 4, model=model)


def _hang_up(response: openai.APIResponse[Any]) -> None:
    """Wakes the thread that reads the response. Closing it from another would not: the socket's end does."""
    with suppress(OSError):
        if connection := _connection(response):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _connection(response: openai.APIResponse[Any]) -> Any:
    """Returns the socket that the response is read from; None for one that was not sent over a network."""
    stream = response.http_response.extensions.get("network_stream")
    return stream and stream.get_extra_info("socket")

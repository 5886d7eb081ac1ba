"""Telegram's Bot API over connections that are kept: https://core.telegram.org/bots/api#making-requests.

The bot's token is a part of every address, so no address is in a log or in an error.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import httpx2
import msgspec

from repartee.channels.http import (
    encode_form_fields,
    make_http_client,
    read_bounded_body,
    retry_after_seconds,
    translate_http_errors,
)
from repartee.errors import BackendError, InvalidArgument, NotFound, PermissionDenied, Throttled, Unavailable

BACKEND = "telegram"

QUOTED_MESSAGE_TEXT = re.compile(r"\"[^\"]*\"|:.*", re.DOTALL)
"""The part of a description that may be a piece of the message."""

MAX_PROBLEM_CHARS = 80

MAX_MOVED_CHATS = 1000
"""Groups whose other id a process remembers."""


class TelegramResponseParameters(msgspec.Struct):
    """Details that help to handle an error. `retry_after` is in seconds; `migrate_to_chat_id` is the
    supergroup that a group has become."""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class TelegramApiResponse(msgspec.Struct):
    """An answer of the Bot API, whatever was asked."""

    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: TelegramResponseParameters = msgspec.field(default_factory=TelegramResponseParameters)


class GroupMoved(InvalidArgument):
    """The group has become a supergroup, and has another id."""

    def __init__(self, problem: str, present_chat: int) -> None:
        super().__init__(BACKEND, problem)
        self.present_chat = present_chat


class TelegramApi:
    """Calls the Bot API's methods with the bot's token, which is read afresh for each call.

    A call in a group that has become a supergroup is made again there, and so is every later one;
    `on_chat_moved` is told both rooms.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        transport: httpx2.BaseTransport | None = None,
        on_chat_moved: Callable[[str, str], None] = lambda former, present: None,
    ) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would log every address
        self._url, self._token = url.rstrip("/"), token
        self._on_chat_moved = on_chat_moved
        self._present_chats: dict[int, int] = {}
        self._client = make_http_client(transport=transport)

    def call_method(self, method: str, **arguments: Any) -> Any:
        """The method's result. Raises `BackendError` with Telegram's description of the problem."""
        return self._call_where_chat_is(self._post_json, method, arguments)

    def _call_where_chat_is(
        self, post: Callable[[str, dict[str, Any]], Any], method: str, arguments: dict[str, Any]
    ) -> Any:
        chat = arguments.get("chat_id")
        if chat in self._present_chats:
            arguments = arguments | {"chat_id": self._present_chats[chat]}
        try:
            return post(method, arguments)
        except GroupMoved as moved:
            if chat is None or len(self._present_chats) > MAX_MOVED_CHATS:
                raise
            self._present_chats[chat] = moved.present_chat
            with suppress(BackendError):  # the webhook is told of it, too
                self._on_chat_moved(f"telegram:{chat}", f"telegram:{moved.present_chat}")
            return post(method, arguments | {"chat_id": moved.present_chat})

    def _post_json(self, method: str, arguments: dict[str, Any]) -> Any:
        given = {name: value for name, value in arguments.items() if value is not None}
        with translate_http_errors(BACKEND):
            response = self._client.post(
                self._method_url(method),
                content=msgspec.json.encode(given),
                headers={"Content-Type": "application/json"},
            )
        return _decode_result(response)

    def upload_file(self, method: str, file: Mapping[str, tuple[str, bytes, str]], **arguments: Any) -> Any:
        """Like `call_method`, with a file: by the argument's name its own name, its content and its type."""

        def post_form(method: str, arguments: dict[str, Any]) -> Any:
            with translate_http_errors(BACKEND):
                response = self._client.post(
                    self._method_url(method), data=encode_form_fields(arguments), files=file
                )
            return _decode_result(response)

        return self._call_where_chat_is(post_form, method, arguments)

    def download_file(self, path: str, max_bytes: int) -> bytes:
        """A file, of at most so many bytes. Raises `TooLarge` past that."""
        url = f"{self._url}/file/bot{self._token()}/{path}"
        with translate_http_errors(BACKEND), self._client.stream("GET", url) as response:
            if response.status_code == 404:
                raise NotFound(BACKEND, "the file is not there any more")
            if response.status_code != 200:
                raise Unavailable(BACKEND, f"HTTP {response.status_code} for a file")
            return read_bounded_body(response, max_bytes)

    def _method_url(self, method: str) -> str:
        return f"{self._url}/bot{self._token()}/{method}"


def _decode_result(response: httpx2.Response) -> Any:
    try:
        answer = msgspec.json.decode(response.content, type=TelegramApiResponse)
    except msgspec.DecodeError:
        kind = Throttled if response.status_code == 429 else Unavailable
        wait = retry_after_seconds(response)
        raise kind(BACKEND, f"HTTP {response.status_code} without JSON", retry_after=wait) from None
    if answer.ok:
        return answer.result
    raise _error_from_response(answer)


def _error_from_response(answer: TelegramApiResponse) -> BackendError:
    """Returns the error that an answer tells of. A person who has blocked the bot, and a chat that has
    removed it, are no more there for us."""
    code = answer.error_code
    problem = _redact_description(answer.description) or f"error {code}"
    if answer.parameters.migrate_to_chat_id:
        return GroupMoved(problem, answer.parameters.migrate_to_chat_id)
    if code == 429:
        return Throttled(BACKEND, problem, retry_after=answer.parameters.retry_after)
    if code >= 500:
        return Unavailable(BACKEND, problem)
    if code == 401 or (code == 404 and problem == "Not Found"):  # a token of the wrong shape is not found
        return PermissionDenied(BACKEND, problem)
    if code == 403 or (code == 400 and problem.endswith("not found")):
        return NotFound(BACKEND, problem)
    return InvalidArgument(BACKEND, problem)


def _redact_description(description: str) -> str:
    """The description without what it may quote from the message."""
    kind, _, rest = description.partition(": ")
    return (QUOTED_MESSAGE_TEXT.sub("", rest) if rest else kind).strip()[:MAX_PROBLEM_CHARS]

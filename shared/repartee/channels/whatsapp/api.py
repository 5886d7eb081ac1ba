"""The Cloud API over connections that are kept: a part of Meta's Graph API.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx2
import msgspec

from repartee.channels.http import bounded, connections, translating
from repartee.channels.whatsapp.codes import BACKEND, failure
from repartee.errors import Denied, NotFound, Throttled, Unreachable

T = TypeVar("T")

Place = Mapping[str, str]
"""Where a message is answered (`Message.platform`): from which of our numbers (`number`), which `message`,
and to whom: to a telephone number (`to`), or to an id within the business (`recipient`)."""

HOSTS = (".facebook.com", ".fbsbx.com", ".whatsapp.net")
"""Where Meta keeps what people sent: nobody else is shown the token."""


class Error(msgspec.Struct):
    """What is wrong, by its code."""

    code: int = 0
    error_subcode: int = 0


class Failed(msgspec.Struct):
    """The answer to a call that failed."""

    error: Error


class SentMessage(msgspec.Struct):
    """One message that was taken."""

    id: str


class Taken(msgspec.Struct):
    """The answer to a message: its id."""

    messages: list[SentMessage]


class Uploaded(msgspec.Struct):
    """The answer to a file: its id, good for thirty days."""

    id: str


class Link(msgspec.Struct):
    """Where a file can be had, for five minutes."""

    url: str
    file_size: int | None = None


class WhatsAppApi:
    """Calls the Cloud API with the business's token, which is read afresh for each call."""

    def __init__(
        self, url: str, token: Callable[[], str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url, self._token = httpx2.URL(url.rstrip("/") + "/"), token
        self._client = connections(url.rstrip("/") + "/", transport)

    def send(self, place: Place, **message: Any) -> str:
        """Sends a message, and gives its id."""
        person = {name: place[name] for name in ("to", "recipient") if place.get(name)}
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", **person, **message}
        return self._post(f"{place['number']}/messages", body, Taken).messages[0].id

    def say(self, place: Place, text: str) -> str:
        """Sends a text, and gives its id. No link in it is opened by itself, to show what is behind it."""
        return self.send(place, type="text", text={"body": text, "preview_url": False})

    def show_typing(self, place: Place) -> None:
        """Shows that the message was read, and that somebody types: for 25 seconds, or until we answer."""
        typing = {"status": "read", "message_id": place["message"], "typing_indicator": {"type": "text"}}
        body = {"messaging_product": "whatsapp", **typing}
        self._post(f"{place['number']}/messages", body, dict[str, Any])

    def upload(self, place: Place, name: str, mime: str, content: bytes) -> str:
        """Keeps a file there, and gives its id."""
        fields, files = {"messaging_product": "whatsapp", "type": mime}, {"file": (name, content, mime)}
        with translating(BACKEND):
            response = self._client.post(
                f"{place['number']}/media", data=fields, files=files, headers=self._headers()
            )
        return _answer(response, Uploaded).id

    def link(self, number: str, media: str) -> Link:
        """Where a file can be had. Raises `NotFound` when it is not there any more."""
        with translating(BACKEND):
            response = self._client.get(
                media, params={"phone_number_id": number} if number else {}, headers=self._headers()
            )
        return _answer(response, Link)

    def download(self, link: Link, largest: int) -> bytes:
        """The file behind a link, of at most so many bytes. Raises `TooLarge` past that, `NotFound` when the
        link's time is over, and `Denied` for a link that leads elsewhere."""
        if not self._is_metas(httpx2.URL(link.url)):
            raise Denied(BACKEND, "a link that does not lead to Meta")
        with (
            translating(BACKEND),
            self._client.stream("GET", link.url, headers=self._headers()) as response,
        ):
            _found(response)
            return bounded(response, largest)

    def _is_metas(self, link: httpx2.URL) -> bool:
        if (link.scheme, link.host, link.port) == (self._url.scheme, self._url.host, self._url.port):
            return True
        return link.scheme == "https" and f".{link.host}".endswith(HOSTS)

    def _post(self, path: str, body: Mapping[str, Any], kind: type[T]) -> T:
        with translating(BACKEND):
            response = self._client.post(
                path,
                content=msgspec.json.encode(body),
                headers={**self._headers(), "Content-Type": "application/json"},
            )
        return _answer(response, kind)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def _answer(response: httpx2.Response, kind: type[T]) -> T:
    """The answer. Raises what its code means, and names nothing that Meta says of it."""
    status = response.status_code
    try:
        if status == 200:
            return msgspec.json.decode(response.content, type=kind)
        error = msgspec.json.decode(response.content, type=Failed).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreachable(BACKEND, f"HTTP {status} without an answer that can be read") from None
    raise failure(error.code, error.error_subcode, status)


def _found(response: httpx2.Response) -> None:
    """Raises unless the answer is a file."""
    status = response.status_code
    if status in (404, 410):
        raise NotFound(BACKEND, "the link's time is over")
    if status in (401, 403):
        raise Denied(BACKEND, f"HTTP {status} for a file")
    if status == 429:
        raise Throttled(BACKEND, "HTTP 429 for a file")
    if status != 200:
        raise Unreachable(BACKEND, f"HTTP {status} for a file")

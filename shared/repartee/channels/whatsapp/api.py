"""The Cloud API over connections that are kept: a part of Meta's Graph API.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx2
import msgspec

from repartee.channels.http import (
    make_http_client,
    read_bounded_body,
    retry_after_seconds,
    translate_http_errors,
)
from repartee.channels.whatsapp.error_codes import BACKEND, error_from_code
from repartee.channels.whatsapp.ids import PlatformAddress
from repartee.domain.read_marks import READ_MARK_KEY
from repartee.errors import NotFound, PermissionDenied, Throttled, Unavailable

T = TypeVar("T")


META_HOST_SUFFIXES = (".facebook.com", ".fbsbx.com", ".whatsapp.net")
"""Where Meta keeps what people sent: nobody else is shown the token."""


class WhatsAppApiError(msgspec.Struct):
    """An error of the API, by its code."""

    code: int = 0
    error_subcode: int = 0


class WhatsAppErrorResponse(msgspec.Struct):
    """The answer to a call that failed."""

    error: WhatsAppApiError


class WhatsAppSentMessage(msgspec.Struct):
    """One message that was taken."""

    id: str


class WhatsAppSendResponse(msgspec.Struct):
    """The answer to a message: its id."""

    messages: list[WhatsAppSentMessage]


class WhatsAppUploadResponse(msgspec.Struct):
    """The answer to a file: its id, good for thirty days."""

    id: str


class WhatsAppMediaLink(msgspec.Struct):
    """Where a file can be had, for five minutes."""

    url: str
    file_size: int | None = None


class WhatsAppApi:
    """Calls the Cloud API with the business's token, which is read afresh for each call."""

    def __init__(
        self, url: str, token: Callable[[], str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url, self._token = httpx2.URL(url.rstrip("/") + "/"), token
        self._client = make_http_client(url.rstrip("/") + "/", transport)

    def send_message(self, address: PlatformAddress, **message: Any) -> str:
        """Sends a message, and gives its id."""
        person = {name: address[name] for name in ("to", "recipient") if address.get(name)}
        mark = address.get(READ_MARK_KEY)
        marked = {"biz_opaque_callback_data": mark} if mark else {}  # handed back with its receipts
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **person,
            **marked,
            **message,
        }
        return self._post(f"{address['number']}/messages", body, WhatsAppSendResponse).messages[0].id

    def send_text(self, address: PlatformAddress, text: str) -> str:
        """Sends a text, and gives its id. No link in it is opened by itself, to show what is behind it."""
        return self.send_message(address, type="text", text={"body": text, "preview_url": False})

    def show_typing(self, address: PlatformAddress) -> None:
        """Shows that the message was read, and that somebody types: for 25 seconds, or until we answer."""
        typing = {"status": "read", "message_id": address["message"], "typing_indicator": {"type": "text"}}
        body = {"messaging_product": "whatsapp", **typing}
        self._post(f"{address['number']}/messages", body, dict[str, Any])

    def upload_file(self, address: PlatformAddress, name: str, content_type: str, content: bytes) -> str:
        """Keeps a file there, and gives its id."""
        fields, files = (
            {"messaging_product": "whatsapp", "type": content_type},
            {"file": (name, content, content_type)},
        )
        with translate_http_errors(BACKEND):
            response = self._client.post(
                f"{address['number']}/media", data=fields, files=files, headers=self._authorization_headers()
            )
        return _decode_response(response, WhatsAppUploadResponse).id

    def get_media_link(self, phone_number_id: str, media_id: str) -> WhatsAppMediaLink:
        """Where a file can be had. Raises `NotFound` when it is not there any more."""
        with translate_http_errors(BACKEND):
            response = self._client.get(
                media_id,
                params={"phone_number_id": phone_number_id} if phone_number_id else {},
                headers=self._authorization_headers(),
            )
        return _decode_response(response, WhatsAppMediaLink)

    def download_file(self, link: WhatsAppMediaLink, max_bytes: int) -> bytes:
        """The file behind a link, of at most so many bytes. Raises `TooLarge` past that, `NotFound` when the
        link's time is over, and `Denied` for a link that leads elsewhere."""
        if not self._is_meta_url(httpx2.URL(link.url)):
            raise PermissionDenied(BACKEND, "a link that does not lead to Meta")
        with (
            translate_http_errors(BACKEND),
            self._client.stream("GET", link.url, headers=self._authorization_headers()) as response,
        ):
            _raise_unless_file(response)
            return read_bounded_body(response, max_bytes)

    def _is_meta_url(self, url: httpx2.URL) -> bool:
        if (url.scheme, url.host, url.port) == (self._url.scheme, self._url.host, self._url.port):
            return True
        return url.scheme == "https" and f".{url.host}".endswith(META_HOST_SUFFIXES)

    def _post(self, path: str, body: Mapping[str, Any], response_type: type[T]) -> T:
        with translate_http_errors(BACKEND):
            response = self._client.post(
                path,
                content=msgspec.json.encode(body),
                headers={**self._authorization_headers(), "Content-Type": "application/json"},
            )
        return _decode_response(response, response_type)

    def _authorization_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def _decode_response(response: httpx2.Response, response_type: type[T]) -> T:
    """The answer. Raises what its code means, and names nothing that Meta says of it."""
    status = response.status_code
    try:
        if status == 200:
            return msgspec.json.decode(response.content, type=response_type)
        error = msgspec.json.decode(response.content, type=WhatsAppErrorResponse).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        kind, wait = Throttled if status == 429 else Unavailable, retry_after_seconds(response)
        raise kind(BACKEND, f"HTTP {status} without an answer that can be read", retry_after=wait) from None
    failure = error_from_code(error.code, error.error_subcode, status)
    failure.retry_after = retry_after_seconds(response) or failure.retry_after
    raise failure


def _raise_unless_file(response: httpx2.Response) -> None:
    """Raises unless the answer is a file."""
    status = response.status_code
    if status in (404, 410):
        raise NotFound(BACKEND, "the link's time is over")
    if status in (401, 403):
        raise PermissionDenied(BACKEND, f"HTTP {status} for a file")
    if status == 429:
        raise Throttled(BACKEND, "HTTP 429 for a file")
    if status != 200:
        raise Unavailable(BACKEND, f"HTTP {status} for a file")

"""Fetches what came with a message: with the bot's token.

https://docs.slack.dev/reference/objects/file-object#authentication. A file that the app may not read is
answered with HTTP 200 and a login page, or with a redirect to one.
"""

from __future__ import annotations

from typing import Any

from repartee.channels.http import payload_too_large
from repartee.channels.slack.api import BACKEND, SlackApi
from repartee.domain.message import Attachment
from repartee.errors import InvalidPayload, NotFound, PermissionDenied

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Bytes of a file that are fetched."""


READABLE_TYPE_PREFIXES = ("image/", "audio/", "text/")


READABLE_DOCUMENT_TYPES = {
    "application/json",
    "application/msword",
    "application/pdf",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "video/mp4",
}
"""Types of files that an assistant can do something with. Voice clips are mp4 without pictures."""


class SlackAttachmentFetcher:
    """Fetches attachments. Errors name no link."""

    def __init__(self, api: SlackApi, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._api, self._largest = api, max_bytes

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `Malformed` for a type that nobody reads, `TooLarge`, `NotFound` when it is gone
        or kept elsewhere, `Denied` when the app may not read it, and other `BackendError`s."""
        link, mime, size = attachment.download_ref.get("link", ""), attachment.mime, attachment.size
        if not link:
            link, mime, size = self._look_up_file(attachment)
        if not (mime.startswith(READABLE_TYPE_PREFIXES) or mime in READABLE_DOCUMENT_TYPES):
            raise InvalidPayload(f"a file of type {mime or 'unknown'}, which is not read")
        if size > self._largest:
            raise payload_too_large(self._largest)
        content, answered = self._api.download_file(link, self._largest)
        if mime != "text/html" and _is_html_page(content, answered):
            raise PermissionDenied(BACKEND, "a login page instead of the file: is files:read granted?")
        return content

    def _look_up_file(self, attachment: Attachment) -> tuple[str, str, int]:
        """Link, type and size of a file of which the event told the id alone."""
        file: dict[str, Any] = self._api.call_json("files.info", file=attachment.id)["file"]
        link = file.get("url_private_download") or file.get("url_private")
        if not link or file.get("is_external"):
            raise NotFound(BACKEND, "the file is not kept in Slack")
        return str(link), str(file.get("mimetype") or ""), int(file.get("size") or 0)


def _is_html_page(content: bytes, content_type: str) -> bool:
    start = content[:200].lstrip().lower()
    return content_type.startswith("text/html") or start.startswith((b"<!doctype html", b"<html"))

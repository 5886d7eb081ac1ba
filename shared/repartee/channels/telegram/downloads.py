"""Fetches what came with a message: https://core.telegram.org/bots/api#getfile."""

from __future__ import annotations

from repartee.channels.http import payload_too_large
from repartee.channels.telegram.api import BACKEND, TelegramApi
from repartee.channels.telegram.attachments import MAX_FILE_BYTES
from repartee.domain.message import Attachment
from repartee.errors import InvalidArgument, NotFound


class TelegramAttachmentFetcher:
    """Fetches attachments. Errors name no link: the bot's token is a part of it."""

    def __init__(self, api: TelegramApi, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._api, self._largest = api, max_bytes

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `TooLarge` past what a bot may fetch, and `BackendError`."""
        if attachment.size > self._largest:
            raise payload_too_large(self._largest)
        path = self._file_path(attachment.download_ref.get("file_id", ""))
        return self._api.download_file(path, self._largest)

    def _file_path(self, file_id: str) -> str:
        """Where the file is, for an hour."""
        try:
            file = self._api.call_method("getFile", file_id=file_id)
        except InvalidArgument as error:
            if "too big" in error.problem:
                raise payload_too_large(self._largest) from error
            raise
        if not file.get("file_path"):
            raise NotFound(BACKEND, "the file has no path")
        return str(file["file_path"])

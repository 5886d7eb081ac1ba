"""Fetching what came with a message: https://core.telegram.org/bots/api#getfile."""

from __future__ import annotations

from repartee.channels.http import too_large
from repartee.channels.telegram.api import BACKEND, TelegramApi
from repartee.channels.telegram.attached import LARGEST
from repartee.conversation.message import Attachment
from repartee.errors import NotFound, Rejected


class TelegramFiles:
    """Fetches attachments. Errors name no link: the bot's token is a part of it."""

    def __init__(self, api: TelegramApi, largest: int = LARGEST) -> None:
        self._api, self._largest = api, largest

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `TooLarge` past what a bot may fetch, and `BackendError`."""
        if attachment.size > self._largest:
            raise too_large(self._largest)
        path = self._path(attachment.source.get("file_id", ""))
        return self._api.download(path, self._largest)

    def _path(self, file_id: str) -> str:
        """Where the file is, for an hour."""
        try:
            file = self._api.call("getFile", file_id=file_id)
        except Rejected as error:
            if "too big" in error.problem:
                raise too_large(self._largest) from error
            raise
        if not file.get("file_path"):
            raise NotFound(BACKEND, "the file has no path")
        return str(file["file_path"])

"""Methods about the bot itself, its updates and files: those that write into no chat."""

from __future__ import annotations

from typing import Any

from standins.telegram.arguments import Arguments, TelegramError
from standins.telegram.limits import MAX_FILE_BYTES
from standins.telegram.posts import BOT_PROFILE
from standins.telegram.updates import TelegramUpdates, parse_commands

BOT_CAPABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


class BotMethods:
    """The bot's profile, commands, webhook and files, which are known by their ids."""

    def __init__(self) -> None:
        self.updates = TelegramUpdates()
        self.files: dict[str, bytes] = {}

    def _getMe(self, arguments: Arguments) -> dict[str, Any]:
        return BOT_PROFILE | BOT_CAPABILITIES

    def _getMyCommands(self, arguments: Arguments) -> list[dict[str, str]]:
        return self.updates.commands

    def _setMyCommands(self, arguments: Arguments) -> bool:
        self.updates.commands = parse_commands(arguments)
        return True

    def _getWebhookInfo(self, arguments: Arguments) -> dict[str, Any]:
        return self.updates.describe_webhook()

    def _setWebhook(self, arguments: Arguments) -> bool:
        return self.updates.set_webhook(arguments)

    def _deleteWebhook(self, arguments: Arguments) -> bool:
        return self.updates.set_webhook({"url": ""})

    def _getUpdates(self, arguments: Arguments) -> list[dict[str, Any]]:
        return self.updates.fetch(arguments)

    def _getFile(self, arguments: Arguments) -> dict[str, Any]:
        file_id = str(arguments.get("file_id") or "")
        if file_id not in self.files:
            raise TelegramError(400, "wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > MAX_FILE_BYTES:
            raise TelegramError(400, "file is too big")
        known = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}
        return {**known, "file_path": f"documents/{file_id}"}

    def _store_file(self, content: bytes) -> str:
        id = f"AgAC{len(self.files)}"
        self.files[id] = content
        return id

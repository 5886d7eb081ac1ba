"""The files behind the sample events: what people post in them, by the names that they have there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILES_FOLDER = Path(__file__).parents[2] / "events" / "files"

DEFAULT_FILE_NAMES = {"voice": "voice.ogg", "photo": "photo.jpg"}
"""What comes without a name in Telegram."""


def read_file(name: str) -> bytes:
    """The file of that name; nothing if there is none."""
    path = FILES_FOLDER / Path(name).name
    return path.read_bytes() if path.is_file() else b""


def slack_files(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files that came with a message and are kept in Slack."""
    told = ("id", "name", "mimetype")
    files = (file for file in event.get("files", ()) if file.get("mode") == "hosted")
    return [{name: file[name] for name in told} for file in files]


def require_file_lookup(event: dict[str, Any]) -> None:
    """Makes the files such as the app has to ask Slack for: their links lead to Slack itself otherwise."""
    for file in event.get("files", ()):
        if file.get("mode") == "hosted":
            file["file_access"] = "check_file_info"


def telegram_files(message: Mapping[str, Any]) -> dict[str, str]:
    """The names of what came with a message, by the ids under which a bot asks for it."""
    return dict(_named_files(message))


def _named_files(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in ("voice", "audio", "document"):
        if file := message.get(kind):
            yield file["file_id"], file.get("file_name") or DEFAULT_FILE_NAMES.get(kind, "")
    for size in message.get("photo", ()):
        yield size["file_id"], DEFAULT_FILE_NAMES["photo"]
    for earlier in ("reply_to_message", "external_reply"):
        if earlier in message:
            yield from _named_files(message[earlier])

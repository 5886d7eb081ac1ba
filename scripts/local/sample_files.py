"""The files behind the sample events: what people post in them, by the names that they have there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "events" / "files"

UNNAMED = {"voice": "voice.ogg", "photo": "photo.jpg"}
"""What comes without a name in Telegram."""


def content(name: str) -> bytes:
    """The file of that name; nothing if there is none."""
    path = FOLDER / Path(name).name
    return path.read_bytes() if path.is_file() else b""


def in_slack(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files that came with a message and are kept in Slack."""
    told = ("id", "name", "mimetype")
    files = (file for file in event.get("files", ()) if file.get("mode") == "hosted")
    return [{name: file[name] for name in told} for file in files]


def asked_for(event: dict[str, Any]) -> None:
    """Makes the files such as the app has to ask Slack for: their links lead to Slack itself otherwise."""
    for file in event.get("files", ()):
        if file.get("mode") == "hosted":
            file["file_access"] = "check_file_info"


def in_telegram(message: Mapping[str, Any]) -> dict[str, str]:
    """The names of what came with a message, by the ids under which a bot asks for it."""
    return dict(_named(message))


def _named(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in ("voice", "audio", "document"):
        if file := message.get(kind):
            yield file["file_id"], file.get("file_name") or UNNAMED.get(kind, "")
    for size in message.get("photo", ()):
        yield size["file_id"], UNNAMED["photo"]

"""Serves the console's files under addresses that hold their version, which browsers keep for good."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.console.pages import STATIC_FOLDER, VERSION_CHARS, file_version

KEPT = "public, max-age=31536000, immutable"
"""For a file of the version that was asked for."""

NOT_KEPT = "no-cache"
"""For another version than was asked for, while one version of the console takes over from another."""


class StaticVersions:
    """Takes the version out of a path, `/<version>/<file>`, before `app` looks for the file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        version, _, name = scope["path"].removeprefix(root).lstrip("/").partition("/")
        caching = KEPT if _is_version(version, name) else NOT_KEPT

        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["Cache-Control"] = caching
            await send(message)

        inner = f"{root}/{version}" if len(version) == VERSION_CHARS else root
        await self._app({**scope, "root_path": inner}, receive, send_kept)


def _is_version(version: str, name: str) -> bool:
    """Whether there is such a file, of that version. The name is a stranger's: it may lead out of here."""
    path = (STATIC_FOLDER / name).resolve()
    if not path.is_relative_to(STATIC_FOLDER) or not path.is_file():
        return False
    return file_version(str(path.relative_to(STATIC_FOLDER))) == version

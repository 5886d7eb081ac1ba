"""Files of the workspace: what people share, and what the app uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from standins.slack.methods import Arguments, SlackError


class SharedFiles:
    """The files by their ids. Links to them begin with `url`."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self._uploads: dict[str, tuple[str, int]] = {}
        self.url = "http://slack/"

    def _files_info(self, arguments: Arguments) -> dict[str, Any]:
        if arguments["file"] not in self._files:
            raise SlackError("file_not_found")
        return {"file": self._files[arguments["file"]][0]}

    def share_file(self, id: str, link: str, content: bytes, **file: Any) -> None:
        """A person shares a file, which is then behind that link."""
        known = {"id": id, "size": len(content), "url_private": link, "url_private_download": link, **file}
        self._files[id] = known, content

    def download_file(self, id: str, token: str) -> tuple[bytes, str]:
        """A file and its type. Without the right token: Slack's login page, and no error."""
        file, content = self._files.get(id, ({}, b""))
        if token != self._token or not file:
            return b"<!DOCTYPE html><html><title>Sign in to Slack</title></html>", "text/html; charset=utf-8"
        return content, str(file["mimetype"])

    def upload_file(self, id: str, content: bytes) -> bool:
        """A file comes to the link that was given for it. Says whether it is as long as was said."""
        name, length = self._uploads.get(id, ("", -1))
        if len(content) == length:
            link = f"{self.url}files/{id}/{name}"
            self.share_file(id, link, content, name=name, mimetype="application/octet-stream", shared=False)
        return len(content) == length

    def complete_uploads(self, requested: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Gives files that came to their links their titles, once. How Slack words its refusal of others is
        not documented."""
        known = [self._files.get(str(file.get("id")), ({}, b""))[0] for file in requested]
        if any(file.get("shared") is not False for file in known):
            raise SlackError("file_not_found")
        for file, given in zip(known, requested, strict=True):
            file |= {"title": given.get("title") or file["name"], "shared": True}
        return known

"""Files that came with a message, and what is needed to fetch them later.

https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from repartee.channels.slack.payloads import SlackFile
from repartee.domain.message import Attachment

UNAVAILABLE_FILE_MODES = {"tombstone", "hidden_by_limit"}
"""Modes of files that are deleted, or older than the workspace's plan shows."""


def parse_attachments(files: Iterable[SlackFile]) -> Iterator[Attachment]:
    """Yields the files that can be fetched. One that is kept elsewhere (a linked document) cannot."""
    for file in files:
        if file.id and not file.is_external and file.mode not in UNAVAILABLE_FILE_MODES:
            link = file.url_private_download or file.url_private
            yield Attachment(
                kind=_attachment_kind(file),
                id=file.id,
                name=file.name or "",
                mime=file.mimetype or "",
                size=file.size or 0,
                download_ref={"link": link} if link and file.file_access != "check_file_info" else {},
            )


def _attachment_kind(file: SlackFile) -> Literal["image", "audio", "file"]:
    """A voice clip says that it is a video without pictures: its subtype tells."""
    mime = file.mimetype or ""
    if mime.startswith("image/"):
        return "image"
    return "audio" if mime.startswith("audio/") or file.subtype == "slack_audio" else "file"

"""Pictures that people sent, as far as they are kept for the assistant to look at again."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException

from repartee.console.shown_chat import FindPicture
from repartee.domain.message import Attachment, Message
from repartee.ports import EarlierImage, EarlierImageStore, MediaStore

MAX_PICTURES = 60
"""Pictures of a room that are looked through, the newest."""

PICTURE_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
"""The types of pictures that are shown, by how their content begins."""


class ChatPictures:
    """Finds and reads pictures. Nothing but a picture is handed out, whatever is kept."""

    def __init__(
        self, open_images: Callable[[], EarlierImageStore], open_media: Callable[[], MediaStore]
    ) -> None:
        self._open_images, self._open_media = open_images, open_media

    def find_pictures(self, room: str) -> FindPicture:
        """Returns what finds a message's picture among those of its room."""
        known = {(one.chat, one.message_id, one.name): one.id for one in self._list(room)}

        def find_picture(message: Message, file: Attachment) -> str:
            if file.kind != "image":
                return ""
            return known.get((message.chat, message.id, file.name), "")

        return find_picture

    def read_picture(self, room: str, id: str) -> tuple[bytes, str]:
        """Returns the picture, and its type. Raises `HTTPException` where it is not kept."""
        found = next((one for one in self._list(room) if one.id == id), None)
        content = self._open_media().read(found.media) if found else b""
        kind = next((kind for head, kind in PICTURE_TYPES.items() if content.startswith(head)), "")
        if not kind:
            raise HTTPException(404, "the picture is not kept any more")
        return content, kind

    def _list(self, room: str) -> list[EarlierImage]:
        return list(self._open_images().list_newest(room, MAX_PICTURES))

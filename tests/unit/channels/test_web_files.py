"""What comes with a message on the web, from the moment it is posted until somebody reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.domain.message import Attachment, Message
from repartee.errors import BackendError
from repartee.wiring import channels, stores
from tests.support.memory_handlers import MemoryWiring

MESSAGE = Message(
    id="m-1",
    chat="web:ada:main",
    room="web:ada",
    channel="web",
    sender="web:ada",
    text="",
    sent=1.0,
    received=1.0,
)


@pytest.fixture
def parts(tmp_path: Path) -> MemoryWiring:
    return MemoryWiring(SQLITE_PATH=str(tmp_path / "store"))


def test_a_file_is_handed_out_as_it_was_posted(parts: MemoryWiring) -> None:
    """It was kept when it came; whoever takes the turn finds it by its content's hash."""
    content = b"floor,desks\n1,12\n"
    medium = parts.get(stores.media).put("web", content)
    attached = Attachment(
        kind="file",
        id=medium.key,
        mime=medium.content_type,
        size=medium.size,
        download_ref={"key": medium.key},
    )

    assert parts.get(channels.attachments).fetch(MESSAGE, attached) == content


def test_a_file_that_is_not_kept_any_more_is_told(parts: MemoryWiring) -> None:
    """As of any store."""
    with pytest.raises(BackendError):
        parts.get(channels.attachments).fetch(
            MESSAGE, Attachment(kind="file", id="x", download_ref={"key": "web/none"})
        )

"""What bytes are, by what they say themselves."""

from __future__ import annotations

import pytest

from repartee.errors import InvalidPayload
from repartee.services.content_type import detect_type
from tests.support.documents import make_zip, read_sample

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"GIF89a" + bytes(9), "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(9), "image/heic"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(9), "image/avif"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(9), "video/mp4"),
        (b"\xff\xf3" + bytes(9), "audio/mpeg"),
        (b"fLaC" + bytes(9), "audio/flac"),
        ("Grüße\n".encode(), "text/plain"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (read_sample("whiteboard.png"), "image/png"),
        (read_sample("photo.jpg"), "image/jpeg"),
        (read_sample("voice.ogg"), "audio/ogg"),
        (read_sample("audio_message.m4a"), "audio/mp4"),
        (read_sample("standup.mp3"), "audio/mpeg"),
        (read_sample("contract.pdf"), "application/pdf"),
        (read_sample("minutes.docx"), OFFICE + "wordprocessingml.document"),
        (read_sample("expenses.xlsx"), OFFICE + "spreadsheetml.sheet"),
        (read_sample("roadmap.pptx"), OFFICE + "presentationml.presentation"),
    ],
)
def test_a_type_is_read_from_the_bytes(content: bytes, kind: str) -> None:
    """Pictures, recordings, documents; and all text as plain: what a browser would run is but text."""
    assert detect_type(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02",
        make_zip({"evil.exe": "x"}),
        b"PK\x03\x04broken",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_nothing_that_we_know_is_refused(content: bytes) -> None:
    """Programs, strange archives and broken bytes are none of it."""
    with pytest.raises(InvalidPayload):
        detect_type(content)

"""What came with a message is fetched from WhatsApp: a link for five minutes, and the file behind it."""

from __future__ import annotations

import pytest

from repartee.channels.whatsapp.api import WhatsAppMediaLink
from repartee.channels.whatsapp.downloads import MAX_FILE_BYTES, WhatsAppAttachmentFetcher
from repartee.domain.message import Attachment
from repartee.errors import NotFound, PayloadTooLarge, PermissionDenied, Unavailable
from standins.whatsapp.limits import LINK_SECONDS, MEDIA_SECONDS
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID
from tests.support.whatsapp_chat import WhatsAppTestChat

VOICE = Attachment(
    kind="audio", id="m1", mime="audio/ogg", download_ref={"media": "m1", "number": PHONE_NUMBER_ID}
)


@pytest.fixture
def chat() -> WhatsAppTestChat:
    chat = WhatsAppTestChat()
    chat.whatsapp.store_media("m1", "audio/ogg", b"OggS")
    return chat


def test_a_file_is_fetched_by_its_id(chat: WhatsAppTestChat) -> None:
    """With the token, through a link."""
    assert WhatsAppAttachmentFetcher(chat.api).fetch(VOICE) == b"OggS"


def test_a_link_whose_time_is_over_is_asked_for_again(chat: WhatsAppTestChat) -> None:
    """It is good for five minutes."""
    old = chat.api.get_media_link(PHONE_NUMBER_ID, "m1")
    chat.advance_time(LINK_SECONDS + 1)
    with pytest.raises(NotFound):
        chat.api.download_file(old, 100)

    assert WhatsAppAttachmentFetcher(chat.api).fetch(VOICE) == b"OggS"


def test_a_week_later_it_is_gone(chat: WhatsAppTestChat) -> None:
    """As Meta keeps what people send."""
    chat.now += MEDIA_SECONDS + 1

    with pytest.raises(NotFound):
        WhatsAppAttachmentFetcher(chat.api).fetch(VOICE)


def test_no_more_is_read_than_asked_for(chat: WhatsAppTestChat) -> None:
    """By the size that the link tells, before anything is read."""
    chat.whatsapp.store_media("m1", "audio/ogg", bytes(1001))

    with pytest.raises(PayloadTooLarge):
        WhatsAppAttachmentFetcher(chat.api, max_bytes=1000).fetch(VOICE)
    with pytest.raises(PayloadTooLarge):
        chat.api.download_file(chat.api.get_media_link(PHONE_NUMBER_ID, "m1"), 1000)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://lookaside.fbsbx.com/x", "https://evilfbsbx.com/x"]
)
def test_nobody_else_is_shown_the_token(chat: WhatsAppTestChat, url: str) -> None:
    """A link that leads elsewhere is not followed."""
    with pytest.raises(PermissionDenied, match="does not lead to Meta"):
        chat.api.download_file(WhatsAppMediaLink(url=url), MAX_FILE_BYTES)


def test_no_error_names_the_link_or_the_token(chat: WhatsAppTestChat) -> None:
    """Whatever goes wrong."""
    chat.fail_next_calls("link", "down")
    with pytest.raises(Unavailable) as broken:
        WhatsAppAttachmentFetcher(chat.api).fetch(VOICE)
    link = chat.api.get_media_link(PHONE_NUMBER_ID, "m1")
    chat.whatsapp._token = "another"
    with pytest.raises(PermissionDenied) as denied:
        chat.api.download_file(link, 100)

    told = f"{broken.value} {denied.value}"
    assert ACCESS_TOKEN not in told
    assert "fbsbx" not in told

"""What came with a message is fetched from WhatsApp: a link for five minutes, and the file behind it."""

from __future__ import annotations

import pytest

from local.whatsapp_standin import LINK_LIVES, MEDIA_LIVES, NUMBER, TOKEN
from repartee.channels.whatsapp.api import Link
from repartee.channels.whatsapp.files import LARGEST, WhatsAppFiles
from repartee.conversation.message import Attachment
from repartee.errors import Denied, NotFound, TooLarge, Unreachable
from tests.support.whatsapp import Chat

VOICE = Attachment(kind="audio", id="m1", mime="audio/ogg", source={"media": "m1", "number": NUMBER})


@pytest.fixture
def chat() -> Chat:
    chat = Chat()
    chat.whatsapp.keep("m1", "audio/ogg", b"OggS")
    return chat


def test_a_file_is_fetched_by_its_id(chat: Chat) -> None:
    """With the token, through a link."""
    assert WhatsAppFiles(chat.api).fetch(VOICE) == b"OggS"


def test_a_link_whose_time_is_over_is_asked_for_again(chat: Chat) -> None:
    """It is good for five minutes."""
    old = chat.api.link(NUMBER, "m1")
    chat.wait(LINK_LIVES + 1)
    with pytest.raises(NotFound):
        chat.api.download(old, 100)

    assert WhatsAppFiles(chat.api).fetch(VOICE) == b"OggS"


def test_a_week_later_it_is_gone(chat: Chat) -> None:
    """As Meta keeps what people send."""
    chat.now += MEDIA_LIVES + 1

    with pytest.raises(NotFound):
        WhatsAppFiles(chat.api).fetch(VOICE)


def test_no_more_is_read_than_asked_for(chat: Chat) -> None:
    """By the size that the link tells, before anything is read."""
    chat.whatsapp.keep("m1", "audio/ogg", bytes(1001))

    with pytest.raises(TooLarge):
        WhatsAppFiles(chat.api, largest=1000).fetch(VOICE)
    with pytest.raises(TooLarge):
        chat.api.download(chat.api.link(NUMBER, "m1"), 1000)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://lookaside.fbsbx.com/x", "https://evilfbsbx.com/x"]
)
def test_nobody_else_is_shown_the_token(chat: Chat, url: str) -> None:
    """A link that leads elsewhere is not followed."""
    with pytest.raises(Denied, match="does not lead to Meta"):
        chat.api.download(Link(url=url), LARGEST)


def test_no_error_names_the_link_or_the_token(chat: Chat) -> None:
    """Whatever goes wrong."""
    chat.fail("link", "down")
    with pytest.raises(Unreachable) as broken:
        WhatsAppFiles(chat.api).fetch(VOICE)
    link = chat.api.link(NUMBER, "m1")
    chat.whatsapp._token = "another"
    with pytest.raises(Denied) as denied:
        chat.api.download(link, 100)

    told = f"{broken.value} {denied.value}"
    assert TOKEN not in told
    assert "fbsbx" not in told

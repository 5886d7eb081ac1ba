"""What came with a message is fetched from Telegram, as far as a bot can."""

from __future__ import annotations

import pytest

from repartee.channels.telegram.downloads import TelegramAttachmentFetcher
from repartee.domain.message import Attachment
from repartee.errors import InvalidArgument, NotFound, PayloadTooLarge, PermissionDenied, Unavailable
from standins.telegram.limits import MAX_FILE_BYTES
from standins.telegram.server import BOT_TOKEN
from tests.support.telegram_chat import TelegramTestChat


def attachment(size: int = 0, file_id: str = "BQ1") -> Attachment:
    return Attachment(kind="file", id="u1", size=size, download_ref={"file_id": file_id})


def test_a_file_is_fetched() -> None:
    """By its file id, through a path that is good for an hour."""
    talk = TelegramTestChat()
    talk.telegram.files["BQ1"] = b"%PDF-1.7"

    assert TelegramAttachmentFetcher(talk.api).fetch(attachment()) == b"%PDF-1.7"


def test_a_file_that_says_that_it_is_too_large_is_not_asked_for() -> None:
    """A bot can fetch 20 MB."""
    talk = TelegramTestChat()

    with pytest.raises(PayloadTooLarge):
        TelegramAttachmentFetcher(talk.api).fetch(attachment(MAX_FILE_BYTES + 1))

    assert not talk.recorded_calls()


def test_a_file_that_telegram_calls_too_big_is_too_large() -> None:
    """Its size need not be said beforehand."""
    talk = TelegramTestChat()
    talk.telegram.files["BQ1"] = bytes(MAX_FILE_BYTES + 1)

    with pytest.raises(PayloadTooLarge):
        TelegramAttachmentFetcher(talk.api).fetch(attachment())


def test_no_more_is_read_than_asked_for() -> None:
    """Whatever the file said of its size."""
    talk = TelegramTestChat()
    talk.telegram.files["BQ1"] = bytes(1001)

    with pytest.raises(PayloadTooLarge):
        TelegramAttachmentFetcher(talk.api, max_bytes=1000).fetch(attachment())


def test_a_file_that_is_not_known_is_rejected() -> None:
    """Another bot's, or an old one."""
    with pytest.raises(InvalidArgument, match="wrong file_id"):
        TelegramAttachmentFetcher(TelegramTestChat().api).fetch(attachment())


def test_a_path_that_is_over_is_not_found() -> None:
    """Between the path and the file."""
    talk = TelegramTestChat()

    with pytest.raises(NotFound):
        talk.api.download_file("documents/BQ1", 1000)


def test_no_error_names_the_link() -> None:
    """The bot's token is a part of it."""
    talk = TelegramTestChat()
    talk.fail_next_calls("getFile", "down")
    with pytest.raises(Unavailable) as broken:
        TelegramAttachmentFetcher(talk.api).fetch(attachment())
    talk.telegram._token = "7001:another"
    with pytest.raises(PermissionDenied) as denied:
        TelegramAttachmentFetcher(talk.api).fetch(attachment())

    assert BOT_TOKEN not in f"{broken.value} {broken.value.__cause__} {denied.value}"

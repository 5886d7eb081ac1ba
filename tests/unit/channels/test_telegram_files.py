"""What came with a message is fetched from Telegram, as far as a bot can."""

from __future__ import annotations

import pytest

from local.telegram_standin import FILE_LIMIT, TOKEN
from repartee.channels.telegram.files import TelegramFiles
from repartee.conversation.message import Attachment
from repartee.errors import Denied, NotFound, Rejected, TooLarge, Unreachable
from tests.support.telegram import Talk


def attachment(size: int = 0, file_id: str = "BQ1") -> Attachment:
    return Attachment(kind="file", id="u1", size=size, source={"file_id": file_id})


def test_a_file_is_fetched() -> None:
    """By its file id, through a path that is good for an hour."""
    talk = Talk()
    talk.telegram.files["BQ1"] = b"%PDF-1.7"

    assert TelegramFiles(talk.api).fetch(attachment()) == b"%PDF-1.7"


def test_a_file_that_says_that_it_is_too_large_is_not_asked_for() -> None:
    """A bot can fetch 20 MB."""
    talk = Talk()

    with pytest.raises(TooLarge):
        TelegramFiles(talk.api).fetch(attachment(FILE_LIMIT + 1))

    assert not talk.calls()


def test_a_file_that_telegram_calls_too_big_is_too_large() -> None:
    """Its size need not be said beforehand."""
    talk = Talk()
    talk.telegram.files["BQ1"] = bytes(FILE_LIMIT + 1)

    with pytest.raises(TooLarge):
        TelegramFiles(talk.api).fetch(attachment())


def test_no_more_is_read_than_asked_for() -> None:
    """Whatever the file said of its size."""
    talk = Talk()
    talk.telegram.files["BQ1"] = bytes(1001)

    with pytest.raises(TooLarge):
        TelegramFiles(talk.api, largest=1000).fetch(attachment())


def test_a_file_that_is_not_known_is_rejected() -> None:
    """Another bot's, or an old one."""
    with pytest.raises(Rejected, match="wrong file_id"):
        TelegramFiles(Talk().api).fetch(attachment())


def test_a_path_that_is_over_is_not_found() -> None:
    """Between the path and the file."""
    talk = Talk()

    with pytest.raises(NotFound):
        talk.api.download("documents/BQ1", 1000)


def test_no_error_names_the_link() -> None:
    """The bot's token is a part of it."""
    talk = Talk()
    talk.fail("getFile", "down")
    with pytest.raises(Unreachable) as broken:
        TelegramFiles(talk.api).fetch(attachment())
    talk.telegram._token = "7001:another"
    with pytest.raises(Denied) as denied:
        TelegramFiles(talk.api).fetch(attachment())

    assert TOKEN not in f"{broken.value} {broken.value.__cause__} {denied.value}"

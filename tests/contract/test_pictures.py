"""The contract of `ports.Pictures`."""

from __future__ import annotations

import pytest

from repartee.ports import EarlierImage, EarlierImageStore, StoredMedia
from repartee.stores.dynamodb.earlier_images import DynamoEarlierImages
from tests.contract.conftest import PassingClock
from tests.support import aws
from tests.support.memory_images import MemoryPictures

NOW = 1_789_000_000.0
MONTH = 30 * 24 * 3600


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def pictures(request: pytest.FixtureRequest, passing: PassingClock) -> EarlierImageStore:
    if request.param == "memory":
        return MemoryPictures(passing)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoEarlierImages(dynamodb, aws.make_table(dynamodb), passing)


def picture(number: int) -> EarlierImage:
    return EarlierImage(
        id=f"{number}#F{number}",
        message_id=f"{number}",
        chat="slack:T1:C1:1",
        name=f"{number}.png",
        sent=NOW + number,
        media=StoredMedia(key=f"slack:T1/{number}", content_type="image/png", size=9),
    )


def test_the_newest_pictures_come_first(pictures: EarlierImageStore, room: str) -> None:
    """At most as many as are asked for, the newest first; nothing for a room where none was shown."""
    pictures.put(room, [picture(2), picture(10), picture(1)])

    assert list(pictures.list_newest(room, 2)) == [picture(10), picture(2)]
    assert not pictures.list_newest(f"{room}2", 2)


def test_a_picture_is_kept_once(pictures: EarlierImageStore, room: str) -> None:
    """Repeating it changes nothing."""
    pictures.put(room, [picture(1)])
    pictures.put(room, [picture(1)])

    assert list(pictures.list_newest(room, 5)) == [picture(1)]


def test_a_picture_is_forgotten_after_a_month(
    pictures: EarlierImageStore, room: str, passing: PassingClock
) -> None:
    """Thirty days after it was sent it is not seen any more."""
    pictures.put(room, [picture(1)])

    passing.now = NOW + MONTH + 2

    assert not pictures.list_newest(room, 5)

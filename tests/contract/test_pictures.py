"""The contract of `ports.Pictures`."""

from __future__ import annotations

import pytest

from repartee.ports import EarlierPicture, Medium, Pictures
from repartee.stores.dynamodb.pictures import DynamoPictures
from tests.contract.conftest import PassingClock
from tests.support import aws
from tests.support.pictures import MemoryPictures

NOW = 1_789_000_000.0
MONTH = 30 * 24 * 3600


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def pictures(request: pytest.FixtureRequest, passing: PassingClock) -> Pictures:
    if request.param == "memory":
        return MemoryPictures(passing)
    dynamodb = aws.client("dynamodb", request.getfixturevalue(request.param))
    return DynamoPictures(dynamodb, aws.make_table(dynamodb), passing)


def picture(number: int) -> EarlierPicture:
    return EarlierPicture(
        id=f"{number}#F{number}",
        message=f"{number}",
        chat="slack:T1:C1:1",
        name=f"{number}.png",
        sent=NOW + number,
        medium=Medium(key=f"slack:T1/{number}", type="image/png", size=9),
    )


def test_the_newest_pictures_come_first(pictures: Pictures, room: str) -> None:
    """At most as many as are asked for, the newest first; nothing for a room where none was shown."""
    pictures.keep(room, [picture(2), picture(10), picture(1)])

    assert list(pictures.newest(room, 2)) == [picture(10), picture(2)]
    assert not pictures.newest(f"{room}2", 2)


def test_a_picture_is_kept_once(pictures: Pictures, room: str) -> None:
    """Repeating it changes nothing."""
    pictures.keep(room, [picture(1)])
    pictures.keep(room, [picture(1)])

    assert list(pictures.newest(room, 5)) == [picture(1)]


def test_a_picture_is_forgotten_after_a_month(pictures: Pictures, room: str, passing: PassingClock) -> None:
    """Thirty days after it was sent it is not seen any more."""
    pictures.keep(room, [picture(1)])

    passing.now = NOW + MONTH + 2

    assert not pictures.newest(room, 5)

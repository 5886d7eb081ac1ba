"""A person who writes in their direct conversation reads their briefs."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from repartee.domain.engagement import Engagement
from repartee.domain.message import Exchange
from repartee.errors import Unavailable
from repartee.wiring import Wiring, assistants, brief_stores
from tests.support.inbox_builders import make_exchange, make_message
from tests.support.memory_briefs import ADA, MemoryBriefs


def make_wiring(briefs: MemoryBriefs) -> Wiring:
    wiring = Wiring({"RECORDS_TABLE": "Records"})
    wiring.put(brief_stores.briefs, briefs)
    wiring.put(assistants.assistants, {})
    return wiring


def answered(room: str, **changes: object) -> Exchange:
    message = msgspec.structs.replace(make_message("thanks", chat=room), room=room, sender=ADA, **changes)
    exchange = make_exchange("t1")
    return msgspec.structs.replace(exchange, room=room, messages=(message,), answered_at=50.0)


@pytest.mark.parametrize(
    "room, changes, unread",
    [
        ("slack:T1:D1", {}, 0),
        ("slack:T1:C1", {}, 7),
        ("slack:T1:D1", {"overheard": True}, 7),
    ],
)
def test_an_answer_is_a_sign(room: str, changes: Mapping[str, object], unread: int) -> None:
    """In their own conversation; what they write where others read is not to their brief."""
    briefs = MemoryBriefs(engagements={ADA: Engagement(unread=7)})

    assistants.record_exchange(make_wiring(briefs), answered(room, **changes))

    assert briefs.engagements[ADA].unread == unread


def test_a_sign_that_cannot_be_noted_costs_nothing() -> None:
    """The exchange is remembered."""

    class Faulty(MemoryBriefs):
        def note_engaged(self, *arguments: object) -> None:
            raise Unavailable("dynamodb", "down")

    assistants.record_exchange(make_wiring(Faulty()), answered("slack:T1:D1"))

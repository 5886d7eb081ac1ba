"""A worker that dies anywhere on the way of a reply in WhatsApp: nothing is lost.

One part may be seen twice, if the worker dies between sending it and noting its id: the API knows no key by
which a repeated message would be one.
"""

from __future__ import annotations

import pytest

from repartee.conversation.turn import ATTEMPTS
from tests.support.whatsapp_world import WhatsAppWorld

QUESTION = "question 1?"
PARAGRAPH = "The office opens at nine, and Ada has the keys. " * 15
LONG = f"{PARAGRAPH.strip()}\n\n{PARAGRAPH.strip()} And that is all?"
"""A question in two parts of the reply that repeats it."""


def unnoted(passed: list[str]) -> bool:
    """Whether a part was sent whose id nobody noted."""
    notable = [name for name in passed if name in ("after whatsapp.messages", "after inbox.write")]
    return notable[-1:] == ["after whatsapp.messages"]


def asked(question: str) -> WhatsAppWorld:
    world = WhatsAppWorld()
    world.asks(question)
    return world


def whole(question: str) -> list[str]:
    """The reply's parts when all goes well."""
    world = asked(question)
    world.work()
    return world.visible()


def points(question: str) -> list[str]:
    """Every point that a worker passes when all goes well."""
    return asked(question).work().passed


WAYS = [
    pytest.param(question, number, id=f"{kind}-{number}-{name.replace(' ', '-')}")
    for kind, question in (("short", QUESTION), ("long", LONG))
    for number, name in enumerate(points(question), 1)
]


@pytest.mark.parametrize("question,point", WAYS)
def test_a_worker_dies(question: str, point: int) -> None:
    """All parts are there in the end, in order, and at most one of them twice."""
    world = asked(question)

    life = world.work({point: None})
    world.settle()

    parts, seen = whole(question), world.visible()
    assert [part for number, part in enumerate(seen) if part not in seen[:number]] == parts
    assert len(seen) <= len(parts) + unnoted(life.passed)
    assert not world.inbox.open
    assert max(world.model_calls.values()) <= ATTEMPTS


def test_two_workers_die_at_the_same_point() -> None:
    """And the third one says it."""
    for point in range(1, len(points(QUESTION)) + 1):
        world = asked(QUESTION)
        for _ in range(2):
            world.work({point: None})
            world.sleep(31.0)

        world.settle()

        assert f"Re: <{QUESTION}>" in world.visible()
        assert not world.inbox.open


def test_questions_that_come_meanwhile_are_answered_in_order() -> None:
    """Also when they come while the reply is written."""
    world = asked(QUESTION)

    def asks_again() -> None:
        world.between_pieces = lambda: None
        world.asks("question 2?")

    world.between_pieces = asks_again
    world.settle()

    assert world.visible() == [f"Re: <{QUESTION}>", "Re: <question 2?>"]

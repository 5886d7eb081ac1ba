"""A worker that dies anywhere on the way of a reply in WhatsApp: nothing is lost.

One part may be seen twice, if the worker dies between sending it and noting its id: the API knows no key by
which a repeated message would be one.
"""

from __future__ import annotations

import pytest

from repartee.turn.turn import MAX_TURN_ATTEMPTS
from tests.support.crashing_whatsapp_world import CrashingWhatsAppWorld

QUESTION = "question 1?"
PARAGRAPH = "The office opens at nine, and Ada has the keys. " * 15
LONG = f"{PARAGRAPH.strip()}\n\n{PARAGRAPH.strip()} And that is all?"
"""A question in two parts of the reply that repeats it."""


def unnoted(passed: list[str]) -> bool:
    """Whether a part was sent whose id nobody noted."""
    notable = [name for name in passed if name in ("after whatsapp.messages", "after inbox.write_lease")]
    return notable[-1:] == ["after whatsapp.messages"]


def asked(question: str) -> CrashingWhatsAppWorld:
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp(question)
    return world


def whole(question: str) -> list[str]:
    """The reply's parts when all goes well."""
    world = asked(question)
    world.run_worker()
    return world.visible_texts()


def points(question: str) -> list[str]:
    """Every point that a worker passes when all goes well."""
    return asked(question).run_worker().passed


WAYS = [
    pytest.param(question, number, id=f"{kind}-{number}-{name.replace(' ', '-')}")
    for kind, question in (("short", QUESTION), ("long", LONG))
    for number, name in enumerate(points(question), 1)
]


@pytest.mark.parametrize("question,point", WAYS)
def test_a_worker_dies(question: str, point: int) -> None:
    """All parts are there in the end, in order, and at most one of them twice."""
    world = asked(question)

    life = world.run_worker({point: None})
    world.run_until_quiet()

    parts, seen = whole(question), world.visible_texts()
    assert [part for number, part in enumerate(seen) if part not in seen[:number]] == parts
    assert len(seen) <= len(parts) + unnoted(life.passed)
    assert not world.inbox.open
    assert max(world.model_calls.values()) <= MAX_TURN_ATTEMPTS


@pytest.mark.parametrize("point", range(1, len(points(LONG)) + 1))
def test_a_worker_dies_while_the_table_fails(point: int) -> None:
    """The table fails as soon as the first part was sent: no other is sent before that is noted, so one part
    alone is seen twice."""
    world = asked(LONG)

    def fail_after_first_part(name: str) -> None:
        if name == "after whatsapp.messages":
            world.broken.add("inbox.write_lease")

    world.at_each_point = fail_after_first_part
    world.run_worker({point: None})
    world.at_each_point = lambda name: None
    world.broken.clear()
    world.run_until_quiet()

    parts, seen = whole(LONG), world.visible_texts()
    assert [part for number, part in enumerate(seen) if part not in seen[:number]] == parts
    assert len(seen) <= len(parts) + 1
    assert not world.inbox.open


def test_two_workers_die_at_the_same_point() -> None:
    """And the third one says it."""
    for point in range(1, len(points(QUESTION)) + 1):
        world = asked(QUESTION)
        for _ in range(2):
            world.run_worker({point: None})
            world.pass_time(31.0)

        world.run_until_quiet()

        assert f"Re: <{QUESTION}>" in world.visible_texts()
        assert not world.inbox.open


def test_questions_that_come_meanwhile_are_answered_in_order() -> None:
    """Also when they come while the reply is written."""
    world = asked(QUESTION)

    def asks_again() -> None:
        world.between_pieces = lambda: None
        world.ask_in_whatsapp("question 2?")

    world.between_pieces = asks_again
    world.run_until_quiet()

    assert world.visible_texts() == [f"Re: <{QUESTION}>", "Re: <question 2?>"]

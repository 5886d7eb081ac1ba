"""A worker that dies anywhere on the way of a conversation that a person has: nothing is lost, nothing of the
team's notes is seen, and order is kept both ways.

In Slack a message that was posted is found again. In WhatsApp one part may be seen twice, if the worker dies
between sending it and noting its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.crashing_desk_world import CrashingDeskWorld

Act = Callable[[CrashingDeskWorld], object]

QUESTION = "Where is my parcel?"
NOTE_TEXT = "// between us: SECRET"


def make_world(*, is_taken: bool) -> CrashingDeskWorld:
    """A customer who was answered, and who has a person or waits for one."""
    world = CrashingDeskWorld()
    message = world.ask_in_whatsapp(QUESTION)
    world.run_until_quiet()
    world.open_handover(message)
    if is_taken:
        world.run_until_quiet()
        world.press("take")
        world.run_until_quiet()
    return world


def read_answer(world: CrashingDeskWorld) -> None:
    """A member answers, and WhatsApp tells twice that the customer has read it."""
    world.write_as_member("It left this morning.")
    world.run_until_quiet()
    for _ in range(2):
        world.tell_read(world.sent_marks()[-1])


ACTS: dict[str, tuple[bool, Act]] = {
    "opened": (False, lambda world: None),
    "customer": (True, lambda world: world.ask_in_whatsapp("My code is 17.")),
    "member": (True, lambda world: world.write_as_member("It left this morning.")),
    "read": (True, read_answer),
    "back": (True, lambda world: world.press("give_back")),
    "done": (True, lambda world: world.press("resolve")),
}


def begin(kind: str) -> CrashingDeskWorld:
    is_taken, act = ACTS[kind]
    world = make_world(is_taken=is_taken)
    act(world)
    return world


def without_repeats(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


POINTS = [
    pytest.param(kind, number, id=f"{kind}-{number}-{name.replace(' ', '-')}")
    for kind in ACTS
    for number, name in enumerate(begin(kind).run_worker().passed, 1)
]


@pytest.mark.parametrize("kind,point", POINTS)
def test_a_worker_dies(kind: str, point: int) -> None:
    """The team has each message and its card once, the customer has all, and at most one part twice."""
    whole, world = begin(kind), begin(kind)
    whole.run_until_quiet()

    world.run_worker({point: None})
    world.run_until_quiet()

    assert world.thread_texts() == whole.thread_texts()
    assert [card["text"] for card in world.cards()] == [card["text"] for card in whole.cards()]
    assert [card["actions"] for card in world.cards()] == [card["actions"] for card in whole.cards()]
    assert without_repeats(world.visible_texts()) == without_repeats(whole.visible_texts())
    assert len(world.visible_texts()) <= len(whole.visible_texts()) + 1
    assert world.reactions() == whole.reactions()
    assert not world.inbox.open


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["customer", "member", "read", "note", "take", "give_back", "resolve", "open", "work"]
        ),
        st.integers(0, 25),
    ),
    min_size=1,
    max_size=14,
)


class Talk:
    """What was said both ways in a conversation, step by step."""

    def __init__(self, *, is_taken: bool) -> None:
        self.world = make_world(is_taken=is_taken)
        self.asked, self.sent = list[str](), list[str]()
        self.read = set[str]()

    def take_step(self, number: int, kind: str, point: int) -> None:
        """Lets one thing happen."""
        if kind == "customer":
            self.asked.append(f"question {number}?")
            self.world.ask_in_whatsapp(self.asked[-1])
        elif kind == "open":
            self.world.open_handover()
        elif kind == "read":
            self._read_latest_answer()
        elif kind == "work":
            self.world.run_worker({point: None} if point else {})
        elif self.world.handover.card.message_id:
            self._act_as_member(number, kind)

    def _read_latest_answer(self) -> None:
        for mark in [one for one in self.world.sent_marks() if one][-1:]:
            self.read.add(mark)
            self.world.tell_read(mark)

    def _act_as_member(self, number: int, kind: str) -> None:
        if kind == "note":
            self.world.write_as_member(f"{NOTE_TEXT} {number}")
        elif kind == "member":
            self.sent.append(f"answer {number}.")
            self.world.write_as_member(self.sent[-1])
        else:
            self.world.press(kind)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(is_taken=st.booleans(), steps=STEPS)
def test_every_message_reaches_its_reader_once_and_notes_reach_none(
    is_taken: bool, steps: list[tuple[str, int]]
) -> None:
    """Whatever happens in whichever order, with workers that die: each message of the customer is answered by
    the assistant or reaches the team, each of a member reaches the customer, in order, and no note does. What
    the customer has read has its sign."""
    talk = Talk(is_taken=is_taken)
    for number, (kind, point) in enumerate(steps):
        talk.take_step(number, kind, point)
    talk.world.run_until_quiet()

    seen, shown = talk.world.visible_texts(), talk.world.thread_texts()
    assert not talk.world.inbox.open
    assert "SECRET" not in "".join(seen)
    assert [text for text in without_repeats(seen) if text.startswith("answer")] == talk.sent
    assert len([text for text, given in talk.world.reactions().items() if given]) == len(talk.read)
    relayed = [one.partition(": ")[2] for one in shown]
    relayed = [text for text in relayed if text in talk.asked]
    answered = [text for text in talk.asked if any(f"<{text}>" in one for one in seen)]
    assert {*relayed, *answered} == {*talk.asked}
    assert relayed == [text for text in talk.asked if text in relayed]

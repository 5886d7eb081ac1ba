"""A customer on the web whose pages are open while a person has their conversation, and workers that die."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.domain.message import Attachment
from tests.support.crashing_web_world import CrashingWebWorld

Act = Callable[[CrashingWebWorld], object]

PHOTO = Attachment(id="F1", kind="image", mime="image/png", name="lamp.png")
SKEWS = (0.0, -40.0, 3.0, -2.0)
"""Seconds by which the clocks of workers differ."""


def make_world(*, is_taken: bool = True) -> CrashingWebWorld:
    """A customer who was answered, and who has a person or waits for one."""
    world = CrashingWebWorld(SKEWS)
    world.files["F1"] = b"png"
    message = world.ask_on_page("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()
    if is_taken:
        world.press("take")
        world.run_until_quiet()
    return world


ACTS: dict[str, tuple[bool, Act]] = {
    "take": (False, lambda world: world.press("take")),
    "member": (True, lambda world: world.write_as_member("It left this morning.")),
    "file": (True, lambda world: world.write_as_member("Look:", attachments=(PHOTO,))),
    "customer": (True, lambda world: world.ask_on_page("My code is 17.")),
    "done": (True, lambda world: world.press("resolve")),
}


def begin(kind: str) -> CrashingWebWorld:
    is_taken, act = ACTS[kind]
    world = make_world(is_taken=is_taken)
    act(world)
    return world


POINTS = [
    pytest.param(kind, number, id=f"{kind}-{number}-{name.replace(' ', '-')}")
    for kind in ACTS
    for number, name in enumerate(begin(kind).run_worker().passed, 1)
]


@pytest.mark.parametrize("kind,point", POINTS)
def test_a_worker_dies(kind: str, point: int) -> None:
    """A page that was open all along and one that is opened later show each message and file once, in order;
    the team sees what the customer wrote once."""
    whole, world = begin(kind), begin(kind)
    whole.run_until_quiet()
    page = world.open_page()
    page.look()
    world.at_each_point = lambda name: page.look()

    world.run_worker({point: None})
    world.run_until_quiet()
    page.look()

    expected, later = whole.open_page(), world.open_page()
    expected.look()
    later.look()
    for one in (page, later):
        assert (one.texts, one.writers, one.files) == (expected.texts, expected.writers, expected.files)
    assert world.thread_texts() == whole.thread_texts()
    assert not world.inbox.open


def test_what_a_customer_reads_of_a_hand_over() -> None:
    """That a person is here, what they write with its file, and at the end the question for an opinion and
    the thanks for it: in this order, with who says it."""
    world = make_world()
    page = world.open_page()
    world.write_as_member("It left this morning.", attachments=(PHOTO,))
    world.write_as_member("// between us: SECRET")
    world.run_until_quiet()
    world.press("resolve")
    world.run_until_quiet()
    page.look()

    assert page.writers == ["desk", "member", "desk"]
    assert page.texts[0] == "A person from our team is here for you now."
    assert page.texts[1] == "It left this morning."
    assert "1" in page.texts[2]
    assert "5" in page.texts[2]
    assert page.files == ["lamp.png"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["customer", "member", "look", "other look", "work"]), st.integers(0, 25)),
    min_size=1,
    max_size=16,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_two_pages_show_the_same(steps: list[tuple[str, int]]) -> None:
    """Whatever happens in whichever order, with workers that die and whose clocks differ: two pages that look
    when they like end up with each message of the members once, in order, and so does the team."""
    world = make_world()
    pages = (world.open_page(), world.open_page())
    sent, asked = list[str](), list[str]()
    for number, (kind, point) in enumerate(steps):
        if kind == "customer":
            asked.append(f"question {number}?")
            world.ask_on_page(asked[-1])
        elif kind == "member":
            sent.append(f"answer {number}.")
            world.write_as_member(sent[-1])
        elif kind == "work":
            world.run_worker({point: None} if point else {})
        else:
            pages[kind == "look"].look()
    world.run_until_quiet()

    for page in pages:
        page.look()
        assert page.texts[1:] == sent
    assert [one for one in world.thread_texts() if "question" in one] == [f"Customer: {one}" for one in asked]

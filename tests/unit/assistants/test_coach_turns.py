"""Whole turns of the coach on real threads: many at once, one message twice, a client that goes away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from benches.support.coach_plan import SlowKnowledge, SlowMemories
from benches.support.scripted_small_model import ScriptedSmallModel
from benches.support.soak_wiring import SoakWiring, web_message
from repartee.turn.received_wake import ReceivedWake
from repartee.wiring import functions, services, stores
from tests.support.memory_workouts import MemoryCoaching, MemoryWorkouts
from tests.support.web_instances import SharedStores, WebClient, WebInstance, serve_app


def answered(parts: SoakWiring, person: str, text: str, id: str = "m1") -> None:
    """Somebody says it on the web, and is answered."""
    message = web_message(person, id, text, time.time())
    parts.kept.put(message)
    parts.get(functions.chat_worker).answer_all([ReceivedWake(message.chat, "", time.time() + 270)])


def kept(parts: SoakWiring, person: str) -> list[float]:
    return [one.load for one in parts.trained.list_since(f"web:{person}", "2000-01-01")]


def test_ten_conversations_at_once() -> None:
    """Each is answered with its own, and each person's workout is kept for nobody else."""
    parts = SoakWiring()
    people = [f"person{number}" for number in range(10)]

    with ThreadPoolExecutor(10) as crowd:
        list(crowd.map(lambda one: answered(parts, one, f"squats 5x5 at {50 + int(one[6:])} kg"), people))

    assert {one: kept(parts, one) for one in people} == {one: [50.0 + int(one[6:])] for one in people}
    told = {prompt.incoming[-1].text: prompt.context for prompt in parts.talking.prompts}
    assert all(f"at {text.split()[-2]} kg" in context for text, context in told.items())
    assert len(told) == 10


def test_the_same_message_twice() -> None:
    """It is answered once, and what it tells is kept once."""
    parts = SoakWiring()

    for _ in range(2):
        answered(parts, "ada", "squats 5x5 at 100 kg")

    assert kept(parts, "ada") == [100.0]
    assert len(parts.talking.prompts) == 1


def test_what_was_just_said_is_known() -> None:
    """The conversation is kept in the coach's own records, with both sides."""
    parts = SoakWiring()

    answered(parts, "ada", "squats 5x5 at 100 kg")
    answered(parts, "ada", "how is my squat going?", "m2")

    assert [line.side for line in parts.talking.prompts[-1].history] == ["user", "assistant"]
    assert "best: squat 5 x 5 at 100 kg" in parts.talking.prompts[-1].context


class CoachInstance(WebInstance):
    """A process that serves the web's app with the coach behind it."""

    def __init__(self, shared: SharedStores, **settings: str) -> None:
        super().__init__(shared, **settings)
        self.coaching = MemoryCoaching(self.records)
        knowledge: Any = SlowKnowledge()
        memories: Any = SlowMemories()
        self.put(stores.coaching, self.coaching)
        self.workouts = MemoryWorkouts()
        self.put(stores.workouts, self.workouts)
        self.put(stores.knowledge, knowledge)
        self.put(stores.memories, memories)
        self.put(services.small_model, ScriptedSmallModel())


@pytest.fixture
def web() -> Iterator[tuple[WebClient, Any]]:
    with ExitStack() as opened:
        from starlette.applications import Starlette

        shared = SharedStores()
        shared.issuer_url = opened.enter_context(serve_app(Starlette(routes=shared.issuer.routes())))
        instance = CoachInstance(shared, ASSISTANT="coach")
        yield WebClient(opened.enter_context(serve_app(instance.get(functions.stream_app))), shared), instance


def test_a_client_that_goes_away(web: tuple[WebClient, Any]) -> None:
    """The reply is finished without it, what was told is kept, and it can be read on later."""
    client, instance = web
    model = client.shared.model
    model.add_pieces("Written ")
    with client.stream_message(id="a1", text="squats 5x5 at 100 kg") as reading:
        reading.read_until_text("Written ")
    model.add_pieces("down.")
    model.end_reply()
    client.shared.memory.wait_for_text("Written down.")

    with client.resume_stream("main.a1", reading.last) as later:
        later.read_until_event("done")

    assert later.text in ("down.", "Written down.")
    assert [one.load for one in instance.workouts.list_since("web:ada", "2000-01-01")] == [100.0]

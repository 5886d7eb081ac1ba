"""Two processes take in one chat's messages, each early or not: the sender is answered at once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

from aws_lambda_powertools import Logger
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from repartee.intake.guarded_wakes import GuardedWakes
from repartee.intake.message_keeper import MAX_NEW_AGE_SECONDS, MessageKeeper, WakingBeside
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld, make_question

THREAD = "1788999999.000001"
EXECUTOR = ThreadPoolExecutor(1)
ARRIVALS = st.lists(
    st.tuples(st.integers(0, 1), st.booleans(), st.sampled_from([0.1, 1.0, 4.0, 15.0, 21.0])),
    min_size=1,
    max_size=7,
)
"""Which process takes a message in, whether it came late, and the seconds until the next."""


def make_keeper(world: CrashingWorld) -> MessageKeeper:
    """Makes the keeper of a webhook process, with what it alone remembers."""
    wakes = GuardedWakes(world.wakes, lambda: world.now, world.inbox)
    logger = Logger("test", stream=io.StringIO())
    return MessageKeeper(
        world.inbox,
        wakes,
        logger,
        lambda name: None,
        lambda: world.now,
        beside=WakingBeside(wakes, EXECUTOR),
    )


@settings(deadline=None, max_examples=40)
@given(ARRIVALS)
def test_every_message_is_answered_before_the_next(arrivals: list[tuple[int, bool, float]]) -> None:
    """No wake in reserve and no sweep is waited for."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    keepers = make_keeper(world), make_keeper(world)
    for number, (process, is_late, seconds) in enumerate(arrivals):
        world.now += 0.01
        said = make_question(number, world.now, THREAD)
        world.slack.add_person_message(CHANNEL_ID, "U0ADA", said.text, ts=said.id, thread_ts=THREAD)
        age = MAX_NEW_AGE_SECONDS + 1 if is_late else 0.0
        keepers[process].take_in(replace(said, received=said.sent + age), lambda message: message)
        for _ in range(3):
            world.run_worker()

        assert sum(f"<{said.text}>" in text for text in world.visible_texts()) == 1
        world.pass_time(seconds)

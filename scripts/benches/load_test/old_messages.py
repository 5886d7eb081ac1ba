"""Fills the hot chat with many old messages, so that relevance has much to look through."""

from __future__ import annotations

import time

import msgspec
import numpy

from benches.load_test.load_stack import LoadStack
from benches.load_test.platform_posts import FIRST_TELEGRAM_PERSON
from benches.support.corpus import stored_messages
from repartee.ports import MessageStore
from repartee.wiring import Wiring, stores

HOT_ROOM = f"telegram:{FIRST_TELEGRAM_PERSON}"


def store_old_messages(stack: LoadStack, count: int) -> None:
    """Stores so many messages of the hot chat's room, of the last thirty days."""
    messages: MessageStore = Wiring(dict(stack.settings)).get(stores.messages)
    random = numpy.random.default_rng(count)
    for batch in stored_messages(0, count, time.time()):
        moved = [
            (msgspec.structs.replace(one, chat=HOT_ROOM, room=HOT_ROOM), _spread(vector, random))
            for one, vector in batch
        ]
        messages.put(moved)


def _spread(vector: object, random: numpy.random.Generator) -> list[float]:
    """A vector of length one near the given one."""
    made = numpy.asarray(vector, dtype="f4") + 0.01 * random.standard_normal(384).astype("f4")
    return [float(one) for one in made / numpy.linalg.norm(made)]

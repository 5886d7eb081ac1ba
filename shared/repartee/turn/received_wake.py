"""A wake as a worker receives it."""

from __future__ import annotations

import msgspec


class ReceivedWake(msgspec.Struct, frozen=True):
    """The order to look at a chat: a wake as it was received. `deadline` is when this invocation ends (epoch
    seconds); `receipt` names the wake to the queue, and is empty where nobody had to be woken.
    `successor_due` is when another wake of the chat is due that looks after it, too (0 if none does): it
    comes later than this one, however far the queue is behind. The others are `ports.Wakes.send`'s."""

    chat: str
    receipt: str
    deadline: float
    correlation: str = ""
    successor_due: float = 0.0
    message_id: str = ""
    is_safety_net: bool = False

"""Measures hedging on the assistants' own plans, with reads that now and then take ten times as long.

Time is virtual: a plan runs on the engine's own scheduler, its ports wait on a clock that moves only when
all wait. So the figures depend on the plans, the latencies and the seed alone, not on the machine.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from typing import Any, NamedTuple

from msgspec import structs

from benches.support import coach_plan, desk_plan
from benches.support.coach_labels import SENT_AT, load_messages
from benches.support.tables import percentile
from local.latency import SEED_LATENCIES_SECONDS, InjectedLatencies, SlowPort
from repartee.assistants.office.plan import build_graph as office_plan
from repartee.domain.message import Message
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.plan import Graph, Outcome, StepFailed
from repartee.ports import ChatState, MessageStore, Records, Vector
from tests.support.office_assistant import make_office_assistant
from tests.support.virtual_time import VirtualPool, VirtualTime

TURNS = 3_000
RANDOM_SEED = 20
SPREAD = 0.25
"""The standard deviation of a latency's logarithm."""
SLOW_SHARE, SLOW_FACTOR = 0.03, 10.0
MODEL = "small."
"""Calls of a model begin so; they always take as long as the design says."""
HOUR_SECONDS = 3600.0
MAX_ATTEMPTS = 3
"""A turn that failed is taken again so often, at once."""


class SlowTail(InjectedLatencies):
    """The design's latencies as medians of a log-normal distribution, with a share of slow reads."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__({**desk_plan.READ_SECONDS, **SEED_LATENCIES_SECONDS}, time.sleep)
        self._random = random.Random(RANDOM_SEED)
        self.calls: Counter[str] = Counter()

    def wait_for_call(self, call: str) -> None:
        self.calls[call] += 1
        self._wait_seconds(call, self.latency_of(call) * (1.0 if call.startswith(MODEL) else self._factor()))

    def _factor(self) -> float:
        body = self._random.lognormvariate(0.0, SPREAD)
        return body * SLOW_FACTOR if self._random.random() < SLOW_SHARE else body


class UnhedgedPool(VirtualPool):
    """A pool that never reports a free thread: all calls are made but for hedges."""

    @property
    def has_capacity(self) -> bool:
        return False


class Tail(NamedTuple):
    """The time to the first model call over many turns, and how many calls they made."""

    seconds: Sequence[float]
    calls: int
    """Calls of ports, hedges and the reply's own call of the model included."""
    hedges: int
    failed: int
    """Attempts of a turn that ended without a prompt."""
    fallbacks: int
    """Steps that ended with their fallback because they were late."""


def compare(name: str) -> dict[str, dict[str, float]]:
    """Return the figures of the assistant's plan, without its hedges and with them."""
    modes = {"without hedges": UnhedgedPool, "hedged": VirtualPool}
    return {mode: _figures(_run(name, pool)) for mode, pool in modes.items()}


def _figures(tail: Tail) -> dict[str, float]:
    shares = {f"p{share}_ms": percentile(tail.seconds, share / 100) * 1000 for share in (50, 95, 99)}
    return {
        **{name: round(value, 1) for name, value in shares.items()},
        "late_steps": tail.fallbacks,
        "failed_attempts": tail.failed,
        "extra_calls": round(tail.hedges / (tail.calls - tail.hedges), 4),
    }


def _run(name: str, pool_of: Callable[[VirtualTime], VirtualPool]) -> Tail:
    time = VirtualTime()
    latencies = SlowTail(time)
    graph, inputs = PLANS[name](latencies)
    pool = pool_of(time)
    turns = [_turn(graph, {**next(inputs), "pool": pool}, time, pool) for _ in range(TURNS)]
    return Tail(
        [turn.seconds for turn in turns],
        sum(latencies.calls.values()) + TURNS,
        sum(turn.hedges for turn in turns),
        sum(turn.failed for turn in turns),
        sum(turn.fallbacks for turn in turns),
    )


class _Turn(NamedTuple):
    seconds: float
    hedges: int
    failed: int
    fallbacks: int


def _turn(graph: Graph, inputs: Mapping[str, Any], time: VirtualTime, pool: VirtualPool) -> _Turn:
    began, failed = time.clock(), 0
    known = {name: inputs[name] for name in graph.inputs}
    outcomes: list[Outcome] = []
    for _ in range(MAX_ATTEMPTS):
        with graph.start(known, pool=pool, clock=time.clock) as run, suppress(StepFailed):
            list(run.until_ready())
        outcomes += run.close()
        if run.ready:
            break
        failed += 1
    hedges = sum(one.hedged for one in outcomes)
    return _Turn(time.clock() - began, hedges, failed, sum(one.status == "fallback" for one in outcomes))


# The assistants' plans, their ports in this process


class _Messages(MessageStore):
    """`ports.Messages`, in which nothing was said."""

    def list_newest(self, scope: str, side: str, limit: int) -> Sequence[Any]:
        return ()

    def search(
        self, room: str, side: str, text: str, vector: Vector | None, limit: int, asked_at: float = 0.0
    ) -> Sequence[Any]:
        return ()


class _Records(Records):
    """`ports.Records`, as far as the plan reads it."""

    def read_chat_state(self, room: str, chat: str, sender: str, *, max_age: float = 0.0) -> ChatState:
        return ChatState()


def _office(latencies: InjectedLatencies) -> tuple[Graph, Iterator[Mapping[str, Any]]]:
    """Returns the office's plan. One message in four begins a thread, and so also reads the room's
    history."""
    ports = {
        "records": SlowPort("records", _Records(), latencies),  # type: ignore[abstract]
        "messages": SlowPort("messages", _Messages(), latencies),  # type: ignore[abstract]
        "embedder": SlowPort("embedder", coach_plan.SlowCoaching(), latencies),
    }
    assistant = make_office_assistant(ports)
    texts = ("What did we agree with the landlord?", "Thanks!", "Who wrote the offer?", "And when?")
    asked = [_in_thread(text, HOUR_SECONDS * 24 * number) for number, text in enumerate(texts)]
    return office_plan(), _inputs(structs.asdict(assistant.inputs), asked)


def _coach(latencies: InjectedLatencies) -> tuple[Graph, Iterator[Mapping[str, Any]]]:
    """Returns the coach's plan, for the labelled messages, each of which is routed as it should be."""
    labelled = {one.text: one.needs for one in load_messages()}
    ports = coach_plan.ports_with(lambda text: labelled[text], latencies)
    return coach_plan.COACH_GRAPH, _inputs(ports, [coach_plan.incoming_message(text) for text in labelled])


def _desk(latencies: InjectedLatencies) -> tuple[Graph, Iterator[Mapping[str, Any]]]:
    """Returns the desk's plan, for one question of a customer."""
    asked = [coach_plan.incoming_message(desk_plan.QUESTION)]
    return desk_plan.GRAPH, _inputs(desk_plan.ports_with(latencies), asked)


def _inputs(ports: Mapping[str, Any], asked: Sequence[Message]) -> Iterator[Mapping[str, Any]]:
    shown = dict.fromkeys(("show_typing", "show_status", "show_proposal"), lambda _: None)
    own = {
        "turn_id": "t",
        "unpersisted_exchanges": (),
        "find_said": lambda chat, ids: {},
        "prompt_tokens": DEFAULT_PROMPT_TOKENS,
    }
    return ({**own, "incoming": (one,), **shown, **ports} for one in cycle(asked))


def _in_thread(text: str, age: float) -> Message:
    """Returns a message in a Slack thread that began so many seconds before."""
    return Message(
        id="1", chat=f"slack:T1:C1:{SENT_AT - age:.6f}", room="slack:T1:C1", channel="slack",
        sender="slack:T1:U1", text=text, sent=SENT_AT, received=SENT_AT, threaded=True,
    )  # fmt: skip


PLANS = {"office": _office, "coach": _coach, "desk": _desk}

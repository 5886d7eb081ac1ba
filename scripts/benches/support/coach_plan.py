"""The coach's own plan with its ports in this process, as slow as they were once measured."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from benches.support.coach_labels import NEED_FLAGS, SENT_AT, load_messages
from benches.support.scripted_small_model import ScriptedSmallModel
from local.latency import SEED_LATENCIES_SECONDS, InjectedLatencies, SlowPort, SlowSmallModel
from repartee.assistants.coach.plan import build_graph
from repartee.assistants.coach.schemas import MessageNeeds
from repartee.domain.message import Message
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.plan import Outcome, Pool
from repartee.ports import AnswerT, CoachState, Memory, Passage, Workout

ALL_NEEDS_TEXT = "I did squats today, 5x5 at 100 kg. My left knee hurts, what should I do?"
"""It needs everything, and its words say so."""

UNFORESEEN_TEXT = "the same as always, you know"
"""It is said to need everything, and its words do not say so: nothing begins before the router answers."""

READ_STEPS = ("chat_state", "relevant_passages", "relevant_memories", "workout_log", "embedding")
MODEL_STEPS = (
    "router",
    "workout_extraction",
    "memory_detection",
    "acknowledgement_status_text",
    "workout_status_text",
    "memory_status_text",
    "patterns_status_text",
    "insights_status_text",
)


class SlowCoaching:
    """`ports.Coaching` and `ports.Embedder`, as far as a turn reads them."""

    def read_coach_state(self, room: str, chat: str, sender: str) -> CoachState:
        return CoachState(profile={"name": "Ada"})

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [(1.0,) for _ in texts]


class SlowKnowledge:
    """`ports.Knowledge`, as far as a turn reads it."""

    def search(self, vector: object, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        return [Passage(id="1", document="squat.md", text="Knees may travel over the toes.")]


class SlowMemories:
    """`ports.Memories`, as far as a turn reads it."""

    def search(self, person: str, vector: object, limit: int, room: str = "") -> Sequence[Memory]:
        return [Memory(id="injury:left-knee", text="Their left knee hurts.", told_at=1.0)]


class SlowWorkouts:
    """`ports.Workouts`, as far as a turn reads it."""

    def list_since(self, person: str, since: str) -> Sequence[Workout]:
        return [
            Workout(id="m0:0", exercise="squat", day="2026-09-03", told_at=1.0, sets=5, reps=5, load=97.5)
        ]


class RoutedSmallModel(ScriptedSmallModel):
    """The scripted small model, whose router says of each message what is known that it needs."""

    def __init__(self, needs: Callable[[str], Sequence[str]]) -> None:
        super().__init__()
        self._needs = needs

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        if answer_type is not MessageNeeds:
            return super().extract(instructions, text, answer_type)
        wanted = self._needs(text.rpartition(":\n")[2])
        needs: dict[str, Any] = {flag: flag in wanted for flag in NEED_FLAGS}
        return msgspec.convert({**needs, "exercise": "", "meanwhile": "I look."}, answer_type)


def coach_ports(
    needs: Callable[[str], Sequence[str]],
    scale: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
    **slower: float,
) -> dict[str, Any]:
    """Returns the plan's ports; latencies are the design's times `scale`, but for those that are `slower`."""
    seed = {
        **SEED_LATENCIES_SECONDS,
        **{call.replace("__", "."): seconds for call, seconds in slower.items()},
    }
    return ports_with(
        needs, InjectedLatencies({call: seconds * scale for call, seconds in seed.items()}, sleep)
    )


def ports_with(needs: Callable[[str], Sequence[str]], latencies: InjectedLatencies) -> dict[str, Any]:
    """Returns the plan's ports, as slow as these latencies say."""
    own = SlowCoaching()
    return {
        "coaching": SlowPort("coaching", own, latencies),
        "embedder": SlowPort("embedder", own, latencies),
        "small_model": SlowSmallModel(RoutedSmallModel(needs), latencies),
        "knowledge": SlowPort("knowledge", SlowKnowledge(), latencies),
        "memories": SlowPort("memories", SlowMemories(), latencies),
        "workouts": SlowPort("workouts", SlowWorkouts(), latencies),
        "notice_book": None,
        **dict.fromkeys(("attachments", "transcriber", "documents", "media")),  # nothing comes along
    }


def measure_gathering(text: str, given: Mapping[str, Any], pool: Pool) -> tuple[float, Sequence[Outcome]]:
    """Seconds until the model can be called, and how the steps ended."""
    incoming = (incoming_message(text),)
    inputs = {
        "incoming": incoming,
        "unpersisted_exchanges": (),
        "find_said": lambda chat, ids: {},
        "prompt_tokens": DEFAULT_PROMPT_TOKENS,
        "show_typing": _ignore_status,
        "show_status": _ignore_status,
        "pool": pool,
        **given,
    }
    began = time.perf_counter()
    with COACH_GRAPH.start(inputs, pool=pool) as run:
        list(run.until_ready())
        seconds = time.perf_counter() - began
        return seconds, run.close()


def incoming_message(text: str) -> Message:
    """Returns a message of a person on the web."""
    return Message(
        id="1", chat="web:ada:main", room="web:ada", channel="web", sender="web:ada", text=text, sent=SENT_AT,
        received=SENT_AT,
    )  # fmt: skip


def measure_waste(pool: Pool, scale: float = 0.02) -> dict[str, float]:
    """Measures the waste of speculation over the labelled messages, each routed as it should be: the share of
    reads and of model calls whose answer was thrown away. The reply counts as a model call."""
    labelled = {one.text: one.needs for one in load_messages()}
    given = coach_ports(lambda text: labelled[text], scale)
    made: Counter[str] = Counter()
    for text in labelled:
        _, outcomes = measure_gathering(text, given, pool)
        for outcome in outcomes:
            kind = "reads" if outcome.name in READ_STEPS else "calls" if outcome.name in MODEL_STEPS else ""
            if kind and outcome.attempts:
                made[kind] += 1
                made[f"wasted {kind}"] += outcome.speculated and outcome.status == "discarded"
                made[f"speculative {kind}"] += outcome.speculated
    calls = made["calls"] + len(labelled)
    return {
        "messages": len(labelled),
        "reads": made["reads"],
        "speculative_reads": made["speculative reads"],
        "wasted_reads": made["wasted reads"] / made["reads"],
        "model_calls": calls,
        "speculative_model_calls": made["speculative calls"],
        "wasted_model_calls": made["wasted calls"] / calls,
    }


def _ignore_status(said: object) -> None:
    """Nobody is shown anything."""


COACH_GRAPH = build_graph()

"""The coach's own plan with its ports in this process, as slow as they were once measured."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from benches.coach_labels import FLAGS, SENT, messages
from benches.scripted import ScriptedSmallModel
from local.latency import SEED, Latencies, Slowed, SlowedSmallModel
from repartee.assistants.coach.answers import Needs
from repartee.assistants.coach.plan import build
from repartee.conversation.message import Message
from repartee.plan import Outcome, Pool
from repartee.ports import A, Coached, Memory, Passage, Workout

ALL = "I did squats today, 5x5 at 100 kg. My left knee hurts, what should I do?"
"""It needs everything, and its words say so."""

UNFORESEEN = "the same as always, you know"
"""It is said to need everything, and its words do not say so: nothing begins before the router answers."""

READS = ("standing", "passages", "recalled", "log", "embedding")
MODEL_CALLS = ("router", "extraction", "detection", "acknowledgement_words", "workout_words", "memory_words",
               "patterns_words", "insights_words")  # fmt: skip


class Person:
    """`ports.Coaching` and `ports.Embedder`, as far as a turn reads them."""

    def coached(self, room: str, chat: str, sender: str) -> Coached:
        return Coached(profile={"name": "Ada"})

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [(1.0,) for _ in texts]


class Library:
    """`ports.Knowledge`, as far as a turn reads it."""

    def relevant(self, vector: object, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        return [Passage(id="1", document="squat.md", text="Knees may travel over the toes.")]


class Known:
    """`ports.Memories`, as far as a turn reads it."""

    def relevant(self, person: str, vector: object, limit: int) -> Sequence[Memory]:
        return [Memory(id="injury:left-knee", text="Their left knee hurts.", told=1.0)]


class Done:
    """`ports.Workouts`, as far as a turn reads it."""

    def of(self, person: str, since: str) -> Sequence[Workout]:
        return [Workout(id="m0:0", exercise="squat", day="2026-09-03", told=1.0, sets=5, reps=5, load=97.5)]


class RoutedSmallModel(ScriptedSmallModel):
    """The scripted small model, whose router says of each message what is known that it needs."""

    def __init__(self, needs: Callable[[str], Sequence[str]]) -> None:
        super().__init__()
        self._needs = needs

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        if answer is not Needs:
            return super().analyse(instructions, text, answer)
        wanted = self._needs(text.rpartition(":\n")[2])
        told: dict[str, Any] = {flag: flag in wanted for flag in FLAGS}
        return msgspec.convert({**told, "exercise": "", "meanwhile": "I look."}, answer)


def ports(
    needs: Callable[[str], Sequence[str]],
    scale: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
    **slower: float,
) -> dict[str, Any]:
    """The plan's ports; latencies are the design's times `scale`, but for those that are `slower`."""
    seed = {**SEED, **{call.replace("__", "."): seconds for call, seconds in slower.items()}}
    latencies = Latencies({call: seconds * scale for call, seconds in seed.items()}, sleep)
    own = Person()
    return {
        "coaching": Slowed("coaching", own, latencies),
        "embedder": Slowed("embedder", own, latencies),
        "small": SlowedSmallModel(RoutedSmallModel(needs), latencies),
        "knowledge": Slowed("knowledge", Library(), latencies),
        "memories": Slowed("memories", Known(), latencies),
        "workouts": Slowed("workouts", Done(), latencies),
        **dict.fromkeys(("attachments", "transcriber", "documents", "media")),  # nothing comes along
    }


def gathered(text: str, given: Mapping[str, Any], pool: Pool) -> tuple[float, Sequence[Outcome]]:
    """Seconds until the model can be called, and how the steps ended."""
    asked = (asked_now(text),)
    inputs = {
        "turn": "t",
        "asked": asked,
        "recent": (),
        "sign": _silent,
        "tell": _silent,
        "pool": pool,
        **given,
    }
    began = time.perf_counter()
    with GRAPH.start(inputs, pool=pool) as run:
        list(run.until_ready())
        seconds = time.perf_counter() - began
        return seconds, run.close()


def asked_now(text: str) -> Message:
    """A message of somebody on the web."""
    return Message(
        id="1", chat="web:ada:main", room="web:ada", channel="web", sender="web:ada", text=text, sent=SENT,
        received=SENT,
    )  # fmt: skip


def waste(pool: Pool, scale: float = 0.02) -> dict[str, float]:
    """What speculation costs over the labelled messages, each of which is routed as it should be: the share
    of reads and of model calls whose answer was thrown away. The reply counts as a model call."""
    labelled = {one.text: one.needs for one in messages()}
    given = ports(lambda text: labelled[text], scale)
    made: Counter[str] = Counter()
    for text in labelled:
        _, outcomes = gathered(text, given, pool)
        for outcome in outcomes:
            kind = "reads" if outcome.name in READS else "calls" if outcome.name in MODEL_CALLS else ""
            if kind and outcome.attempts:
                made[kind] += 1
                made[f"wasted {kind}"] += outcome.speculated and outcome.kind == "discarded"
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


def _silent(said: object) -> None:
    """Nobody is shown anything."""


GRAPH = build()

"""Compares what two versions made of the same conversations, and holds the second to absolute bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benches.support.bars import check_bar
from benches.support.tables import percentile
from evaluation.versions import ConversationSteps

COMPARED_FIELDS = (
    "route",
    "retrieved",
    "prompt_tokens",
    "tools",
    "called",
    "model_calls",
    "reply",
    "problem",
)
"""Fields that are shown where they differ. Of times and costs, which always differ, the sums are shown."""

MAX_PROMPT_TOKENS, MAX_GATHER_SECONDS = 1500, 2.5
"""Bars of the second version: the largest prompt, and the 95th percentile of the gathering."""

Judge = Callable[[str, Sequence[str], Sequence[str]], str]
"""Says of a question and two replies which is better."""


class Difference(msgspec.Struct, frozen=True):
    """The changes in one step of a conversation, by field: before and after."""

    conversation: str
    text: str
    changes: Mapping[str, tuple[Any, Any]]
    judgement: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """The changes, the sums of both versions, and the bars of the second."""

    steps: int
    differences: Sequence[Difference]
    sums: Mapping[str, tuple[float, float]]
    bars: Sequence[Mapping[str, Any]]


def compare_versions(
    before: ConversationSteps,
    after: ConversationSteps,
    judge: Judge | None = None,
    max_prompt_tokens: int = MAX_PROMPT_TOKENS,
) -> Comparison:
    """Returns what changed from the first to the second."""
    all_before, all_after = ([s for steps in one.values() for s in steps] for one in (before, after))
    return Comparison(
        steps=len(all_after),
        differences=list(_find_differences(before, after, judge)),
        sums={name: (_sum(all_before, name), _sum(all_after, name)) for name in _SUMMED},
        bars=_check_bars(all_after, max_prompt_tokens),
    )


_SUMMED = ("prompt_tokens", "model_calls", "gather_seconds", "seconds", "tokens", "cost_usd")


def _sum(steps: Sequence[Mapping[str, Any]], name: str) -> float:
    return round(float(sum(step.get(name, 0) for step in steps)), 4)


def _find_differences(
    before: ConversationSteps, after: ConversationSteps, judge: Judge | None
) -> Iterator[Difference]:
    for conversation, steps in after.items():
        earlier = before.get(conversation, ())
        for number, step in enumerate(steps):
            other = earlier[number] if number < len(earlier) else {}
            changes = {
                name: (other.get(name), step.get(name))
                for name in COMPARED_FIELDS
                if other.get(name) != step.get(name)
            }
            if changes:
                old, new = changes.get("reply", ((), ()))
                said = judge(step["text"], old or (), new or ()) if judge and "reply" in changes else ""
                yield Difference(Path(conversation).stem, step["text"], changes, said)


def _check_bars(steps: Sequence[Mapping[str, Any]], max_prompt_tokens: int) -> list[dict[str, Any]]:
    gathered = [step["gather_seconds"] for step in steps if step.get("gather_seconds")]
    return [
        check_bar("evaluation: steps not as written", sum(bool(step["problem"]) for step in steps), 0),
        check_bar(
            "evaluation: tokens of the largest prompt",
            max((step.get("prompt_tokens", 0) for step in steps), default=0),
            max_prompt_tokens,
        ),
        check_bar(
            "evaluation: seconds to gather, p95",
            percentile(gathered, 0.95) if gathered else 0.0,
            MAX_GATHER_SECONDS,
        ),
    ]

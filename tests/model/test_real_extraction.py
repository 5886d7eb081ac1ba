"""The coach's analyses by a real, small, local model: its answers are read, and its figures are true
figures."""

from __future__ import annotations

import openai
import pytest

from benches.support import coach_labels
from repartee.services.openai.small import OpenAISmallModel

MESSAGE_COUNT = 1
"""Labelled messages that are read: a busy machine takes a minute for each."""


def test_a_small_models_analyses_are_judged_by_the_same_labels(
    client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge of the bench takes a real model. 135 million parameters understand too little to be held to
    its bars: what is held is that no answer, however wrong, is taken for more than what it says."""
    some = coach_labels.load_messages()[:MESSAGE_COUNT]
    monkeypatch.setattr(coach_labels, "load_messages", lambda: some)

    judged = coach_labels.judge_model(OpenAISmallModel(client, "smollm2"))

    assert judged.needs.wanted == sum(len(one.needs) for one in some)
    assert judged.workouts.right <= min(judged.workouts.found, judged.workouts.wanted)
    assert judged.facts.right <= judged.facts.wanted

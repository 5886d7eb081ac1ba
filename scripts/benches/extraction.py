"""How rightly workouts and facts are read: by a real model, or the self-test of the stand-in without one.

The real model is that of OPENAI_API_KEY (and OPENAI_BASE_URL, SMALL_MODEL), and only its figures say how
rightly the coach reads. Without a key the scripted stand-in is run against the labels that it was written
to: a self-test of both, which fails if they drift apart. `tests/model/test_real_extraction.py` is the lane
with a real, small, local model.
"""

from __future__ import annotations

import os
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.coach_labels import ExtractionTally, judge_model, load_messages
from benches.support.scripted_small_model import ScriptedSmallModel
from benches.support.tables import render_table as drawn
from repartee.ports import SmallModel
from repartee.settings import Settings

MIN_SCORES = {"workouts": 0.9, "facts": 0.8, "needs": 0.85}
"""Precision and recall that each must reach."""

SELF_TEST = "self-test of the scripted stand-in (set OPENAI_API_KEY for a real model)"


def measure() -> dict[str, Any]:
    """Returns all figures; some seconds by rules, some minutes by a real model."""
    small, name = _choose_model()
    judged, kind = judge_model(small), "self-test" if name == SELF_TEST else "extraction"
    tallies = {name: _format_tally(getattr(judged, name)) for name in MIN_SCORES}
    bars = [
        check_bar(f"{kind}, {name}: {share} missed", 1 - tallies[name][share], 1 - least)
        for name, least in MIN_SCORES.items()
        for share in ("precision", "recall")
    ]
    return {"model": name, "messages": len(load_messages()), **tallies, "wrong": judged.wrong, "bars": bars}


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(name, *(f"{value:.4g}" for value in result[name].values())) for name in MIN_SCORES]
    return "\n\n".join(
        (
            f"{result['messages']} messages: {result['model']}",
            drawn(("", "wanted", "found", "right", "precision", "recall"), rows),
            "\n".join(result["wrong"]),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _format_tally(tally: ExtractionTally) -> dict[str, float]:
    return {**tally._asdict(), "precision": round(tally.precision, 4), "recall": round(tally.recall, 4)}


def _choose_model() -> tuple[SmallModel, str]:
    settings = Settings(os.environ)
    if not settings.is_any_set(Settings.openai_api_key):
        return ScriptedSmallModel(), SELF_TEST
    from repartee.services.openai.client import make_openai_client
    from repartee.services.openai.small import OpenAISmallModel

    client = make_openai_client(lambda: settings.openai_api_key, settings.openai_base_url)
    return OpenAISmallModel(client, settings.small_model), settings.small_model

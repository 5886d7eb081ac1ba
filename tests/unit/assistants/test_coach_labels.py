"""Labelled messages to the coach, read by the scripted stand-in here and by a real model in scripts/bench."""

from __future__ import annotations

from benches.extraction import MIN_SCORES
from benches.support.coach_labels import judge_model, load_messages
from benches.support.coach_plan import measure_waste
from benches.support.scripted_small_model import ScriptedSmallModel
from repartee.plan import Pool


def test_enough_messages_are_labelled() -> None:
    """There are sixty at least, each once, and all kinds of what is read in them among them."""
    labelled = load_messages()

    assert len({one.text for one in labelled}) == len(labelled) >= 60
    assert sum(bool(one.done or one.right) for one in labelled) >= 30
    assert {fact.split()[1] for one in labelled for fact in one.facts} == {"new", "changed", "forget"}


def test_what_is_read_becomes_what_was_meant() -> None:
    """From the model's answer to records with their units, days and corrections, and to facts."""
    judged = judge_model(ScriptedSmallModel())

    for name, least in MIN_SCORES.items():
        tally = getattr(judged, name)
        assert min(tally.precision, tally.recall) >= least, judged.wrong


def test_little_is_begun_in_vain() -> None:
    """Of all that is read at most a fifth is thrown away, of the model calls one in twenty."""
    spent = measure_waste(Pool(threads=32), scale=0.002)

    assert spent["wasted_reads"] <= 0.20
    assert spent["wasted_model_calls"] <= 0.05
    assert spent["speculative_reads"] > 0

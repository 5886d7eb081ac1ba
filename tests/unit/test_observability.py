"""The line of metrics that a turn leaves, held to CloudWatch's rules for the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from repartee.aws.metrics import METRICS_NAMESPACE, emit_metrics
from repartee.errors import IncompleteReply
from repartee.plan import Outcome
from repartee.turn.metrics import (
    METRIC_STEPS,
    METRIC_UNITS,
    STANDALONE_METRICS,
    build_report,
    count_line,
    emit_report,
)
from repartee.turn.turn import Turn
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld
from tests.support.emf import EmfLine

THREAD = "1788999999.000001"
NUMBERS = itertools.count()


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


class Emitted(EmfLine):
    """What a turn has left: its line of metrics, and its log."""

    def __init__(self, turn: Turn, capsys: pytest.CaptureFixture[str], *, cold: bool = False) -> None:
        log = io.StringIO()
        logger = Logger(service=f"metrics-{next(NUMBERS)}", stream=log)
        emit_report(build_report(turn, 7, 0.000123), emit_metrics, logger, cold=cold)
        (self.line,) = capsys.readouterr().out.splitlines()
        self.line_in_log = json.loads(log.getvalue())
        super().__init__(self.line)


def answered(world: CrashingWorld, capsys: pytest.CaptureFixture[str], **how: Any) -> Emitted:
    """What a turn leaves that was answered half a second after its message came."""
    world.ask_question("where?", THREAD)
    world.now += 0.5
    world.run_worker()
    return Emitted(world.turns[-1], capsys, **how)


def test_the_line_is_one_that_cloudwatch_accepts(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has the embedded metric format's schema and keeps its limits, and each metric has its unit."""
    emitted = answered(world, capsys)

    assert emitted.directive.Namespace == METRICS_NAMESPACE
    for name, unit in emitted.metric_units.items():
        assert unit == ("Milliseconds" if name.startswith("Step.") else METRIC_UNITS[name])


def test_a_plan_of_very_many_steps_still_makes_one_line(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of very many steps the slowest are told, as properties: only some are metrics, which are paid for."""
    world.ask_question("where?", THREAD)
    world.run_worker()
    turn = world.turns[-1]
    turn.outcomes = tuple(Outcome(f"step_{n}", "ok", end=n / 1000, attempts=1) for n in range(200))

    emitted = Emitted(turn, capsys)

    assert emitted.values["Step.step_199"] == 199
    assert "Step.step_1" not in emitted.values
    assert not any(name.startswith("Step.") for name in emitted.metrics)


def test_the_dimensions_are_those_of_the_dashboard(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Assistant, channel and mode together, and mode alone: CloudWatch adds nothing up over dimensions, and
    an alarm needs one number. Few values each, for every combination is a metric that costs money."""
    emitted = answered(world, capsys)

    assert [sorted(dimensions) for dimensions in emitted.directive.Dimensions] == [
        ["assistant", "channel", "mode"],
        ["mode"],
    ]
    assert [emitted.values[name] for name in ("assistant", "channel", "mode")] == [
        "office",
        "slack",
        "parallel",
    ]


@pytest.mark.parametrize("name", STANDALONE_METRICS)
def test_some_metrics_stand_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What no turn can tell is a line of its own, without a dimension."""
    emit_metrics(count_line(name, 3))

    line = EmfLine(capsys.readouterr().out.strip())
    assert line.directive.Dimensions == ((),)
    assert line.metrics == {name: 3}


def test_threads_are_counted_at_the_fullest_moment(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps that overlap, at the most, and with them the threads that are late."""
    world.ask_question("where?", THREAD)
    world.run_worker()
    turn = world.turns[-1]
    spans = [(0.0, 1.0), (0.5, 2.0), (0.9, 1.5), (1.6, 1.8)]
    turn.outcomes = tuple(Outcome(f"step_{a}", "ok", start=a, end=b, attempts=1) for a, b in spans)

    assert Emitted(turn, capsys).metrics["ThreadsBusy"] == 3


def test_ids_are_properties(world: CrashingWorld, capsys: pytest.CaptureFixture[str]) -> None:
    """They can be searched for, and make no metrics."""
    emitted = answered(world, capsys)

    assert emitted.values["chat"] == f"{ROOM_ID}:{THREAD}"
    assert emitted.values["turn"] == world.turns[0].id
    assert emitted.values["correlation"] == "request-0"


def test_every_number_of_the_design_is_there(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """A turn tells how long it took, all in all and step by step, and what it cost."""
    metrics = answered(world, capsys, cold=True).metrics

    instant = {"GatherDuration"}  # the World's clock stands still meanwhile
    steps = {name for name in metrics if name.startswith("Step.")}
    assert steps <= {f"Step.{outcome.name}" for outcome in world.turns[0].outcomes}
    assert steps <= {f"Step.{name}" for name in METRIC_STEPS}
    assert metrics.keys() - steps == METRIC_UNITS.keys() - instant - {*STANDALONE_METRICS}
    assert metrics["WakeDelay"] == pytest.approx(300.0)  # received a fifth of a second after it was sent
    assert metrics["FirstTokenLatency"] == pytest.approx(300.0)
    assert metrics["ModelDuration"] == pytest.approx(700.0)
    assert metrics["TurnDuration"] == pytest.approx(700.0)
    assert (metrics["Turns"], metrics["TurnsFailed"], metrics["Resumed"], metrics["ColdStart"]) == (
        1,
        0,
        0,
        1,
    )
    assert metrics["Tokens"] == 2
    assert metrics["Connections"] == 7
    assert metrics["Cost"] == 0.000123


def test_a_fallback_and_its_failure_are_counted(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """A messages store that is down is steps that failed and fell back, and a turn that did not fail."""
    world.broken = {"messages.list_newest", "messages.search"}

    metrics = answered(world, capsys).metrics

    assert metrics["StepFailures"] == metrics["Fallbacks"] >= 4
    assert metrics["TurnsFailed"] == 0


def test_a_failed_turn_is_counted(world: CrashingWorld, capsys: pytest.CaptureFixture[str]) -> None:
    """One that was given up, on its last attempt."""
    world.model_error = IncompleteReply("as ordered")
    world.ask_question("where?", THREAD)
    for _ in range(40):
        world.run_worker()
        world.pass_time(5)

    emitted = Emitted(world.turns[-1], capsys)

    assert (emitted.metrics["TurnsFailed"], emitted.metrics["Resumed"]) == (1, 1)
    assert emitted.line_in_log["failed"] == "IncompleteReply"


def test_what_a_mute_made_needless_is_no_wasted_speculation(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps that are discarded because the room is muted were not speculated on."""
    world.records.mute(ROOM_ID, world.now + 3600, world.now)

    metrics = answered(world, capsys).metrics

    assert (metrics["Speculations"], metrics["SpeculationsWasted"]) == (0, 0)


@pytest.mark.parametrize("text", ["mute", "stop"])
def test_what_did_not_happen_is_not_told(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """An order asks no model and gathers nothing: a 0, or worse, would lie to a percentile."""
    world.ask_question(text, THREAD)
    world.now += 0.5
    world.run_worker()

    metrics = Emitted(world.turns[-1], capsys).metrics

    assert not {"GatherDuration", "ModelDuration", "FirstTokenLatency"} & set(metrics)
    assert all(value < 1e6 for value in metrics.values())


def test_the_log_names_the_turn_and_quotes_nobody(
    world: CrashingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """An event in the past tense, with ids and numbers and no text."""
    emitted = answered(world, capsys)

    assert emitted.line_in_log["message"] == "turn_closed"
    assert emitted.line_in_log["turn"] == world.turns[0].id
    assert "where?" not in emitted.line + json.dumps(emitted.line_in_log)

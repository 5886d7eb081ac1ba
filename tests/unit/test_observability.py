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

from repartee.conversation.turn import Turn
from repartee.observability import emit, report
from tests.support.world import CHANNEL, ROOM, World

THREAD = "1788999999.000001"
NUMBERS = itertools.count()

UNITS = {"Count", "Milliseconds", "Megabytes"}

DESIGNED = {
    "TurnDuration",
    "GatherDuration",
    "FirstTokenLatency",
    "ModelDuration",
    "WakeDelay",
    "Turns",
    "TurnsFailed",
    "StepFailures",
    "Fallbacks",
    "Hedges",
    "Speculations",
    "SpeculationsWasted",
    "Resumed",
    "ColdStart",
    "Tokens",
}


@pytest.fixture
def world() -> World:
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    return world


class Emitted:
    """What a turn has left: its line of metrics, and its log."""

    def __init__(self, turn: Turn, capsys: pytest.CaptureFixture[str], *, cold: bool = False) -> None:
        log = io.StringIO()
        emit(report(turn), Logger(service=f"metrics-{next(NUMBERS)}", stream=log), cold=cold)
        (self.line,) = capsys.readouterr().out.splitlines()
        self.line_in_log = json.loads(log.getvalue())
        self.values: dict[str, Any] = json.loads(self.line)

    @property
    def directive(self) -> dict[str, Any]:
        (directive,) = self.values["_aws"]["CloudWatchMetrics"]
        return dict(directive)

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics by name. Each is a number, or a list of one."""
        names = [metric["Name"] for metric in self.directive["Metrics"]]
        assert len(names) == len(set(names))
        found = {name: self.values[name] for name in names}
        return {
            name: value[0] if isinstance(value, list) and len(value) == 1 else value
            for name, value in found.items()
        }


def answered(world: World, capsys: pytest.CaptureFixture[str], **how: Any) -> Emitted:
    """What a turn leaves that was answered half a second after its message came."""
    world.ask("where?", THREAD)
    world.now += 0.5
    world.work()
    return Emitted(world.turns[-1], capsys, **how)


def test_the_line_is_one_that_cloudwatch_accepts(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One line of JSON, a timestamp in milliseconds, a namespace, known units, finite numbers, no more than
    100 metrics and 30 dimensions, and every name that is declared is there."""
    emitted = answered(world, capsys)

    assert len(emitted.line.encode()) < 256 * 1024
    assert isinstance(emitted.values["_aws"]["Timestamp"], int)
    assert emitted.values["_aws"]["Timestamp"] > 1_600_000_000_000
    assert emitted.directive["Namespace"] == "Repartee"
    assert 0 < len(emitted.directive["Metrics"]) <= 100
    assert {metric["Unit"] for metric in emitted.directive["Metrics"]} <= UNITS
    assert all(isinstance(value, int | float) for value in emitted.metrics.values())
    for dimensions in emitted.directive["Dimensions"]:
        assert len(dimensions) <= 30
        assert all(isinstance(emitted.values[name], str) and emitted.values[name] for name in dimensions)


def test_the_dimensions_are_those_of_the_dashboard(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Assistant, channel and mode: few values each, for every combination is a metric that costs money."""
    emitted = answered(world, capsys)

    assert [sorted(dimensions) for dimensions in emitted.directive["Dimensions"]] == [
        ["assistant", "channel", "mode"]
    ]
    assert [emitted.values[name] for name in ("assistant", "channel", "mode")] == [
        "office",
        "slack",
        "parallel",
    ]


def test_ids_are_properties(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """They can be searched for, and make no metrics."""
    emitted = answered(world, capsys)

    assert emitted.values["chat"] == f"{ROOM}:{THREAD}"
    assert emitted.values["turn"] == world.turns[0].id
    assert emitted.values["correlation"] == "request-0"


def test_every_number_of_the_design_is_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A turn tells how long it took, all in all and step by step, and what it cost."""
    metrics = answered(world, capsys, cold=True).metrics

    steps = {f"Step.{outcome.name}" for outcome in world.turns[0].outcomes if outcome.attempts}
    assert steps
    assert {*DESIGNED, *steps} - set(metrics) <= {
        "GatherDuration"
    }  # the World's clock stands still meanwhile
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


def test_a_fallback_and_its_failure_are_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A messages store that is down is four steps that failed and fell back, and a turn that did not fail."""
    world.broken = {"messages.newest", "messages.relevant"}

    metrics = answered(world, capsys).metrics

    assert (metrics["StepFailures"], metrics["Fallbacks"], metrics["TurnsFailed"]) == (4, 4, 0)


def test_a_failed_turn_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One that was given up, on its last attempt."""
    world.broken = {"model"}
    world.ask("where?", THREAD)
    for _ in range(40):
        world.work()
        world.sleep(5)

    emitted = Emitted(world.turns[-1], capsys)

    assert (emitted.metrics["TurnsFailed"], emitted.metrics["Resumed"]) == (1, 1)
    assert emitted.line_in_log["failed"] == "Unreachable"


def test_what_a_mute_made_needless_is_no_wasted_speculation(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps that are discarded because the room is muted were not speculated on."""
    world.records.mute(ROOM, world.now + 3600, world.now)

    metrics = answered(world, capsys).metrics

    assert (metrics["Speculations"], metrics["SpeculationsWasted"]) == (0, 0)


@pytest.mark.parametrize("text", ["mute", "stop"])
def test_what_did_not_happen_is_not_told(world: World, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """An order asks no model and gathers nothing: a 0, or worse, would lie to a percentile."""
    world.ask(text, THREAD)
    world.now += 0.5
    world.work()

    metrics = Emitted(world.turns[-1], capsys).metrics

    assert not {"GatherDuration", "ModelDuration", "FirstTokenLatency"} & set(metrics)
    assert all(value < 1e6 for value in metrics.values())


def test_the_log_names_the_turn_and_quotes_nobody(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """An event in the past tense, with ids and numbers and no text."""
    emitted = answered(world, capsys)

    assert emitted.line_in_log["message"] == "turn_closed"
    assert emitted.line_in_log["turn"] == world.turns[0].id
    assert "where?" not in emitted.line + json.dumps(emitted.line_in_log)

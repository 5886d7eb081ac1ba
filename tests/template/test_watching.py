"""Dashboard and alarms look at what the code emits, and the code emits nothing that nobody looks at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from repartee.aws.metrics import METRICS_NAMESPACE
from repartee.briefs.metrics import BRIEF_METRICS
from repartee.turn import metrics
from tests.support.stack_template import load_template

STACK = load_template()
METRIC_UNITS = metrics.METRIC_UNITS | BRIEF_METRICS
STANDALONE_METRICS = (*metrics.STANDALONE_METRICS, *BRIEF_METRICS)
STEP_METRICS = {f"Step.{name}" for name in metrics.METRIC_STEPS}
ALARMS = STACK.resources_of_type("AWS::CloudWatch::Alarm")

Seen = tuple[str, frozenset[str]]
"""A metric of ours as an operator looks at it: its name and its dimensions."""


def widgets() -> list[dict[str, Any]]:
    """The dashboard's, as CloudWatch reads them in a stack that has everything."""
    (dashboard,) = STACK.resources_of_type("AWS::CloudWatch::Dashboard").values()
    text, optional = dashboard["DashboardBody"]["Fn::Sub"]
    for name, value in optional.items():
        text = text.replace(f"${{{name}}}", "".join(present_parts(value)))
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def present_parts(value: dict[str, Any]) -> Iterator[str]:
    """The texts of an optional part whose condition holds."""
    for one in value["Fn::Join"][1] if "Fn::Join" in value else [value]:
        yield one["Fn::If"][1]["Fn::Sub"]


def on_dashboard() -> Iterator[Seen]:
    for widget in widgets():
        for namespace, *rest in widget["properties"].get("metrics", ()):
            if namespace == METRICS_NAMESPACE:
                words = [word for word in rest if isinstance(word, str)]
                yield words[0], frozenset(words[1::2])


def in_alarms() -> Iterator[Seen]:
    for alarm in ALARMS.values():
        found = [
            alarm,
            *(one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one),
        ]
        for metric in found:
            if metric.get("Namespace") == METRICS_NAMESPACE:
                yield metric["MetricName"], frozenset(one["Name"] for one in metric.get("Dimensions", ()))


def test_everything_that_is_looked_at_is_emitted() -> None:
    """Each metric of ours on the dashboard and in an alarm is one that the code has, with its dimensions."""
    for name, dimensions in {*on_dashboard(), *in_alarms()}:
        assert name in METRIC_UNITS or name in STEP_METRICS, name
        assert dimensions == (frozenset() if name in STANDALONE_METRICS else {"mode"}), name


def test_everything_that_is_emitted_is_looked_at() -> None:
    """Each metric that the code has is on the dashboard, in both modes, and so are the steps."""
    seen = {name for name, _ in on_dashboard()}
    modes = dict.fromkeys(METRIC_UNITS.keys() - {*STANDALONE_METRICS}, 0)
    for widget in widgets():
        for metric in widget["properties"].get("metrics", ()):
            if metric[0] == METRICS_NAMESPACE and metric[1] in modes:
                modes[metric[1]] |= {"parallel": 1, "serial": 2}[metric[3]]

    assert seen == METRIC_UNITS.keys() | STEP_METRICS
    assert set(modes.values()) == {3}


def test_the_dashboard_answers_four_questions_in_their_order() -> None:
    """Slow? why? since when? for whom?, each with what is looked at for it."""
    heads = [one["properties"]["markdown"] for one in widgets() if one["type"] == "text"]

    assert [head.split()[1:3] for head in heads[:4]] == [
        ["Slow?", "What"],
        ["Why?", "The"],
        ["Since", "when?"],
        ["For", "whom?"],
    ]


def test_a_chart_whose_metric_has_an_alarm_shows_where_it_begins() -> None:
    """A line is drawn at the threshold of the alarm on first words, and of that on gathering."""
    drawn = {
        line["value"]
        for widget in widgets()
        for line in widget["properties"].get("annotations", {}).get("horizontal", ())
    }

    assert {ALARMS[name]["Threshold"] for name in ("FirstWordsAreSlow", "GatherIsSlow", "WakesWait")} <= drawn


def test_the_stream_is_on_the_dashboard_where_there_is_one() -> None:
    """Its errors, how long it takes and how many run."""
    shown = json.dumps(widgets())

    for metric in ("Errors", "Duration", "ConcurrentExecutions"):
        assert json.dumps(["AWS/Lambda", metric, "FunctionName", "${Stream}"]) in shown


def test_every_alarm_is_on_the_dashboard() -> None:
    """Those of the stream and the console too, where the stack has them."""
    (shown,) = (widget["properties"]["alarms"] for widget in widgets() if widget["type"] == "alarm")

    assert {re.sub(r"\W|Arn", "", one) for one in shown} == ALARMS.keys()


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_to_do(name: str) -> None:
    """It has a sentence for the operator whom it wakes up, and goes to the topic that the stack is given."""
    alarm = ALARMS[name]

    assert len(alarm["AlarmDescription"].split()) > 5
    assert alarm["AlarmActions"]["Fn::If"][0] == "WithTopic"


@pytest.mark.parametrize(
    "name,threshold,periods",
    [
        ("FirstWordsAreSlow", 4000, 3),
        ("GatherIsSlow", 3000, 2),
        ("StepsFail", 5, 1),
        ("TurnsFail", 0.1, 1),
        ("TurnErrors", 0.1, 1),
        ("SomethingIsDead", 0, 1),
        ("ChatsAreForgotten", 0, 1),
        ("BriefsAreSlow", 10_000, 1),
        ("BriefScheduleIsSlow", 30_000, 1),
        ("BriefsFail", 5, 1),
        ("BriefsAreDead", 0, 1),
        ("EmailsFail", 5, 1),
        ("EmailsAreDead", 0, 1),
        ("EmailsAreUnwanted", 5, 1),
        ("RemindersWait", 60_000, 1),
        ("ThreadsRunOut", 80, 1),
        ("ConnectionsRunOut", 80, 1),
        ("MetricsAreRejected", 0, 1),
    ],
)
def test_alarms_have_their_thresholds(name: str, threshold: float, periods: int) -> None:
    """As the design has them."""
    alarm = ALARMS[name]

    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (
        threshold,
        periods,
        periods,
    )


@pytest.mark.parametrize("function", STACK.functions)
def test_a_bad_version_is_rolled_back(function: str) -> None:
    """Each function's new version takes over under the eyes of an alarm of its own errors."""
    preference = STACK.functions[function]["DeploymentPreference"]

    alarms = [alarm["Ref"] for alarm in preference["Alarms"]]
    assert f"{function}Errors" in alarms
    assert alarms == [alarm for alarm in alarms if alarm in ALARMS]

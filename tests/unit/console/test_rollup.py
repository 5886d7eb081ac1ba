"""Sums of turns: percentiles of buckets, what an hour counts, and when something became slower."""

from __future__ import annotations

import random

import msgspec
import pytest

from repartee.console.health_figures import (
    HOUR_SECONDS,
    find_worse_since,
    list_step_rows_by,
    sum_cost_by_model,
)
from repartee.console.room_costs import room_of_chat
from repartee.domain.rollup import (
    BUCKET_FACTOR,
    MAX_MODELS,
    HourlyRollup,
    HourlySteps,
    HourRollups,
    StepTally,
    count_duration,
    percentile_ms,
    sum_buckets,
    sum_rollups,
)
from repartee.domain.turn_record import StepRecord, TurnRecord

AT = 1_790_000_000.0


def make_record(turn: str = "t1", waited: float = 1.2, failed: str = "", closed_at: float = AT) -> TurnRecord:
    received = closed_at - waited - 1
    return TurnRecord(
        turn=turn,
        chat="slack:T1:C1:1.2",
        channel="slack",
        assistant="office",
        mode="parallel",
        received_at=received,
        woken_at=received + 0.1,
        started_at=received + 0.2,
        gathered_at=received + 0.6,
        first_token_at=received + waited - 0.05,
        first_text_at=received + waited,
        replied_at=closed_at,
        closed_at=closed_at,
        input_tokens=100,
        output_tokens=20,
        cost_usd=0.002,
        cost_by_model=(("large", 0.0015), ("small", 0.0005)),
        failed=failed,
        steps=(
            StepRecord("history", "ok", 0, 300, 1),
            StepRecord("erp_schema", "fallback", 0, 500, 1, reason="timeout"),
            StepRecord("router", "discarded", 0, 80, 1, speculated=True),
        ),
    )


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_percentiles_are_within_a_bucket(share: float) -> None:
    """The percentile of summed buckets is that of the durations, as closely as a bucket is wide."""
    source = random.Random(7)
    durations = sorted(source.lognormvariate(6.5, 0.8) for _ in range(5000))
    halves: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for number, duration in enumerate(durations):
        count_duration(halves[number % 2], duration)
    exact = durations[int(share * len(durations))]
    found = percentile_ms(sum_buckets(halves), share)
    assert found is not None
    assert exact / BUCKET_FACTOR <= found <= exact * BUCKET_FACTOR


def test_an_hour_counts_what_its_turns_were() -> None:
    """Waits, failures, cost, steps by their outcome, workspaces and chats."""
    kept = HourRollups()
    hour = int(AT // HOUR_SECONDS)
    kept.add(hour, make_record())
    kept.add(hour, make_record("t2", waited=3.0, failed="the model is down"))

    (group,) = kept.groups.values()
    assert (group.turns, group.failed, group.tokens) == (2, 1, 240)
    assert percentile_ms(group.parts["wait"], 0.99) == pytest.approx(3000, rel=0.06)
    assert group.cost_by_model == pytest.approx({"large": 0.003, "small": 0.001})
    (total,) = sum_rollups([group, group])
    models = sum_cost_by_model([total])
    assert [model for model, _ in models] == ["large", "small"]
    assert [cost for _, cost in models] == pytest.approx([0.006, 0.002])
    (steps,) = kept.steps.values()
    assert steps.steps["erp_schema"].errors == {"timeout": 2}
    assert steps.steps["router"].wasted == 2
    assert not steps.steps["router"].durations
    assert kept.workspaces["slack:T1"].turns == 2
    assert kept.chats["slack:T1:C1:1.2"].longest_wait_ms == pytest.approx(3000)


def test_since_when_it_is_slow() -> None:
    """The first of the hours to the end that are slower than usual; nothing where only one in between was."""

    def hours(*waits: float) -> dict[int, list[dict[int, int]]]:
        found: dict[int, list[dict[int, int]]] = {}
        for hour, waited in enumerate(waits):
            buckets: dict[int, int] = {}
            for _ in range(20):
                count_duration(buckets, waited)
            found[hour] = [buckets]
        return found

    assert find_worse_since(hours(900, 950, 900, 920, 2400, 2600)) == 4 * HOUR_SECONDS
    assert find_worse_since(hours(900, 2400, 900, 920, 910)) == 0.0
    assert find_worse_since(hours(900, 4000)) == 0.0


def test_a_step_tells_for_whom_it_failed() -> None:
    """The assistant and channel in which it failed most come first, over all hours."""
    found = [
        HourlySteps(hour=hour, channel=where, assistant="office", steps={"history": StepTally(failed=count)})
        for hour, where, count in ((1, "slack", 1), (1, "web", 2), (2, "slack", 3))
    ]
    rows = list_step_rows_by("history", found)
    assert [(row.name, row.failed) for row in rows] == [("office, slack", 4), ("office, web", 2)]


def test_an_hour_names_a_bounded_number_of_models() -> None:
    """What others cost stays in the sum, in no model's name."""
    rollup = HourlyRollup(hour=1, channel="web", assistant="office", mode="serial")
    for number in range(MAX_MODELS + 5):
        rollup.add(msgspec.structs.replace(make_record(), cost_by_model=((f"m{number}", 0.002),)))
    assert len(rollup.cost_by_model) == MAX_MODELS
    model, cost = sum_cost_by_model([rollup])[-1]
    assert (model, round(cost, 9)) == ("", 0.01)


@pytest.mark.parametrize(
    "chat, room",
    [
        ("slack:T1:C1:1.5", "slack:T1:C1"),
        ("slack:T1:D9", "slack:T1:D9"),
        ("telegram:-100:7", "telegram:-100"),
        ("telegram:42", "telegram:42"),
        ("whatsapp:49:4917", "whatsapp:49:4917"),
        ("web:p1:main", "web:p1"),
    ],
)
def test_a_chat_tells_its_room(chat: str, room: str) -> None:
    """By its id, in each channel."""
    assert room_of_chat(chat) == room

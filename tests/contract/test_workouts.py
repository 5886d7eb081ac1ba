"""The contract of `ports.Workouts`."""

from __future__ import annotations

import pytest

from repartee.ports import WorkoutStore
from repartee.stores.dynamodb.workouts import DynamoWorkouts
from tests.support import aws
from tests.support.memory_workouts import MemoryWorkouts, make_workout

ANN, BOB = "slack:T1:U1", "web:bob"


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def workouts(request: pytest.FixtureRequest) -> WorkoutStore:
    if request.param == "memory":
        return MemoryWorkouts()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoWorkouts(dynamodb, aws.make_table(dynamodb))


def test_workouts_come_by_day(workouts: WorkoutStore) -> None:
    """What was kept is read as it was told, oldest first, from a day on; of nobody else, and of strangers
    nothing."""
    late, early = make_workout("2026-03-02", reps=3), make_workout("2026-02-27", load=97.5)
    workouts.put(ANN, [late, early])

    assert list(workouts.list_since(ANN, "2026-02-27")) == [early, late]
    assert list(workouts.list_since(ANN, "2026-02-28")) == [late]
    assert list(workouts.list_since(BOB, "2020-01-01")) == []


def test_what_is_kept_again_is_one(workouts: WorkoutStore) -> None:
    """Repeating it changes nothing; other values of the same are the ones that stand."""
    for load in (18.0, 18.0, 80.0):
        workouts.put(ANN, [make_workout("2026-03-02", load=load)])

    assert [one.load for one in workouts.list_since(ANN, "2026-01-01")] == [80.0]


def test_one_comes_instead_of_another(workouts: WorkoutStore) -> None:
    """What is put right may be of another day: the old record is gone. So it is with nothing in its place."""
    wrong, right = make_workout("2026-03-02", id="m1:0"), make_workout("2026-03-01", id="m1:0")
    workouts.put(ANN, [wrong])

    for _ in range(2):
        workouts.put(ANN, [right], replacing=[wrong])
    assert list(workouts.list_since(ANN, "2026-01-01")) == [right]

    workouts.put(ANN, [], replacing=[right])
    workouts.put(ANN, [])
    assert list(workouts.list_since(ANN, "2026-01-01")) == []


def test_a_person_is_forgotten(workouts: WorkoutStore) -> None:
    """All of one person is deleted, however much, others' stay, and doing it again is no error."""
    workouts.put(ANN, [make_workout(f"2026-03-{day:02}") for day in range(1, 31)])
    workouts.put(BOB, [make_workout("2026-03-01")])

    workouts.delete_all(ANN)
    workouts.delete_all(ANN)

    assert list(workouts.list_since(ANN, "2026-01-01")) == []
    assert len(workouts.list_since(BOB, "2026-01-01")) == 1

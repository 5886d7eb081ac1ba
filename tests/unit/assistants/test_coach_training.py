"""Workouts: units, what cannot be right, what is put right, and progress."""

from __future__ import annotations

import struct
import zlib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.assistants.coach.schemas import ReportedExercise, WorkoutCorrection, WorkoutExtraction
from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.chart import draw_chart
from repartee.assistants.coach.training.exercises import canonical_name, is_same_exercise
from repartee.assistants.coach.training.plausibility import find_doubts
from repartee.assistants.coach.training.progress import (
    compute_progress,
    estimate_one_rep_max,
    format_progress,
    format_workout,
    select_progress,
)
from repartee.assistants.coach.workout_changes import WorkoutChanges, WorkoutSource, plan_changes
from repartee.ports import Workout
from tests.support.memory_workouts import make_workout

TODAY = date(2026, 9, 10)
SOURCE = WorkoutSource(message_id="chat#m9", sent_at=9.0, local_date=TODAY, units=units.METRIC_UNITS)


def done(*exercises: ReportedExercise, **more: Any) -> WorkoutChanges:
    log = more.pop("log", ())
    return plan_changes(WorkoutExtraction(done=exercises, corrections=()), more.pop("source", SOURCE), log)


def put_right(log: list[Workout], **more: Any) -> WorkoutChanges:
    now = ReportedExercise(exercise=more.pop("named", ""), **more.pop("now", {}))
    correction = WorkoutCorrection(**({"exercise": "", "was": None, "remove": False} | more), now=now)
    return plan_changes(WorkoutExtraction(done=(), corrections=(correction,)), SOURCE, log)


@given(st.floats(0.5, 500), st.sampled_from(sorted(units.KILOGRAMS_PER_UNIT)))
def test_a_load_is_said_back_as_it_was_said(value: float, unit: str) -> None:
    """Whatever unit it was kept in meanwhile."""
    said = round(value, 1)

    assert (
        units.format_load(units.to_stored_unit(said, unit, units.KILOGRAMS_PER_UNIT), unit)
        == f"{said:g} {unit}"
    )


@pytest.mark.parametrize(
    "seconds, said", [(45, "45 s"), (1500, "25:00 min"), (3750, "1:02:30 h"), (59.6, "1:00 min")]
)
def test_a_duration_reads_as_on_a_watch(seconds: float, said: str) -> None:
    """Hours, minutes and seconds, as far as there are any."""
    assert units.format_duration(seconds) == said


def test_one_exercise_has_one_name() -> None:
    """However people call it; and what may be of one is known as such."""
    assert [
        canonical_name(one) for one in ("Back Squat", "OHP", "Pull Ups", " jogging ", "Biceps Curls")
    ] == [
        "squat",
        "overhead press",
        "pull-up",
        "run",
        "biceps curl",
    ]
    assert is_same_exercise("squats", "front squat")
    assert not is_same_exercise("squat", "bench press")


def test_each_group_of_sets_is_a_record() -> None:
    """With an id of its own message, in the units of those who named none, on the day that is meant."""
    booking = done(
        ReportedExercise(exercise="bench", sets=3, reps=5, load=225, load_unit="lb"),
        ReportedExercise(
            exercise="run",
            distance=3,
            distance_unit="mi",
            duration=1.5,
            duration_unit="h",
            day=date(2026, 9, 8),
        ),
    )

    assert [one.id for one in booking.new] == ["chat#m9:0", "chat#m9:1"]
    assert [format_workout(one) for one in booking.new] == [
        "bench press 3 x 5 at 225 lb",
        "run 3 mi in 1:30:00 h",
    ]
    assert booking.new[0].load == pytest.approx(102.058)
    assert [one.day for one in booking.new] == ["2026-09-10", "2026-09-08"]


@pytest.mark.parametrize(
    "told_, why",
    [
        ({"load": 800.0, "sets": 1, "reps": 1}, "800 kg is not possible"),
        ({"load": 100.0, "reps": 5000}, "5000 reps is not possible"),
        ({"distance": 900.0}, "900 km is not possible"),
        ({"distance": 10.0, "duration": 10.0}, "faster than anybody"),
        ({"effort": 11.0, "reps": 5}, "11 effort is not possible"),
        ({"effort": 0.5, "reps": 5}, "goes from 1 to 10"),
        ({"reps": 5, "day": date(2026, 9, 20)}, "is yet to come"),
        ({"reps": 5, "day": date(2020, 1, 1)}, "is long ago"),
        ({"reps": -3}, "is not possible"),
    ],
)
def test_what_cannot_be_right_is_not_recorded(told_: dict[str, Any], why: str) -> None:
    """It is asked about, with the reason."""
    booking = done(ReportedExercise(exercise="run", **told_))

    assert booking.new == ()
    assert why in booking.uncertain[0].reason


def test_a_leap_is_asked_about() -> None:
    """Three workouts of an exercise say what is usual; one more does not."""
    log = [make_workout(f"2026-09-0{day}", id=f"m{day}:0") for day in range(1, 4)]
    leap = ReportedExercise(exercise="squat", sets=1, reps=5, load=180)

    assert done(leap, log=log[:2]).uncertain == ()
    assert "far above the best so far, 100 kg" in done(leap, log=log).uncertain[0].reason
    assert find_doubts(make_workout("2026-09-10", load=120.0), TODAY, log) == ()


def test_what_an_earlier_attempt_wrote_goes() -> None:
    """A turn that is tried again may read less in a message than before: what it reads last stands."""
    earlier = [make_workout("2026-09-10", id=f"chat#m9:{n}") for n in range(2)]

    booking = done(ReportedExercise(exercise="squat", sets=5, reps=5), log=earlier)

    assert booking.repeated == tuple(earlier)
    assert [one.id for one in booking.to_save] == ["chat#m9:0"]


def test_the_record_that_is_meant_is_put_right() -> None:
    """The newest with that number, of that exercise where one is named; all else of it stays."""
    old = make_workout("2026-09-01", id="m1:0", load=18.0, told_at=1.0)
    new = make_workout("2026-09-08", id="m2:0", load=18.0, told_at=2.0, effort=8.0)
    bench = make_workout("2026-09-09", id="m3:0", exercise="bench press", load=18.0, told_at=3.0)

    ((was, now),) = put_right([old, new, bench], exercise="squats", was=18.0, now={"load": 80}).corrected

    assert was == new
    assert (now.id, now.load, now.effort, now.day) == ("m2:0", 80.0, 8.0, "2026-09-08")
    assert put_right([old, new, bench], now={"load": 80}).corrected[0][0] == bench


def test_a_day_and_a_name_can_be_put_right() -> None:
    """Whatever was wrong."""
    log = [make_workout("2026-09-08", id="m2:0")]

    ((_, now),) = put_right(log, named="front squat", now={"day": date(2026, 9, 7)}).corrected

    assert (now.exercise, now.day) == ("front squat", "2026-09-07")


def test_what_is_not_found_is_asked_for() -> None:
    """And what is put right to something impossible is not written."""
    log = [make_workout("2026-09-08", id="m2:0")]

    assert len(put_right(log, was=17.0, now={"load": 80}).unmatched) == 1
    assert len(put_right(log, now={"load": 8000}).uncertain) == 1
    assert put_right(log, now={"load": 8000}).to_save == ()
    assert put_right(log, remove=True).to_delete == (log[0],)


def test_a_maximum_is_estimated_by_epley() -> None:
    """A single is what it is, and beyond twelve repetitions nothing is estimated."""
    assert estimate_one_rep_max(100, 1) == 100
    assert estimate_one_rep_max(100, 6) == pytest.approx(120)
    assert estimate_one_rep_max(100, 13) == 0


def test_progress_is_computed() -> None:
    """Best, trend and weekly volume, in the unit that was used last."""
    log = [
        make_workout(str(TODAY - timedelta(weeks=weeks)), id=f"m{weeks}:0", sets=5, load=100.0 - 3 * weeks)
        for weeks in (4, 3, 2, 1)
    ]
    in_pounds = make_workout(str(TODAY), id="m0:0", sets=5, load=100.0, load_unit="lb")

    metric, imperial = compute_progress(log), compute_progress([*log, in_pounds])

    assert metric is not None
    assert imperial is not None
    assert metric.weekly_trend == pytest.approx(3.5, abs=0.01)
    assert metric.weekly_volume[-1] == (date(2026, 8, 31), 5 * 5 * 97.0)
    assert imperial.unit == "lb"
    assert max(value for _, value in imperial.daily_best) == pytest.approx(
        100 * (1 + 5 / 30) / 0.45359237, abs=0.1
    )
    assert any("+3.50 kg a week" in line for line in format_progress(metric))


def test_progress_of_what_has_no_load() -> None:
    """Runs are measured by their distance, push-ups by their repetitions, planks by their time."""
    run = compute_progress(
        [make_workout("2026-09-01", exercise="run", load=0.0, reps=0, sets=0, distance=5000.0)]
    )
    push_up = compute_progress([make_workout("2026-09-01", exercise="push-up", load=0.0, reps=30)])
    plank = compute_progress(
        [make_workout("2026-09-01", exercise="plank", load=0.0, reps=0, sets=0, duration=90.0)]
    )

    assert [one and (one.measure, one.daily_best[0][1], one.unit) for one in (run, push_up, plank)] == [
        ("distance", 5.0, "km"),
        ("repetitions", 30.0, "repetitions"),
        ("duration", 1.5, "min"),
    ]
    assert compute_progress([]) is None


def test_which_exercise_is_asked_about() -> None:
    """The one that is named, one that the question names, else what is done most."""
    log = [make_workout(f"2026-09-0{n}", id=f"m{n}:0", exercise=name) for n, name in enumerate(
        ("squat", "squat", "front squat", "bench press", "run", "run", "run"), 1)]  # fmt: skip

    def asked(exercise: str, question: str = "") -> list[str]:
        return [one.exercise for one in select_progress(log, exercise, question)]

    assert asked("squats") == ["squat"]
    assert asked("", "how are my runs going?") == ["run"]
    assert asked("", "how am I doing?") == ["run", "squat", "front squat"]
    assert asked("deadlift") == []


def test_a_chart_is_a_whole_picture() -> None:
    """A PNG that says what it is, whose chunks are as the standard wants them; none of a single day."""
    log = [make_workout(f"2026-09-0{day}", id=f"m{day}:0", load=90.0 + day) for day in range(1, 9)]
    found, single = compute_progress(log), compute_progress(log[:1])
    assert found is not None
    assert single is not None

    picture = draw_chart(found)

    assert picture is not None
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = dict(_chunks(picture.content))
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (640, 360)
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == 360 * 641
    assert {rows[n] for n in range(0, len(rows), 641)} == {0}
    assert "from 106.17 kg on 2026-09-01 to 114.33 kg on 2026-09-08" in picture.alt_text
    assert draw_chart(single) is None


def test_a_chart_of_the_same_every_day() -> None:
    """All alike is a line, too."""
    found = compute_progress([make_workout(f"2026-09-0{day}", id=f"m{day}:0") for day in range(1, 4)])

    assert found is not None
    assert draw_chart(found) is not None


def _chunks(png: bytes) -> Any:
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(name + content)
        yield name, content
        at += 12 + size

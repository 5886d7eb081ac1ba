"""A small library, and a person who has trained for three months: what the coach knows on one machine."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ingestion.documents import find_documents, read_sections
from repartee.knowledge.library import make_passages, update_library
from repartee.ports import Embedder, Memory, MemoryStore, Workout, WorkoutStore
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from support.caches import make_once

LIBRARY_FILE_NAME = "library.db"
LIBRARY_FOLDER = Path(__file__).with_name("library")
PEOPLE = ("web:ada", "slack:T0BUTLER:U0ADA", "telegram:4200042")
"""Ada, wherever she writes."""

TRAINING_WEEKS = 12
SEED_MEMORIES = {
    "injury:left-knee": "Their left knee hurts when they run downhill.",
    "preference:training-time": "They like to train before work.",
    "equipment:barbell": "They have a barbell and a rack in the garage.",
}
COACHING_AGREEMENT = {
    "plan": "Three sessions a week: two of lifting, one run.",
    "goals": "A half marathon in spring.",
}


def build_library(path: str, embedder: Embedder, model: str) -> None:
    """Puts the library at that path, as the SQLite file of `SqliteKnowledge`: made once for each embedding
    model, and kept."""
    digest = hashlib.sha256(
        b"".join(one.path.read_bytes() for one in find_documents(LIBRARY_FOLDER))
    ).hexdigest()[:12]
    made = make_once(
        f"library-{digest}-{quote(model, safe='')}", lambda folder: _ingest_library(folder, embedder)
    )
    shutil.copy(made / LIBRARY_FILE_NAME, path)


def _ingest_library(folder: Path, embedder: Embedder) -> None:
    knowledge = SqliteKnowledge(str(folder / LIBRARY_FILE_NAME))
    wanted = [
        one
        for document in find_documents(LIBRARY_FOLDER)
        for one in make_passages(document.name, document.topic, read_sections(document), "local")
    ]
    update_library(knowledge, embedder, wanted, lambda name: True, lambda done, of: None)
    knowledge.close()


def seed_training(workouts: WorkoutStore, memories: MemoryStore, embedder: Embedder, now: float) -> None:
    """Stores sample workouts and memories of Ada."""
    vectors = embedder.embed(list(SEED_MEMORIES.values()))
    seeds = [Memory(id=id, text=text, told_at=now - 30 * 86_400) for id, text in SEED_MEMORIES.items()]
    for person in PEOPLE:
        log = list(workout_log(datetime.fromtimestamp(now, UTC).date()))
        for first in range(0, len(log), 25):
            workouts.put(person, log[first : first + 25])
        memories.put(person, list(zip(seeds, vectors, strict=True)))


def coaching_items() -> Iterator[dict[str, Any]]:
    """Returns the goals agreed with Ada, as items of the records' table."""
    for person in PEOPLE:
        yield {
            "pk": {"S": person},
            "sk": {"S": "course"},
            **{n: {"S": text} for n, text in COACHING_AGREEMENT.items()},
        }
    yield {"pk": {"S": "web:ada"}, "sk": {"S": "profile"}, "name": {"S": "Ada"}}


def workout_log(today: date) -> Iterator[Workout]:
    """Three sessions a week, up to yesterday: the squat grows, the run gets longer, as such things go."""
    monday = today - timedelta(days=today.weekday() + 7 * TRAINING_WEEKS)
    for week in range(TRAINING_WEEKS + 1):
        up_and_down = 2.5 * math.sin(week)
        load = round((80 + 2.0 * week + up_and_down) / 2.5) * 2.5
        for day, exercise, numbers in (
            (0, "squat", {"sets": 5, "reps": 5, "load": load}),
            (2, "bench press", {"sets": 4, "reps": 6, "load": round(load * 0.3) * 2.0}),
            (5, "run", {"distance": 6000.0 + 500 * week, "duration": (6000 + 500 * week) * 0.36}),
        ):
            on = monday + timedelta(weeks=week, days=day)
            if on < today:
                yield Workout(id=f"seed-{on}:0", exercise=exercise, day=str(on), told_at=0.0, **numbers)  # type: ignore[arg-type]

"""A small library, and somebody who has trained for three months: what the coach knows on one machine."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.documents import documents, sections
from ingestion.library import bring, passages
from repartee.ports import Embedder, Memories, Memory, Workout, Workouts
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from support.caches import made_once

NAME = "library.db"
LIBRARY = Path(__file__).with_name("library")
PEOPLE = ("web:ada", "slack:T0BUTLER:U0ADA", "telegram:4200042")
"""Ada, wherever she writes."""

WEEKS = 12
KNOWN = {
    "injury:left-knee": "Their left knee hurts when they run downhill.",
    "preference:training-time": "They like to train before work.",
    "equipment:barbell": "They have a barbell and a rack in the garage.",
}
COURSE = {"plan": "Three sessions a week: two of lifting, one run.", "goals": "A half marathon in spring."}


def fill(path: str, embedder: Embedder) -> None:
    """Puts the library at that path, as the SQLite file of `SqliteKnowledge`: made once, and kept."""
    digest = hashlib.sha256(b"".join(one.path.read_bytes() for one in documents(LIBRARY))).hexdigest()[:12]
    size = len(embedder.embed(["squat"])[0])  # another model's vectors are another library
    made = made_once(f"library-{digest}-{size}", lambda folder: _make(folder, embedder))
    shutil.copy(made / NAME, path)


def _make(folder: Path, embedder: Embedder) -> None:
    knowledge = SqliteKnowledge(str(folder / NAME))
    wanted = [
        one for document in documents(LIBRARY) for one in passages(document, sections(document), "local")
    ]
    bring(knowledge, embedder, wanted, lambda name: True, lambda done, of: None)
    knowledge.close()


def train(workouts: Workouts, memories: Memories, embedder: Embedder, now: float) -> None:
    """What Ada did and what is known about her."""
    vectors = embedder.embed(list(KNOWN.values()))
    told = [Memory(id=id, text=text, told=now - 30 * 86_400) for id, text in KNOWN.items()]
    for person in PEOPLE:
        log = list(log_of(datetime.fromtimestamp(now, UTC).date()))
        for first in range(0, len(log), 25):
            workouts.put(person, log[first : first + 25])
        memories.put(person, list(zip(told, vectors, strict=True)))


def agreed() -> Iterator[dict[str, Any]]:
    """What was agreed with Ada, as items of the records' table."""
    for person in PEOPLE:
        yield {"pk": {"S": person}, "sk": {"S": "course"}, **{n: {"S": text} for n, text in COURSE.items()}}
    yield {"pk": {"S": "web:ada"}, "sk": {"S": "profile"}, "name": {"S": "Ada"}}


def log_of(today: date) -> Iterator[Workout]:
    """Three sessions a week, up to yesterday: the squat grows, the run gets longer, as such things go."""
    monday = today - timedelta(days=today.weekday() + 7 * WEEKS)
    for week in range(WEEKS + 1):
        up_and_down = 2.5 * math.sin(week)
        load = round((80 + 2.0 * week + up_and_down) / 2.5) * 2.5
        for day, exercise, numbers in (
            (0, "squat", {"sets": 5, "reps": 5, "load": load}),
            (2, "bench press", {"sets": 4, "reps": 6, "load": round(load * 0.3) * 2.0}),
            (5, "run", {"distance": 6000.0 + 500 * week, "duration": (6000 + 500 * week) * 0.36}),
        ):
            on = monday + timedelta(weeks=week, days=day)
            if on < today:
                yield Workout(id=f"seed-{on}:0", exercise=exercise, day=str(on), told=0.0, **numbers)  # type: ignore[arg-type]

"""One brief on the local stack, from the schedule to the chat, and where the time went."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from local import brief_seeds, lambda_handlers
from local.call_recorder import CallRecorder, RecordedCall
from local.message_way import Kind, WayRow, describe_outcome
from local.stack import StackFailed
from repartee.briefs.writing import step_name
from repartee.wiring import briefs

if TYPE_CHECKING:
    from local.deployment import LocalDeployment
    from repartee.briefs.writing import WrittenBrief
    from repartee.domain.brief import Project
    from repartee.domain.brief_run import BriefSection
    from repartee.plan import Outcome
    from repartee.ports.briefs import SourceItem, SourceQuery
    from repartee.wiring import Wiring

SCHEDULE_EVENT = Path(__file__).parents[2] / "events" / "schedule" / "briefs.json"
WRITER_SECONDS = 150.0
"""Seconds that the writer's function has."""

STAGES = ("schedule", "queue", "say")
PART_MARK = " / "
"""Between the names of a project and of a part of it."""


@dataclass(frozen=True)
class WrittenRun:
    """A brief that was written and said. Times are seconds since the epoch."""

    report: Mapping[str, Any]
    written: WrittenBrief
    recorder: CallRecorder
    mode: str
    began_at: float
    ended_at: float

    @property
    def gather_ms(self) -> float:
        """Milliseconds until the last project was written."""
        return 1000 * max((one.end for one in self.written.outcomes), default=0.0)

    @property
    def critical_path_ms(self) -> float:
        """Milliseconds of the slowest project: no project waits for another."""
        return 1000 * max((one.seconds for one in self.written.outcomes), default=0.0)

    @property
    def serial_ms(self) -> float:
        """Milliseconds of all projects together."""
        return 1000 * sum(one.seconds for one in self.written.outcomes)

    def rows(self) -> list[WayRow]:
        """Returns the parts, each project with its sources and its model below it."""
        began = {project: call.start for project, call in self._named("")}
        slowest = max(self._named(""), key=lambda one: one[1].end - one[1].start, default=("", None))[0]
        rows = [self._row(name, call, is_awaited=True) for name, call in self._stages() if name != "say"]
        for project in sorted(began, key=lambda name: began[name]):
            for name, call in ((project, call) for at, call in self._named("") if at == project):
                awaited = project == slowest or self.mode == "serial"
                note = ", ".join(describe_outcome(one) for one in self._outcomes_of(project))
                rows.append(self._row(name, call, is_awaited=awaited, note=note))
            parts = [call for at, call in self._named(PART_MARK) if at == project]
            parts.sort(key=lambda one: one.start)
            rows += [self._row("  " + call.name.partition(PART_MARK)[2], call) for call in parts]
        return rows + [
            self._row(name, call, is_awaited=True) for name, call in self._stages() if name == "say"
        ]

    def _stages(self) -> Iterator[tuple[str, RecordedCall]]:
        yield from ((call.name, call) for call in self.recorder.calls if call.name in STAGES)

    def _named(self, mark: str) -> list[tuple[str, RecordedCall]]:
        """Returns the calls of projects (without a mark), or of their parts, each with its project."""
        calls = [call for call in self.recorder.calls if call.name not in STAGES]
        if not mark:
            return [(call.name, call) for call in calls if PART_MARK not in call.name]
        return [(call.name.partition(mark)[0], call) for call in calls if mark in call.name]

    def _outcomes_of(self, project: str) -> list[Outcome]:
        names = {step_name(number) for number, one in enumerate(brief_seeds.PROJECTS) if one.name == project}
        return [one for one in self.written.outcomes if one.name in names and one.status != "ok"]

    def _row(self, name: str, call: RecordedCall, **more: Any) -> WayRow:
        kind: Kind = "stage" if name in STAGES else "model" if name == "  model" else "step"
        return WayRow(name, kind, self._to_ms(call.start), self._to_ms(call.end), **more)

    def _to_ms(self, at: float) -> float:
        return 1000 * (at - self.began_at)

    def as_json(self) -> dict[str, Any]:
        """Returns all of it as one object."""
        return {
            "reply": self.written.text,
            "result": self.written.result,
            "mode": self.mode,
            "schedule": dict(self.report),
            "parts": [row.as_json() for row in self.rows()],
            "gather_ms": round(self.gather_ms, 3),
            "critical_path_ms": round(self.critical_path_ms, 3),
            "serial_ms": round(self.serial_ms, 3),
            "total_ms": round(1000 * (self.ended_at - self.began_at), 3),
        }


class BriefRunner:
    """Has one brief scheduled, written and said."""

    def __init__(self, deployed: LocalDeployment) -> None:
        self._deployed = deployed
        self._recorder = CallRecorder()
        self._written: list[WrittenBrief] = []
        self._running = threading.local()
        self._replace_parts(deployed.parts)

    def run(self) -> WrittenRun:
        """Returns the brief. Raises `StackFailed` where none was written."""
        brief_seeds.subscribe(self._deployed.parts, time.time())
        schedule, write = map(lambda_handlers.load_handler, ("brief_schedule", "brief_write"))
        began = time.time()
        with self._recorder.record("schedule"):
            context = lambda_handlers.LambdaContext("brief_schedule", 120.0)
            report = schedule(json.loads(SCHEDULE_EVENT.read_text()), context)
        with self._recorder.record("queue"):
            records = self._take_jobs()
        answer = write({"Records": records}, lambda_handlers.LambdaContext("brief_write", WRITER_SECONDS))
        ended = time.time()
        if answer["batchItemFailures"] or not self._written:
            raise StackFailed("no brief was written")
        is_parallel = self._deployed.parts.environment.get("PARALLEL_ENABLED") != "false"
        mode = "parallel" if is_parallel else "serial"
        return WrittenRun(report, self._written[0], self._recorder, mode, began, ended)

    def _take_jobs(self) -> Sequence[Mapping[str, str]]:
        """Takes the jobs as the function is given them."""
        messages = self._deployed.receive_messages("BRIEFS_QUEUE_URL")
        return [{"messageId": one["MessageId"], "body": one["Body"]} for one in messages]

    def _replace_parts(self, parts: Wiring) -> None:
        """Puts an eye on the sources, the model, the speaker and the writer."""
        for part, wrap in (
            (briefs.section_writer, self._record_sections),
            (briefs.brief_sources, self._record_sources),
            (briefs.brief_model, self._record_model),
            (briefs.chat_speaker, self._record_speaker),
            (briefs.brief_writer, self._keep_written),
        ):
            parts.replace(part, lambda wiring, part=part, wrap=wrap: wrap(part.make(wiring)))  # type: ignore[misc]

    def _record_sources(self, sources: Mapping[str, Any]) -> Mapping[str, Any]:
        return {kind: RecordedSource(source, self._recorder) for kind, source in sources.items()}

    def _record_sections(self, sections: Any) -> Any:
        def write(project: Project, context: Any, *, parallel: bool) -> BriefSection:
            self._running.project = project.name
            with self._recorder.record(project.name):
                section: BriefSection = sections.write(project, context, parallel=parallel)
                return section

        return SimpleNamespace(write=write)

    def _record_model(self, model: Any) -> Any:
        def write_text(*given: Any) -> str:
            with self._recorder.record(f"{self._running.project}{PART_MARK}model"):
                return str(model.write_text(*given))

        return SimpleNamespace(write_text=write_text)

    def _record_speaker(self, speaker: Any) -> Any:
        def say(*given: Any) -> None:
            with self._recorder.record("say"):
                speaker.say(*given)

        return SimpleNamespace(say=say)

    def _keep_written(self, writer: Any) -> Any:
        write = writer.write

        def write_and_keep(*given: Any) -> WrittenBrief:
            written: WrittenBrief = write(*given)
            self._written.append(written)
            return written

        writer.write = write_and_keep
        return writer


class RecordedSource:
    """A source whose reads are noted, by what is read."""

    def __init__(self, source: Any, recorder: CallRecorder) -> None:
        self._source, self._recorder = source, recorder
        self.topics, self.is_of_room = source.topics, source.is_of_room

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        project = next(one.name for one in brief_seeds.PROJECTS if query.ref in one.sources)
        with self._recorder.record(f"{project}{PART_MARK}reads {query.ref.name}"):
            found: Sequence[SourceItem] = self._source.read_new(query)
            return found

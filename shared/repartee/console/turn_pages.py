"""One turn of a conversation: its waterfall, and for administrators what was recorded of it, to be run
again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute
from repartee.console.chat_search import room_of_chat
from repartee.console.pages import PREFIX
from repartee.console.setup_jobs import STOP_POLLING_STATUS_CODE, SetupJobs
from repartee.console.try_it_stage import RerunChange
from repartee.console.turn_recordings import ShownRecording, TurnRecordings
from repartee.console.turn_view import ModelRequest, PromptPart, TurnPart, TurnView, Waterfall
from repartee.console.word_difference import compare_words
from repartee.domain.recording import RecordedPromptPart, Repetition, RepetitionChange, TurnRecording
from repartee.domain.rollup import PARTS, WAIT_PART
from repartee.domain.turn_record import TurnRecord
from repartee.ports.operations import AuditEntry, AuditLog, Conversations
from repartee.ports.operator_jobs import JobOrder
from repartee.turn.recorded_replay import (
    TOOL_SOURCE_PREFIX,
    describe_unchanged,
    find_instructions,
    list_lacks,
    list_sources,
)

MAX_INSTRUCTIONS_CHARS = 20_000
"""Characters of the instructions that a turn is run again with."""

MAX_MODEL_CHARS = 100
"""Characters of a model's name."""

OTHER_RUNS = "Nothing was started: another turn is being run again. Wait until it has ended."
NOT_STARTED = "It could not be started. Try again in a moment."


class TurnPages:
    """The pages of a turn. `jobs` is None where no function does what operators start."""

    def __init__(
        self,
        app: ConsoleApp,
        conversations: Conversations,
        recordings: TurnRecordings,
        jobs: SetupJobs | None,
        audit: AuditLog,
        clock: Callable[[], float],
    ) -> None:
        self._app, self._conversations, self._recordings = app, conversations, recordings
        self._jobs, self._audit, self._clock = jobs, audit, clock

    def routes(self, base: str) -> tuple[ConsoleRoute, ...]:
        """Returns the routes below the conversation's path."""
        return (
            ConsoleRoute(f"{base}/turn", self.show_turn, Role.VIEWER),
            ConsoleRoute(f"{base}/turn/again", self.run_again, Role.ADMIN, ("POST",)),
            ConsoleRoute(f"{base}/turn/repetition", self.show_repetition, Role.ADMIN),
        )

    def show_turn(self, request: ConsoleRequest) -> Response:
        """One turn's waterfall, and for administrators what was recorded of it."""
        record = self._read_record(request.query("chat"), request.query("turn"))
        return self._render_turn(request, record)

    def run_again(self, request: ConsoleRequest) -> Response:
        """Has a recorded turn run again with something changed, by the function of operators' jobs."""
        chat, turn = request.field("chat"), request.field("turn")
        record = self._read_record(chat, turn)
        found = self._recordings.find(room_of_chat(chat), turn)
        if self._jobs is None or found.recording is None:
            raise HTTPException(404, found.problem or "this turn was not recorded: it cannot be run again")
        change = RepetitionChange(
            model=request.field("model").strip()[:MAX_MODEL_CHARS],
            left_out=tuple(dict.fromkeys(request.fields("without"))),
            instructions=request.field("instructions").strip()[:MAX_INSTRUCTIONS_CHARS],
        )
        if unknown := set(change.left_out) - set(list_sources(found.recording)):
            raise HTTPException(400, f"the recording has no {', '.join(sorted(unknown))} to be left out")
        problem = self._start(request, self._jobs, found.recording, change)
        if request.is_fragment:
            shown = {**self._describe_repetition(record, found.recording), "again_problem": problem}
            return self._app.render("repetition.html", request, record=record, chat=chat, **shown)
        if problem:
            return self._render_turn(request, record, problem)
        address = urlencode({"chat": chat, "turn": turn})
        return RedirectResponse(f"{PREFIX}/conversations/one/turn?{address}", 303)

    def show_repetition(self, request: ConsoleRequest) -> Response:
        """How the turn's repetition goes, and what came of it beside what was answered."""
        chat = request.query("chat")
        record = self._read_record(chat, request.query("turn"))
        recording = self._recordings.find(room_of_chat(chat), record.turn).recording
        if recording is None:
            raise HTTPException(404, "this turn is not recorded any more")
        shown = self._describe_repetition(record, recording)
        answer = self._app.render("repetition.html", request, record=record, chat=chat, **shown)
        if shown["job_state"] not in ("waiting", "running"):
            answer.status_code = STOP_POLLING_STATUS_CODE
        return answer

    def _start(
        self, request: ConsoleRequest, jobs: SetupJobs, recording: TurnRecording, change: RepetitionChange
    ) -> str:
        """Notes it, and hands it over. Returns why it was not started."""
        if not (change.instructions or find_instructions(recording)):
            return "Nothing was started: the instructions of this turn are not recorded. Give them."
        job = jobs.reserve("again", request.operator, turn=recording.turn)
        if job is None:
            return OTHER_RUNS
        self._note(request, "run again", recording.chat)
        order = JobOrder(job.id, "again", room=recording.room, turn=recording.turn, change=change)
        return "" if jobs.hand_over(job, order) else NOT_STARTED

    def _render_turn(self, request: ConsoleRequest, record: TurnRecord, problem: str = "") -> Response:
        template = "record_panel.html" if request.is_fragment else "record.html"
        found = self._find_recording(request, record)
        shown: dict[str, Any] = {"record": record, "fall": record_waterfall(record), "chat": record.chat}
        if found.recording:
            lacks = list(list_lacks(found.recording))
            shown |= {"sources": list_sources(found.recording), "lacks": lacks}
            shown |= self._describe_repetition(record, found.recording)
        may_repeat = bool(self._jobs and found.recording and found.recording.prompt)
        shown |= {"again_problem": problem, "may_repeat": may_repeat}
        return self._app.render(template, request, **shown, recorded=found)

    def _find_recording(self, request: ConsoleRequest, record: TurnRecord) -> ShownRecording:
        """Returns what was recorded of a turn, to administrators alone; that one was opened is noted."""
        if request.operator.role < Role.ADMIN:
            return ShownRecording()
        found = self._recordings.find(room_of_chat(record.chat), record.turn)
        if found.recording:
            self._note(request, "open recording", record.chat)
        return found

    def _describe_repetition(self, record: TurnRecord, recording: TurnRecording) -> Mapping[str, Any]:
        """Returns how the newest repetition of the turn stands, and what came of it, for a template."""
        job = self._jobs.find("again") if self._jobs else None
        own = job if job and job.turn == record.turn else None
        state = own.state_at(self._clock()) if own else ""
        shown: dict[str, Any] = {"job": own, "job_state": state, "again": None, "again_problem": ""}
        repetition = self._recordings.find_repetition(recording.room, recording.turn)
        if repetition is None or state in ("waiting", "running"):
            return shown
        again, changed = view_repetition(record, recording, repetition), repetition.change
        unchanged = describe_unchanged(recording, changed)
        return shown | {
            "again": again,
            "turn": view_recording(record, recording, unchanged),
            "change": RerunChange(
                left_out=changed.left_out, instructions=changed.instructions, model=changed.model
            ),
            "remarks": repetition.remarks,
            "difference": compare_words(recording.reply, repetition.reply) if recording.reply else (),
            "token_difference": again.requests[-1].tokens - sum(one.tokens for one in unchanged),
        }

    def _read_record(self, chat: str, turn: str) -> TurnRecord:
        record = self._conversations.read_conversation(chat).turns.get(turn)
        if record is None:
            raise HTTPException(404, "the record of this turn is not kept any more")
        return record

    def _note(self, request: ConsoleRequest, action: str, target: str) -> None:
        at, operator = self._clock(), request.operator.id
        self._audit.append(AuditEntry(at=at, operator=operator, action=action, target=target))


def view_recording(
    record: TurnRecord, recording: TurnRecording, prompt: tuple[RecordedPromptPart, ...]
) -> TurnView:
    """Returns a turn as it was recorded, with the sizes of its prompt."""
    return TurnView(
        id=recording.turn,
        assistant=recording.assistant,
        mode=record.mode,
        state="failed" if recording.failure else "done",
        reply=recording.reply,
        failed=recording.failure,
        waterfall=record_waterfall(record),
        requests=(ModelRequest(_view_parts(prompt)),),
        first_words_ms=1000 * recording.first_text_seconds or None,
        gather_ms=1000 * recording.gather_seconds,
        serial_ms=1000 * sum(step.seconds for step in recording.gathered if step.status != "skipped"),
        total_ms=1000 * recording.seconds,
        tokens=recording.tokens,
        cost_usd=recording.cost_usd,
    )


def view_repetition(record: TurnRecord, recording: TurnRecording, repetition: Repetition) -> TurnView:
    """Returns a turn that was run again: what was replayed took no time, the model alone did."""
    left_out = repetition.change.left_out
    replayed = [
        TurnPart(name, "step", 0.0, 0.0, "skipped" if name in left_out else "ok", "replayed")
        for name in (
            *(step.name for step in recording.gathered if not step.name.startswith(TOOL_SOURCE_PREFIX)),
            *dict.fromkeys(f"{TOOL_SOURCE_PREFIX}{call.name}" for call in recording.calls),
        )
    ]
    first_ms, all_ms = 1000 * repetition.first_text_seconds, 1000 * repetition.seconds
    asked = [
        TurnPart("model, first token", "model", 0.0, first_ms or all_ms, is_awaited=True),
        TurnPart("model, all of it", "model", 0.0, all_ms, "failed" if repetition.failure else "ok"),
    ]
    return TurnView(
        id=repetition.turn,
        assistant=recording.assistant,
        mode=record.mode,
        state="failed" if repetition.failure else "done",
        reply=repetition.reply,
        failed=repetition.failure,
        waterfall=Waterfall((*replayed, *asked)),
        requests=(ModelRequest(_view_parts(repetition.prompt)),),
        first_words_ms=first_ms or None,
        total_ms=all_ms,
        tokens=repetition.tokens,
        cost_usd=repetition.cost_usd,
    )


def _view_parts(parts: tuple[RecordedPromptPart, ...]) -> tuple[PromptPart, ...]:
    return tuple(PromptPart(part.name, part.tokens, "") for part in parts)


def record_waterfall(record: TurnRecord) -> Waterfall:
    """Returns the parts and the steps of a turn that was closed, from its record."""
    began = record.received_at or record.started_at
    parts = [
        TurnPart(
            name, "stage", 1000 * (start - began), 1000 * (end - began), is_awaited="writing" not in name
        )
        for name, (first, last) in PARTS.items()
        if name not in (WAIT_PART, "gather")
        and (start := getattr(record, first))
        and (end := getattr(record, last))
    ]
    offset = 1000 * (record.started_at - began)
    parts += [
        TurnPart(
            step.name,
            "tool" if step.name.startswith("tool.") else "step",
            offset + step.start_ms,
            offset + step.end_ms,
            step.status,
            " ".join(part for part in (step.error, step.reason if step.reason != "gate" else "") if part),
        )
        for step in record.steps
    ]
    return Waterfall(tuple(sorted(parts, key=lambda part: (part.start_ms, part.end_ms or 0))))

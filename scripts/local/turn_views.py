"""Lays out the turns of this process for the console: waterfall, plan, steps, prompts."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from local.answered_turn import AnsweredTurn
from local.call_recorder import CallRecorder, RecordedAnswer
from local.live_turns import LiveTurn, LiveTurns
from local.message_way import WayRow, WebhookCall
from local.shown_values import describe_value
from repartee.console import turn_view
from repartee.domain.message import Message
from repartee.domain.tokens import estimate_tokens

if TYPE_CHECKING:
    from repartee.domain.prompt import Prompt
    from repartee.domain.redactor import Redactor
    from repartee.plan import Graph, Outcome

MAX_VALUE_CHARS = 4_000
MAX_PART_CHARS = 20_000
"""Characters of a step's value, and of one part of a prompt, that are shown."""

MAX_HISTORY = 8
"""Earlier turns in which a step's outcome is shown."""


class TurnViews:
    """Makes the views. `redactor_of` hides personal details in a room, as it is configured."""

    def __init__(
        self,
        turns: LiveTurns,
        recorder: CallRecorder,
        invoked_at: Sequence[float],
        find_webhook_call: Callable[[float], WebhookCall | None],
        redactor_of: Callable[[str], Redactor],
        price: Callable[..., float],
    ) -> None:
        self._turns, self._recorder, self._invoked_at = turns, recorder, invoked_at
        self._find_webhook_call, self._redactor_of, self._price = find_webhook_call, redactor_of, price

    def make_view(self, live: LiveTurn) -> turn_view.TurnView:
        """Returns the turn, as far as it has come."""
        return self._closed_view(live) if live.turn is not None else self._running_view(live)

    def first_words_ms(self, live: LiveTurn) -> float | None:
        """Returns the milliseconds until the first words; None if there were none."""
        turn = live.turn
        if turn is None or not turn.timeline.first_text_at:
            return None
        return 1000 * (turn.timeline.first_text_at - self._webhook_call(live).began_at)

    def _webhook_call(self, live: LiveTurn) -> WebhookCall:
        received = live.incoming[-1].received
        return self._find_webhook_call(received) or WebhookCall(received, received)

    def _closed_view(self, live: LiveTurn) -> turn_view.TurnView:
        turn = live.turn
        assert turn is not None
        answered = AnsweredTurn(
            turn, turn.reply, {}, [], self._webhook_call(live), self._recorder, tuple(self._invoked_at)
        )
        bars = tuple(_to_bar(row) for row in answered.rows)
        report, began = answered.report, answered.webhook.began_at
        statuses = {outcome.name: outcome.status for outcome in report.outcomes}
        critical = answered.critical_path.steps if answered.durations else ()
        return turn_view.TurnView(
            id=live.id,
            assistant=report.assistant,
            mode=report.mode,
            state="failed" if turn.failure_reason else "done",
            question=question_of(live),
            reply=turn.reply,
            failed=turn.failure_reason,
            waterfall=turn_view.Waterfall(bars),
            plan=turn_view.draw_plan(live.graph, statuses, critical) if live.graph else None,
            steps=self._list_steps(live, report.outcomes),
            requests=tuple(_describe_request(one, began) for one in self._answers(live)),
            first_words_ms=self.first_words_ms(live),
            gather_ms=report.gather_ms if live.graph else None,
            serial_ms=answered.serial_ms if live.graph else None,
            critical_ms=1000 * answered.critical_path.seconds if live.graph else None,
            total_ms=1000 * (turn.timeline.closed_at - began),
            tokens=turn.usage.input_tokens + turn.usage.output_tokens,
            cost_usd=self._price(turn.usages),
        )

    def _running_view(self, live: LiveTurn) -> turn_view.TurnView:
        began = self._webhook_call(live).began_at
        run, graph = live.run, live.graph
        assert run is not None
        assert graph is not None
        offset = 1000 * (live.began_at - began)
        ended = run.waterfall()
        bars = [turn_view.TurnPart("received, queued, claimed", "stage", 0.0, offset, is_awaited=True)]
        bars += [
            turn_view.TurnPart(
                bar.name,
                "step",
                offset + 1000 * bar.start,
                offset + 1000 * bar.end,
                bar.status,
                "" if bar.reason == "gate" else bar.reason or "",
            )
            for bar in ended
        ]
        going = dict(run.running())
        bars += [
            turn_view.TurnPart(name, "step", offset + 1000 * start, None, turn_view.RUNNING)
            for name, start in going.items()
        ]
        bars += self._model_bars(live, began)
        statuses = {bar.name: bar.status for bar in ended} | dict.fromkeys(going, turn_view.RUNNING)
        now = 1000 * (self._recorder.clock() - began)
        return turn_view.TurnView(
            id=live.id,
            assistant=graph.name,
            mode="",
            state=turn_view.RUNNING,
            question=question_of(live),
            waterfall=turn_view.Waterfall(tuple(sorted(bars, key=lambda bar: bar.start_ms)), now),
            plan=turn_view.draw_plan(graph, statuses),
        )

    def _answers(self, live: LiveTurn) -> list[RecordedAnswer]:
        """Returns the answers of the model in this turn, in order: those of its thread, in its time."""
        until = live.turn.timeline.closed_at if live.turn else float("inf")
        return [
            answer
            for answer in self._recorder.answers
            if answer.thread == live.thread and live.began_at <= answer.asked_at <= until
        ]

    def _model_bars(self, live: LiveTurn, began: float) -> Iterator[turn_view.TurnPart]:
        for answer in self._answers(live):
            asked = 1000 * (answer.asked_at - began)
            first = 1000 * (answer.first_piece_at - began) if answer.first_piece_at else None
            status = "ok" if first else turn_view.RUNNING
            yield turn_view.TurnPart("model, first token", "model", asked, first, status, is_awaited=True)
            if first:
                ended = 1000 * (answer.ended_at - began) if answer.ended_at else None
                yield turn_view.TurnPart("model writes", "model", first, ended, "ok" if ended else "running")

    def _list_steps(self, live: LiveTurn, outcomes: Sequence[Outcome]) -> tuple[turn_view.StepView, ...]:
        graph = live.graph
        if graph is None:
            return ()
        ended = {outcome.name: outcome for outcome in outcomes}
        values = {name: describe_value(one.value) for name, one in ended.items() if one.value is not None}
        hidden = self._redactor_of(live.incoming[-1].room).redact_all(list(values.values()))
        shown = dict(zip(values, hidden, strict=True))
        histories = self._histories(live)
        return tuple(
            _describe_step(graph, step.name, ended.get(step.name), shown, histories) for step in graph.steps
        )

    def _histories(self, live: LiveTurn) -> Mapping[str, list[tuple[str, float]]]:
        found: dict[str, list[tuple[str, float]]] = {}
        for earlier in self._turns.before(live, MAX_HISTORY):
            assert earlier.turn is not None
            for outcome in earlier.turn.outcomes:
                found.setdefault(outcome.name, []).append((outcome.status, 1000 * outcome.seconds))
        return found


def question_of(live: LiveTurn) -> str:
    """Returns what was said, as one text."""
    return "\n".join(one.text for one in live.incoming if isinstance(one, Message)) or "(a button)"


def list_prompt_parts(prompt: Prompt) -> tuple[turn_view.PromptPart, ...]:
    """Returns the parts of a prompt in the order in which the model reads them."""
    tools = [
        f"{tool.name}: {tool.description}\n{json.dumps(msgspec.json.schema(tool.arguments))}"
        for tool in prompt.tools
    ]
    written = {
        "Instructions": prompt.instructions,
        "Tools": "\n\n".join(tools),
        "History": "\n\n".join(f"{one.side}: {one.text}" for one in prompt.history),
        "Context": prompt.context,
        "Question": "\n\n".join(one.text for one in prompt.incoming),
        "Tool calls": "\n\n".join(
            f"{call.name}({call.arguments})\n→ {result}"
            for one in prompt.rounds
            for call, result in zip(one.calls, one.results, strict=False)
        ),
    }
    return tuple(
        turn_view.PromptPart(title, estimate_tokens(text), text[:MAX_PART_CHARS])
        for title, text in written.items()
        if text
    )


def _describe_request(answer: RecordedAnswer, began: float) -> turn_view.ModelRequest:
    return turn_view.ModelRequest(list_prompt_parts(answer.prompt), 1000 * (answer.asked_at - began))


def _to_bar(row: WayRow) -> turn_view.TurnPart:
    note = row.note.removeprefix(f"{row.outcome}, ")
    return turn_view.TurnPart(row.name, row.kind, row.start_ms, row.end_ms, row.outcome, note, row.is_awaited)


def _describe_step(
    graph: Graph,
    name: str,
    outcome: Outcome | None,
    values: Mapping[str, str],
    histories: Mapping[str, list[tuple[str, float]]],
) -> turn_view.StepView:
    step = next(one for one in graph.steps if one.name == name)
    value = values.get(name, "")
    return turn_view.StepView(
        name=name,
        status=outcome.status if outcome else "waiting",
        about=(inspect.getdoc(step.function) or "").partition("\n\n")[0],
        note=(outcome.reason or "") if outcome else "",
        value=value[:MAX_VALUE_CHARS] + ("…" if len(value) > MAX_VALUE_CHARS else ""),
        duration_ms=1000 * outcome.seconds if outcome else None,
        attempts=outcome.attempts if outcome else 0,
        needs=step.data,
        gates=step.gate,
        policy=turn_view.describe_policy(graph, name),
        can_leave_out=step.optional and not step.policy.writes,
        history=tuple(histories.get(name, ())),
    )

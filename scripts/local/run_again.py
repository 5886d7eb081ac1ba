"""Runs a turn again with something changed. Delivers nothing, writes nothing, runs no tool that writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from local.live_turns import LiveTurn
from local.turn_views import list_prompt_parts, question_of
from repartee.console import turn_view
from repartee.console.try_it_stage import RerunChange
from repartee.domain import usage
from repartee.domain.message import Incoming, Message, StoredMessage
from repartee.domain.redactor import redacting_in
from repartee.errors import BackendError, PermissionDenied, describe_error
from repartee.ports.cancellation import CancelToken
from repartee.privacy.redacted_models import redact_prompt
from repartee.turn.tool_loop import ToolLoop
from repartee.turn.turn import GATHER_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from repartee.domain.prompt import Prompt, Tool
    from repartee.domain.redactor import RedactorFactory
    from repartee.plan import Graph, Outcome, Pool, Run
    from repartee.ports import LanguageModel

READING_VERBS = (
    *("count", "covers", "detect", "embed", "extract", "fetch", "find", "group", "is", "list", "look_up"),
    *("name", "names", "parse", "participates", "presign", "read", "recall", "record_url", "redact"),
    *("route", "search", "stream", "transcribe", "write_text"),
)
"""The first words of the names of methods that leave nothing behind."""

UNGUARDED_INPUTS = frozenset({"incoming", "pool", "router", "redactor_for", "erp_toolset"})
"""Inputs of plans that are no stores. Odoo's tools are refused one by one, where they write."""

WRITE_NOT_RUN = "Not carried out: a turn that is run again changes nothing."


class ReadOnlyPort:
    """A port whose writing methods are refused. It leaves out messages from after the turn."""

    def __init__(self, port: Any, until: float) -> None:
        self._port, self._until = port, until

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute
        if not name.startswith(READING_VERBS):
            raise PermissionDenied(
                "the repetition", f"{name} writes, and a turn that is run again only reads"
            )

        def read(*arguments: Any, **keywords: Any) -> Any:
            found = attribute(*arguments, **keywords)
            if isinstance(found, list | tuple):
                return type(found)(one for one in found if not self._is_later(one))
            return found

        return read

    def _is_later(self, one: Any) -> bool:
        return isinstance(one, StoredMessage) and one.sent >= self._until


class TurnRepeater:
    """Runs turns again."""

    def __init__(
        self,
        pool: Pool,
        make_model: Callable[[str], LanguageModel],
        redactor_for: RedactorFactory,
        price: Callable[..., float],
    ) -> None:
        self._pool, self._make_model = pool, make_model
        self._redactor_for, self._price = redactor_for, price

    def run_again(self, live: LiveTurn, change: RerunChange) -> turn_view.TurnView:
        """Returns the turn as it goes with the change."""
        assert live.graph is not None
        incoming = _ask_instead(live.incoming, change.question)
        writing = {step.name for step in live.graph.steps if step.policy.writes and step.optional}
        graph = live.graph.without({*change.left_out, *writing})
        room = live.incoming[-1].room
        began = time.monotonic()
        with usage.collect() as usages, redacting_in(room):
            run = graph.start(
                make_read_only({**live.inputs, "incoming": incoming}, live.incoming[-1].sent),
                pool=self._pool,
                parallel=not change.is_serial,
                deadline=GATHER_TIMEOUT_SECONDS,
            )
            failed = _run_plan(run)
            gathered = time.monotonic()
            outcomes = run.close()
            answer = _Answer("", None, ())
            if not failed:
                prompt = self._prepare_prompt(run.values["prompt"], room, change)
                answer = self._ask_model(prompt, change, usages)
                failed = answer.failed
        return _make_view(
            live, graph, outcomes, answer, failed, began, gathered, self._price(usages), change, usages
        )

    def _prepare_prompt(self, prompt: Prompt, room: str, change: RerunChange) -> Prompt:
        redacted = redact_prompt(prompt, self._redactor_for(room))
        tools = tuple(map(refuse_writes, redacted.tools))
        instructions = change.instructions or redacted.instructions
        return msgspec.structs.replace(redacted, tools=tools, instructions=instructions)

    def _ask_model(self, prompt: Prompt, change: RerunChange, usages: list[Any]) -> _Answer:
        began, first = time.monotonic(), None
        talk = ToolLoop(
            self._make_model(change.model),
            self._pool,
            not change.is_serial,
            lambda status: None,
            CancelToken(),
            elapsed=lambda: time.monotonic() - began,
        )
        pieces: list[str] = []
        failed = ""
        try:
            for piece in talk.run(prompt):
                first = first or time.monotonic()
                pieces.append(piece)
        except BackendError as failure:
            failed = describe_error(failure)
        usages += talk.usages
        return _Answer("".join(pieces), first, list_prompt_parts(talk.prompt or prompt), failed)


def _ask_instead(incoming: tuple[Incoming, ...], question: str) -> tuple[Incoming, ...]:
    """Returns the messages, the last with other words."""
    last = incoming[-1]
    if not question or not isinstance(last, Message):
        return incoming
    return (*incoming[:-1], msgspec.structs.replace(last, text=question, command=None))


class _Answer(msgspec.Struct, frozen=True):
    """The words of the model, when they began (monotonic seconds), its prompt, and why it failed."""

    text: str
    first_at: float | None
    parts: tuple[turn_view.PromptPart, ...]
    failed: str = ""


def make_read_only(inputs: Mapping[str, Any], until: float) -> dict[str, Any]:
    """Returns the inputs of a plan with ports that only read, and with nothing that is shown."""
    return {name: _guard_input(name, value, until) for name, value in inputs.items()}


def refuse_writes(tool: Tool) -> Tool:
    """Returns the tool; one that writes only says that it was not run."""
    opened = tool.opened
    guarded = None if opened is None else lambda: tuple(map(refuse_writes, opened()))
    run = (lambda arguments: WRITE_NOT_RUN) if tool.writes else tool.run
    return msgspec.structs.replace(tool, run=run, opened=guarded)


def _guard_input(name: str, value: Any, until: float) -> Any:
    if name.startswith(("show_", "store_")):
        return _do_nothing
    plain = value is None or isinstance(value, str | int | float | tuple) or name in UNGUARDED_INPUTS
    if plain or (callable(value) and not hasattr(value, "_port") and type(value).__name__ in FUNCTION_TYPES):
        return value
    return ReadOnlyPort(value, until)


FUNCTION_TYPES = frozenset({"function", "method", "partial", "builtin_function_or_method"})


def _do_nothing(*arguments: Any) -> None:
    """Stands for what shows or stores something."""


def _run_plan(run: Run) -> str:
    """Runs the plan to its targets. Returns why it failed, in words."""
    try:
        for _ in run.until_ready():
            pass
    except Exception as failure:  # noqa: BLE001  (a step may raise anything; the page shows it)
        return describe_error(failure)
    return ""


def _make_view(
    live: LiveTurn,
    graph: Graph,
    outcomes: Sequence[Outcome],
    answer: _Answer,
    failed: str,
    began: float,
    gathered: float,
    cost: float,
    change: RerunChange,
    usages: Sequence[Any],
) -> turn_view.TurnView:
    gather_ms = 1000 * (gathered - began)
    critical = graph.critical_path(
        {one.name: one.seconds for one in outcomes if one.status not in ("skipped", "discarded")}
    )
    bars = [
        turn_view.TurnPart(
            one.name,
            "step",
            1000 * one.start,
            1000 * one.end,
            one.status,
            "" if one.reason == "gate" else one.reason or "",
            one.name in critical.steps,
        )
        for one in outcomes
    ]
    if answer.first_at:
        first_ms = 1000 * (answer.first_at - began)
        bars.append(turn_view.TurnPart("model, first token", "model", gather_ms, first_ms, is_awaited=True))
    return turn_view.TurnView(
        id=live.id,
        assistant=graph.name,
        mode="serial" if change.is_serial else "parallel",
        state="failed" if failed else "done",
        question=change.question or question_of(live),
        reply=answer.text,
        failed=failed,
        waterfall=turn_view.Waterfall(tuple(sorted(bars, key=lambda bar: (bar.start_ms, bar.end_ms or 0)))),
        requests=(turn_view.ModelRequest(answer.parts),) if answer.parts else (),
        first_words_ms=1000 * (answer.first_at - began) if answer.first_at else None,
        gather_ms=gather_ms,
        serial_ms=1000 * sum(one.seconds for one in outcomes if one.status not in ("skipped", "discarded")),
        critical_ms=1000 * critical.seconds,
        total_ms=1000 * (time.monotonic() - began),
        tokens=sum(one.input_tokens + one.output_tokens for one in usages),
        cost_usd=cost,
    )

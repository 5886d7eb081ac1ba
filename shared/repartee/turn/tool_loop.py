"""The model's side of a turn: it writes, asks for tools, reads what they found, and writes on.

The tools that one answer asks for run at the same time. What they find is data for the model, hidden behind
the prompt's veil like everything else that it reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial

import msgspec

from repartee.domain.prompt import CUT_SHORT, CutMark, Prompt, Tool, ToolCall, ToolRound
from repartee.domain.redactor import Redactor
from repartee.domain.usage import Usage
from repartee.errors import BackendError, RequestRejected
from repartee.plan import Outcome, Pool, settle
from repartee.ports import LanguageModel
from repartee.ports.cancellation import CancelToken
from repartee.privacy.redacted_models import restore_values
from repartee.turn.lease import Clock

MAX_TOOL_ROUNDS = 5
"""How often the model may ask for tools in one turn. Then it must answer with what it knows."""

MAX_CONTINUATIONS = 2
"""How often the model may go on with an answer that met the limit on its length."""

MAX_TOOL_CALLS = 8
"""Calls of one answer that are carried out."""

MAX_TOOL_RESULT_CHARS = 20_000
"""Characters of a tool's result that the model is given."""

TOO_MANY_CALLS_MESSAGE = "Not carried out: too many calls at once."


class ToolLoop:
    """The talk with the model in one turn. Owns what it took (`usages`), how its tools ended (`outcomes`),
    the newest `prompt` with what they found, and the model's `answers` as it wrote them. `on_own_rights` is
    called before a tool reads what the person who asks alone may read.

    `tell` shows a person what goes on; `hangup` ends the talk from another thread; `elapsed` is the time on
    which the outcomes are put, in seconds.
    """

    def __init__(
        self,
        model: LanguageModel,
        pool: Pool,
        parallel: bool,
        show_status: Callable[[str], None],
        cancel_token: CancelToken,
        elapsed: Callable[[], float],
        clock: Clock = time.monotonic,
        on_own_rights: Callable[[], None] = lambda: None,
    ) -> None:
        self._model, self._pool, self._show_status, self._cancel_token = (
            model,
            pool,
            show_status,
            cancel_token,
        )
        self._max_concurrency, self._elapsed, self._clock = None if parallel else 1, elapsed, clock
        self.usages: list[Usage] = []
        self.outcomes: list[Outcome] = []
        self.answers: list[str] = []
        self.prompt: Prompt | None = None
        self._on_own_rights = on_own_rights
        self._continuations_left, self._is_cut = MAX_CONTINUATIONS, False

    def run(self, prompt: Prompt) -> Iterator[str]:
        """The reply, in pieces, with nothing hidden in it any more. Raises like `Model.stream`."""
        if prompt.ready_reply:
            yield prompt.ready_reply
            return
        with closing(self._run_rounds(prompt)) as pieces:
            yield from prompt.screen(pieces) if prompt.screen else pieces

    def _run_rounds(self, prompt: Prompt) -> Generator[str, None, None]:
        """Yields what the model says, round by round, until it asks for no more tools."""
        for left in reversed(range(MAX_TOOL_ROUNDS + 1)):
            calls: list[ToolCall] = []
            said: list[str] = []
            self._is_cut = False
            self.prompt = prompt = msgspec.structs.replace(prompt, must_answer=not left)
            yield from prompt.redactor.restore_stream(self._stream_answer(prompt, said, calls))
            self.answers.append("".join(said))
            goes_on = self._is_cut and self._continuations_left > 0 and left > 0
            if self._is_cut and not goes_on:
                yield CUT_SHORT
            if not left or not (calls or goes_on):
                return
            self._continuations_left -= not calls
            if said and calls:
                yield "\n\n"
            asked = ToolRound("".join(said), tuple(calls), self._run_calls(prompt, calls))
            prompt = msgspec.structs.replace(
                prompt, rounds=(*prompt.rounds, asked), tools=_with_opened(prompt.tools)
            )

    def _stream_answer(self, prompt: Prompt, text_parts: list[str], calls: list[ToolCall]) -> Iterator[str]:
        """One answer's text. Notes it as it was said, and the calls that it asks for."""
        with closing(self._model.stream(prompt, self._cancel_token)) as pieces:
            for piece in pieces:
                if isinstance(piece, Usage):
                    self.usages.append(piece)
                elif isinstance(piece, ToolCall):
                    calls.append(piece)
                elif isinstance(piece, CutMark):
                    self._is_cut = True
                else:
                    text_parts.append(piece)
                    yield piece

    def _run_calls(self, prompt: Prompt, calls: Sequence[ToolCall]) -> tuple[str, ...]:
        """Returns the texts that the calls give the model to read, in their order. A call that fails says
        why."""
        tools = {tool.name: tool for tool in prompt.tools}
        known = [tools[call.name] for call in calls[:MAX_TOOL_CALLS] if call.name in tools]
        if any(tool.uses_own_rights for tool in known):
            self._on_own_rights()
        statuses = dict.fromkeys(tool.status for tool in known if tool.status)
        began = self._elapsed()
        outcomes = settle(
            [
                *(partial(self._show_status, status) for status in statuses),
                *(
                    partial(_run_tool, tools.get(call.name), call, prompt.redactor)
                    for call in calls[:MAX_TOOL_CALLS]
                ),
            ],
            pool=self._pool,
            max_concurrency=self._max_concurrency,
            timeout=max((tool.timeout_seconds for tool in known), default=None),
            clock=self._clock,
        )[len(statuses) :]
        for outcome, call in zip(outcomes, calls[:MAX_TOOL_CALLS], strict=True):
            name = f"tool.{call.name if call.name in tools else 'unknown'}"
            start, end = outcome.start + began, outcome.end + began
            self.outcomes.append(outcome._replace(name=name, start=start, end=end))
        results = [
            hidden[:MAX_TOOL_RESULT_CHARS]
            for hidden in prompt.redactor.redact_all([*map(_result_text, outcomes)])
        ]
        return (*results, *(TOO_MANY_CALLS_MESSAGE for _ in calls[MAX_TOOL_CALLS:]))


def _with_opened(tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """Returns the tools, with those that one opened in its place."""
    return tuple(one for tool in tools for one in (tool.opened and tool.opened()) or (tool,))


def _run_tool(tool: Tool | None, call: ToolCall, redactor: Redactor) -> str:
    if tool is None:
        raise InvalidToolCall("there is no such tool")
    try:
        given = restore_values(msgspec.json.decode(call.arguments), redactor)
        arguments = msgspec.convert(given, type=tool.arguments)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise InvalidToolCall(f"the arguments cannot be read: {error}") from None
    return tool.run(arguments)


class InvalidToolCall(RequestRejected):
    """The model asked for something in a way that the tool does not know."""


def _result_text(outcome: Outcome) -> str:
    if outcome.error is None:
        return str(outcome.value)
    if isinstance(outcome.error, (RequestRejected, BackendError)):
        return f"This failed: {outcome.error}"
    return "This failed: it took too long." if outcome.reason == "timeout" else "This failed."


def reply_pieces(
    decision_text: str, tool_loop: ToolLoop, prompt: Prompt | None
) -> Generator[str, None, None]:
    """Yields a reply piece by piece: what was decided, then what the model says, with its tools."""
    if decision_text:
        yield decision_text + ("\n\n" if prompt else "")
    if prompt:
        yield from tool_loop.run(prompt)

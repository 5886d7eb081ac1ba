"""The model's side of a turn: it writes, asks for tools, reads what they found, and writes on.

The tools that one answer asks for run at the same time. What they find is data for the model, hidden behind
the prompt's veil like everything else that it reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial

import msgspec

from repartee.conversation.hangup import Hangup
from repartee.conversation.lease import Clock
from repartee.conversation.prompt import Call, Prompt, Round, Tool, Usage, Veil
from repartee.conversation.veiled import shown
from repartee.errors import BackendError, Refused
from repartee.plan import Outcome, Pool, settle
from repartee.ports import Model

ROUNDS = 5
"""How often the model may ask for tools in one turn. Then it must answer with what it knows."""

CALLS = 8
"""Calls of one answer that are carried out."""

RESULT = 20_000
"""Characters of a tool's result that the model is given."""

ENOUGH = "Not carried out: too many calls at once."


class Talk:
    """The talk with the model in one turn. Owns what it took (`used`), and how the tools ended (`outcomes`).

    `tell` shows a person what goes on; `hangup` ends the talk from another thread; `elapsed` is the time on
    which the outcomes are put, in seconds.
    """

    def __init__(
        self,
        model: Model,
        pool: Pool,
        parallel: bool,
        tell: Callable[[str], None],
        hangup: Hangup,
        elapsed: Callable[[], float],
        clock: Clock = time.monotonic,
    ) -> None:
        self._model, self._pool, self._tell, self._hangup = model, pool, tell, hangup
        self._at_once, self._elapsed, self._clock = None if parallel else 1, elapsed, clock
        self.used: list[Usage] = []
        self.outcomes: list[Outcome] = []

    def about(self, prompt: Prompt) -> Iterator[str]:
        """The reply, in pieces, with nothing hidden in it any more. Raises like `Model.stream`."""
        if prompt.known:
            yield prompt.known
            return
        for left in reversed(range(ROUNDS + 1)):
            calls: list[Call] = []
            said: list[str] = []
            prompt = msgspec.structs.replace(prompt, final=not left)
            yield from prompt.veil.shown(self._answer(prompt, said, calls))
            if not calls or not left:
                return
            if said:
                yield "\n\n"
            asked = Round("".join(said), tuple(calls), self._carry_out(prompt, calls))
            prompt = msgspec.structs.replace(prompt, rounds=(*prompt.rounds, asked))

    def _answer(self, prompt: Prompt, said: list[str], calls: list[Call]) -> Iterator[str]:
        """One answer's text. Notes it as it was said, and the calls that it asks for."""
        with closing(self._model.stream(prompt, self._hangup)) as pieces:
            for piece in pieces:
                if isinstance(piece, Usage):
                    self.used.append(piece)
                elif isinstance(piece, Call):
                    calls.append(piece)
                else:
                    said.append(piece)
                    yield piece

    def _carry_out(self, prompt: Prompt, calls: Sequence[Call]) -> tuple[str, ...]:
        """What each call gives the model to read, in their order. A call that fails says why."""
        tools = {tool.name: tool for tool in prompt.tools}
        known = [tools[call.name] for call in calls[:CALLS] if call.name in tools]
        statuses = dict.fromkeys(tool.status for tool in known if tool.status)
        began = self._elapsed()
        outcomes = settle(
            [
                *(partial(self._tell, status) for status in statuses),
                *(partial(_done, tools.get(call.name), call, prompt.veil) for call in calls[:CALLS]),
            ],
            pool=self._pool,
            at_once=self._at_once,
            timeout=max((tool.timeout for tool in known), default=None),
            clock=self._clock,
        )[len(statuses) :]
        for outcome, call in zip(outcomes, calls[:CALLS], strict=True):
            name = f"tool.{call.name if call.name in tools else 'unknown'}"
            start, end = outcome.start + began, outcome.end + began
            self.outcomes.append(outcome._replace(name=name, start=start, end=end))
        results = [hidden[:RESULT] for hidden in prompt.veil.hide_all([*map(_told, outcomes)])]
        return (*results, *(ENOUGH for _ in calls[CALLS:]))


def _done(tool: Tool | None, call: Call, veil: Veil) -> str:
    if tool is None:
        raise Unreadable("there is no such tool")
    try:
        given = shown(msgspec.json.decode(call.arguments), veil)
        arguments = msgspec.convert(given, type=tool.arguments)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise Unreadable(f"the arguments cannot be read: {error}") from None
    return tool.run(arguments)


class Unreadable(Refused):
    """The model asked for something in a way that the tool does not know."""


def _told(outcome: Outcome) -> str:
    if outcome.error is None:
        return str(outcome.value)
    if isinstance(outcome.error, (Refused, BackendError)):
        return f"This failed: {outcome.error}"
    return "This failed: it took too long." if outcome.reason == "timeout" else "This failed."

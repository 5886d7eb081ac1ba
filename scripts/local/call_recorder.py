"""Notes when calls of the ports began and ended in a run, and what the model was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repartee.domain.prompt import Prompt, ToolCall
    from repartee.domain.usage import Usage
    from repartee.ports.cancellation import CancelToken

Clock = Callable[[], float]


@dataclass(frozen=True)
class RecordedCall:
    """One call of a port: its name, when it began and ended (epoch seconds), and how long a wake was held."""

    name: str
    start: float
    end: float
    delay_seconds: float = 0.0


@dataclass
class RecordedAnswer:
    """One answer of the model: its prompt, when it was asked, said its first words and ended (epoch seconds;
    0 if it did not). `thread` is the worker's that asked."""

    prompt: Prompt
    asked_at: float
    first_piece_at: float = 0.0
    ended_at: float = 0.0
    has_text: bool = False
    thread: int = field(default_factory=threading.get_ident)


@dataclass
class CallRecorder:
    """Keeps what was called in a run. `list.append` is atomic, so threads may record at once."""

    clock: Clock = time.time
    calls: list[RecordedCall] = field(default_factory=list)
    answers: list[RecordedAnswer] = field(default_factory=list)

    @contextmanager
    def record(self, name: str, delay_seconds: float = 0.0) -> Iterator[None]:
        """Notes what the block takes, also if it fails."""
        start = self.clock()
        try:
            yield
        finally:
            self.calls.append(RecordedCall(name, start, self.clock(), delay_seconds))

    def find_calls(self, name: str, start: float, end: float) -> list[RecordedCall]:
        """Returns the calls of that name that began in this time, in order."""
        found = [call for call in self.calls if call.name == name and start <= call.start <= end]
        return sorted(found, key=lambda call: call.start)


class RecordedPort:
    """A port of which some methods are noted, under the names given for them."""

    def __init__(self, port: Any, names: Mapping[str, str], recorder: CallRecorder) -> None:
        self._port, self._names, self._recorder = port, names, recorder

    def __getattr__(self, method: str) -> Any:
        attribute = getattr(self._port, method)
        if method not in self._names:
            return attribute

        def recorded(*arguments: Any, **keywords: Any) -> Any:
            with self._recorder.record(self._names[method]):
                return attribute(*arguments, **keywords)

        return recorded


class RecordedWakes:
    """The queue of wakes: each wake of one chat is noted with how long it is held back."""

    METHODS = frozenset({"send", "send_with_successor"})

    def __init__(self, wakes: Any, recorder: CallRecorder) -> None:
        self._wakes, self._recorder = wakes, recorder

    def __getattr__(self, method: str) -> Any:
        attribute = getattr(self._wakes, method)
        if method not in self.METHODS:
            return attribute

        def recorded(chat: str, delay: float = 0.0, *arguments: Any, **keywords: Any) -> None:
            with self._recorder.record("wake", delay):
                attribute(chat, delay, *arguments, **keywords)

        return recorded


class RecordedModel:
    """A language model whose answers are noted, with the prompt that it was given."""

    def __init__(self, model: Any, recorder: CallRecorder) -> None:
        self._model, self._recorder = model, recorder

    def stream(
        self, prompt: Prompt, cancel_token: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        answer = RecordedAnswer(prompt, self._recorder.clock())
        self._recorder.answers.append(answer)
        try:
            yield from self._note_pieces(self._model.stream(prompt, cancel_token), answer)
        finally:
            answer.ended_at = self._recorder.clock()

    def _note_pieces(
        self, pieces: Generator[str | ToolCall | Usage, None, None], answer: RecordedAnswer
    ) -> Iterator[str | ToolCall | Usage]:
        try:
            for piece in pieces:
                if isinstance(piece, str) and not answer.has_text:
                    answer.has_text, answer.first_piece_at = True, self._recorder.clock()
                yield piece
        finally:
            pieces.close()

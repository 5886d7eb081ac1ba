"""The world of the domain's tests, in which the real adapter of the model answers."""

from __future__ import annotations

from collections.abc import Generator

from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.model import OpenAIModel
from tests.support.crashing_world import CrashingWorld


class ModelWorld(CrashingWorld):
    """Whole turns with this model. Owns what it has `written`, reply by reply."""

    def __init__(self, model: OpenAIModel) -> None:
        super().__init__()
        self._model = model
        self.written: list[str] = []

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.prompts.append(prompt)
        self.written.append("")
        for piece in self._model.stream(prompt, hangup):
            if isinstance(piece, str):
                self.written[-1] += piece
                self.pass_time(0.05)
            yield piece

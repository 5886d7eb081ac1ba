"""The models, and what stands between them and what people wrote."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.ports.cancellation import CancelToken

AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
Vector = Sequence[float]


class PiiSpan(msgspec.Struct, frozen=True):
    """A personal detail in a text: what it is (`EMAIL`, `PHONE`; capitals alone), from which character, and
    up to which, not included."""

    kind: str
    start: int
    end: int


class PiiDetector(Protocol):
    """Finds what is personal."""

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        """Returns the personal details of each text, in order, none of them within another."""


class Embedder(Protocol):
    """Turns text into vectors for relevance."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector a text, in order, of one length each."""


class VectorCache(Protocol):
    """Vectors of texts that do not change, kept so that no new process pays for them again. What is lost is
    made anew."""

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        """Returns the vectors stored under these names; names without any are left out."""

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        """Keeps the vectors, as 32-bit numbers."""


class LanguageModel(Protocol):
    """The language model."""

    def stream(
        self, prompt: Prompt, cancel_token: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        """Yields the reply's text in pieces as it is written, then the calls of tools, and at the end the
        tokens it took, where the model says. Raises `IncompleteReply` if it ends incomplete. Closing the
        generator ends the call; so does `cancel_token` from another thread, which raises `BackendError`."""


class SmallModel(Protocol):
    """A quick and cheap model for questions beside the reply. Its tokens are counted (`domain/usage.py`)."""

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        """Returns a text of at most `max_tokens`. Raises `InvalidArgument` if the model writes nothing."""

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        """Returns the model's answer about the text as a struct of the given type. Raises `InvalidArgument`
        when the model's answer is none."""

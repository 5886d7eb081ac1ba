"""Vectors from the embeddings API."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence

import msgspec
import openai

from repartee.errors import DeadlineExceeded, InvalidArgument
from repartee.plan import deadline
from repartee.services.openai.client import BACKEND, MAX_SILENCE_SECONDS, translating

MAX_TEXT_BYTES = 8_191
"""Bytes of one text that are embedded. The models take 8,192 tokens, and no token is shorter than a byte:
8,000 characters of Chinese are 11,000 tokens, of Amharic 19,000."""


class OpenAIEmbedder:
    """`ports.Embedder` on the embeddings API."""

    def __init__(self, client: openai.OpenAI, model: str) -> None:
        self._client, self._model = client, model

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        left = deadline.remaining()
        if left == 0:
            raise DeadlineExceeded(BACKEND, "no time left")
        with translating():
            answer = self._client.embeddings.with_raw_response.create(
                model=self._model,
                input=[_bounded(text) or " " for text in texts],
                encoding_format="base64",
                timeout=left or MAX_SILENCE_SECONDS,
            )
        try:
            found = msgspec.json.decode(answer.content, type=_Embeddings).data
            vectors = [_floats(one.embedding) for one in sorted(found, key=lambda one: one.index)]
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(BACKEND, f"embeddings that cannot be read ({error})") from None
        if len(vectors) != len(texts):
            raise InvalidArgument(BACKEND, f"{len(vectors)} embeddings for {len(texts)} texts")
        return vectors


class _Embedding(msgspec.Struct):
    index: int
    embedding: str


class _Embeddings(msgspec.Struct):
    data: list[_Embedding]


def _bounded(text: str) -> str:
    return text.encode(errors="replace")[:MAX_TEXT_BYTES].decode(errors="ignore")


def _floats(encoded: str) -> Sequence[float]:
    """Decodes the little-endian 32-bit floats in base64 that the API sends."""
    return array("f", base64.b64decode(encoded))

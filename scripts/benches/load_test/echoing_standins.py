"""Serves the stand-ins with a model that is one too: it echoes the token of each question that it was given.

No intelligence in it: the load bench reads from the echo which message was answered. The embeddings are real,
but texts that differ only in tokens and in how often they say something are embedded once: the model is not
what the bench measures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benches.load_test.answer_text import TOKEN_PATTERN, write_answer
from standins import server
from standins.openai import local_embeddings, reply_script
from standins.openai.arguments import Request, checked
from standins.openai.server import ModelStandIn, Scripted, Writing

ANY_TOKEN, ANY_NUMBER = re.compile(TOKEN_PATTERN), re.compile(r"\d+")
ANY_SENTENCE_END = re.compile(r"(?<=[.?])\s+|\n+")


@dataclass
class EchoingModelStandIn(ModelStandIn):
    """`ModelStandIn` that answers the load bench's questions by naming them, and keeps no requests."""

    def respond(self, request: Request) -> Writing:
        items = checked(request)
        begun = reply_script.cut_continuation(items)
        self.asked.clear()
        if request.get("stream") and (answer := write_answer(reply_script.given(items).asked)):
            self.script.appendleft(Scripted(answer[len(begun) :]))
        return super().respond(request)


@dataclass
class ShapeEmbeddings:
    """The embeddings of a model, of which each shape of a text is computed once."""

    model: Any
    _known: dict[str, Any] = field(default_factory=dict)
    _token_counts: dict[str, int] = field(default_factory=dict)

    def embed(self, text: str) -> Any:
        return self.embed_all([text])[0]

    def embed_all(self, texts: Sequence[str]) -> list[Any]:
        shapes = [find_shape(text) for text in texts]
        if new := [shape for shape in dict.fromkeys(shapes) if shape not in self._known]:
            self._known.update(zip(new, self.model.embed_all(new), strict=True))
        return [self._known[shape] for shape in shapes]

    def tokenize(self, text: str) -> int:
        shape = find_shape(text)
        if shape not in self._token_counts:
            self._token_counts[shape] = int(self.model.tokenize(shape))
        return self._token_counts[shape]


def find_shape(text: str) -> str:
    """Returns what a text has in common with others of the bench: without tokens and numbers, each of its
    sentences once. A text without tokens is its own shape."""
    if not ANY_TOKEN.search(text):
        return text
    sentences = ANY_SENTENCE_END.split(ANY_NUMBER.sub("1", ANY_TOKEN.sub("this", text)))
    return "\n".join(dict.fromkeys(sentences))


if __name__ == "__main__":
    embeddings = ShapeEmbeddings(local_embeddings.load_local_model())
    vars(local_embeddings)["load_local_model"] = lambda: embeddings
    server.main(EchoingModelStandIn)

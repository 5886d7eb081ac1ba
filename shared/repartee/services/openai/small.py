"""Short answers from a small model: a sentence, or a struct that the model must fill in."""

from __future__ import annotations

from typing import Any

import msgspec
import openai

from repartee.domain import usage
from repartee.errors import DeadlineExceeded, InvalidArgument
from repartee.plan import deadline
from repartee.ports import AnswerT
from repartee.services.openai.client import BACKEND, MAX_SILENCE_SECONDS, translating
from repartee.services.openai.events import OpenAIResponse, usage_of
from repartee.services.openai.schema import strict_schema

LONGEST_ANALYSIS = 1_500
"""Tokens of a filled-in struct."""


class OpenAISmallModel:
    """`ports.SmallModel` on the Responses API, in one piece."""

    def __init__(self, client: openai.OpenAI, model: str) -> None:
        self._client, self._model = client, model

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        return self._said(instructions, text, max_tokens, openai.omit)

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        shape = {
            "type": "json_schema",
            "name": answer_type.__name__.lstrip("_"),
            "schema": strict_schema(answer_type),
            "strict": True,
        }
        said = self._said(instructions, text, LONGEST_ANALYSIS, {"format": shape})
        try:
            return msgspec.json.decode(said, type=answer_type)
        except (msgspec.DecodeError, RecursionError) as error:
            where = str(error).rpartition(" - at ")[2]  # before it msgspec may quote what was said
            raise InvalidArgument(
                BACKEND, f"an analysis that cannot be read ({type(error).__name__} {where})"
            ) from None

    def _said(self, instructions: str, text: str, limit: int, form: Any) -> str:
        left = deadline.remaining()
        if left == 0:
            raise DeadlineExceeded(BACKEND, "no time left")
        with translating():
            answer = self._client.responses.with_raw_response.create(
                model=self._model,
                instructions=instructions,
                input=text or " ",
                max_output_tokens=max(limit, 16),
                text=form,
                reasoning={"effort": "none"},
                store=False,
                timeout=left or MAX_SILENCE_SECONDS,
            )
        return _text_of(answer.content)


class _SmallOutputPart(msgspec.Struct):
    type: str
    text: str = ""


class _SmallOutputItem(msgspec.Struct):
    type: str
    content: tuple[_SmallOutputPart, ...] = ()


class _SmallResponse(OpenAIResponse):
    output: tuple[_SmallOutputItem, ...] = ()


def _text_of(content: bytes) -> str:
    try:
        answered = msgspec.json.decode(content, type=_SmallResponse)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidArgument(BACKEND, f"an answer that cannot be read ({error})") from None
    usage.record(usage_of(answered))
    parts = (part for item in answered.output if item.type == "message" for part in item.content)
    said = "".join(part.text for part in parts if part.type == "output_text").strip()
    if not said:
        raise InvalidArgument(BACKEND, "nothing was said")
    return said

"""Short answers from a small model: a sentence, or a struct that the model must fill in."""

from __future__ import annotations

from typing import Any

import msgspec
import openai

from repartee.conversation import spending
from repartee.errors import Late, Rejected
from repartee.plan import deadline
from repartee.ports import A
from repartee.services.openai.client import BACKEND, LONGEST_SILENCE, translating
from repartee.services.openai.events import Response, usage_of
from repartee.services.openai.schema import strict

LONGEST_ANALYSIS = 1_500
"""Tokens of a filled-in struct."""


class OpenAISmallModel:
    """`ports.SmallModel` on the Responses API, in one piece."""

    def __init__(self, client: openai.OpenAI, model: str) -> None:
        self._client, self._model = client, model

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        return self._said(instructions, text, limit, openai.omit)

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        shape = {
            "type": "json_schema",
            "name": answer.__name__.lstrip("_"),
            "schema": strict(answer),
            "strict": True,
        }
        said = self._said(instructions, text, LONGEST_ANALYSIS, {"format": shape})
        try:
            return msgspec.json.decode(said, type=answer)
        except (msgspec.DecodeError, RecursionError) as error:
            where = str(error).rpartition(" - at ")[2]  # before it msgspec may quote what was said
            raise Rejected(
                BACKEND, f"an analysis that cannot be read ({type(error).__name__} {where})"
            ) from None

    def _said(self, instructions: str, text: str, limit: int, form: Any) -> str:
        left = deadline.remaining()
        if left == 0:
            raise Late(BACKEND, "no time left")
        with translating():
            answer = self._client.responses.with_raw_response.create(
                model=self._model,
                instructions=instructions,
                input=text or " ",
                max_output_tokens=max(limit, 16),
                text=form,
                reasoning={"effort": "none"},
                store=False,
                timeout=left or LONGEST_SILENCE,
            )
        return _text_of(answer.content)


class _Part(msgspec.Struct):
    type: str
    text: str = ""


class _Item(msgspec.Struct):
    type: str
    content: tuple[_Part, ...] = ()


class _Answer(Response):
    output: tuple[_Item, ...] = ()


def _text_of(content: bytes) -> str:
    try:
        answered = msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Rejected(BACKEND, f"an answer that cannot be read ({error})") from None
    spending.note(usage_of(answered))
    parts = (part for item in answered.output if item.type == "message" for part in item.content)
    said = "".join(part.text for part in parts if part.type == "output_text").strip()
    if not said:
        raise Rejected(BACKEND, "nothing was said")
    return said

"""Short answers from a small model: a sentence, or a struct that the model must fill in."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import openai

from repartee.domain import usage
from repartee.errors import DeadlineExceeded, InvalidArgument
from repartee.plan import deadline
from repartee.ports import AnswerT
from repartee.services.openai.client import BACKEND, MAX_SILENCE_SECONDS, translating
from repartee.services.openai.schema import strict_schema
from repartee.services.openai.wire import OUTPUT_ITEM, RESPONSE

MAX_ANALYSIS_TOKENS = 1_500
"""Tokens of a filled-in struct."""

COMMENTARY = "commentary"
"""The phase of a message in which a model says what it is about to do."""

FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(?P<json>.*?)\n?```\s*\Z", re.DOTALL)


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
        answer = self._said(instructions, text, MAX_ANALYSIS_TOKENS, {"format": shape})
        try:
            return msgspec.json.decode(_json_in(answer), type=answer_type)
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


def _text_of(content: bytes) -> str:
    """Returns the answer, without what a model says of it before, in a message of its own."""
    try:
        response = RESPONSE.decode(content)
        items = [OUTPUT_ITEM.decode(raw) for raw in response.output or () if _is_message(raw)]
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidArgument(BACKEND, f"an answer that cannot be read ({type(error).__name__})") from None
    usage.record(response.taken)
    texts = [item.text.strip() for item in items if item.phase != COMMENTARY and item.text.strip()]
    if not texts:
        raise InvalidArgument(BACKEND, f"nothing was said ({response.reason() or response.status})")
    if any(part.refusal for item in items for part in item.content or ()):
        raise InvalidArgument(BACKEND, "the model refused")
    return texts[-1]


def _is_message(raw: msgspec.Raw) -> bool:
    return msgspec.json.decode(raw, type=_Kind).type == "message"


class _Kind(msgspec.Struct):
    type: str = ""


def _json_in(said: str) -> str:
    """Returns the JSON in an answer. Servers that know no schemas let the model fence it as code."""
    found = FENCED.search(said)
    return found["json"] if found else said

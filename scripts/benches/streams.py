"""CPU of reading a reply of 100 pieces, beside the SDK's own events, in one process and one run."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import httpx2
import openai

from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.services.openai.events import pieces
from repartee.services.openai.model import OpenAIModel
from standins.openai.arguments import MODEL
from standins.openai.server import ModelStandIn, Pace, Scripted

PIECES, ROUNDS = 100, 50
TEXT = " ".join(f"word{number:03}" for number in range(PIECES))
PROMPT = Prompt("Be kind. " * 500, (), "", (PromptMessage("user", "Hello?"),))


class Body(httpx2.SyncByteStream):
    """A stream's body, an event in each chunk."""

    def __init__(self, events: list[bytes]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._events)


def measure() -> dict[str, Any]:
    """Returns the milliseconds of CPU of each way, and how ours compare with the SDK's."""
    events = _events()

    def answer(_: object = None) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Body(events))

    client = openai.OpenAI(api_key="sk", http_client=httpx2.Client(transport=httpx2.MockTransport(answer)))
    model = OpenAIModel(client, MODEL, "none")
    ways: dict[str, Callable[[], int]] = {
        "lines alone, as httpx2 cuts them": lambda: sum(1 for _ in answer().iter_lines()),
        "pieces of a stream": lambda: sum(1 for _ in pieces(answer().iter_bytes())),
        "a reply, with its request": lambda: sum(1 for _ in model.stream(PROMPT)),
        "the SDK's events, with the request": lambda: sum(1 for _ in _typed(client)),
    }
    took = _took(ways)
    ratio = took["a reply, with its request"] / took["the SDK's events, with the request"]
    return {"pieces": PIECES, "ms": took, "bars": [check_bar("a reply beside the SDK's events", ratio, 0.2)]}


def _events() -> list[bytes]:
    standin = ModelStandIn(lambda: 0.0, Pace(), randomness=Random(1))
    standin.script.append(Scripted(TEXT))
    writing = standin.respond({"model": MODEL, "input": "Hello?", "instructions": PROMPT.instructions})
    events = (event for _, event in writing.events())
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def _typed(client: openai.OpenAI) -> Iterator[object]:
    return iter(client.responses.create(model=MODEL, input="Hello?", stream=True))


def _took(ways: Mapping[str, Callable[[], int]]) -> dict[str, float]:
    """Milliseconds of each, all of them in turn so that the machine's moods meet all alike."""
    for way in ways.values():
        way()
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            found[name].append((time.process_time() - began) * 1000)
    return {name: round(statistics.median(times), 3) for name, times in found.items()}


def table(result: Mapping[str, Any]) -> str:
    """Returns the figures of each way, and the bar."""
    rows = [(name, f"{took:.3f} ms") for name, took in result["ms"].items()]
    return (
        drawn((f"{result['pieces']} pieces", "CPU"), rows)
        + "\n"
        + drawn(("bar", "is", "may be", ""), bar_rows(result))
    )

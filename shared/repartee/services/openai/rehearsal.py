"""A rehearsal of what a turn asks of the model's API: the first turn of a process does not pay for it then.

The SDK imports its resources when they are first used, and makes the validators and the type tables of its
requests then: a tenth of a second of processor time. Nothing is sent: the answers are canned.
"""

from __future__ import annotations

from functools import cache

import httpx2
import openai

from repartee.domain.prompt import Prompt, PromptMessage
from repartee.services.openai.embedder import OpenAIEmbedder
from repartee.services.openai.model import OpenAIModel

REPLY = (
    b'data: {"type":"response.output_text.delta","delta":"a"}\n\n'
    b'data: {"type":"response.completed","response":{"status":"completed"}}\n\n'
)
EMBEDDINGS = b'{"data":[{"index":0,"embedding":"AAAAAA=="}]}'
PROMPT = Prompt("a", (PromptMessage("user", "a"), PromptMessage("assistant", "b")), "", ())


@cache
def rehearse() -> None:
    """Embeds a text and reads a reply, through the SDK and with nobody at the other end. Once is enough for a
    process, also after a restore."""
    transport = httpx2.MockTransport(_answer)
    with httpx2.Client(transport=transport) as http_client:
        client = openai.OpenAI(
            api_key="none", base_url="http://localhost", max_retries=0, http_client=http_client
        )
        OpenAIEmbedder(client, "none").embed(["a"])
        for _ in OpenAIModel(client, "none", "none").stream(PROMPT):
            pass


def _answer(request: httpx2.Request) -> httpx2.Response:
    if request.url.path.endswith("/embeddings"):
        return httpx2.Response(200, content=EMBEDDINGS, headers={"content-type": "application/json"})
    return httpx2.Response(200, content=REPLY, headers={"content-type": "text/event-stream"})

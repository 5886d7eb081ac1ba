"""Serves the stand-ins with a model that is one too: it echoes the token of each question that it was given.

No intelligence in it: the load bench reads from the echo which message was answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from benches.load_test.answer_text import write_answer
from standins import server
from standins.openai import reply_script
from standins.openai.arguments import Request, checked
from standins.openai.server import ModelStandIn, Scripted, Writing


@dataclass
class EchoingModelStandIn(ModelStandIn):
    """`ModelStandIn` that answers the load bench's questions by naming them, and keeps no requests."""

    def respond(self, request: Request) -> Writing:
        asked = reply_script.given(checked(request)).asked
        self.asked.clear()
        if request.get("stream") and (answer := write_answer(asked)):
            self.script.appendleft(Scripted(answer))
        return super().respond(request)


if __name__ == "__main__":
    server.main(EchoingModelStandIn)

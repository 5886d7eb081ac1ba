"""A world behind a veil, whose model echoes what it reads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from repartee.conversation.hangup import Hangup
from repartee.conversation.means import Assistant
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Call, Line, Prompt, Tool, Usage
from repartee.conversation.veil import veils
from repartee.plan import Graph, Plan
from repartee.ports import Records, Standing, Vector
from repartee.services.pii.rules import Rules
from tests.support.veils import KEY
from tests.support.world import CHANNEL, World

THREAD = "1788999999.000001"
MAIL, PHONE, IBAN = "ada@example.com", "+49 30 1234567", "DE89 3704 0044 0532 0130 00"


class Veiled(World):
    """A world behind a veil by the rules. `embedded` is what left to be embedded, `cut` where pieces end."""

    def __init__(self, *tools: Tool) -> None:
        super().__init__()
        self.veils = veils(Rules(), KEY)
        self.assistant = lambda ports: Assistant("plain", plain(tools), {"records": ports["records"]})
        self.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
        self.embedded: list[str] = []
        self.cut = 3
        self.answer: Callable[[Prompt], Sequence[str | Call]] = lambda prompt: [prompt.asked[-1].text]

    def stream(
        self, prompt: Prompt, hangup: Hangup | None = None
    ) -> Generator[str | Call | Usage, None, None]:
        self.prompts.append(prompt)
        for part in self.answer(prompt):
            if isinstance(part, Call):
                yield part
            else:
                yield from (part[at : at + self.cut] for at in range(0, len(part), self.cut))
        yield Usage(1, 1)

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.embedded += texts
        return super().embed(texts)

    def told(self, text: str) -> list[str]:
        """What people see once somebody has said this."""
        self.ask(text, THREAD)
        self.work()
        return self.visible()


def plain(tools: tuple[Tool, ...]) -> Graph:
    """A plan that knows nothing of masking, made new for each world."""
    made = Plan("plain", inputs=("turn", "asked", "recent", "sign", "tell", "records"))

    @made.step(timeout=2.0)
    def standing(asked: tuple[Message, ...], records: Records) -> Standing:
        return records.standing(asked[-1].room, asked[-1].chat, asked[-1].sender)

    @made.step()
    def prompt(asked: tuple[Message, ...], recent: tuple[Exchange, ...]) -> Prompt:
        history = [Line(one.side, one.text) for exchange in recent for one in exchange.said()]
        context = f"The landlord is {PHONE}."
        lines = tuple(Line("user", message.text) for message in asked)
        return Prompt("Be kind.", tuple(history), context, lines, tools=tools)

    return made.build(targets=("standing", "prompt"))


def texts_of(prompt: Prompt) -> list[str]:
    """All that was said or gathered in what the model is given."""
    rounds = [text for one in prompt.rounds for text in (one.said, *one.results)]
    return [prompt.context, *(line.text for line in (*prompt.history, *prompt.asked)), *rounds]

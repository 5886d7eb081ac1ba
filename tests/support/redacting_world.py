"""A world behind a veil, whose model echoes what it reads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from types import SimpleNamespace

from repartee.domain.message import Exchange, Message
from repartee.domain.prompt import Prompt, PromptMessage, Tool, ToolCall
from repartee.domain.usage import Usage
from repartee.plan import Graph, Plan
from repartee.ports import ChatState, Records, Vector
from repartee.ports.cancellation import CancelToken
from repartee.privacy.redaction import make_redactor_factory
from repartee.privacy.rules import RuleDetector
from repartee.turn.assistant import Assistant
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.redactors import REDACTION_KEY

THREAD_TS = "1788999999.000001"
EMAIL_ADDRESS, PHONE_NUMBER, BANK_ACCOUNT = "ada@example.com", "+49 30 1234567", "DE89 3704 0044 0532 0130 00"


class RedactingWorld(CrashingWorld):
    """A world behind a veil by the rules. `embedded` is what left to be embedded, `cut` where pieces end."""

    def __init__(self, *tools: Tool) -> None:
        super().__init__()
        self.veils = make_redactor_factory(RuleDetector(), REDACTION_KEY)
        self.assistant = lambda ports: Assistant(
            "plain", make_unredacted_plan(tools), SimpleNamespace(records=ports["records"])
        )
        self.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD_TS)
        self.embedded: list[str] = []
        self.cut = 3
        self.answer: Callable[[Prompt], Sequence[str | ToolCall]] = lambda prompt: [prompt.incoming[-1].text]

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.prompts.append(prompt)
        for part in self.answer(prompt):
            if isinstance(part, ToolCall):
                yield part
            else:
                yield from (part[at : at + self.cut] for at in range(0, len(part), self.cut))
        yield Usage(1, 1)

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.embedded += texts
        return super().embed(texts)

    def visible_answer(self, text: str) -> list[str]:
        """Returns the answer to a message, as people see it."""
        self.ask_question(text, THREAD_TS)
        self.run_worker()
        return self.visible_texts()


def make_unredacted_plan(tools: tuple[Tool, ...]) -> Graph:
    """A plan that knows nothing of masking, made new for each world."""
    made = Plan("plain", inputs=("incoming", "unpersisted_exchanges", "records"))

    @made.step(timeout=2.0)
    def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
        return records.read_chat_state(incoming[-1].room, incoming[-1].chat, incoming[-1].sender)

    @made.step()
    def prompt(incoming: tuple[Message, ...], unpersisted_exchanges: tuple[Exchange, ...]) -> Prompt:
        history = [
            PromptMessage(one.side, one.text)
            for exchange in unpersisted_exchanges
            for one in exchange.to_stored()
        ]
        context = f"The landlord is {PHONE_NUMBER}."
        lines = tuple(PromptMessage("user", message.text) for message in incoming)
        return Prompt("Be kind.", tuple(history), context, lines, tools=tools)

    return made.build(targets=("chat_state", "prompt"))


def prompt_texts(prompt: Prompt) -> list[str]:
    """All that was said or gathered in what the model is given."""
    rounds = [text for one in prompt.rounds for text in (one.text, *one.results)]
    return [prompt.context, *(line.text for line in (*prompt.history, *prompt.incoming)), *rounds]

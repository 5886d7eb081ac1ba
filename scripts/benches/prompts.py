"""How much of each prompt is the same as before, in a conversation that goes on: what a cache may save.

The invented chats of tests/data/relevance.yaml are held one after the other in one chat, with an answer each.
The front that two prompts have in common counts from 1,024 tokens on, in steps of 128, as OpenAI counts it
(https://developers.openai.com/api/docs/guides/prompt-caching); a token is taken to be four characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

import msgspec

from benches.labelled import labelled
from benches.tables import table as drawn
from repartee.assistants.office.prompts import Gathered, compose
from repartee.assistants.office.remembering import Remembering
from repartee.assistants.office.routes import load
from repartee.conversation.control import Control
from repartee.conversation.message import Exchange, Message, Said, Side
from repartee.conversation.prompt import Line, Prompt
from repartee.ports import Standing, Summary

CHAT = "telegram:42"
BEGAN, MINUTE = 1_789_000_000.0, 60.0
TOKEN, LEAST, STEP = 4, 1024, 128

REPLY = "Yes, that is so. I looked it up: it was said here before, and nobody has said anything else since."
SUMMARY = (
    "They spoke about the move, the release, the fair and the party, and agreed on dates for most of it. " * 8
)


class Front(NamedTuple):
    """Tokens of a prompt, of its front that the prompt before had too, and of these what a cache takes."""

    tokens: int
    same: int
    cacheable: int


class Chat:
    """The stores of one chat, and the model that sums it up: always in as many words."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.summary = Summary()

    def newest(self, place: str, side: Side, limit: int) -> Sequence[Said]:
        return [one for one in self.said if one.side == side][-limit:]

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        return Standing(profile={"name": sender}, summary=self.summary)

    def control(self, room: str, chat: str) -> Control:
        return Control()

    def summarise(self, chat: str, summary: Summary, after: float) -> None:
        self.summary = summary

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        return f"{SUMMARY}{self.said[-1].sent:.0f}"


def measure() -> dict[str, Any]:
    """All figures; a second."""
    routes = load()
    always = {name: list(_shares([name])) for name in ("general", "chat", "erp")}
    by_turns = list(_shares([*routes]))
    return {
        "turns": len(by_turns),
        "conversations": {
            **{f"always {name}": _told(shares) for name, shares in always.items()},
            "another route each time": _told(by_turns),
        },
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    columns = ("tokens", "same", "cacheable")
    rows = [(name, *(each[column] for column in columns)) for name, each in result["conversations"].items()]
    return drawn(
        (f"{result['turns']} turns", "tokens of a prompt", "same at the front", "of that cacheable"), rows
    )


def _told(shares: Sequence[Front]) -> Mapping[str, float]:
    tokens = sum(one.tokens for one in shares)
    return {
        "tokens": round(tokens / len(shares)),
        "same": round(sum(one.same for one in shares) / tokens, 3),
        "cacheable": round(sum(one.cacheable for one in shares) / tokens, 3),
    }


def _shares(names: Sequence[str]) -> Iterator[Front]:
    """Each prompt, against the one before it."""
    before = ""
    for prompt in _prompts(names):
        text = _text(prompt)
        same = _in_common(before, text) // TOKEN
        if before:
            yield Front(len(text) // TOKEN, same, same // STEP * STEP if same >= LEAST else 0)
        before = text


def _in_common(one: str, other: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _prompts(names: Sequence[str]) -> Iterator[Prompt]:
    chat, routes = Chat(), load()
    remembering = Remembering(chat, chat, chat, chat)  # type: ignore[arg-type]
    lines = [line for room in labelled("relevance") for line in room["said"]]
    for number, ((by, text), name) in enumerate(zip(lines, cycle(names), strict=False)):
        message = _message(number, by, text)
        said = [one for side in ("user", "assistant") for one in chat.newest(CHAT, side, 40)]
        yield compose(
            Gathered(
                asked=(message,),
                lines=(Line("user", text),),
                route=routes[name],
                standing=chat.standing(CHAT, CHAT, by),
                history=said,
                relevant=list(islice(chat.said, number % 20, number % 20 + 8)),
            )
        )
        _answered(chat, remembering, message, number)


def _answered(chat: Chat, remembering: Remembering, message: Message, number: int) -> None:
    exchange = Exchange(
        turn=f"t{number}", chat=CHAT, room=CHAT, assistant="office", messages=(message,), reply=REPLY,
        at=message.sent + 5,
    )  # fmt: skip
    chat.said += exchange.said()
    remembering.remember(exchange)


def _message(number: int, by: str, text: str) -> Message:
    sent = BEGAN + number * MINUTE
    return Message(
        id=f"{number:06}", chat=CHAT, room=CHAT, channel="telegram", sender=f"telegram:{by}", text=text,
        sent=sent, received=sent,
    )  # fmt: skip


def _text(prompt: Prompt) -> str:
    parts = (prompt.instructions, prompt.history, prompt.context, prompt.asked)
    return "\n".join(msgspec.json.encode(part).decode() for part in parts)

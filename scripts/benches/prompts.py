"""How much of each prompt is the same as before, in a conversation that goes on: what a cache may save.

The invented chats of tests/data/relevance.yaml are held one after the other in one chat, with an answer each.
The front that two prompts have in common counts from 1,024 tokens on, in steps of 128, as OpenAI counts it
(https://developers.openai.com/api/docs/guides/prompt-caching); a token is taken to be four characters. The
bars hold for the chats in the half that is only run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

import msgspec

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import is_held_out, load_labelled_set
from benches.support.tables import render_table as drawn
from repartee.assistants.office.prompts import OfficePromptContext, build_office_prompt
from repartee.assistants.office.routes import load_routes
from repartee.assistants.office.summarising import OfficeExchangeRecorder
from repartee.domain.control import Control
from repartee.domain.message import Exchange, Message, Side, StoredMessage
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.ports import ChatState, MessageStore, Records, SmallModel, Summary

CHAT_ID = "telegram:42"
STARTED_AT, MINUTE_SECONDS = 1_789_000_000.0, 60.0
MIN_SHARED_BY_ROUTE = {"general": 0.6, "chat": 0.6, "erp": 0.55}
MIN_SHARED_BY_TURNS, MAX_MEAN_PROMPT_TOKENS = 0.4, 1600
BY_TURNS = "another route each time"

CHARS_PER_TOKEN, MIN_CACHEABLE_TOKENS, CACHE_STEP_TOKENS = 4, 1024, 128

REPLY_TEXT = (
    "Yes, that is so. I looked it up: it was said here before, and nobody has said anything else since."
)
SUMMARY_TEXT = (
    "They spoke about the move, the release, the fair and the party, and agreed on dates for most of it. " * 8
)


class PromptPrefix(NamedTuple):
    """Tokens of a prompt, of its front that the prompt before had too, and of these what a cache takes."""

    tokens: int
    shared_tokens: int
    cacheable_tokens: int


class PromptChat(Records, MessageStore, SmallModel):
    """The stores of one chat, and the model that sums it up: always in as many words. It declares the ports
    of which it answers a part, so that the type check sees a method that no longer fits."""

    def __init__(self) -> None:
        self.said: list[StoredMessage] = []
        self.summary = Summary()

    def list_newest(self, place: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        return [one for one in self.said if one.side == side][-limit:]

    def read_chat_state(self, room: str, chat: str, sender: str, *, max_age: float = 0.0) -> ChatState:
        return ChatState(profile={"name": sender}, summary=self.summary)

    def read_control(self, room: str, chat: str) -> Control:
        return Control()

    def save_summary(self, chat: str, summary: Summary, after: float) -> None:
        self.summary = summary

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        return f"{SUMMARY_TEXT}{self.said[-1].sent:.0f}"


def measure() -> dict[str, Any]:
    """Returns all figures; a second."""
    rooms = load_labelled_set("relevance")
    unseen = [room for room in rooms if is_held_out(room["room"])]
    conversations = _measure_rooms(unseen)
    return {
        "turns": sum(len(room["said"]) for room in unseen) - 1,
        "conversations": conversations,
        "looked_at": _measure_rooms([room for room in rooms if room not in unseen]),
        "bars": _check_bars(conversations),
    }


def _measure_rooms(rooms: Sequence[Any]) -> dict[str, Mapping[str, float]]:
    lines = [line for room in rooms for line in room["said"]]
    kinds = {f"always {name}": [name] for name in MIN_SHARED_BY_ROUTE} | {BY_TURNS: [*load_routes()]}
    return {kind: _format_shares(list(_prefix_shares(names, lines))) for kind, names in kinds.items()}


def _check_bars(conversations: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    return [
        *(
            check_bar(
                f"prompts: not the same at the front, always {name}",
                1 - conversations[f"always {name}"]["same"],
                1 - least,
            )
            for name, least in MIN_SHARED_BY_ROUTE.items()
        ),
        check_bar(
            "prompts: not the same at the front, another route each time",
            1 - conversations[BY_TURNS]["same"],
            1 - MIN_SHARED_BY_TURNS,
        ),
        check_bar(
            "prompts: tokens of a prompt",
            max(each["tokens"] for each in conversations.values()),
            MAX_MEAN_PROMPT_TOKENS,
        ),
    ]


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = ("tokens", "same", "cacheable")
    rows = [(name, *(each[column] for column in columns)) for name, each in result["conversations"].items()]
    heads = (f"{result['turns']} turns", "tokens of a prompt", "same at the front", "of that cacheable")
    return "\n\n".join((drawn(heads, rows), drawn(("bar", "measured", "allowed", ""), bar_rows(result))))


def _format_shares(shares: Sequence[PromptPrefix]) -> Mapping[str, float]:
    tokens = sum(one.tokens for one in shares)
    return {
        "tokens": round(tokens / len(shares)),
        "same": round(sum(one.shared_tokens for one in shares) / tokens, 3),
        "cacheable": round(sum(one.cacheable_tokens for one in shares) / tokens, 3),
    }


def _prefix_shares(names: Sequence[str], lines: Sequence[tuple[str, str]]) -> Iterator[PromptPrefix]:
    """Each prompt, against the one before it."""
    before = ""
    for prompt in _successive_prompts(names, lines):
        text = _prompt_text(prompt)
        same = _common_prefix_chars(before, text) // CHARS_PER_TOKEN
        if before:
            yield PromptPrefix(
                len(text) // CHARS_PER_TOKEN,
                same,
                same // CACHE_STEP_TOKENS * CACHE_STEP_TOKENS if same >= MIN_CACHEABLE_TOKENS else 0,
            )
        before = text


def _common_prefix_chars(one: str, other: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _successive_prompts(names: Sequence[str], lines: Sequence[tuple[str, str]]) -> Iterator[Prompt]:
    chat, routes = PromptChat(), load_routes()  # type: ignore[abstract]
    remembering = OfficeExchangeRecorder(chat, chat, chat, chat)  # type: ignore[arg-type]
    for number, ((by, text), name) in enumerate(zip(lines, cycle(names), strict=False)):
        message = _build_message(number, by, text)
        history = [one for side in ("user", "assistant") for one in chat.list_newest(CHAT_ID, side, 40)]
        yield build_office_prompt(
            OfficePromptContext(
                incoming=(message,),
                incoming_lines=(PromptMessage("user", text),),
                route=routes[name],
                chat_state=chat.read_chat_state(CHAT_ID, CHAT_ID, by),
                history=history,
                relevant_messages=list(islice(chat.said, number % 20, number % 20 + 8)),
            )
        )
        _answer_message(chat, remembering, message, number)


def _answer_message(
    chat: PromptChat, remembering: OfficeExchangeRecorder, message: Message, number: int
) -> None:
    exchange = Exchange(
        turn=f"t{number}",
        chat=CHAT_ID,
        room=CHAT_ID,
        assistant="office",
        messages=(message,),
        reply=REPLY_TEXT,
        answered_at=message.sent + 5,
    )
    chat.said += exchange.to_stored()
    remembering.record_exchange(exchange)


def _build_message(number: int, by: str, text: str) -> Message:
    sent = STARTED_AT + number * MINUTE_SECONDS
    return Message(
        id=f"{number:06}", chat=CHAT_ID, room=CHAT_ID, channel="telegram", sender=f"telegram:{by}", text=text,
        sent=sent, received=sent,
    )  # fmt: skip


def _prompt_text(prompt: Prompt) -> str:
    parts = (prompt.instructions, prompt.history, prompt.context, prompt.incoming)
    return "\n".join(msgspec.json.encode(part).decode() for part in parts)

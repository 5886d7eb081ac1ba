"""An assistant that does all that one can do in a turn: it uses a tool, has a duty, carries out decisions."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import msgspec

from repartee.domain.message import ButtonPress, Exchange, Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt, PromptMessage, Tool
from repartee.plan import Graph, Plan
from repartee.ports import ChatState, MessageStore, Records
from repartee.turn.assistant import Assistant, TurnInputs, build_assistant_graph

TASK_FAILED_TEXT = "I could not note it."


class NoArguments(msgspec.Struct):
    """The tool wants to know nothing."""


class FullInputs(msgspec.Struct, frozen=True, kw_only=True):
    """The ports that its steps ask for."""

    records: Records
    messages: MessageStore


full_plan = Plan("helper", inputs=FullInputs, offered=TurnInputs)


@full_plan.step(timeout=2.0)
def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
    """Whether anything may be said."""
    return records.read_chat_state(incoming[-1].room, incoming[-1].chat, incoming[-1].sender)


@full_plan.step()
def tools(incoming: tuple[Message, ...], messages: MessageStore) -> tuple[Tool, ...]:
    """Looks up what was said in the room."""

    def look(_: NoArguments) -> str:
        return str(len(messages.list_newest(incoming[-1].room, "user", 10)))

    return (Tool(name="look", description="Looks.", arguments=NoArguments, run=look),)


@full_plan.step()
def prompt(
    incoming: tuple[Message, ...], unpersisted_exchanges: tuple[Exchange, ...], tools: tuple[Tool, ...]
) -> Prompt:
    """Returns a prompt of the history and the incoming messages."""
    history = tuple(
        PromptMessage(one.side, one.text)
        for exchange in unpersisted_exchanges
        for one in exchange.to_stored()
    )
    return Prompt(
        "Be kind.", history, "", tuple(PromptMessage("user", one.text) for one in incoming), tools=tools
    )


@full_plan.step()
def post_reply_tasks(incoming: tuple[Message, ...], records: Records) -> tuple[PostReplyTask, ...]:
    """Each question is noted."""
    return tuple(
        PostReplyTask(
            "note", partial(records.update_profile, message.sender, {message.text: "noted"}), TASK_FAILED_TEXT
        )
        for message in incoming
    )


def decision_text(press: ButtonPress) -> str:
    """The words for a press that was carried out."""
    return f"<{press.proposal_id}>"


def make_full_assistant(ports: dict[str, Any]) -> Assistant:
    """The assistant with these ports."""
    inputs = FullInputs(records=ports["records"], messages=ports["messages"])
    return Assistant("helper", _build_graph(), inputs, resolve_press=decision_text)


@cache
def _build_graph() -> Graph:
    return build_assistant_graph(
        full_plan, chat_state=chat_state, prompt=prompt, post_reply_tasks=post_reply_tasks
    )

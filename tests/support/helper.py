"""An assistant that does all that one can do in a turn: it uses a tool, has a duty, carries out decisions."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import msgspec

from repartee.conversation.means import Assistant, Duty
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Line, Prompt, Tool
from repartee.plan import Graph, Plan
from repartee.ports import Messages, Records, Standing

UNDONE = "I could not note it."


class Nothing(msgspec.Struct):
    """The tool wants to know nothing."""


helper = Plan("helper", inputs=("asked", "recent", "sign", "records", "messages"))


@helper.step(timeout=2.0)
def standing(asked: tuple[Message, ...], records: Records) -> Standing:
    """Whether anything may be said."""
    return records.standing(asked[-1].room, asked[-1].chat, asked[-1].sender)


@helper.step()
def tools(asked: tuple[Message, ...], messages: Messages) -> tuple[Tool, ...]:
    """Looks up what was said in the room."""

    def look(_: Nothing) -> str:
        return str(len(messages.newest(asked[-1].room, "user", 10)))

    return (Tool(name="look", description="Looks.", arguments=Nothing, run=look),)


@helper.step()
def prompt(asked: tuple[Message, ...], recent: tuple[Exchange, ...], tools: tuple[Tool, ...]) -> Prompt:
    """What is asked, after what was said."""
    history = tuple(Line(one.side, one.text) for exchange in recent for one in exchange.said())
    return Prompt("Be kind.", history, "", tuple(Line("user", one.text) for one in asked), tools=tools)


@helper.step()
def afterwards(asked: tuple[Message, ...], records: Records) -> tuple[Duty, ...]:
    """Each question is noted."""
    return tuple(
        Duty("note", partial(records.learn, message.sender, {message.text: "noted"}), UNDONE)
        for message in asked
    )


def decided(message: Message) -> str:
    """The words for a press that was carried out."""
    return f"<{message.text}>"


def help_out(ports: dict[str, Any]) -> Assistant:
    """The assistant with these ports."""
    given = {name: ports[name] for name in ("records", "messages")}
    return Assistant("helper", _graph(), given, decided=decided)


@cache
def _graph() -> Graph:
    return helper.build(targets=("standing", "prompt", "afterwards"))

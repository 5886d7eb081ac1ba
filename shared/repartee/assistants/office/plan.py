"""What the office assistant gathers for a reply, as one dependency graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repartee.assistants.office.prompts import compose
from repartee.conversation.message import Exchange, Message, Said
from repartee.conversation.prompt import Prompt
from repartee.plan import Graph, Plan
from repartee.ports import Embedder, Messages, Records, Standing, Vector

HISTORY = 20
"""Messages of each side that are read: the most that any prompt shows."""

RELEVANT = 5
"""Messages of each side that are looked up as relevant."""

office = Plan("office", inputs=("asked", "recent", "sign", "records", "messages", "embedder"))


@office.step(timeout=2.0)
def standing(asked: tuple[Message, ...], records: Records) -> Standing:
    """Who asks, and whether the assistant must be quiet here. Without knowing that, nothing is said."""
    newest = asked[-1]
    return records.standing(newest.room, newest.chat, newest.sender)


@office.step(timeout=2.0, status="prompt")
def first_sign(standing: Standing, sign: Callable[[Standing], None]) -> None:
    """Something is visible as soon as it is known that the room may hear it."""
    sign(standing)


@office.step()
def question(asked: tuple[Message, ...]) -> str:
    """What is asked, as one text."""
    return "\n".join(message.text for message in asked)


@office.step(timeout=2.0, fallback=None)
def embedding(question: str, embedder: Embedder) -> Vector:
    """The question's vector, made once for all that need it. Without it, words alone decide."""
    return embedder.embed([question])[0]


@office.step(timeout=1.5, fallback=())
def user_history(asked: tuple[Message, ...], messages: Messages) -> Sequence[Said]:
    """What people said in this chat of late."""
    return messages.newest(asked[-1].chat, "user", HISTORY)


@office.step(timeout=1.5, fallback=())
def assistant_history(asked: tuple[Message, ...], messages: Messages) -> Sequence[Said]:
    """What the assistant answered in this chat of late."""
    return messages.newest(asked[-1].chat, "assistant", HISTORY)


@office.step(timeout=1.5, fallback=())
def relevant_user_messages(
    asked: tuple[Message, ...], question: str, embedding: Vector | None, messages: Messages
) -> Sequence[Said]:
    """What people said in this room about this, however long ago, best first."""
    return messages.relevant(asked[-1].room, "user", question, embedding, RELEVANT)


@office.step(timeout=1.5, fallback=())
def relevant_assistant_messages(
    asked: tuple[Message, ...], question: str, embedding: Vector | None, messages: Messages
) -> Sequence[Said]:
    """What the assistant answered in this room about this, best first."""
    return messages.relevant(asked[-1].room, "assistant", question, embedding, RELEVANT)


@office.step()
def prompt(
    asked: tuple[Message, ...],
    recent: tuple[Exchange, ...],
    standing: Standing,
    user_history: Sequence[Said],
    assistant_history: Sequence[Said],
    relevant_user_messages: Sequence[Said],
    relevant_assistant_messages: Sequence[Said],
) -> Prompt:
    """What the model is given."""
    history = [*user_history, *assistant_history, *(said for one in recent for said in one.said())]
    relevant = [*relevant_user_messages, *relevant_assistant_messages]
    return compose(asked, standing.profile, history, relevant)


def build() -> Graph:
    """The plan, checked."""
    return office.build(targets=("standing", "prompt"))

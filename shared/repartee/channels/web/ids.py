"""The web's ids: people, conversations, messages, turns."""

from __future__ import annotations

import re

import msgspec

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""The form of an id that a client may give to a message or a conversation."""


class WebMessageIds(msgspec.Struct, frozen=True):
    """A message and where it was said: the inbox's `chat` and `id`, and `turn`, as its client calls it."""

    chat: str
    id: str
    turn: str


def room_id(person: str) -> str:
    """The room of all the conversations of a person."""
    return f"web:{person}"


def message_ids(person: str, conversation: str, id: str) -> WebMessageIds:
    """The person's message of that id in that conversation."""
    return WebMessageIds(f"{room_id(person)}:{conversation}", id, f"{conversation}.{id}")


def parse_turn_id(person: str, turn: str) -> WebMessageIds | None:
    """The person's message whose answer is called so; None if nothing can be."""
    conversation, _, id = turn.partition(".")
    if not (CLIENT_ID.fullmatch(conversation) and CLIENT_ID.fullmatch(id)):
        return None
    return message_ids(person, conversation, id)


def parse_conversation(person: str, conversation: str) -> str | None:
    """The chat of the person's conversation of that name; None if none can be called so."""
    is_name = CLIENT_ID.fullmatch(conversation)
    return message_ids(person, conversation, "").chat if is_name else None


def log_id(chat: str, id: str) -> str:
    """The log of the reply to a message, or to several of which this is the last."""
    return f"{chat}#{id}"


def live_log_id(chat: str) -> str:
    """The log of what is said in a conversation beside the replies. No message has an empty id."""
    return log_id(chat, "")

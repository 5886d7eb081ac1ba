"""What a web client says: whose it is, whether it comes too fast, and where it belongs."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.web.tokens import Tokens
from repartee.conversation.message import Message
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed, TooLarge, TooMany
from repartee.ports import Rates

LARGEST_BODY = 64 * 1024
"""Bytes. A text of more is no message."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What a client may call a message or a conversation."""

MINUTE = 60.0


class Posted(msgspec.Struct):
    """What a client posts. The same `id` again says nothing new; without one it is new each time."""

    text: str
    id: str = ""
    conversation: str = "main"


class Place(msgspec.Struct, frozen=True):
    """A message and where it was said: the inbox's `chat` and `id`, and `turn`, as its client calls it."""

    chat: str
    id: str
    turn: str


class WebMessages:
    """`webhook.Receiver` for the web. `rate` is how many messages a person may send in a minute."""

    def __init__(self, tokens: Tokens, rates: Rates, rate: int, new_id: Callable[[], str]) -> None:
        self._tokens, self._rates, self._rate, self._new_id = tokens, rates, rate, new_id

    def verify(self, request: Request) -> None:
        person = self._person(request)
        if wait := self._rates.admit(room_of(person), self._rate, MINUTE):
            raise TooMany(f"more than {self._rate} messages in a minute", retry_after=wait)

    def parse(self, request: Request) -> Arrived:
        if len(request.body) > LARGEST_BODY:
            raise TooLarge(f"the body has more than {LARGEST_BODY} bytes")
        person, posted = self._person(request), decoded(request.body, Posted)
        if not posted.text.strip():
            raise Malformed("the text is empty")
        id = posted.id or self._new_id()
        for name, value in (("id", id), ("conversation", posted.conversation)):
            if not NAME.fullmatch(value):
                raise Malformed(f"{name} is not made of 1 to 64 letters, digits, - and _")
        place = placed(person, posted.conversation, id)
        message = Message(
            id=id,
            chat=place.chat,
            room=room_of(person),
            channel="web",
            sender=room_of(person),
            text=posted.text.strip(),
            sent=request.at,
            received=request.at,
            correlation=request.correlation,
        )
        return Arrived(messages=(message,), answer=msgspec.json.encode(place).decode())

    def _person(self, request: Request) -> str:
        return self._tokens.person(request.headers.get("authorization", ""))


def room_of(person: str) -> str:
    """The room of all the conversations of a person."""
    return f"web:{person}"


def placed(person: str, conversation: str, id: str) -> Place:
    """The person's message of that id in that conversation."""
    return Place(f"{room_of(person)}:{conversation}", id, f"{conversation}.{id}")


def named(person: str, turn: str) -> Place | None:
    """The person's message whose answer is called so; None if nothing can be."""
    conversation, _, id = turn.partition(".")
    if not (NAME.fullmatch(conversation) and NAME.fullmatch(id)):
        return None
    return placed(person, conversation, id)

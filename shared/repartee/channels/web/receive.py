"""What a web client says: whose it is, whether it comes too fast, and where it belongs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

import msgspec

from repartee.channels.web.tokens import Tokens
from repartee.conversation.message import Attachment, Message, workspace_of
from repartee.conversation.proposal import Press, Pressed
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed, TooMany
from repartee.ports import Medium, Rates

KeepMedium = Callable[[str, bytes], Medium]
"""`ports.Media.put`."""

LONGEST_TEXT = 64 * 1024
"""Characters. A text of more is no message."""

MOST_ATTACHMENTS = 4
"""Files with one message. All of it is one body, which the webhook's own limit holds."""

READ = ("image/", "audio/", "text/", "application/")
"""Types that somebody reads. Media knows no others but films."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What a client may call a message or a conversation."""

MINUTE = 60.0


class Attached(msgspec.Struct):
    """A file that comes with a message. `data` is its content, in base64."""

    data: bytes
    name: Annotated[str, msgspec.Meta(max_length=255)] = ""


class Decision(msgspec.Struct):
    """What a person decides on a proposal."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    approve: bool


class Posted(msgspec.Struct):
    """What a client posts. The same `id` again says nothing new; without one it is new each time."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] = ""
    id: str = ""
    conversation: str = "main"
    attachments: Annotated[list[Attached], msgspec.Meta(max_length=MOST_ATTACHMENTS)] = []
    decision: Decision | None = None


class Place(msgspec.Struct, frozen=True):
    """A message and where it was said: the inbox's `chat` and `id`, and `turn`, as its client calls it."""

    chat: str
    id: str
    turn: str


class WebMessages:
    """`webhook.Receiver` for the web. `rate` is how many messages a person may send in a minute; `keep` puts
    a file into the workspace's media, which is the same however often it is done."""

    def __init__(
        self, tokens: Tokens, rates: Rates, rate: int, new_id: Callable[[], str], keep: KeepMedium
    ) -> None:
        self._tokens, self._rates, self._rate = tokens, rates, rate
        self._new_id, self._keep = new_id, keep

    def verify(self, request: Request) -> None:
        person = self._person(request)
        if wait := self._rates.admit(room_of(person), self._rate, MINUTE):
            raise TooMany(f"more than {self._rate} messages in a minute", retry_after=wait)

    def parse(self, request: Request) -> Arrived:
        person, posted = self._person(request), decoded(request.body, Posted)
        if not (posted.text.strip() or posted.attachments or posted.decision):
            raise Malformed("the text is empty, and nothing comes with it")
        id = posted.id or self._new_id()
        for name, value in (("id", id), ("conversation", posted.conversation)):
            if not NAME.fullmatch(value):
                raise Malformed(f"{name} is not made of 1 to 64 letters, digits, - and _")
        place = placed(person, posted.conversation, id)
        message = self._message(person, posted, place, request)
        answer = msgspec.json.encode(place).decode()
        if posted.decision:
            return Arrived(pressed=(_pressed(posted.decision, message),), answer=answer)
        return Arrived(messages=(message,), answer=answer)

    def _message(self, person: str, posted: Posted, place: Place, request: Request) -> Message:
        return Message(
            id=place.id,
            chat=place.chat,
            room=room_of(person),
            channel="web",
            sender=room_of(person),
            text="" if posted.decision else posted.text.strip(),
            decides=posted.decision.subject if posted.decision else "",
            sent=request.at,
            received=request.at,
            correlation=request.correlation,
            attachments=tuple(self._attached(person, file) for file in posted.attachments),
        )

    def _attached(self, person: str, file: Attached) -> Attachment:
        """The file as it is kept. It is what its bytes say that it is."""
        medium = self._keep(workspace_of(room_of(person)), file.data)
        if not medium.type.startswith(READ):
            raise Malformed(f"an attachment is of type {medium.type}, which is not read")
        kind = medium.type.partition("/")[0]
        return Attachment(
            kind="image" if kind == "image" else "audio" if kind == "audio" else "file",
            id=medium.key,
            name=file.name,
            mime=medium.type,
            size=medium.size,
            source={"key": medium.key},
        )

    def _person(self, request: Request) -> str:
        return self._tokens.person(request.headers.get("authorization", ""))


def _pressed(decision: Decision, message: Message) -> Pressed:
    press = Press(
        id=message.id, subject=decision.subject, approved=decision.approve, by=message.sender, at=message.sent
    )
    return Pressed(press, message)


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

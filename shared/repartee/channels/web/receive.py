"""What a web client says: whose it is, whether it comes too fast, and where it belongs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

import msgspec

from repartee.channels.web.tokens import BearerTokens
from repartee.conversation.message import Attachment, Message, workspace_of
from repartee.conversation.proposal import ProposalDecision, ReceivedPress
from repartee.conversation.webhook import HttpRequest, ParsedRequest, decode_json
from repartee.errors import InvalidPayload, RateLimited
from repartee.ports import RateLimiter, StoredMedia

StoreMedium = Callable[[str, bytes], StoredMedia]
"""`ports.Media.put`."""

MAX_TEXT_CHARS = 64 * 1024
"""Characters. A text of more is no message."""

MAX_ATTACHMENTS = 4
"""Files with one message. All of it is one body, which the webhook's own limit holds."""

READABLE_TYPE_PREFIXES = ("image/", "audio/", "text/", "application/")
"""Types that somebody reads. Media knows no others but films."""

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What a client may call a message or a conversation."""

RATE_WINDOW_SECONDS = 60.0


class WebAttachment(msgspec.Struct):
    """A file that comes with a message. `data` is its content, in base64."""

    data: bytes
    name: Annotated[str, msgspec.Meta(max_length=255)] = ""


class WebDecision(msgspec.Struct):
    """What a person decides on a proposal."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    approve: bool


class WebPost(msgspec.Struct):
    """What a client posts. The same `id` again says nothing new; without one it is new each time."""

    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)] = ""
    id: str = ""
    conversation: str = "main"
    attachments: Annotated[list[WebAttachment], msgspec.Meta(max_length=MAX_ATTACHMENTS)] = []
    decision: WebDecision | None = None


class WebMessageIds(msgspec.Struct, frozen=True):
    """A message and where it was said: the inbox's `chat` and `id`, and `turn`, as its client calls it."""

    chat: str
    id: str
    turn: str


class WebReceiver:
    """`webhook.Receiver` for the web. `rate` is how many messages a person may send in a minute; `keep` puts
    a file into the workspace's media, which is the same however often it is done."""

    def __init__(
        self,
        tokens: BearerTokens,
        rates: RateLimiter,
        max_messages_per_minute: int,
        new_id: Callable[[], str],
        store_medium: StoreMedium,
    ) -> None:
        self._tokens, self._rates, self._rate = tokens, rates, max_messages_per_minute
        self._new_id, self._keep = new_id, store_medium

    def verify(self, request: HttpRequest) -> None:
        person = self._person_of_request(request)
        if wait := self._rates.admit(room_id(person), self._rate, RATE_WINDOW_SECONDS):
            raise RateLimited(f"more than {self._rate} messages in a minute", retry_after=wait)

    def parse(self, request: HttpRequest) -> ParsedRequest:
        person, posted = self._person_of_request(request), decode_json(request.body, WebPost)
        if not (posted.text.strip() or posted.attachments or posted.decision):
            raise InvalidPayload("the text is empty, and nothing comes with it")
        id = posted.id or self._new_id()
        for name, value in (("id", id), ("conversation", posted.conversation)):
            if not CLIENT_ID.fullmatch(value):
                raise InvalidPayload(f"{name} is not made of 1 to 64 letters, digits, - and _")
        place = message_ids(person, posted.conversation, id)
        message = self._build_message(person, posted, place, request)
        answer = msgspec.json.encode(place).decode()
        if posted.decision:
            return ParsedRequest(presses=(_build_press(posted.decision, message),), response_body=answer)
        return ParsedRequest(messages=(message,), response_body=answer)

    def _build_message(
        self, person: str, posted: WebPost, place: WebMessageIds, request: HttpRequest
    ) -> Message:
        return Message(
            id=place.id,
            chat=place.chat,
            room=room_id(person),
            channel="web",
            sender=room_id(person),
            text="" if posted.decision else posted.text.strip(),
            proposal_id=posted.decision.subject if posted.decision else "",
            sent=request.received_at,
            received=request.received_at,
            correlation=request.correlation,
            attachments=tuple(self._store_attachment(person, file) for file in posted.attachments),
        )

    def _store_attachment(self, person: str, file: WebAttachment) -> Attachment:
        """The file as it is kept. It is what its bytes say that it is."""
        medium = self._keep(workspace_of(room_id(person)), file.data)
        if not medium.content_type.startswith(READABLE_TYPE_PREFIXES):
            raise InvalidPayload(f"an attachment is of type {medium.content_type}, which is not read")
        kind = medium.content_type.partition("/")[0]
        return Attachment(
            kind="image" if kind == "image" else "audio" if kind == "audio" else "file",
            id=medium.key,
            name=file.name,
            mime=medium.content_type,
            size=medium.size,
            download_ref={"key": medium.key},
        )

    def _person_of_request(self, request: HttpRequest) -> str:
        return self._tokens.verify_person(request.headers.get("authorization", ""))


def _build_press(decision: WebDecision, message: Message) -> ReceivedPress:
    press = ProposalDecision(
        id=message.id,
        proposal_id=decision.subject,
        approved=decision.approve,
        decided_by=message.sender,
        decided_at=message.sent,
    )
    return ReceivedPress(press, message)


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

"""The posts of web clients: whose each is, whether it comes too fast, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from repartee.channels.web.bearer_tokens import BearerTokens
from repartee.channels.web.buttons import _build_press
from repartee.channels.web.ids import CLIENT_ID, WebMessageIds, message_ids, room_id
from repartee.channels.web.payloads import WebAttachment, WebPost
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import EMAIL_DOMAIN_KEY, Attachment, Message, workspace_of
from repartee.errors import InvalidPayload, RateLimited
from repartee.ports import RateLimiter, StoredMedia
from repartee.ports.channels import ParsedRequest

StoreMedium = Callable[[str, bytes], StoredMedia]
"""`ports.Media.put`."""


READABLE_TYPE_PREFIXES = ("image/", "audio/", "text/", "application/")
"""Types that a step reads. Media knows no others but films."""


CONVERSATION_KEY = "conversation"
"""Of `Message.platform`: the conversation's name, as its client calls it."""

RATE_WINDOW_SECONDS = 60.0

BYTES_PER_KILOBYTE = 1024
MAX_UNCOUNTED_KILOBYTES = 8
"""Kilobytes of a body that is not counted: of these the number of messages is limit enough."""


class WebReceiver:
    """`webhook.Receiver` for the web. A person may send so many messages and so many kilobytes, with
    files, in a minute; `store_medium` puts a file into the workspace's media, which is the same however often
    it is done."""

    def __init__(
        self,
        tokens: BearerTokens,
        rates: RateLimiter,
        max_messages_per_minute: int,
        max_kilobytes_per_minute: int,
        new_id: Callable[[], str],
        store_medium: StoreMedium,
    ) -> None:
        self._tokens, self._rates, self._rate = tokens, rates, max_messages_per_minute
        self._max_kilobytes = max_kilobytes_per_minute
        self._new_id, self._keep = new_id, store_medium

    def verify(self, request: HttpRequest) -> None:
        person = self._person_of_request(request)
        if wait := self._rates.admit(room_id(person), self._rate, RATE_WINDOW_SECONDS):
            raise RateLimited(f"more than {self._rate} messages in a minute", retry_after=wait)
        kilobytes = -(-len(request.body) // BYTES_PER_KILOBYTE)
        if kilobytes > MAX_UNCOUNTED_KILOBYTES and (wait := self._admit_bytes(person, kilobytes)):
            raise RateLimited(f"more than {self._max_kilobytes} KB in a minute", retry_after=wait)

    def _admit_bytes(self, person: str, kilobytes: int) -> float:
        key = f"{room_id(person)}#kilobytes"
        return self._rates.admit(key, self._max_kilobytes, RATE_WINDOW_SECONDS, kilobytes)

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
            sent=request.received_at,
            received=request.received_at,
            correlation=request.correlation,
            language=request.headers.get("accept-language", ""),
            platform={CONVERSATION_KEY: posted.conversation, **self._address_domain(request)},
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

    def _address_domain(self, request: HttpRequest) -> dict[str, str]:
        domain = self._tokens.read_email_domain(request.headers.get("authorization", ""))
        return {EMAIL_DOMAIN_KEY: domain} if domain else {}

    def _person_of_request(self, request: HttpRequest) -> str:
        return self._tokens.verify_person(request.headers.get("authorization", ""))

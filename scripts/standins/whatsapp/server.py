"""Stands in for WhatsApp's Cloud API: a number and its chats, with Meta's own errors and limits.

It differs from WhatsApp in that people exist as soon as they are named, and that everything is told at once:
there a message may be taken, and a status say later that it was not delivered. An id within the business in
the place of a telephone number is taken and goes nowhere, as it does there (chatwoot/chatwoot#15150).
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standins.whatsapp import arguments as whatsapp
from standins.whatsapp.arguments import Arguments, UploadForm, WhatsAppContent, WhatsAppError
from standins.whatsapp.limits import (
    LINK_SECONDS,
    MAX_BURST_MESSAGES,
    MAX_MESSAGES_PER_SECOND,
    MEDIA_SECONDS,
    PAIR_INTERVAL_SECONDS,
    SERVICE_WINDOW_SECONDS,
    TYPING_SECONDS,
)
from standins.whatsapp.posts import PairRate, StoredMedia, WhatsAppPost

ACCESS_TOKEN = "EAAlocalstandin"
PHONE_NUMBER_ID = "106540352242922"
TEMPLATE = ("back_again", "en_US")


@dataclass(frozen=True)
class WhatsAppResponse:
    """An HTTP response."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class WhatsAppStandIn:
    """The number's chats: their messages, what was called, and how often. Not for more than one thread.

    `posts` has every call that was made, in order, with its time; `version` grows with every visible change.
    Links to files begin with `url`; who is in `unreachable` gets nothing; `templates` are approved, by name.
    """

    def __init__(self, clock: Callable[[], float], token: str = ACCESS_TOKEN) -> None:
        self._clock, self._token = clock, token
        self._messages: list[WhatsAppPost] = []
        self._heard: dict[str, float] = {}
        self._people: dict[str, str] = {}
        self._typing: dict[str, float] = {}
        self._pairs: defaultdict[str, PairRate] = defaultdict(PairRate)
        self._recent: deque[float] = deque()
        self._media: dict[str, StoredMedia] = {}
        self._ids = 0
        self.url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/"
        self.templates = {TEMPLATE[0]: TEMPLATE[1]}
        self.unreachable: set[str] = set()
        self.number: dict[str, Any] = {"status": "CONNECTED"}
        self.posts: list[dict[str, Any]] = []
        self.version = 0

    def handle_call(
        self, verb: str, path: str, token: str, given: Arguments | UploadForm
    ) -> WhatsAppResponse:
        """One call of the Cloud API; `path` is what follows the version. Never raises: what is wrong is
        Meta's answer."""
        method = call_name(verb, path, given)
        arguments = dict(given.fields) if isinstance(given, UploadForm) else dict(given)
        entry = {"at": self._clock(), "method": method, "path": path, "arguments": arguments}
        self.posts.append(entry)
        try:
            if token != self._token:
                raise WhatsAppError(190, "Invalid OAuth access token", 401)
            body = getattr(self, f"_{method}")(path.partition("/")[0], given)
        except WhatsAppError as error:
            entry |= {"ok": False, "error": error.code, "ignored": []}
            return WhatsAppResponse(error.body, error.status)
        ignored = (
            whatsapp.check_unknown_arguments(given)
            if method == "send" and not isinstance(given, UploadForm)
            else []
        )
        entry |= {"ok": True, "error": None, "ignored": ignored}
        entry["message_id"] = next((sent["id"] for sent in body.get("messages", ())), None)
        self.version += 1
        return WhatsAppResponse(body)

    def download_file(self, token: str, media: str, until: str) -> WhatsAppResponse | bytes:
        """Returns the file behind a link."""
        if token != self._token:
            return WhatsAppResponse(WhatsAppError(190, "Invalid OAuth access token").body, 401)
        if media not in self._media or not until.isdecimal() or self._clock() >= int(until):
            return WhatsAppResponse({}, 404)
        return self._media[media].content

    def _send(self, number: str, arguments: Arguments) -> dict[str, Any]:
        self._check_phone_number(number)
        whatsapp.check_product(arguments)
        written = whatsapp.parse_message(arguments, self.templates)
        to, person = self._find_recipient(arguments)
        if written.media and written.media not in self._media:
            raise WhatsAppError(131053, "There is no such file.")
        if person:
            self._check_rates(person, written)
            self._typing.pop(person, None)
        id = self._new_id(to)
        if person:
            self._messages.append(WhatsAppPost(id, person, written, bot=True, at=self._clock()))
        by = "user_id" if whatsapp.USER_ID.fullmatch(to) else "wa_id"
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, by: to}],
            "messages": [{"id": id}],
        }

    def _type(self, number: str, arguments: Arguments) -> dict[str, Any]:
        self._check_phone_number(number)
        whatsapp.check_product(arguments)
        read = whatsapp.require_argument(arguments, "message_id")
        read_messages = [message for message in self._messages if message.id == read and not message.bot]
        if not read_messages:
            raise WhatsAppError(100, "There is no such message.")
        if arguments.get("typing_indicator") == {"type": "text"}:
            self._typing[read_messages[0].person] = self._clock()
        return {"success": True}

    def _upload(self, number: str, upload: UploadForm) -> dict[str, Any]:
        self._check_phone_number(number)
        content, id = whatsapp.check_upload(upload), self._next_media_id()
        self._media[id] = StoredMedia(upload.type, content, self._clock())
        return {"id": id}

    def _link(self, media: str, arguments: Arguments) -> dict[str, Any]:
        found = self._find_media(media)
        until = int(self._clock() + LINK_SECONDS)
        digest = hashlib.sha256(found.content).hexdigest()
        return {
            "messaging_product": "whatsapp",
            "url": f"{self.url}?mid={media}&ext={until}&hash={digest[:20]}",
            "mime_type": found.type,
            "sha256": digest,
            "file_size": len(found.content),
            "id": media,
        }

    def _number(self, number: str, arguments: Arguments) -> dict[str, Any]:
        self._check_phone_number(number)
        shown = {"id": number, "verified_name": "Repartee", **self.number}
        return {
            name: value for name, value in shown.items() if name in ("id", *arguments["fields"].split(","))
        }

    def _delete(self, media: str, arguments: Arguments) -> dict[str, Any]:
        self._find_media(media)
        del self._media[media]
        return {"success": True}

    def _unknown(self, path: str, arguments: Arguments) -> dict[str, Any]:
        raise WhatsAppError(100, "Unsupported request", subcode=33)

    def _find_media(self, media: str) -> StoredMedia:
        found = self._media.get(media)
        if found is None or self._clock() - found.since > MEDIA_SECONDS:
            raise WhatsAppError(100, f"Object with ID '{media}' does not exist", subcode=33)
        return found

    def _check_phone_number(self, number: str) -> None:
        if number != PHONE_NUMBER_ID:
            raise WhatsAppError(100, f"Object with ID '{number}' does not exist", subcode=33)

    def _find_recipient(self, arguments: Arguments) -> tuple[str, str]:
        """To whom it was addressed, and who that is: nobody, if it is to an id in the place of a number."""
        if arguments.get("recipient_type", "individual") != "individual":
            raise WhatsAppError(100, "Param recipient_type must be one of {INDIVIDUAL}")
        if to := str(arguments.get("to") or ""):
            digits = to.lstrip("+")
            return to, self._people.get(digits, digits) if digits.isdecimal() else ""
        recipient = str(whatsapp.require_argument(arguments, "recipient"))
        if not whatsapp.USER_ID.fullmatch(recipient):
            raise WhatsAppError(131009, "recipient must be an id within the business.")
        return recipient, recipient

    def _check_rates(self, person: str, written: WhatsAppContent) -> None:
        """Counts a message. Raises when it may not be sent, or is one too many."""
        now = self._clock()
        if person in self.unreachable:
            raise WhatsAppError(131026, "Message undeliverable.")
        if written.kind != "template" and now - self._heard.get(person, -math.inf) > SERVICE_WINDOW_SECONDS:
            raise WhatsAppError(131047, "More than 24 hours have passed since the customer last replied.")
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        if len(self._recent) >= MAX_MESSAGES_PER_SECOND:
            raise WhatsAppError(130429, "Too many messages sent from this phone number.", 429)
        pair = self._pairs[person]
        if now < pair.began + PAIR_INTERVAL_SECONDS and pair.sent < MAX_BURST_MESSAGES:
            pair.sent += 1
        elif now >= pair.began + PAIR_INTERVAL_SECONDS * pair.sent:
            pair.began, pair.sent = now, 1
        else:
            raise WhatsAppError(131056, "Too many messages sent to the same phone number.")
        self._recent.append(now)

    def _new_id(self, to: str) -> str:
        self._ids += 1
        return "wamid." + base64.b64encode(f"{to}/{self._ids}".encode()).decode()

    def _next_media_id(self) -> str:
        self._ids += 1
        return str(1_000_000_000_000_000 + self._ids)

    def add_person_message(
        self, id: str, wa_id: str = "", user_id: str = "", text: str = "", names: tuple[str, ...] = ()
    ) -> None:
        """A person writes, which opens the window for a day. `names` are those of files that came along."""
        person = user_id or wa_id
        if wa_id:
            self._people[wa_id] = person
        self._heard[person] = self._clock()
        self._messages.append(
            WhatsAppPost(id, person, WhatsAppContent("text", text), bot=False, at=self._clock(), files=names)
        )
        self.version += 1

    def change_message(self, id: str, text: str = "", reaction: str = "", *, deleted: bool = False) -> None:
        """A person changes or deletes a message of theirs, or reacts to any message with an emoji."""
        if deleted:
            self._messages[:] = [posted for posted in self._messages if posted.id != id]
        for posted in self._messages:
            if posted.id == id:
                posted.reaction = reaction or posted.reaction
                if text:
                    posted.written, posted.edited = WhatsAppContent("text", text), True
        self.version += 1

    def has_media(self, media: str) -> bool:
        """Whether there is a file of that id, not yet too old."""
        found = self._media.get(media)
        return found is not None and self._clock() - found.since <= MEDIA_SECONDS

    def store_media(self, media: str, mime: str, content: bytes) -> None:
        """A person's file is there."""
        self._media[media] = StoredMedia(mime, content, self._clock())

    def reset_rate_limits(self) -> None:
        """Forgets how often people were written to of late, as time does."""
        self._pairs.clear()
        self._recent.clear()

    def visible_chat(self, person: str) -> dict[str, Any]:
        """The chat as a person sees it."""
        messages = [
            {
                "id": message.id,
                "user": "" if message.bot else message.person,
                "bot": message.bot,
                "streaming": False,
            }
            | {"text": message.written.text, "kind": message.written.kind, "media": message.written.media}
            | {"buttons": list(message.written.buttons), "files": list(message.files)}
            | {"reactions": [message.reaction] if message.reaction else [], "edited": message.edited}
            for message in self._messages
            if message.person == person
        ]
        typing = self._clock() - self._typing.get(person, -math.inf) < TYPING_SECONDS
        return {"messages": messages, "typing": typing, "version": self.version}


def call_name(verb: str, path: str, given: Arguments | UploadForm) -> str:
    """Returns the name of a call: `send`, `type`, `upload`, `number`, `link` or `delete`."""
    edge = path.partition("/")[2]
    if verb == "POST" and edge == "messages" and not isinstance(given, UploadForm):
        return "type" if given.get("status") == "read" else "send"
    if verb == "POST" and edge == "media" and isinstance(given, UploadForm):
        return "upload"
    if verb == "GET" and "fields" in dict(given if not isinstance(given, UploadForm) else {}):
        return "number"
    return {"GET": "link", "DELETE": "delete"}.get(verb, "unknown") if not edge else "unknown"

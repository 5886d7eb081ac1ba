"""Slack's Events API: who signed a request, and which messages it brings.

https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

import msgspec

from repartee.conversation.message import Message
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed, Unverified

TOLERANCE = 300
"""Seconds that a request's timestamp may be off, as Slack advises against replays."""

SPOKEN = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes with which a person says something. All others tell of changes, or are bots'."""


class Authorization(msgspec.Struct):
    """The installation for which an event is delivered. `user_id` is the assistant's own."""

    user_id: str | None = None


class Event(msgspec.Struct):
    """What happened. Only `app_mention` and `message` are read."""

    type: str
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    channel: str | None = None
    team: str | None = None
    hidden: bool | None = None


class Envelope(msgspec.Struct):
    """What Slack posts."""

    type: str
    challenge: str | None = None
    team_id: str | None = None
    event: msgspec.Raw = msgspec.Raw(b"")
    authorizations: list[Authorization] | None = None


class Type(msgspec.Struct):
    """An event of which only the type is read, whatever else it holds."""

    type: str


class SlackEvents:
    """`webhook.Receiver` for Slack. `secrets` gives the signing secrets that are accepted now, `refresh` asks
    for newer ones and says whether there may be some."""

    def __init__(self, secrets: Callable[[], tuple[str, ...]], refresh: Callable[[], bool]) -> None:
        self._secrets, self._refresh = secrets, refresh

    def verify(self, request: Request) -> None:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            raise Unverified("the timestamp is missing or is not a number")
        if abs(request.at - int(timestamp)) > TOLERANCE:
            raise Unverified("the timestamp is stale")
        signature = request.headers.get("x-slack-signature", "")
        if not (signature.isascii() and signature.startswith("v0=")):
            raise Unverified("the signature is missing or malformed")
        if not self._signed(request.body, timestamp, signature):
            raise Unverified("the signature is wrong")

    def parse(self, request: Request) -> Arrived:
        envelope = decoded(request.body, Envelope)
        if envelope.type == "url_verification":
            return _challenge(envelope)
        if envelope.type != "event_callback" or not bytes(envelope.event):
            return Arrived(ignored="not an event")
        kind = decoded(bytes(envelope.event), Type).type
        if kind not in ("app_mention", "message"):
            return Arrived(ignored="an event of another type")
        event = decoded(bytes(envelope.event), Event)
        ignored = _ignored(event, _own_id(envelope))
        if ignored:
            return Arrived(ignored=ignored)
        return Arrived(messages=(_message(envelope, event, request),))

    def _signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        if self._matches(body, timestamp, signature):
            return True
        return self._refresh() and self._matches(body, timestamp, signature)

    def _matches(self, body: bytes, timestamp: str, signature: str) -> bool:
        return any(
            hmac.compare_digest(signed(secret, timestamp, body), signature) for secret in self._secrets()
        )


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that Slack gives a body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _challenge(envelope: Envelope) -> Arrived:
    if not envelope.challenge:
        raise Malformed("a url_verification without a challenge")
    return Arrived(answer=msgspec.json.encode({"challenge": envelope.challenge}).decode())


def _own_id(envelope: Envelope) -> str:
    return next((known.user_id for known in envelope.authorizations or () if known.user_id), "")


def _ignored(event: Event, own_id: str) -> str:
    """Why the event is not something that a person said, empty if it is."""
    if event.subtype not in SPOKEN or event.hidden:
        return "not something that was said"
    if event.bot_id or (own_id and event.user == own_id):
        return "said by a bot"
    return ""


def _message(envelope: Envelope, event: Event, request: Request) -> Message:
    team, channel, user, ts = _named(envelope, event)
    room = f"slack:{team}:{channel}"
    direct = channel.startswith("D")
    mention = f"<@{_own_id(envelope) or '?'}>"
    text = event.text or ""
    thread = event.thread_ts or ("" if direct else ts)
    return Message(
        id=ts,
        chat=f"{room}:{thread}" if thread else room,
        room=room,
        channel="slack",
        sender=f"slack:{event.team or team}:{user}",
        text=text.replace(mention, "").strip(),
        sent=float(ts),
        received=request.at,
        addressed=direct or event.type == "app_mention" or mention in text,
        threaded=bool(event.thread_ts) and event.thread_ts != ts,
        correlation=request.correlation,
        platform={
            "channel": channel,
            "thread": thread or ts,
            "user": user,
            "team": event.team or team,
            "self": _own_id(envelope),
        },
    )


def _named(envelope: Envelope, event: Event) -> tuple[str, str, str, str]:
    """The ids without which a message has no place. Raises `Malformed` for one that is missing."""
    ids = {"team_id": envelope.team_id, "channel": event.channel, "user": event.user, "ts": event.ts}
    for name, value in ids.items():
        if not value:
            raise Malformed(f"a {event.type} event without {name}")
    for name, value in (("ts", event.ts), ("thread_ts", event.thread_ts)):
        if value and not re.fullmatch(r"\d{1,12}\.\d{1,6}", value, re.ASCII):
            raise Malformed(f"{name} is not a Slack timestamp")
    for name in ("team_id", "channel", "user"):
        if not re.fullmatch(r"[A-Z0-9]{1,32}", ids[name] or "", re.ASCII):
            raise Malformed(f"{name} is not a Slack id")
    return tuple(ids.values())  # type: ignore[return-value]

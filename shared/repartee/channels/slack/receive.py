"""Slack's Events API: which messages, openings and stops it brings.

https://docs.slack.dev/reference/events/message and its neighbours `app_mention`, `assistant_thread_started`,
`app_home_opened` and `agent_session_stopped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.slack import places
from repartee.channels.slack.attached import File, attached
from repartee.channels.slack.signature import SignedBySlack
from repartee.conversation.control import Given, Order
from repartee.conversation.message import Message
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed

SPOKEN = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes with which a person says something. All others tell of changes, or are bots'."""

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", re.ASCII)


class Authorization(msgspec.Struct):
    """The installation for which an event is delivered. `user_id` is the assistant's own."""

    user_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class Envelope(msgspec.Struct):
    """What Slack posts."""

    type: str
    challenge: str | None = None
    team_id: str | None = None
    event_id: str | None = None
    event: msgspec.Raw = msgspec.Raw(b"")
    authorizations: list[Authorization] | None = None

    @property
    def installation(self) -> Authorization:
        known = self.authorizations or []
        return next((one for one in known if one.user_id), Authorization())

    @property
    def own_id(self) -> str:
        return self.installation.user_id or ""

    @property
    def workspace(self) -> str:
        installed = self.installation
        return places.workspace(self.team_id, installed.enterprise_id, installed.is_enterprise_install)


class Type(msgspec.Struct):
    """An event of which only the type is read, whatever else it holds."""

    type: str


class Spoken(msgspec.Struct):
    """`app_mention` and `message`. In Slack Connect `user_team` is the sender's own workspace."""

    type: str
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    channel: str | None = None
    team: str | None = None
    user_team: str | None = None
    hidden: bool | None = None
    files: list[File] | None = None


class Thread(msgspec.Struct):
    """An assistant thread, as it is when a person opens it."""

    user_id: str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None


class ThreadStarted(msgspec.Struct):
    """A person opened the assistant beside what they look at."""

    assistant_thread: Thread


class HomeOpened(msgspec.Struct):
    """A person opened the conversation with the assistant: the agent view has this event alone."""

    user: str | None = None
    channel: str | None = None
    tab: str | None = None


class SessionStopped(msgspec.Struct):
    """A person pressed the stop button that Slack shows while an agent's session is at work."""

    channel: str | None = None
    thread_ts: str | None = None
    user: str | None = None
    event_ts: str | None = None


class SlackEvents(SignedBySlack):
    """`webhook.Receiver` for Slack's events."""

    def parse(self, request: Request) -> Arrived:
        envelope = decoded(request.body, Envelope)
        if envelope.type == "url_verification":
            return _challenge(envelope)
        if envelope.type != "event_callback" or not bytes(envelope.event):
            return Arrived(ignored="not an event")
        read = READERS.get(decoded(bytes(envelope.event), Type).type)
        return read(envelope, request) if read else Arrived(ignored="an event of another type")


def _challenge(envelope: Envelope) -> Arrived:
    if not envelope.challenge:
        raise Malformed("a url_verification without a challenge")
    return Arrived(answer=msgspec.json.encode({"challenge": envelope.challenge}).decode())


def _spoken(envelope: Envelope, request: Request) -> Arrived:
    event = decoded(bytes(envelope.event), Spoken)
    ignored = _ignored(event, envelope.own_id)
    return Arrived(ignored=ignored) if ignored else Arrived(messages=(_message(envelope, event, request),))


def _ignored(event: Spoken, own_id: str) -> str:
    """Why the event is not something that a person said, empty if it is."""
    if event.subtype not in SPOKEN or event.hidden:
        return "not something that was said"
    if event.bot_id or (own_id and event.user == own_id):
        return "said by a bot"
    return ""


def _message(envelope: Envelope, event: Spoken, request: Request) -> Message:
    channel, user = places.checked("channel", event.channel), places.checked("user", event.user)
    ts = places.moment("ts", event.ts)
    parent = places.moment("thread_ts", event.thread_ts) if event.thread_ts else ""
    team = event.user_team or event.team or envelope.team_id or envelope.workspace
    room = places.room(envelope.workspace, channel)
    direct = channel.startswith("D")
    text, named = _named(event.text or "", envelope.own_id)
    thread = parent or ("" if direct else ts)
    threaded = bool(parent) and parent != ts
    mentioned = event.type == "app_mention" or envelope.own_id in named
    return Message(
        id=ts,
        chat=places.chat(room, thread),
        room=room,
        channel="slack",
        sender=places.person(places.checked("user_team", team), user),
        text=text,
        sent=float(ts),
        received=request.at,
        addressed=direct or mentioned,
        mentioned=mentioned,
        threaded=threaded,
        correlation=request.correlation,
        reply_to=parent if threaded else "",
        mentions=tuple(name for name in named if name != envelope.own_id),
        attachments=tuple(attached(event.files or ())),
        platform=_platform(envelope, channel, thread or ts, user, team),
    )


def _named(text: str, own_id: str) -> tuple[str, tuple[str, ...]]:
    """The text without the mention of the assistant, and all who are mentioned in it."""
    named = tuple(dict.fromkeys(MENTION.findall(text)))
    own = re.compile(rf"<@{own_id}(?:\|[^>]*)?>") if own_id in named else None
    return (own.sub("", text) if own else text).strip(), named


def _thread_started(envelope: Envelope, request: Request) -> Arrived:
    thread = decoded(bytes(envelope.event), ThreadStarted).assistant_thread
    ts = places.moment("thread_ts", thread.thread_ts)
    return Arrived(messages=(_opening(envelope, request, thread.channel_id, thread.user_id, ts),))


def _home_opened(envelope: Envelope, request: Request) -> Arrived:
    event = decoded(bytes(envelope.event), HomeOpened)
    if event.tab != "messages":
        return Arrived(ignored="the home tab, which we leave as it is")
    return Arrived(messages=(_opening(envelope, request, event.channel, event.user, ""),))


def _opening(
    envelope: Envelope, request: Request, channel: str | None, user: str | None, thread: str
) -> Message:
    """A conversation that was opened, in which nothing is said yet."""
    channel, user = places.checked("channel", channel), places.checked("user", user)
    team = envelope.team_id or envelope.workspace
    room = places.room(envelope.workspace, channel)
    if not re.fullmatch(r"\w{1,64}", envelope.event_id or "", re.ASCII):
        raise Malformed("event_id is missing or is none")
    return Message(
        id=f"opened-{envelope.event_id}",
        chat=places.chat(room, thread),
        room=room,
        channel="slack",
        sender=places.person(team, user),
        text="",
        sent=request.at,
        received=request.at,
        opens=True,
        correlation=request.correlation,
        platform=_platform(envelope, channel, thread, user, team),
    )


def _session_stopped(envelope: Envelope, request: Request) -> Arrived:
    event = decoded(bytes(envelope.event), SessionStopped)
    room = places.room(envelope.workspace, places.checked("channel", event.channel))
    thread = places.moment("thread_ts", event.thread_ts)
    by = places.person(envelope.team_id or envelope.workspace, places.checked("user", event.user))
    at = float(places.moment("event_ts", event.event_ts))
    return Arrived(orders=stops(room, thread, by, at))


def stops(room: str, thread: str, by: str, at: float) -> tuple[Given, ...]:
    """The order to stop what is said in a thread. What is asked in a direct conversation outside of threads
    is answered in a thread of its own, while its chat is the whole conversation: that is stopped too."""
    chats = [places.chat(room, thread)]
    if room.rpartition(":")[2].startswith("D"):
        chats.append(room)
    return tuple(Given(order=Order("stop"), place=chat, chat=chat, by=by, at=at) for chat in chats)


def _platform(envelope: Envelope, channel: str, thread: str, user: str, team: str) -> dict[str, str]:
    return {"channel": channel, "thread": thread, "user": user, "team": team, "self": envelope.own_id}


READERS: dict[str, Callable[[Envelope, Request], Arrived]] = {
    "app_mention": _spoken,
    "message": _spoken,
    "assistant_thread_started": _thread_started,
    "app_home_opened": _home_opened,
    "agent_session_stopped": _session_stopped,
}

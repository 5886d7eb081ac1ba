"""*Conversations*: all of them, the latest first; one as people saw it; mute, unmute, stop, take over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import PREFIX, NavigationItem
from repartee.console.turn_view import TurnPart, Waterfall
from repartee.domain.message import Exchange, Incoming, Message
from repartee.domain.rollup import PARTS, WAIT_PART, ChatActivity
from repartee.domain.turn_record import TurnRecord
from repartee.ports import Records
from repartee.ports.operations import AuditEntry, AuditLog, Conversation, Conversations, TurnStatistics

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400.0
PAGE_CHATS = 50
"""Conversations on a page."""

MAX_DAYS = 14
"""Days of which conversations are listed."""

MAX_HOURS_A_PAGE = 16
"""Hours that are looked through for one page; another page goes on."""

SLOW_MILLISECONDS = 4000.0
"""Milliseconds until the first words from which on a turn is slow."""

MUTE_SECONDS = 24 * 3600.0
"""Seconds for which the console mutes."""


class ChatFilter(msgspec.Struct, frozen=True):
    """The conversations that are looked for."""

    channel: str = ""
    assistant: str = ""
    search: str = ""
    failed: str = ""
    slow: str = ""
    opinion: str = ""

    def matches(self, one: ChatActivity) -> bool:
        """Returns whether the conversation is looked for."""
        return (
            self.channel in ("", one.channel)
            and self.assistant in ("", one.assistant)
            and self.search.lower() in one.chat.lower()
            and (not self.failed or one.failed > 0)
            and (not self.slow or one.longest_wait_ms >= SLOW_MILLISECONDS)
            and (not self.opinion or one.helpful + one.not_helpful > 0)
        )

    def address(self, cursor: str = "") -> str:
        """Returns the address of the list with this filter."""
        chosen = msgspec.structs.asdict(self) | {"before": cursor}
        return f"{PREFIX}/conversations?" + urlencode({key: value for key, value in chosen.items() if value})


class ShownTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as people saw it, with the record of its turn."""

    turn: str
    messages: tuple[Incoming, ...]
    reply: str
    answered_at: float
    record: TurnRecord | None
    wait_ms: float | None = None
    is_slow: bool = False


class ConversationSection:
    """The pages, and what operators do on them."""

    def __init__(
        self,
        app: ConsoleApp,
        statistics: TurnStatistics,
        conversations: Conversations,
        records: Records,
        audit: AuditLog,
        clock: Callable[[], float],
    ) -> None:
        self._app, self._statistics, self._conversations = app, statistics, conversations
        self._records, self._audit, self._clock = records, audit, clock

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        post = ("POST",)
        one = "/conversations/one"
        return ConsoleSection(
            NavigationItem("/conversations", "Conversations"),
            (
                ConsoleRoute("/conversations", self.list_chats),
                ConsoleRoute(one, self.show_chat),
                ConsoleRoute(f"{one}/turn", self.show_turn),
                ConsoleRoute(f"{one}/mute", self.mute, Role.AGENT, post),
                ConsoleRoute(f"{one}/unmute", self.unmute, Role.AGENT, post),
                ConsoleRoute(f"{one}/stop", self.stop, Role.AGENT, post),
                ConsoleRoute("/audit", self.show_audit, Role.ADMIN),
            ),
        )

    def list_chats(self, request: ConsoleRequest) -> Response:
        """The conversations that match, the latest first, a page at a time."""
        names = ChatFilter.__struct_fields__
        chosen = ChatFilter(**{name: request.query(name).strip()[:200] for name in names})
        chats, cursor = self._find_chats(chosen, request.query("before"))
        return self._app.render(
            "conversations.html", request, chosen=chosen, chats=chats, cursor=cursor, slow=SLOW_MILLISECONDS
        )

    def show_chat(self, request: ConsoleRequest) -> Response:
        """One conversation. Opening a private one is noted, and a viewer is shown no text of it."""
        conversation = self._read(request.query("chat"))
        private = is_private(conversation)
        may_read = not private or request.operator.role >= Role.AGENT
        if private and may_read:
            self._note(request, "open private conversation", conversation.chat)
        room = _room_of(conversation)
        return self._app.render(
            "conversation.html",
            request,
            conversation=conversation,
            turns=[_to_shown(conversation, one) for one in conversation.exchanges],
            control=self._records.read_control(room, conversation.chat),
            may_read=may_read,
            private=private,
            now=self._clock(),
        )

    def show_turn(self, request: ConsoleRequest) -> Response:
        """One turn's waterfall."""
        conversation = self._read(request.query("chat"))
        record = conversation.turns.get(request.query("turn"))
        if record is None:
            raise HTTPException(404, "the record of this turn is not kept any more")
        template = "record_panel.html" if request.is_fragment else "record.html"
        return self._app.render(
            template, request, record=record, fall=record_waterfall(record), chat=conversation.chat
        )

    def mute(self, request: ConsoleRequest) -> Response:
        """Keeps the assistant quiet in the conversation for a day."""
        now = self._clock()
        return self._command(request, "mute", lambda chat: self._records.mute(chat, now + MUTE_SECONDS, now))

    def unmute(self, request: ConsoleRequest) -> Response:
        """Ends the mute of the conversation."""
        now = self._clock()
        return self._command(request, "unmute", lambda chat: self._records.mute(chat, 0.0, now))

    def stop(self, request: ConsoleRequest) -> Response:
        """Ends the reply that is being written."""
        now = self._clock()
        return self._command(request, "stop", lambda chat: self._records.stop(chat, now))

    def show_audit(self, request: ConsoleRequest) -> Response:
        """The acts of operators."""
        entries = list(self._audit.list_newest(self._clock() + 1, 200))
        return self._app.render("audit.html", request, entries=entries)

    def _command(self, request: ConsoleRequest, action: str, act: Callable[[str], None]) -> Response:
        chat = self._read(request.field("chat")).chat
        act(chat)
        self._note(request, action, chat)
        return RedirectResponse(f"{PREFIX}/conversations/one?" + urlencode({"chat": chat}), 303)

    def _read(self, chat: str) -> Conversation:
        conversation = self._conversations.read_conversation(chat)
        if not (conversation.exchanges or conversation.waiting):
            raise HTTPException(404, "nothing is kept of such a conversation")
        return conversation

    def _note(self, request: ConsoleRequest, action: str, target: str) -> None:
        entry = AuditEntry(at=self._clock(), operator=request.operator.id, action=action, target=target)
        self._audit.append(entry)

    def _find_chats(self, chosen: ChatFilter, before: str) -> tuple[list[ChatActivity], str]:
        """Returns a page of conversations, each once, and the cursor of the next."""
        now = self._clock()
        until = float(before) if before.replace(".", "", 1).isdigit() else now + 1
        found: dict[str, ChatActivity] = {}
        for looked, hour in enumerate(self._hours_with_turns(until, now)):
            if looked >= MAX_HOURS_A_PAGE:
                return list(found.values()), f"{(hour + 1) * HOUR_SECONDS}"
            for one in self._statistics.list_chats(hour):
                if one.last_at >= until or one.chat in found or not chosen.matches(one):
                    continue
                if len(found) == PAGE_CHATS:
                    return list(found.values()), f"{list(found.values())[-1].last_at:.6f}"
                found[one.chat] = one
        return list(found.values()), ""

    def _hours_with_turns(self, until: float, now: float) -> Iterator[int]:
        """Yields the hours in which there were turns, the latest first; a day is asked for when it is due."""
        last = int(min(until, now) // HOUR_SECONDS)
        oldest = int((now - MAX_DAYS * DAY_SECONDS) // HOUR_SECONDS)
        for day in range(last // 24, oldest // 24 - 1, -1):
            began = day * DAY_SECONDS
            rollups = self._statistics.list_rollups(began, began + DAY_SECONDS - 1)
            yield from sorted({one.hour for one in rollups if one.hour <= last}, reverse=True)


def is_private(conversation: Conversation) -> bool:
    """Whether one person alone reads the conversation beside the assistant, or a customer."""
    room = _room_of(conversation)
    channel, tail = room.partition(":")[0], room.rpartition(":")[2]
    if channel == "slack":
        return tail.startswith("D")
    return not (channel == "telegram" and tail.startswith("-"))


def record_waterfall(record: TurnRecord) -> Waterfall:
    """Returns the parts and the steps of a turn that was closed, from its record."""
    began = record.received_at or record.started_at
    parts = [
        TurnPart(
            name, "stage", 1000 * (start - began), 1000 * (end - began), is_awaited="writing" not in name
        )
        for name, (first, last) in PARTS.items()
        if name not in (WAIT_PART, "gather")
        and (start := getattr(record, first))
        and (end := getattr(record, last))
    ]
    offset = 1000 * (record.started_at - began)
    parts += [
        TurnPart(
            step.name,
            "tool" if step.name.startswith("tool.") else "step",
            offset + step.start_ms,
            offset + step.end_ms,
            step.status,
            " ".join(part for part in (step.error, step.reason if step.reason != "gate" else "") if part),
        )
        for step in record.steps
    ]
    return Waterfall(tuple(sorted(parts, key=lambda part: (part.start_ms, part.end_ms or 0))))


def _room_of(conversation: Conversation) -> str:
    return conversation.exchanges[-1].room if conversation.exchanges else conversation.waiting[-1].room


def _to_shown(conversation: Conversation, exchange: Exchange) -> ShownTurn:
    record = conversation.turns.get(exchange.turn)
    waited = None
    if record and record.first_text_at and record.received_at:
        waited = 1000 * (record.first_text_at - record.received_at)
    return ShownTurn(
        turn=exchange.turn,
        messages=tuple(one for one in exchange.messages if isinstance(one, Message)),
        reply=exchange.reply,
        answered_at=exchange.answered_at,
        record=record,
        wait_ms=waited,
        is_slow=(waited or 0) >= SLOW_MILLISECONDS,
    )

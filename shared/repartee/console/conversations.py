"""*Conversations*: all of them, the latest first, and one as people saw it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.chat_acts import ChatActs
from repartee.console.chat_list import (
    CHANNEL_TITLES,
    SLOW_MILLISECONDS,
    STATE_TITLES,
    ChatFilter,
    ChatFinder,
    is_private_chat,
)
from repartee.console.chat_pictures import ChatPictures
from repartee.console.chat_search import room_of_chat
from repartee.console.operator_relay import MAX_ANSWER_CHARS, member_of
from repartee.console.pages import NavigationItem
from repartee.console.shown_chat import SERVICE_WINDOW_SECONDS, describe_handover, list_entries
from repartee.console.turn_pages import TurnPages
from repartee.domain.control import Control
from repartee.ports import Records
from repartee.ports.operations import AuditEntry, AuditLog, Conversation, Conversations, OperatorNotes

MAX_NOTES = 100
"""Notes of operators that a conversation shows, the newest."""

MAX_FILTER_CHARS = 200
MAX_AUDIT_ENTRIES = 200


class ConversationSection:
    """The pages. What operators do on them is in `ChatActs`."""

    def __init__(
        self,
        app: ConsoleApp,
        finder: ChatFinder,
        conversations: Conversations,
        records: Records,
        notes: OperatorNotes,
        pictures: ChatPictures,
        acts: ChatActs,
        audit: AuditLog,
        clock: Callable[[], float],
        turns: TurnPages,
    ) -> None:
        self._app, self._finder, self._conversations = app, finder, conversations
        self._records, self._notes, self._pictures = records, notes, pictures
        self._acts, self._audit, self._clock = acts, audit, clock
        self._turns = turns

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        one = "/conversations/one"
        return ConsoleSection(
            NavigationItem("/conversations", "Conversations"),
            (
                ConsoleRoute("/conversations", self.list_chats, Role.VIEWER),
                ConsoleRoute(one, self.show_chat, Role.VIEWER),
                ConsoleRoute(f"{one}/thread", self.show_thread, Role.VIEWER),
                *self._turns.routes(one),
                ConsoleRoute(f"{one}/picture", self.show_picture, Role.VIEWER),
                *self._acts.routes(one),
                ConsoleRoute("/audit", self.show_audit, Role.ADMIN),
            ),
        )

    def list_chats(self, request: ConsoleRequest) -> Response:
        """The conversations that match, the latest first, a page at a time. A search for what was said in
        private is noted, without the words."""
        names = ChatFilter.__struct_fields__
        chosen = ChatFilter(**{name: request.query(name).strip()[:MAX_FILTER_CHARS] for name in names})
        may_read = request.operator.role >= Role.AGENT
        page = self._finder.find_page(chosen, request.query("before"), may_read_private=may_read)
        if chosen.text and may_read:
            self._note(request, "search conversations", detail=f"{page.searched_rooms} rooms")
        return self._app.render(
            "conversations.html",
            request,
            chosen=chosen,
            page=page,
            slow=SLOW_MILLISECONDS,
            channels=CHANNEL_TITLES,
            states=STATE_TITLES,
            describe_handover=describe_handover,
            now=self._clock(),
        )

    def show_chat(self, request: ConsoleRequest) -> Response:
        """One conversation. Opening a private one is noted, and a viewer is shown no text of it."""
        return self._render_chat(request, "conversation.html")

    def show_thread(self, request: ConsoleRequest) -> Response:
        """The words of a conversation alone, as the page asks for them again."""
        return self._render_chat(request, "conversation_thread.html")

    def show_picture(self, request: ConsoleRequest) -> Response:
        """A picture of a conversation, to those who may read it."""
        chat = request.query("chat")
        if is_private_chat(chat) and request.operator.role < Role.AGENT:
            raise HTTPException(403, "this needs the role agent")
        content, kind = self._pictures.read_picture(room_of_chat(chat), request.query("id"))
        return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})

    def show_audit(self, request: ConsoleRequest) -> Response:
        """The acts of operators."""
        entries = list(self._audit.list_newest(self._clock() + 1, MAX_AUDIT_ENTRIES))
        return self._app.render("audit.html", request, entries=entries)

    def _render_chat(self, request: ConsoleRequest, template: str) -> Response:
        conversation = self._read(request.query("chat"))
        private = is_private_chat(conversation.chat)
        may_read = not private or request.operator.role >= Role.AGENT
        if private and may_read:
            self._note_opening(request, conversation.chat)
        room = room_of_chat(conversation.chat)
        control = self._records.read_control(room, conversation.chat)
        notes = self._notes.list_newest(conversation.chat, MAX_NOTES) if may_read else ()
        entries = list_entries(conversation, notes, self._pictures.find_pictures(room))
        return self._app.render(
            template,
            request,
            conversation=conversation,
            entries=entries,
            control=control,
            handover_words=describe_handover(control.handover),
            is_mine=_is_mine(control, request.operator),
            is_window_closed=self._is_window_closed(conversation),
            max_answer_chars=MAX_ANSWER_CHARS,
            may_read=may_read,
            private=private,
            problem=request.query("problem")[:MAX_FILTER_CHARS],
            now=self._clock(),
        )

    def _is_window_closed(self, conversation: Conversation) -> bool:
        """Whether WhatsApp lets nothing but a template through, for the customer wrote a day ago."""
        if not conversation.chat.startswith("whatsapp:"):
            return False
        said = [one for exchange in conversation.exchanges for one in exchange.messages]
        own = [one.sent for one in (*said, *conversation.waiting) if one.sender.startswith("whatsapp:")]
        return bool(own) and self._clock() - max(own) >= SERVICE_WINDOW_SECONDS

    def _read(self, chat: str) -> Conversation:
        conversation = self._conversations.read_conversation(chat)
        if not (conversation.exchanges or conversation.waiting):
            raise HTTPException(404, "nothing is kept of such a conversation")
        return conversation

    def _note_opening(self, request: ConsoleRequest, chat: str) -> None:
        """Notes that a private conversation was opened: once, while its page asks for what is new."""
        if not request.is_fragment or request.session.get("opened") != chat:
            self._note(request, "open private conversation", chat)
        request.session["opened"] = chat

    def _note(self, request: ConsoleRequest, action: str, target: str = "", detail: str = "") -> None:
        at, operator = self._clock(), request.operator.id
        self._audit.append(AuditEntry(at=at, operator=operator, action=action, target=target, detail=detail))


def _is_mine(control: Control, operator: Operator) -> bool:
    found = control.handover
    return found.state == "person" and found.member.id == member_of(operator).id

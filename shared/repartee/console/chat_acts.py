"""The acts of operators in a conversation: mute, stop, answer again, take over, answer, give back, note."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleRequest, ConsoleRoute
from repartee.console.operator_relay import OperatorRelay
from repartee.console.pages import PREFIX
from repartee.console.shown_chat import describe_handover
from repartee.domain.handover import Handover, HandoverChange
from repartee.ports import Records
from repartee.ports.operations import AuditEntry, AuditLog, Conversations, OperatorNote, OperatorNotes

MUTE_SECONDS = 24 * 3600.0
"""Seconds for which the console mutes."""

MAX_NOTE_CHARS = 2000
"""Characters of a note for colleagues."""


class ChatActs:
    """Carries out what is pressed in a conversation. Each act is in the audit log, without its words."""

    def __init__(
        self,
        conversations: Conversations,
        records: Records,
        relay: OperatorRelay,
        notes: OperatorNotes,
        audit: AuditLog,
        clock: Callable[[], float],
    ) -> None:
        self._conversations, self._records, self._relay = conversations, records, relay
        self._notes, self._audit, self._clock = notes, audit, clock

    def routes(self, base: str) -> tuple[ConsoleRoute, ...]:
        """Returns the routes below the conversation's path. All are for agents."""
        acts: dict[str, Callable[[ConsoleRequest], Response]] = {
            "mute": self.mute,
            "unmute": self.unmute,
            "stop": self.stop,
            "again": self.answer_again,
            "take": self.take,
            "answer": self.answer,
            "give-back": self.give_back,
            "done": self.resolve,
            "note": self.add_note,
        }
        return tuple(ConsoleRoute(f"{base}/{name}", act, Role.AGENT, ("POST",)) for name, act in acts.items())

    def mute(self, request: ConsoleRequest) -> Response:
        """Keeps the assistant quiet in the conversation for a day."""
        now = self._clock()
        self._records.mute(self._find_chat(request), now + MUTE_SECONDS, now)
        return self._finish(request, "mute")

    def unmute(self, request: ConsoleRequest) -> Response:
        """Ends the mute of the conversation."""
        self._records.mute(self._find_chat(request), 0.0, self._clock())
        return self._finish(request, "unmute")

    def stop(self, request: ConsoleRequest) -> Response:
        """Ends the reply that is being written."""
        self._records.stop(self._find_chat(request), self._clock())
        return self._finish(request, "stop")

    def answer_again(self, request: ConsoleRequest) -> Response:
        """Has the messages of a turn that failed answered once more."""
        chat, turn = request.field("chat"), request.field("turn")
        found = self._conversations.read_conversation(chat).exchanges
        ids = next((tuple(one.id for one in each.messages) for each in found if each.turn == turn), ())
        is_reopened = self._relay.reopen(chat, ids)
        problem = "" if is_reopened else "Nothing of that turn waits for an answer: it was answered."
        return self._finish(request, "answer again", problem)

    def take(self, request: ConsoleRequest) -> Response:
        """Takes the conversation over. Of two who do at once, the other is told who has it."""
        return self._change_hands(request, "take over", self._relay.take)

    def give_back(self, request: ConsoleRequest) -> Response:
        """Gives the conversation back to the assistant."""
        return self._change_hands(request, "give back", self._relay.give_back)

    def resolve(self, request: ConsoleRequest) -> Response:
        """Says that what a person was needed for is done."""
        return self._change_hands(request, "done", self._relay.resolve)

    def answer(self, request: ConsoleRequest) -> Response:
        """Sends the operator's words to the person."""
        text = request.field("text").strip()
        if not text:
            return self._finish(request, "", "An answer needs some words.")
        refused = self._relay.answer(request.field("chat"), request.operator, text)
        return self._finish(request, "answer", "" if refused is None else _describe_refusal(refused))

    def add_note(self, request: ConsoleRequest) -> Response:
        """Keeps a note for colleagues. No turn reads it, and nothing sends it."""
        text = request.field("text").strip()[:MAX_NOTE_CHARS]
        if text:
            author = request.operator
            note = OperatorNote(at=self._clock(), author=author.name, text=text, author_id=author.id)
            self._notes.append(self._find_chat(request), note)
        return self._finish(request, "note" if text else "")

    def _find_chat(self, request: ConsoleRequest) -> str:
        """Returns the conversation that the form names. Raises `HTTPException` if nothing is kept of it."""
        found = self._conversations.read_conversation(request.field("chat"))
        if not (found.exchanges or found.waiting):
            raise HTTPException(404, "nothing is kept of such a conversation")
        return found.chat

    def _change_hands(
        self, request: ConsoleRequest, action: str, act: Callable[[str, Operator], HandoverChange]
    ) -> Response:
        change = act(request.field("chat"), request.operator)
        return self._finish(request, action, "" if change.applied else _describe_refusal(change.handover))

    def _finish(self, request: ConsoleRequest, action: str, problem: str = "") -> Response:
        """Notes the act, unless it was refused, and shows the conversation with what came of it."""
        chat = request.field("chat")
        if action and not problem:
            entry = AuditEntry(at=self._clock(), operator=request.operator.id, action=action, target=chat)
            self._audit.append(entry)
        shown = {"chat": chat} | ({"problem": problem} if problem else {})
        return RedirectResponse(f"{PREFIX}/conversations/one?{urlencode(shown)}", 303)


def _describe_refusal(found: Handover) -> str:
    if found.is_active:
        return f"Not done: {describe_handover(found)}."
    return "Not done: the assistant has the conversation."

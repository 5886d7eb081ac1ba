"""The context that comes along with a person's message in a conversation, and where any of it might be
stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from repartee.domain.message import Attachment, ContextPart, Message, Person
from repartee.wiring import stores
from tests.support.coach_scenario import list_memories

if TYPE_CHECKING:
    from tests.support.scenario_runner import CameAlong, ScenarioRunner, ScenarioStep


def add_to_newest(held: ScenarioRunner, say: ScenarioStep) -> None:
    """Gives the message that waits what comes along with it, as a receiver of its channel would."""
    if not (say.context or say.name):
        return
    inbox = held.parts.stored_inbox
    key = max(inbox.open, key=lambda key: inbox.open[key].sent)
    message = inbox.open[key]
    assert isinstance(message, Message)
    own = () if any(one.files for one in say.context) else message.attachments
    parts = tuple(_context_part(held, one, message) for one in say.context)
    changed = msgspec.structs.replace(
        message,
        text="" if say.silent else message.text,
        attachments=own,
        context=parts,
        sender_name=say.name,
    )
    inbox.open[key] = inbox.messages[key] = changed


def _context_part(held: ScenarioRunner, told: CameAlong, message: Message) -> ContextPart:
    files: tuple[Attachment, ...] = message.attachments if told.files else ()
    return ContextPart(
        kind=told.kind,
        author=Person(f"{held.place.person.rpartition(':')[0]}:{told.by}", told.by) if told.by else Person(),
        by_assistant=told.ours,
        sent=message.sent - told.minutes * 60 if told.minutes else 0.0,
        text=told.text,
        attachments=files,
        message_id=_last_reply_id(held) if told.last_reply else "",
    )


def _last_reply_id(held: ScenarioRunner) -> str:
    exchanges = held.parts.stored_inbox.exchanges.values()
    newest = max(exchanges, key=lambda one: one.answered_at)
    return newest.reply_ids[-1]


def find_kept(held: ScenarioRunner, text: str) -> list[str]:
    """Where the text is kept as a person's own, or given to the small model that decides what is kept."""
    parts = held.parts
    kept: dict[str, Any] = {
        "messages": parts.get(stores.messages).list_newest(held.place.chat, "user", 100),
        "profiles": parts.stored_records.profiles,
        "summaries": parts.stored_records.summaries,
        "workouts": parts.stored_workouts.kept,
        "memories": list_memories(parts.folder, held.place.person),
        "conversations": [
            one
            for kept in parts.stored_coaching.conversations.values()
            for exchange in kept.values()
            for one in exchange
            if one.side == "user"
        ],
        "analysed": [given for _, _, given in parts.models.analysed],
        "proposals": [one.proposal for one in parts.stored_proposals.kept.values()],
    }
    return [name for name, value in kept.items() if text in repr(value)]

"""Hands out and erases what a messages store holds of a person, a room or a workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from repartee.domain.message import StoredMessage, workspace_of
from repartee.ports.personal_data import Footprint, PersonalRecord

MAX_BATCH_MESSAGES = 100
"""Messages that are deleted in one call."""


class ListableMessages(Protocol):
    """A messages store whose messages can be listed."""

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        """Yields the messages of both sides in a workspace, room or chat, or anywhere: of one sender alone
        where one is named. In no order."""

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        """Deletes these messages, in meetings too."""

    def delete_all(self, scope: str, sender: str = "") -> int:
        """Deletes all messages in a workspace, room or chat, in meetings too."""


class PersonalMessages:
    """`ports.PersonalDataStore` on a messages store."""

    def __init__(self, messages: ListableMessages) -> None:
        self._messages = messages

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for one in self._find(footprint).values():
            yield PersonalRecord("message", one.id, msgspec.to_builtins(one))

    def forget(self, footprint: Footprint) -> int:
        """The answers go first: while the person's own messages are there, they are found again."""
        found, people = self._find(footprint), footprint.subject.people
        shared = [one for one in found.values() if not footprint.covers(one.chat)]
        answers = [one for one in shared if one.side == "assistant"]
        for first in range(0, len(answers), MAX_BATCH_MESSAGES):
            self._messages.delete(answers[first : first + MAX_BATCH_MESSAGES])
        for scope in _whole_scopes(footprint):
            self._messages.delete_all(scope)
        for person, room in {(one.sender, one.room) for one in found.values() if one.sender in people}:
            self._messages.delete_all(room, person)
        return len(found)

    def _find(self, footprint: Footprint) -> dict[str, StoredMessage]:
        found = {one.id: one for scope in _whole_scopes(footprint) for one in self._messages.list_all(scope)}
        own = [one for person in footprint.subject.people for one in self._messages.list_all("", person)]
        found |= {one.id: one for one in own}
        chats = {one.chat for one in own} | footprint.chats
        for said in self._shared_chats({chat for chat in chats if not footprint.covers(chat)}):
            found |= {one.id: one for one in _answers(said, footprint)}
        return found

    def _shared_chats(self, chats: set[str]) -> Iterator[Sequence[StoredMessage]]:
        """Yields what was said in each of these chats, the oldest first. A workspace is read once."""
        said: dict[str, list[StoredMessage]] = {chat: [] for chat in chats}
        for workspace in sorted({workspace_of(chat) for chat in chats}):
            for one in self._messages.list_all(workspace):
                if one.chat in said:
                    said[one.chat].append(one)
        for messages in said.values():
            yield sorted(messages, key=lambda one: (one.sent, one.id))


def _whole_scopes(footprint: Footprint) -> Sequence[str]:
    scopes = footprint.rooms if footprint.subject.kind == "person" else footprint.subject.ids
    return sorted(scopes)


def _answers(said: Sequence[StoredMessage], footprint: Footprint) -> Iterator[StoredMessage]:
    """Yields what the assistant answered to the person. Of a turn that the inbox does not know any more, the
    answer is to all who spoke since the answer before."""
    asked_by: set[str] = set()
    for one in said:
        if one.side == "user":
            asked_by.add(one.sender)
            continue
        is_known = one.id in footprint.reply_ids or one.id in footprint.other_reply_ids
        is_theirs = one.id in footprint.reply_ids if is_known else bool(asked_by & footprint.subject.people)
        if is_theirs:
            yield one
        asked_by.clear()

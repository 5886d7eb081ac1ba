"""Erasing a message that its author has deleted: wherever it, or what was made of it, is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from repartee.domain.merging import erase_from_exchange, supplement_id
from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.ports import EarlierImageStore, Inbox, MediaStore, MessageStore
from repartee.ports.recordings import RecordingStore

MAX_SEARCHED_IMAGES = 1000
"""Pictures of a room, newest first, among which those of a deleted message are looked for."""


class DeletedMessageEraser:
    """Erases deleted messages in the stores of words and files. `erase_learnt` erases what an assistant has
    learnt from the turn of an exchange. The inbox, which tells where the rest is, goes last: so what was
    broken off is finished when it is repeated."""

    def __init__(
        self,
        inbox: Inbox,
        messages: MessageStore,
        images: EarlierImageStore | None = None,
        media: Callable[[], MediaStore] | None = None,
        erase_learnt: Callable[[Exchange], None] = lambda exchange: None,
        recordings: Callable[[], RecordingStore | None] = lambda: None,
    ) -> None:
        self._inbox, self._messages, self._erase_learnt = inbox, messages, erase_learnt
        self._images, self._media, self._recordings = images, media, recordings

    def erase(self, deletion: Message) -> None:
        """Erases the message that it deletes, and what a later telling of that brought along."""
        ids = (deletion.revises, supplement_id(deletion.revises))
        self._messages.delete([deletion.to_stored()])
        for id in ids:
            if exchange := self._inbox.find_exchange_of(deletion.chat, id):
                self._erase_answer(exchange, ids)
                self._erase_learnt(exchange)
                if recordings := self._recordings():
                    recordings.erase_turn(exchange.room, exchange.turn)
        self._erase_images(deletion, ids)
        self._inbox.erase_messages(deletion.chat, ids)

    def _erase_answer(self, exchange: Exchange, ids: Collection[str]) -> None:
        """Deletes the reply from the messages store, if it answered nothing else, and the messages there."""
        gone = [
            msgspec.structs.replace(one.to_stored(), text="")
            for one in exchange.messages
            if isinstance(one, Message) and one.id in ids
        ]
        if not erase_from_exchange(exchange, ids).reply:
            gone.append(_stored_reply(exchange))
        self._messages.delete(gone)

    def _erase_images(self, deletion: Message, ids: Collection[str]) -> None:
        """Deletes the pictures that the message brought. A file that others sent to the room too stays."""
        if self._images is None or self._media is None:
            return
        known = self._images.list_newest(deletion.room, MAX_SEARCHED_IMAGES)
        gone = [one for one in known if one.chat == deletion.chat and one.message_id in ids]
        kept = {one.media.key for one in known if one not in gone}
        if keys := {one.media.key for one in gone} - kept:
            self._media().delete(sorted(keys))
        self._images.remove(deletion.room, gone)


def _stored_reply(exchange: Exchange) -> StoredMessage:
    """Returns the reply as the messages store knows it, by its id."""
    return msgspec.structs.replace(exchange, messages=(), reply=" ").to_stored()[-1]

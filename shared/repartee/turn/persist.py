"""Remembering: what was said goes into the messages store after the reply, when nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.redactor import RedactorFactory, no_redaction
from repartee.errors import BackendError, InvalidArgument
from repartee.intake.combine import is_album_part
from repartee.language.person_names import remove_names
from repartee.plan.breaker import Breaker
from repartee.ports import Embedder, Inbox, MessageStore, Vector
from repartee.ports.logging import Logger
from repartee.turn.erasure import DeletedMessageEraser

MAX_FAILURES = 3
"""Exchanges in a row that could not be kept, after which the store is left alone for a while."""

COOLDOWN_SECONDS = 30.0
"""Seconds for which it is left alone. What was said meanwhile stays open in the inbox."""

MAX_KEPT_VECTORS = 50
"""Exchanges whose vectors are kept while the store does not take them: they are embedded once a process."""


class ExchangePersister:
    """Writes exchanges into the messages store. One that fails stays open in the inbox, for the next wake
    or the sweep to find; until then turns read it from there. `besides` is what an assistant remembers in
    its own way; it may be called again with the same exchange. What is embedded is hidden by the `veils`,
    and what is kept only if `masked`: then nobody can tell it any more, the assistant neither.
    `name_people` gives the exchange with names in the place of people's ids. `list_room_names` gives the
    names of a room's people: what is embedded is without them. `erase_deleted` erases the message that
    a deletion deletes. `announce_events` has the events sent that wait for receivers: as long as an exchange
    is open, it is called again."""

    def __init__(
        self,
        inbox: Inbox,
        messages: MessageStore,
        embedder: Embedder,
        logger: Logger,
        on_exchange: Callable[[Exchange], None] = lambda exchange: None,
        redactor_for: RedactorFactory = no_redaction,
        store_redacted: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        name_people: Callable[[Exchange], Exchange] = lambda exchange: exchange,
        list_room_names: Callable[[str], Iterable[str]] = lambda room: (),
        erase_deleted: Callable[[Message], None] | None = None,
        announce_events: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._announce_events = announce_events
        self._erase_deleted = erase_deleted or DeletedMessageEraser(inbox, messages).erase
        self._inbox, self._messages, self._embedder, self._logger = inbox, messages, embedder, logger
        self._on_exchange, self._redactor_for, self._store_redacted = (
            on_exchange,
            redactor_for,
            store_redacted,
        )
        self._monotonic, self._breaker = monotonic, Breaker(MAX_FAILURES, COOLDOWN_SECONDS)
        self._name_people, self._list_room_names = name_people, list_room_names
        self._vectors: dict[str, Sequence[Vector | None]] = {}

    def persist(self, exchange: Exchange) -> None:
        """Keeps both sides with their vectors, but not files without words that were said to others.
        Repeating it changes nothing. While the store keeps failing it is left alone, so that no answer waits
        for it."""
        if not self._announce(exchange):
            return
        admitted = self._breaker.admit(self._monotonic())
        if not admitted:
            self._logger.info("exchange_not_remembered", turn=exchange.turn, reason="the store was failing")
            return
        try:
            self._store_exchange(self._name_people(exchange))
        except BackendError as failure:
            self._breaker.failed(self._monotonic(), probe=admitted == "probe")
            self._logger.warning("exchange_not_remembered", turn=exchange.turn, reason=str(failure))
        except BaseException:
            self._breaker.probe_abandoned()
            raise
        else:
            self._breaker.succeeded(probe=admitted == "probe")

    def _announce(self, exchange: Exchange) -> bool:
        """Announces the events, whether the store takes the exchange or not. What fails is tried again with
        it."""
        try:
            if exchange.endpoints:
                self._announce_events(exchange)
        except BackendError as failure:
            self._logger.warning("events_not_announced", turn=exchange.turn, reason=str(failure))
            return False
        return True

    def _store_exchange(self, exchange: Exchange) -> None:
        said = [one for one in exchange.messages if isinstance(one, Message)]
        for deletion in [one for one in said if one.is_deletion]:
            self._erase_deleted(deletion)
        silent = {f"{one.chat}#{one.id}" for one in exchange.messages if _is_overheard_file(one)}
        self.store([one for one in exchange.to_stored() if one.id not in silent], exchange.turn)
        self._on_exchange(exchange)
        self._inbox.mark_persisted(exchange)

    def store(self, messages: Sequence[StoredMessage], turn: str = "") -> None:
        """Keeps messages with their vectors. Raises `BackendError`."""
        if not messages:
            return
        redacted = self._redactor_for(messages[0].room).redact_all([one.text for one in messages])
        kept = map(_replace_message_text, messages, redacted) if self._store_redacted else messages
        names = {*self._list_room_names(messages[0].room), *(one.sender_name for one in messages)}
        embedded = [remove_names(text, sorted(names)) for text in redacted]
        self._messages.put(list(zip(kept, self._embed_once(turn, embedded), strict=True)))
        self._vectors.pop(turn, None)

    def _embed_once(self, turn: str, texts: Sequence[str]) -> Sequence[Vector | None]:
        """The vectors, which are kept until the store has taken them. None for texts that are refused: they
        are found by their words."""
        vectors = self._vectors.get(turn)
        if vectors is None or len(vectors) != len(texts):
            vectors = self._embed(turn, texts)
            for old in list(self._vectors)[: len(self._vectors) + 1 - MAX_KEPT_VECTORS]:
                self._vectors.pop(old, None)
            self._vectors[turn] = vectors
        return vectors

    def _embed(self, turn: str, texts: Sequence[str]) -> Sequence[Vector | None]:
        try:
            return self._embedder.embed(texts)
        except InvalidArgument as refusal:
            self._logger.warning("exchange_not_embedded", turn=turn, reason=str(refusal))
            return [None] * len(texts)


def _replace_message_text(message: StoredMessage, text: str) -> StoredMessage:
    return msgspec.structs.replace(message, text=text)


def _is_overheard_file(message: object) -> bool:
    return isinstance(message, Message) and message.overheard and is_album_part(message)

"""Remembering: what was said goes into the messages store after the reply, when nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.redactor import RedactorFactory, no_redaction
from repartee.errors import BackendError
from repartee.ports import Embedder, Inbox, MessageStore
from repartee.ports.logging import Logger


class ExchangePersister:
    """Writes exchanges into the messages store. One that fails stays open in the inbox, for the next wake
    or the sweep to find; until then turns read it from there. `besides` is what an assistant remembers in
    its own way; it may be called again with the same exchange. What is embedded is hidden by the `veils`,
    and what is kept only if `masked`: then nobody can tell it any more, the assistant neither.
    `name_people` gives the exchange with names in the place of people's ids."""

    def __init__(
        self,
        inbox: Inbox,
        messages: MessageStore,
        embedder: Embedder,
        logger: Logger,
        on_exchange: Callable[[Exchange], None] = lambda exchange: None,
        redactor_for: RedactorFactory = no_redaction,
        store_redacted: bool = False,
        name_people: Callable[[Exchange], Exchange] = lambda exchange: exchange,
    ) -> None:
        self._inbox, self._messages, self._embedder, self._logger = inbox, messages, embedder, logger
        self._on_exchange, self._redactor_for, self._store_redacted = (
            on_exchange,
            redactor_for,
            store_redacted,
        )
        self._name_people = name_people

    def persist(self, exchange: Exchange) -> None:
        """Keeps both sides with their vectors. Repeating it changes nothing."""
        try:
            exchange = self._name_people(exchange)
            said = exchange.to_stored()
            if deleted := [
                one.to_stored() for one in exchange.messages if isinstance(one, Message) and one.is_deletion
            ]:
                self._messages.delete(deleted)
            self.store(said)
            self._on_exchange(exchange)
            self._inbox.mark_persisted(exchange)
        except BackendError as failure:
            self._logger.warning("exchange_not_remembered", turn=exchange.turn, reason=str(failure))

    def store(self, messages: Sequence[StoredMessage]) -> None:
        """Keeps messages with their vectors. Raises `BackendError`."""
        if not messages:
            return
        redacted = self._redactor_for(messages[0].room).redact_all([one.text for one in messages])
        kept = map(_replace_message_text, messages, redacted) if self._store_redacted else messages
        self._messages.put(list(zip(kept, self._embedder.embed(redacted), strict=True)))


def _replace_message_text(message: StoredMessage, text: str) -> StoredMessage:
    return msgspec.structs.replace(message, text=text)

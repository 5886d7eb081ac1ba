"""Remembering: what was said goes into the messages store after the reply, when nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable

from aws_lambda_powertools import Logger

from repartee.conversation.message import Exchange
from repartee.errors import BackendError
from repartee.ports import Embedder, Inbox, Messages


class Memory:
    """Writes exchanges into the messages store. One that fails stays open in the inbox, for the next wake
    or the sweep to find; until then turns read it from there. `besides` is what an assistant remembers in
    its own way; it may be called again with the same exchange."""

    def __init__(
        self,
        inbox: Inbox,
        messages: Messages,
        embedder: Embedder,
        logger: Logger,
        besides: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._inbox, self._messages, self._embedder, self._logger = inbox, messages, embedder, logger
        self._besides = besides

    def remember(self, exchange: Exchange) -> None:
        """Keeps both sides with their vectors. Repeating it changes nothing."""
        said = exchange.said()
        try:
            if said:
                vectors = self._embedder.embed([one.text for one in said])
                self._messages.put(list(zip(said, vectors, strict=True)))
            self._besides(exchange)
            self._inbox.remembered(exchange)
        except BackendError as failure:
            self._logger.warning("exchange_not_remembered", turn=exchange.turn, reason=str(failure))

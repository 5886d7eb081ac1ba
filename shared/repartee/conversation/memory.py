"""Remembering: what was said goes into the messages store after the reply, when nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from aws_lambda_powertools import Logger

from repartee.conversation.message import Exchange, Said
from repartee.conversation.veil import Veils, clear
from repartee.errors import BackendError
from repartee.ports import Embedder, Inbox, Messages


class Memory:
    """Writes exchanges into the messages store. One that fails stays open in the inbox, for the next wake
    or the sweep to find; until then turns read it from there. `besides` is what an assistant remembers in
    its own way; it may be called again with the same exchange. What is embedded is hidden by the `veils`, and
    what is kept only if `masked`: then nobody can tell it any more, the assistant neither."""

    def __init__(
        self,
        inbox: Inbox,
        messages: Messages,
        embedder: Embedder,
        logger: Logger,
        besides: Callable[[Exchange], None] = lambda exchange: None,
        veils: Veils = clear,
        masked: bool = False,
    ) -> None:
        self._inbox, self._messages, self._embedder, self._logger = inbox, messages, embedder, logger
        self._besides, self._veils, self._masked = besides, veils, masked

    def remember(self, exchange: Exchange) -> None:
        """Keeps both sides with their vectors. Repeating it changes nothing."""
        said = exchange.said()
        try:
            if said:
                self._keep(said, self._veils(exchange.room).hide_all([one.text for one in said]))
            self._besides(exchange)
            self._inbox.remembered(exchange)
        except BackendError as failure:
            self._logger.warning("exchange_not_remembered", turn=exchange.turn, reason=str(failure))

    def _keep(self, said: Sequence[Said], hidden: Sequence[str]) -> None:
        kept = map(_with_text, said, hidden) if self._masked else said
        self._messages.put(list(zip(kept, self._embedder.embed(hidden), strict=True)))


def _with_text(said: Said, text: str) -> Said:
    return msgspec.structs.replace(said, text=text)

"""Settings become connected objects: the one module that knows every concrete class.

Each part is made when it is first asked for, and imported then too, so that a function loads only what
it uses. The channels' classes are known to platforms.py.
"""

from __future__ import annotations

import importlib
import os
import random
from contextlib import suppress
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING

from snapshot_restore_py import register_after_restore, register_before_snapshot

from repartee.errors import BackendError
from repartee.settings import Settings
from repartee.wiring.assistants import Assistants

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from repartee.conversation.answer import Chats
    from repartee.conversation.sweep import Sweep
    from repartee.conversation.turn import Turn
    from repartee.conversation.webhook import Webhook


ENOUGH = 5.0
"""Seconds that the end of a start is waited for."""


class Wiring(Assistants):
    """The parts of one process. A stack that brings parts of its own overrides what makes them."""

    @cached_property
    def webhook(self) -> Webhook:
        from repartee.conversation.webhook import Webhook

        return Webhook(
            self.receivers,
            self.inbox,
            self.records,
            self.wakes,
            self.logger,
            self.count,
            self.proposals,
        )

    @cached_property
    def chats(self) -> Chats:
        from repartee.conversation.answer import Chats
        from repartee.conversation.means import Means
        from repartee.conversation.memory import Memory

        assistants, settings = self.assistants, self.settings
        settings.need(Settings.parallel, Settings.dead_letters_queue_url)
        means = Means(
            inbox=self.inbox,
            records=self.records,
            wakes=self.wakes,
            model=self.model,
            pool=self.pool,
            clock=self.clock,
            new_id=self.new_id,
            logger=self.logger,
            monotonic=self.monotonic,
            veils=self.veils,
            limits=self.limits,
            spent=self.prices.spent,
        )
        return Chats(
            means,
            Memory(
                self.inbox,
                self.messages,
                self.embedder,
                self.logger,
                self._remember,
                self.veils,
                masked=settings.pii_stored == "masked",
            ),
            self.channels,
            choose=lambda message: assistants[settings.assistant.of(message.channel)],
            parallel=self._parallel,
            refresh=self.refresh,
            observe=self.observe,
            watching=self.watching,
        )

    @cached_property
    def sweep(self) -> Sweep:
        from repartee.conversation.sweep import Sweep

        return Sweep(self.inbox, self.wakes, self.clock, self.logger, self.count)

    @cached_property
    def stream(self) -> Starlette:
        """The web's app: what it takes in it answers itself, and a late wake replaces it if it dies."""
        from repartee.channels.web.app import WebApp
        from repartee.channels.web.follow import Follower
        from repartee.channels.web.keys import Keys
        from repartee.channels.web.receive import WebMessages
        from repartee.channels.web.safety_net import SafetyNet
        from repartee.channels.web.tokens import Tokens
        from repartee.conversation.webhook import Webhook

        settings = self.settings
        keys = Keys(settings.web_jwks_url, self.clock)
        tokens = Tokens(keys, settings.web_audience, self.clock, settings.web_issuer)
        messages = WebMessages(tokens, self.rates, settings.web_rate, self.new_id, self._keep_medium)
        webhook = Webhook(
            {"/chat": messages},
            self.inbox,
            self.records,
            SafetyNet(self.wakes),
            self.logger,
            self.count,
            self.proposals,
        )
        follower = Follower(self.inbox, self.events, self.hub, self.clock)
        app = WebApp(
            webhook, tokens, self.chats, follower, self.hub, self.clock, self.new_id, settings.web_answers
        )
        return app.asgi(settings.web_origins)

    @cached_property
    def early(self) -> Thread:
        """What a message would wait for, begun beside the start: the first connection to the messages store,
        the flags, and the vectors of the routes' examples."""
        thread = Thread(target=self._early, name="early", daemon=True)
        thread.start()
        return thread

    def _early(self) -> None:
        with suppress(BackendError):  # whoever needs it tries again, and says what is wrong
            if self.settings.weaviate_url:
                self.weaviate.connect()
        if self.settings.flags:
            self.flags.refresh()
        if "router" in vars(self):
            with suppress(BackendError):
                self.router.learn()

    def prime(self) -> None:
        """Loads what is otherwise loaded when it is first used."""
        importlib.import_module("repartee.observability")
        if "openai" in vars(self):
            _ = self.openai.responses, self.openai.embeddings
        if "early" in vars(self):
            self.early.join(ENOUGH)  # what is half connected is nothing to keep

    def observe(self, turn: Turn) -> None:
        """Emits the turn's metrics, and its log entry."""
        from repartee.observability import emit, report

        told = report(turn, self.aws.connections, self.prices.spent(turn.spent).cost)
        emit(told, self.logger, cold=self._cold)
        self._cold = False


_process: list[Wiring] = []


def wired() -> Wiring:
    """The process's parts, made of its environment when they are first asked for."""
    if not _process:
        install(Wiring(os.environ))
    return _process[0]


def start(*parts: str) -> None:
    """Makes these of the process's parts, now and whenever it is restored from a snapshot: then connections,
    settings and secrets of the process that was frozen are stale, and its random numbers everybody's."""
    from repartee import beginning  # not above: who makes no start goes on being looked through

    try:
        wired().make(*parts)
    finally:
        beginning.over()
    register_before_snapshot(_prime)
    register_after_restore(_restored, *parts)


def _prime() -> None:
    wired().prime()


def _restored(*parts: str) -> None:
    random.seed()
    renewed = Wiring(os.environ)
    renewed.aws = wired().aws.reconnected()
    install(renewed)
    wired().make(*parts)


def install(wiring: Wiring) -> None:
    """Makes these the process's parts: a local stack's, or new ones after a restore from a snapshot."""
    _process[:] = [wiring]

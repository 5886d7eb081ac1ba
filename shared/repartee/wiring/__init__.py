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
from repartee.wiring.assistants import AssistantsWiring

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from repartee.intake.webhook import Webhook
    from repartee.turn.sweep import Sweep
    from repartee.turn.turn import Turn
    from repartee.turn.worker import ChatWorker


WARM_UP_JOIN_SECONDS = 5.0
"""Seconds that the end of a start is waited for."""


class Wiring(AssistantsWiring):
    """The parts of one process. A stack that brings parts of its own overrides what makes them."""

    @cached_property
    def webhook(self) -> Webhook:
        from repartee.intake.webhook import Webhook

        return Webhook(
            self.receivers,
            self.inbox,
            self.records,
            self.wakes,
            self.logger,
            self.emit_count,
            self.proposals,
        )

    @cached_property
    def chat_worker(self) -> ChatWorker:
        from repartee.turn.dependencies import TurnDependencies
        from repartee.turn.persist import ExchangePersister
        from repartee.turn.worker import ChatWorker

        assistants, settings = self.assistants, self.settings
        settings.require(Settings.parallel_enabled, Settings.dead_letters_queue_url)
        means = TurnDependencies(
            inbox=self.inbox,
            records=self.records,
            wakes=self.wakes,
            model=self.model,
            pool=self.pool,
            clock=self.clock,
            new_id=self.new_id,
            logger=self.logger,
            monotonic=self.monotonic,
            redactor_for=self.redactor_for,
            budget=self.budgets,
            prompt_tokens=self.settings.prompt_tokens,
            price_usage=self.prices.price_usage,
        )
        return ChatWorker(
            means,
            ExchangePersister(
                self.inbox,
                self.messages,
                self.embedder,
                self.logger,
                self._record_exchange,
                self.redactor_for,
                store_redacted=settings.stored_redaction_mode == "masked",
            ),
            self.reply_senders,
            choose_assistant=lambda message: assistants[settings.assistant.value_for(message.channel)],
            is_parallel=self._is_parallel,
            refresh_credentials=self.refresh_secrets,
            observe_turn=self.emit_turn_metrics,
            heartbeat_factory=self.heartbeat_type,
        )

    @cached_property
    def sweep(self) -> Sweep:
        from repartee.turn.sweep import Sweep

        return Sweep(self.inbox, self.wakes, self.clock, self.logger, self.emit_count)

    @cached_property
    def stream_app(self) -> Starlette:
        """The web's app: what it takes in it answers itself, and a late wake replaces it if it dies."""
        from repartee.channels.web.app import WebApp
        from repartee.channels.web.bearer_tokens import BearerTokens
        from repartee.channels.web.delayed_wakes import DelayedWakes
        from repartee.channels.web.jwks import Jwks
        from repartee.channels.web.receiver import WebReceiver
        from repartee.channels.web.reply_follower import ReplyFollower
        from repartee.intake.webhook import Webhook

        settings = self.settings
        keys = Jwks(settings.web_jwks_url, self.clock)
        tokens = BearerTokens(keys, settings.web_audience, self.clock, settings.web_issuer)
        messages = WebReceiver(
            tokens, self.rates, settings.web_messages_per_minute, self.new_id, self._save_medium
        )
        webhook = Webhook(
            {"/chat": messages},
            self.inbox,
            self.records,
            DelayedWakes(self.wakes),
            self.logger,
            self.emit_count,
            self.proposals,
        )
        follower = ReplyFollower(self.inbox, self.events, self.hub, self.monotonic)
        app = WebApp(
            webhook,
            tokens,
            self.chat_worker,
            follower,
            self.hub,
            self.clock,
            self.new_id,
            settings.web_max_concurrent_chats,
        )
        return app.make_asgi_app(settings.web_origins)

    @cached_property
    def warm_up_thread(self) -> Thread:
        """What a message would wait for, begun beside the start: the first connection to the messages store,
        the flags, and the vectors of the routes' examples."""
        thread = Thread(target=self._warm_up, name="early", daemon=True)
        thread.start()
        return thread

    def _warm_up(self) -> None:
        with suppress(BackendError):  # whoever needs it tries again, and says what is wrong
            if self.settings.weaviate_url:
                self.weaviate_connection.connect()
        if self.settings.flags_address:
            self.feature_flags.refresh()
        if "router" in vars(self):
            with suppress(BackendError):
                self.router.load_vectors()

    def preload(self) -> None:
        """Loads what is otherwise loaded when it is first used."""
        importlib.import_module("repartee.turn.metrics")
        if "openai_client" in vars(self):
            _ = self.openai_client.responses, self.openai_client.embeddings
        if "warm_up_thread" in vars(self):
            self.warm_up_thread.join(WARM_UP_JOIN_SECONDS)  # what is half connected is nothing to keep

    def emit_turn_metrics(self, turn: Turn) -> None:
        """Emits the turn's metrics, and its log entry."""
        from repartee.turn.metrics import build_report, emit_report

        told = build_report(
            turn, self.aws_clients.open_connections, self.prices.price_usage(turn.usages).cost_usd
        )
        emit_report(told, self.logger, cold=self._cold)
        self._cold = False


_current_wiring: list[Wiring] = []


def current_wiring() -> Wiring:
    """The process's parts, made of its environment when they are first asked for."""
    if not _current_wiring:
        set_wiring(Wiring(os.environ))
    return _current_wiring[0]


def start_process(*part_names: str) -> None:
    """Makes these of the process's parts, now and whenever it is restored from a snapshot: then connections,
    settings and secrets of the process that was frozen are stale, and its random numbers everybody's."""
    from repartee import gc_startup

    try:
        current_wiring().make_parts(*part_names)
    finally:
        gc_startup.freeze_startup_objects()
    register_before_snapshot(_before_snapshot)
    register_after_restore(_after_restore, *part_names)


def _before_snapshot() -> None:
    current_wiring().preload()


def _after_restore(*part_names: str) -> None:
    random.seed()
    renewed = Wiring(os.environ)
    renewed.aws_clients = current_wiring().aws_clients.with_new_connections()
    set_wiring(renewed)
    current_wiring().make_parts(*part_names)


def set_wiring(wiring: Wiring) -> None:
    """Makes these the process's parts: a local stack's, or new ones after a restore from a snapshot."""
    _current_wiring[:] = [wiring]

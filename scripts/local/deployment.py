"""The functions, deployed on the local stack: their handlers, their queue, their parts."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from functools import cached_property

from local import lambdas, sample
from local.latency import Latencies
from local.parts import LocalWiring
from local.stack import LocalStack
from local.worker import Poller

LOADED = (
    "openai.resources.responses",
    "repartee.assistants.office.plan",
    "repartee.channels.slack.deliver",
    "repartee.conversation.answer",
    "repartee.services.openai.model",
    "repartee.stores.dynamodb.inbox",
    "repartee.stores.sqlite",
)
"""What the functions import: loaded while the servers start."""


class Deployment:
    """The functions of this process. Sets the environment, which is where functions read their settings."""

    def __init__(self, stack: LocalStack, latencies: Latencies, settings: Mapping[str, str]) -> None:
        from repartee import wiring

        os.environ.update(stack.settings | dict(settings))
        self.stack, self._latencies = stack, latencies
        self.parts = LocalWiring(os.environ, latencies)
        wiring.install(self.parts)
        for module in LOADED:
            importlib.import_module(module)
        self._make_resources()
        self.webhook, turn = lambdas.handler("webhook"), lambdas.handler("turn")
        self.poller = Poller(self._sqs, os.environ["WAKES_QUEUE_URL"], turn)
        if "SQLITE_PATH" in stack.settings:
            self._remember_sample()

    @cached_property
    def sweep(self) -> lambdas.Handler:
        return lambdas.handler("sweep")

    def _make_resources(self) -> None:
        make = self.parts.aws.make
        self._sqs, secrets = make("sqs"), make("secretsmanager")
        self.stack.ready()
        self.stack.prepare(self.parts.dynamodb, self._sqs, secrets)
        os.environ.update(self.stack.settings)

    def _remember_sample(self) -> None:
        with self._latencies.counted():
            sample.remember(sample.history(time.time()), self.parts.messages, self.parts.embedder)

    def teach(self) -> None:
        """Fills the coach's library, and its memory of one person, where it is one that answers. Takes some
        seconds the first time, for the library has to be embedded."""
        parts = self.parts
        if "SQLITE_PATH" not in self.stack.settings or "coach" not in parts.settings.assistant.values():
            return
        from local.coach import seeds

        with self._latencies.counted():
            seeds.fill(f"{self.stack.settings['SQLITE_PATH']}-knowledge", parts.embedder)
            seeds.train(parts.workouts, parts.memories, parts.embedder, time.time())

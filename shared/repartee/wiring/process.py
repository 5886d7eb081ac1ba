"""The process itself: its clocks, its settings and secrets, its threads and its way to AWS."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from repartee.services.aws import Clients
from repartee.settings import Setting, Settings

if TYPE_CHECKING:
    from repartee.channels.seat import Background
    from repartee.conversation.watch import Watch
    from repartee.plan import Pool
    from repartee.services.flags import Flags
    from repartee.services.secrets import Secrets


class Process:
    """What every part of a process rests on. One with a time of its own overrides the clocks, and what goes
    on beside a turn and its reply."""

    clock = staticmethod(time.time)
    end = staticmethod(os._exit)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.logger = Logger(service="repartee")
        self.settings = Settings(environment, self._secret)
        self._cold = True

    def make(self, *parts: str) -> None:
        """Makes these parts now, so that what is missing stops the start and not the first message."""
        for part in parts:
            getattr(self, part)

    @property
    def background(self) -> Background:
        from repartee.channels.seat import in_a_thread

        return in_a_thread

    @property
    def watching(self) -> type[Watch]:
        from repartee.conversation.watch import Watch

        return Watch

    @cached_property
    def pool(self) -> Pool:
        from repartee.plan import Pool

        return Pool(threads=self.settings.threads)

    @cached_property
    def aws(self) -> Clients:
        return Clients(connections=self.settings.threads)

    @cached_property
    def dynamodb(self) -> Any:
        return self.aws.make("dynamodb")

    @cached_property
    def flags(self) -> Flags:
        from repartee.services.flags import Flags

        return Flags(self.aws.make("appconfigdata"), self.settings.flags, self.clock, self.logger)

    @cached_property
    def secrets(self) -> Secrets:
        from repartee.services.secrets import Secrets

        return Secrets(self.aws.make("secretsmanager"), self.settings.secrets_id, self.clock)

    def new_id(self) -> str:
        """An id that nobody can guess, and that nothing else has."""
        return secrets.token_hex(8)

    def count(self, name: str, number: int = 1) -> None:
        """Emits a metric that stands alone."""
        from repartee.observability import count

        count(name, number)

    def retire(self) -> None:
        """Ends the process when late threads have used it up: Lambda starts another. The wake that it was at
        comes back, and finds nothing left to do."""
        if self.pool.wants_replacement:
            self.logger.error("process_used_up", late=self.pool.late)
            self.end(1)

    def _parallel(self, chat: str) -> bool:
        """Whether the chat's plan runs in parallel: where the settings and the flag, if any, both say so."""
        return self.settings.parallel and (not self.settings.flags or self.flags.parallel(chat))

    def _secret(self, name: str) -> str:
        return self.secrets.current(name) if self.settings.secrets_id else ""

    def accepted(self, setting: Setting[str]) -> Callable[[], tuple[str, ...]]:
        """The values of a secret that are accepted now. Stops the start if there is none."""
        self.settings.need(setting)
        if own := self.environment.get(setting.name, "").strip():
            return lambda: (own,)
        return lambda: self.secrets.accepted(setting.name)

    def refresh(self) -> bool:
        """Reads the secrets again because one was rejected. False if that was done a moment ago."""
        return bool(self.settings.secrets_id) and self.secrets.refresh()

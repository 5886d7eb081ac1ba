"""The process itself: its clocks, its settings and secrets, its threads and its way to AWS."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from repartee.aws.calls import AwsClients
from repartee.setting_types import Setting
from repartee.settings import Settings
from repartee.struct_types import prepare_struct_types

if TYPE_CHECKING:
    from repartee.aws.flags import FeatureFlags
    from repartee.aws.secrets import SecretsCache
    from repartee.channels.stream_slots import RunInBackground
    from repartee.plan import Pool
    from repartee.turn.heartbeat import Heartbeat


class ProcessWiring:
    """What every part of a process rests on. One with a time of its own overrides the clocks, and what goes
    on beside a turn and its reply."""

    clock = staticmethod(time.time)
    exit_process = staticmethod(os._exit)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.logger = Logger(service="repartee")
        self.settings = Settings(environment, self._look_up_secret)
        self._cold = True

    def make_parts(self, *part_names: str) -> None:
        """Makes these parts now, so that what is missing stops the start and not the first message, and makes
        what they have loaded ready for threads."""
        for part in part_names:
            getattr(self, part)
            prepare_struct_types()

    @property
    def background(self) -> RunInBackground:
        from repartee.channels.stream_slots import run_in_thread

        return run_in_thread

    @property
    def heartbeat_type(self) -> type[Heartbeat]:
        from repartee.turn.heartbeat import Heartbeat

        return Heartbeat

    @cached_property
    def pool(self) -> Pool:
        from repartee.plan import Pool

        return Pool(threads=self.settings.max_threads)

    @cached_property
    def aws_clients(self) -> AwsClients:
        return AwsClients(max_connections=self.settings.max_threads)

    @cached_property
    def dynamodb_client(self) -> Any:
        return self.aws_clients.get_client("dynamodb")

    @cached_property
    def feature_flags(self) -> FeatureFlags:
        from repartee.aws.flags import FeatureFlags

        return FeatureFlags(
            self.aws_clients.get_client("appconfigdata"), self.settings.flags_address, self.clock, self.logger
        )

    @cached_property
    def secrets(self) -> SecretsCache:
        from repartee.aws.secrets import SecretsCache

        return SecretsCache(
            self.aws_clients.get_client("secretsmanager"), self.settings.secrets_id, self.clock
        )

    def new_id(self) -> str:
        """An id that nobody can guess, and that nothing else has."""
        return secrets.token_hex(8)

    def emit_count(self, name: str, number: int = 1) -> None:
        """Emits a metric that stands alone."""
        from repartee.turn.metrics import emit_count

        emit_count(name, number)

    def exit_if_exhausted(self) -> None:
        """Ends the process when late threads have used it up: Lambda starts another. The wake that it was at
        comes back, and finds nothing left to do."""
        if self.pool.exhausted:
            self.logger.error("process_used_up", late=self.pool.late)
            self.exit_process(1)

    def _is_parallel(self, chat: str) -> bool:
        """Whether the chat's plan runs in parallel: where the settings and the flag, if any, both say so."""
        return self.settings.parallel_enabled and (
            not self.settings.flags_address or self.feature_flags.is_parallel(chat)
        )

    def _look_up_secret(self, name: str) -> str:
        return self.secrets.current_value(name) if self.settings.secrets_id else ""

    def accepted_secrets(self, setting: Setting[str]) -> Callable[[], tuple[str, ...]]:
        """The values of a secret that are accepted now. Stops the start if there is none."""
        self.settings.require(setting)
        if own := self.environment.get(setting.name, "").strip():
            return lambda: (own,)
        return lambda: self.secrets.accepted_values(setting.name)

    def refresh_secrets(self) -> bool:
        """Reads the secrets again because one was rejected. False if that was done a moment ago."""
        return bool(self.settings.secrets_id) and self.secrets.refresh()

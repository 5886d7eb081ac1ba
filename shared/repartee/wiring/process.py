"""The process itself: its clocks, its settings and secrets, its threads and its way to AWS."""

from __future__ import annotations

import os
import secrets as random_secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger as PowertoolsLogger

from repartee.aws.calls import AwsClients
from repartee.ports.logging import Logger
from repartee.setting_types import Setting
from repartee.settings import Settings
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from repartee.aws.flags import FeatureFlags
    from repartee.aws.secrets import SecretsCache
    from repartee.channels.stream_slots import RunInBackground
    from repartee.plan import Pool
    from repartee.ports.metrics import EmitMetrics
    from repartee.privacy.identifiers import IdentifierHasher
    from repartee.turn.heartbeat import Heartbeat

MAX_WAKING_THREADS = 4
"""Threads of a webhook's process. One event is taken in at a time, and an event's messages one by one."""

Clock = Callable[[], float]
SecretValues = Callable[[], tuple[str, ...]]


@part
def clock(wiring: Wiring) -> Clock:
    """Seconds since the epoch."""
    return time.time


@part
def monotonic(wiring: Wiring) -> Clock:
    """Seconds that only grow, for durations."""
    return time.monotonic


@part
def sleep(wiring: Wiring) -> Callable[[float], None]:
    """Waits so many seconds."""
    return time.sleep


@part
def new_id(wiring: Wiring) -> Callable[[], str]:
    """Makes ids that nobody can guess, and that nothing else has."""
    return lambda: random_secrets.token_hex(8)


@part
def logger(wiring: Wiring) -> Logger:
    return PowertoolsLogger(service="repartee")


@part
def settings(wiring: Wiring) -> Settings:
    def look_up_secret(name: str) -> str:
        return wiring.get(secrets).current_value(name) if wiring.get(settings).secrets_id else ""

    return Settings(wiring.environment, look_up_secret)


@part
def identifier_hasher(wiring: Wiring) -> IdentifierHasher:
    """Hashes telephone numbers and addresses that are people's ids."""
    from repartee.privacy.identifiers import IdentifierHasher

    return IdentifierHasher(wiring.get(settings).person_id_key)


def hash_given_person(wiring: Wiring, id: str) -> str:
    """Returns a person's id as receivers make it, from one that an operator wrote. The key is asked for only
    where the id has a number or an address in it."""
    from repartee.privacy.identifiers import is_hashed_by_receivers

    return wiring.get(identifier_hasher).hash_given_id(id) if is_hashed_by_receivers(id) else id


@part
def background(wiring: Wiring) -> RunInBackground:
    """Runs what goes on beside a reply."""
    from repartee.channels.stream_slots import run_in_thread

    return run_in_thread


@part
def waking_executor(wiring: Wiring) -> Executor:
    """Runs what wakes chats beside the keeping of their messages. Its threads start when they are needed."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=MAX_WAKING_THREADS, thread_name_prefix="waking")


@part
def heartbeat_type(wiring: Wiring) -> type[Heartbeat]:
    from repartee.turn.heartbeat import Heartbeat

    return Heartbeat


@part
def pool(wiring: Wiring) -> Pool:
    from repartee.plan import Pool

    return Pool(threads=wiring.get(settings).max_threads)


@part
def aws_clients(wiring: Wiring) -> AwsClients:
    return AwsClients(max_connections=wiring.get(settings).max_threads)


@part
def dynamodb_client(wiring: Wiring) -> Any:
    return wiring.get(aws_clients).get_client("dynamodb")


@part
def feature_flags(wiring: Wiring) -> FeatureFlags:
    from repartee.aws.flags import FeatureFlags

    client = wiring.get(aws_clients).get_client("appconfigdata")
    address = wiring.get(settings).flags_address
    return FeatureFlags(client, address, wiring.get(clock), wiring.get(logger))


@part
def secrets(wiring: Wiring) -> SecretsCache:
    from repartee.aws.secrets import SecretsCache

    client = wiring.get(aws_clients).get_client("secretsmanager")
    known = wiring.get(settings)
    overlap_seconds = known.secrets_overlap_hours * 3600.0
    return SecretsCache(client, known.secrets_id, wiring.get(clock), overlap_seconds)


@part
def emit_metrics(wiring: Wiring) -> EmitMetrics:
    from repartee.aws.metrics import emit_metrics

    return emit_metrics


@part
def count_metric(wiring: Wiring) -> Callable[[str, float], None]:
    """Emits a metric that stands alone."""

    def count(name: str, number: float = 1) -> None:
        from repartee.turn.metrics import count_line

        wiring.get(emit_metrics)(count_line(name, number))

    return count


@part
def exit_process(wiring: Wiring) -> Callable[[int], object]:
    return os._exit


def exit_if_exhausted(wiring: Wiring) -> None:
    """Ends the process when late threads have used it up: Lambda starts another. The wake that it was at
    comes back, and finds nothing left to do."""
    threads = wiring.get(pool)
    if threads.exhausted:
        wiring.get(logger).error("process_used_up", late=threads.late)
        wiring.get(exit_process)(1)


def is_parallel(wiring: Wiring, chat: str) -> bool:
    """Returns whether the chat's plan runs in parallel: where the settings and the flag both say so."""
    known = wiring.get(settings)
    return known.parallel_enabled and (not known.flags_address or wiring.get(feature_flags).is_parallel(chat))


def accepted_secrets(wiring: Wiring, setting: Setting[str]) -> SecretValues:
    """Returns the values of a secret that are accepted now. Stops the start if there is none."""
    wiring.get(settings).require(setting)
    if own := wiring.environment.get(setting.name, "").strip():
        return lambda: (own,)
    return lambda: wiring.get(secrets).accepted_values(setting.name)


def refresh_secrets(wiring: Wiring) -> bool:
    """Reads the secrets again because one was rejected. False if that was done a moment ago."""
    return bool(wiring.get(settings).secrets_id) and wiring.get(secrets).refresh()

"""The switch of the person on call: feature flags in AppConfig.

They are read with botocore, which the functions have anyway: AppConfig's Lambda extension would be a second
process beside each of ours, with its start and its memory, to save one call of some milliseconds in half a
minute.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from repartee.aws.calls import translate_errors
from repartee.errors import BackendError, InvalidArgument
from repartee.plan import deadline

if TYPE_CHECKING:
    from repartee.ports.logging import Logger

BACKEND_NAME = "appconfig"

FLAGS_FRESH_SECONDS = 30.0
"""Seconds for which what is known counts as new."""

MIN_POLL_SECONDS = 15
"""Seconds between two polls that the session is asked for: the least that AppConfig allows."""

POLL_TIMEOUT_SECONDS = 0.5
"""Seconds that a turn waits for AppConfig at the most."""


class ParallelFlag(msgspec.Struct, frozen=True):
    """Whether steps run in parallel, and in how many of a hundred chats."""

    enabled: bool = True
    percent: Annotated[int, Meta(ge=0, le=100)] = 100


class FlagValues(msgspec.Struct, frozen=True):
    """The flags that we know, as AppConfig delivers them."""

    parallel: ParallelFlag = ParallelFlag()


class FeatureFlags:
    """The flags as last seen. Has state: these, when they were asked for, and the session with AppConfig.

    `where` is application/environment/profile. What AppConfig cannot say leaves the last known value; before
    there is one, everything is on, as without flags.
    """

    def __init__(self, client: Any, address: str, clock: Callable[[], float], logger: Logger) -> None:
        self._client, self._where, self._clock, self._logger = client, address, clock, logger
        self._known = FlagValues()
        self._asked = float("-inf")
        self._token = ""
        self._asking = Lock()

    def is_parallel(self, chat: str) -> bool:
        """Returns whether this chat's turns run their steps in parallel. A chat that is among some percent is
        also among more."""
        self.refresh()
        flag = self._known.parallel
        return flag.enabled and rollout_bucket(chat) < flag.percent

    def refresh(self) -> None:
        """Asks AppConfig, if that was not done for a while and nobody else is at it."""
        if self._clock() - self._asked < FLAGS_FRESH_SECONDS or not self._asking.acquire(blocking=False):
            return
        try:
            with deadline.limited_to(POLL_TIMEOUT_SECONDS):
                self._poll()
        except BackendError as failure:
            self._token = ""  # a session may have ended, or be as old as a frozen process
            self._logger.warning("flags_not_read", reason=str(failure))
        finally:
            self._asked = self._clock()
            self._asking.release()

    def _poll(self) -> None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_latest_configuration(
                ConfigurationToken=self._token or self._start_session()
            )
            content = answer["Configuration"].read()
        self._token = answer["NextPollConfigurationToken"]
        if content:  # nothing, where nothing has changed
            self._known = _decode_flags(content)

    def _start_session(self) -> str:
        application, environment, profile = self._where.split("/")
        answer = self._client.start_configuration_session(
            ApplicationIdentifier=application,
            EnvironmentIdentifier=environment,
            ConfigurationProfileIdentifier=profile,
            RequiredMinimumPollIntervalInSeconds=MIN_POLL_SECONDS,
        )
        return str(answer["InitialConfigurationToken"])


def rollout_bucket(chat: str) -> int:
    """Where among a hundred a chat stands, always the same: 0 to 99."""
    return zlib.crc32(chat.encode()) % 100


def _decode_flags(content: bytes) -> FlagValues:
    try:
        return msgspec.json.decode(content, type=FlagValues)
    except msgspec.DecodeError as error:
        raise InvalidArgument(BACKEND_NAME, f"flags that make no sense: {error}") from None

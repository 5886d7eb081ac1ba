"""Secrets from one JSON document in Secrets Manager, refreshed when one is rejected.

While a secret is being rotated both its current and its previous value are accepted: the previous one for a
bounded time after the current one was made. A process reads the document again from time to time, so that one
that no rejection tells of a rotation does not go on accepting what has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.errors import BackendError, InvalidArgument, NotFound, SettingError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MIN_REFRESH_INTERVAL_SECONDS = 60.0
"""Seconds between two refreshes, however many signatures are wrong: a stranger must not make us call AWS."""


MAX_COPY_AGE_SECONDS = 15 * 60.0
"""Seconds after which the document is read again. A part of the overlap, so that a rotation ends in time."""

DEFAULT_OVERLAP_SECONDS = 24 * 3600.0


class SecretVersion(msgspec.Struct, frozen=True):
    """One version of the document: its secrets by name, and when it was made (seconds since the epoch)."""

    values: dict[str, str] = {}
    created_at: float = 0.0


class SecretsCache:
    """The document, read on first use. Has state: the versions it last saw, and when.

    `overlap_seconds` is how long the previous version counts after the current one was made.
    """

    def __init__(
        self,
        client: SecretsManagerClient,
        document: str,
        clock: Callable[[], float],
        overlap_seconds: float = DEFAULT_OVERLAP_SECONDS,
    ) -> None:
        self._client, self._document, self._clock = client, document, clock
        self._overlap_seconds = overlap_seconds
        self._current: SecretVersion | None = None
        self._previous = SecretVersion()
        self._refreshed, self._read_at = float("-inf"), float("-inf")

    def current_value(self, name: str) -> str:
        """Returns the secret's value, empty if the document does not have it."""
        return self._read_current().values.get(name, "")

    def accepted_values(self, name: str) -> tuple[str, ...]:
        """Returns the values that are accepted now, the current one first."""
        self._read_again_if_old()
        current = self._read_current()
        is_overlapping = self._clock() - current.created_at < self._overlap_seconds
        previous = self._previous.values.get(name, "") if is_overlapping else ""
        return tuple(dict.fromkeys(value for value in (current.values.get(name, ""), previous) if value))

    def _read_current(self) -> SecretVersion:
        if self._current is None:
            self._current, self._read_at = self._read_stage("AWSCURRENT"), self._clock()
        return self._current

    def _read_again_if_old(self) -> None:
        """Reads the document again that was read long ago. While it cannot be read, what was known stands."""
        if self._current is not None and self._clock() - self._read_at >= MAX_COPY_AGE_SECONDS:
            self._read_at = self._clock()
            with suppress(BackendError):
                self._read_both()

    def refresh(self) -> bool:
        """Reads the document again because a secret was rejected. False if it was read a moment ago.

        A document that cannot be read now changes nothing: what was known stands.
        """
        if self._clock() - self._refreshed < MIN_REFRESH_INTERVAL_SECONDS:
            return False
        self._refreshed = self._clock()
        self._read_both()
        return True

    def _read_both(self) -> None:
        before = self._current or SecretVersion()
        try:
            self._current, self._read_at = self._read_stage("AWSCURRENT"), self._clock()
        except SettingError as malformed:
            raise InvalidArgument("secretsmanager", str(malformed)) from malformed
        is_changed = bool(before.values) and before.values != self._current.values
        self._previous = before if is_changed else self._read_previous()

    def _read_previous(self) -> SecretVersion:
        """Returns the document before its last change; nothing if there was none, or none that can be
        read."""
        with suppress(SettingError):
            return self._read_stage("AWSPREVIOUS")
        return SecretVersion()

    def _read_stage(self, stage: str) -> SecretVersion:
        try:
            with translate_errors("secretsmanager"):
                answer = self._client.get_secret_value(SecretId=self._document, VersionStage=stage)
            values = msgspec.json.decode(answer["SecretString"], type=dict[str, str])
            return SecretVersion(values, answer["CreatedDate"].timestamp())
        except NotFound:
            return SecretVersion()
        except (msgspec.DecodeError, KeyError):
            raise SettingError(
                "SECRETS_ID", "names a secret that is one JSON object of texts", "is malformed"
            ) from None

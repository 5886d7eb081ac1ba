"""Secrets from one JSON document in Secrets Manager, refreshed when one is rejected.

While a secret is being rotated both its current and its previous value are accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.errors import InvalidArgument, NotFound, SettingError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MIN_REFRESH_INTERVAL_SECONDS = 60.0
"""Seconds between two refreshes, however many signatures are wrong: a stranger must not make us call AWS."""


class SecretsCache:
    """The document, read on first use. Has state: the values it last saw, and when."""

    def __init__(self, client: SecretsManagerClient, document: str, clock: Callable[[], float]) -> None:
        self._client, self._document, self._clock = client, document, clock
        self._current: dict[str, str] | None = None
        self._previous: dict[str, str] = {}
        self._refreshed = float("-inf")

    def current_value(self, name: str) -> str:
        """Returns the secret's value, empty if the document does not have it."""
        if self._current is None:
            self._current = self._read_stage("AWSCURRENT")
        return self._current.get(name, "")

    def accepted_values(self, name: str) -> tuple[str, ...]:
        """Returns the values that are accepted now, the current one first."""
        known = (self.current_value(name), self._previous.get(name, ""))
        return tuple(dict.fromkeys(value for value in known if value))

    def refresh(self) -> bool:
        """Reads the document again because a secret was rejected. False if it was read a moment ago.

        A document that cannot be read now changes nothing: what was known stands.
        """
        if self._clock() - self._refreshed < MIN_REFRESH_INTERVAL_SECONDS:
            return False
        self._refreshed = self._clock()
        before = self._current or {}
        try:
            self._current = self._read_stage("AWSCURRENT")
        except SettingError as malformed:
            raise InvalidArgument("secretsmanager", str(malformed)) from malformed
        self._previous = before if before != self._current else self._read_previous()
        return True

    def _read_previous(self) -> dict[str, str]:
        """Returns the document before its last change; nothing if there was none, or none that can be
        read."""
        with suppress(SettingError):
            return self._read_stage("AWSPREVIOUS")
        return {}

    def _read_stage(self, stage: str) -> dict[str, str]:
        try:
            with translate_errors("secretsmanager"):
                answer = self._client.get_secret_value(SecretId=self._document, VersionStage=stage)
            return msgspec.json.decode(answer["SecretString"], type=dict[str, str])
        except NotFound:
            return {}
        except (msgspec.DecodeError, KeyError):
            raise SettingError(
                "SECRETS_ID", "names a secret that is one JSON object of texts", "is malformed"
            ) from None

"""Functions that are invoked by name: the turn's beside the queue of wakes, and that of operators' jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.aws.queue import Wake
from repartee.errors import BackendError, log_fields
from repartee.plan import deadline
from repartee.ports.logging import Logger
from repartee.ports.operator_jobs import JobOrder

INVOKE_TIMEOUT_SECONDS = 0.5
"""Seconds that Lambda may take to accept an invocation. Then the queue alone wakes the chat."""

REST_SECONDS = 30.0
"""Seconds for which the queue alone is used after an invocation was not accepted."""


class InvokedTurns:
    """`ports.TurnStarter` on Lambda. Invokes `function`, an ARN with its alias, asynchronously: Lambda
    answers when it has noted the event. Has state: until when it rests."""

    def __init__(self, client: Any, function: str, clock: Callable[[], float], logger: Logger) -> None:
        self._client, self._function, self._clock, self._logger = client, function, clock, logger
        self._rests_until = 0.0

    def start_turn(self, chat: str, correlation: str, successor_due: float, message_id: str) -> bool:
        if self._clock() < self._rests_until:
            return False
        payload = msgspec.json.encode({"wake": Wake(chat, correlation, successor_due, message_id)})
        try:
            with deadline.limited_to(INVOKE_TIMEOUT_SECONDS), translate_errors("lambda"):
                self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)
        except BackendError as failure:
            self._rests_until = self._clock() + REST_SECONDS
            self._logger.warning("turn_not_invoked", chat=chat, **log_fields(failure))
            return False
        return True


class InvokedJobs:
    """`ports.JobStarter` on Lambda. Invokes `function`, an ARN with its alias, asynchronously."""

    def __init__(self, client: Any, function: str) -> None:
        self._client, self._function = client, function

    def start_job(self, order: JobOrder) -> None:
        payload = msgspec.json.encode({"job": order})
        with translate_errors("lambda"):
            self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)

"""A breaker for the model and the platform, shared over processes: what fails some, others leave alone.

It is optional: what cannot be known or noted costs a try, never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress

from repartee.domain.backend_failures import COOLDOWN_SECONDS, PROBE_SECONDS, BackendFailures
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import BackendError, DeadlineExceeded, Throttled, Unavailable
from repartee.ports import LanguageModel, Records
from repartee.ports.cancellation import CancelToken
from repartee.turn.failures import MAX_RETRY_AFTER_SECONDS, KnownOutage
from repartee.turn.lease import Clock


class BackendGuard:
    """The breaker of one turn. `read_failures` gives what was read last of the failures that workers share.

    A platform that throttles counts as working: its limits are a chat's or a workspace's, and paced apart.
    """

    def __init__(
        self,
        records: Records,
        clock: Clock,
        room: str,
        model_backend: str,
        channel: str,
        read_failures: Callable[[], Mapping[str, BackendFailures]],
    ) -> None:
        self._records, self._clock, self._room = records, clock, room
        self._read_failures, self._backends = read_failures, (model_backend, channel)
        self.model_backend, self.channel = model_backend, channel
        self._probed: set[str] = set()

    def check(self) -> None:
        """Raises `KnownOutage` if the model or the platform is down, unless this worker is to try it."""
        for backend in self._backends:
            known = self._read_failures().get(backend)
            if known and known.is_down(self._clock()) and backend not in self._probed:
                self._wait_or_probe(backend, known)

    def is_down(self, failure: BaseException) -> bool:
        """Whether the backend that failed is known to be down, so that few ask it."""
        known = self._read_failures().get(getattr(failure, "backend", ""))
        return bool(known and known.is_down(self._clock()))

    def report_failure(self, failure: BaseException) -> None:
        """Tells the others of a failure of the model or the platform."""
        if isinstance(failure, KnownOutage) or not isinstance(
            failure, (Unavailable, DeadlineExceeded, Throttled)
        ):
            return
        is_limit_of_platform = isinstance(failure, Throttled) and failure.backend == self.channel
        if failure.backend in self._backends and not is_limit_of_platform:
            wait = min(failure.retry_after or 0.0, MAX_RETRY_AFTER_SECONDS)
            with suppress(BackendError):
                retry_at = self._clock() + wait if wait else 0.0
                self._records.report_failure(failure.backend, self._room, retry_at)

    def report_success(self, backend: str) -> None:
        """Tells the others that the backend has answered, if it was known to fail."""
        if backend in self._read_failures():
            with suppress(BackendError):
                self._records.report_success(backend, self._room)

    def _wait_or_probe(self, backend: str, known: BackendFailures) -> None:
        now = self._clock()
        wait = known.seconds_to_probe(now)
        if not wait:
            with suppress(BackendError):
                wait = 0.0 if self._begin_probe(backend, now) else COOLDOWN_SECONDS
        if wait:
            raise KnownOutage(backend, "it keeps failing", retry_after=wait)
        self._probed.add(backend)

    def _begin_probe(self, backend: str, now: float) -> bool:
        return self._records.begin_probe(backend, self._room, now + PROBE_SECONDS)


class GuardedModel:
    """`ports.LanguageModel` that is not asked while it, or the platform that shows its answer, is down."""

    def __init__(self, model: LanguageModel, guard: BackendGuard) -> None:
        self._model, self._guard = model, guard

    def stream(
        self, prompt: Prompt, cancel_token: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        """Raises `KnownOutage` besides what the model raises."""
        if not prompt.rounds:
            self._guard.check()
        with closing(self._model.stream(prompt, cancel_token)) as pieces:
            for piece in pieces:
                self._guard.report_success(self._guard.model_backend)
                yield piece
                break
            yield from pieces

"""The errors that made a turn fail, and what each means: wait for it to pass, try again, or give up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    ReparteeError,
    Throttled,
    Unavailable,
)
from repartee.plan import BreakerOpen, Outcome, Saturated, StepFailed, StepLate

PASSING_ERRORS = (Unavailable, DeadlineExceeded, Throttled, StepLate, BreakerOpen, Saturated)
"""Errors that pass by themselves, so that they are waited out and do not count as an attempt."""

PERMANENT_ERRORS = (QuotaExceeded, InvalidArgument, NotFound)
"""Errors that no further attempt mends."""

FIRST_WAIT_SECONDS = 2.0
"""Seconds until the first of the further tries. Each wait is twice as long as the one before."""

MAX_WAIT_SECONDS = 120.0
"""Seconds between two tries, and so until an answer comes once the outage is over, at the most."""

MAX_RETRY_AFTER_SECONDS = 900.0
"""Seconds that a backend may ask us to stay away: a wake can be delayed by no more."""

MAX_OUTAGE_SECONDS = 3600.0
"""Seconds that a turn waits for a backend. Then its messages are given up, with an apology."""

MAX_KNOWN_OUTAGE_WAIT_SECONDS = 60.0
"""Seconds, at the most, between two looks of a turn whose backend is known to be down: few of them ask it."""

MIN_RESERVE_WAIT_SECONDS = 5.0
"""Seconds from which on such a turn waits for a wake of its chat that is on its way, instead of one more."""

ANNOUNCE_AFTER_SECONDS = 10.0
"""Seconds of waiting from which the person is told that it takes longer."""


class KnownOutage(Unavailable):
    """The backend keeps failing other workers, so that it was not asked."""


def find_cause(failure: BaseException, outcomes: Iterable[Outcome] = ()) -> BaseException:
    """Returns the error that a failure comes from, by its own name.

    A step's failure hides what its backend said, and so does an error of ours in a step that was handed
    nothing by another that had failed: then it is what the backend said to that one.
    """
    chain = list(_chain(failure))
    for error in chain:
        if isinstance(error, (ReparteeError, *PASSING_ERRORS)):
            return error
    refused = [outcome.error for outcome in outcomes if isinstance(outcome.error, BackendError)]
    return next((error for error in refused if isinstance(error, PermissionDenied)), None) or (
        refused[0] if refused else chain[-1]
    )


def is_passing(cause: BaseException) -> bool:
    """Whether time mends it."""
    return isinstance(cause, PASSING_ERRORS)


def is_permanent(cause: BaseException) -> bool:
    """Whether trying again cannot help."""
    return isinstance(cause, PERMANENT_ERRORS)


def wait_seconds(
    failures: int,
    cause: BaseException,
    uniform: Callable[[float, float], float],
    is_known_down: bool = False,
) -> float:
    """Returns the seconds until the next try, after so many failures: ever more, spread at random, and never
    fewer than the backend asked for. One that is known to be down is tried by few, as soon as it may work
    again, and the others need not look often."""
    longest = min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 10))
    if is_known_down:
        longest = MAX_KNOWN_OUTAGE_WAIT_SECONDS
    asked_for = min(getattr(cause, "retry_after", None) or 0.0, MAX_RETRY_AFTER_SECONDS)
    own = uniform(longest / 2, longest)
    return own if own >= asked_for else min(asked_for + own / 4, MAX_RETRY_AFTER_SECONDS)


def _chain(failure: BaseException) -> Iterator[BaseException]:
    """The failure, and what it came from."""
    error: BaseException | None = failure
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if not isinstance(error, StepFailed) or error.__cause__ is None:
            yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)

"""What can go wrong, in one tree. Each adapter translates its vendor's errors into it, in one place.

ReparteeError
├── SettingError            the process must not start: a setting is missing or malformed
├── Refused                 what came in is not taken; nothing of ours is wrong
│   ├── Unverified          401: not signed by whom it says
│   │   └── Forbidden       403: it does not know the word that opens
│   ├── Malformed           400: signed, but not something that we can read
│   ├── TooLarge            413: more bytes than any platform sends
│   └── TooMany             429: more than one person may send in that time
├── LeaseLost               another worker has the chat: stop writing, stop sending
├── ReplyBroken             the model ended its answer before it was complete
└── BackendError            a store or service did not do its part
    ├── Unreachable         no connection, or it broke: try again
    ├── Late                no answer within the deadline: try again, or do without
    ├── Throttled           too many calls: try again after `retry_after` seconds
    ├── Denied              the credentials are not accepted: refresh the secret, check scope and quota
    ├── Rejected            the call itself is wrong: a bug of ours, trying again does not help
    └── NotFound            what was named does not exist
"""

from __future__ import annotations

import traceback
from typing import Any


class ReparteeError(Exception):
    """Anything that Repartee raises on purpose."""


class SettingError(ReparteeError):
    """A setting is missing or malformed. Says its name and what it is for."""

    def __init__(self, name: str, purpose: str, problem: str = "is not set") -> None:
        super().__init__(f"{name} {problem}. It {purpose}.")
        self.name = name


class RequestRejected(ReparteeError):
    """What came in is not taken. `status` is the HTTP answer, the message is the reason; `retry_after` is
    when it may come again, in seconds, 0 if that would not help."""

    status = 400
    retry_after = 0.0


class Unauthorized(RequestRejected):
    """The request is not signed by whom it says."""

    status = 401


class Forbidden(Unauthorized):
    """Whoever asks does not know the word that opens."""

    status = 403


class InvalidPayload(RequestRejected):
    """The request is signed, but cannot be read."""

    status = 400


class PayloadTooLarge(RequestRejected):
    """The body has more bytes than any platform sends."""

    status = 413


class RateLimited(RequestRejected):
    """One person sends more than they may in that time."""

    status = 429

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class LeaseLost(ReparteeError):
    """Another worker has the chat, or the lease ran out. Stop writing and stop sending."""


class IncompleteReply(ReparteeError):
    """The model ended its answer before it was complete."""


class BackendError(ReparteeError):
    """A store or service did not do its part. `backend` says which.

    `retry_after` is after how many seconds it may be asked again, where it says that. `words` are what it
    says to the person itself: they may quote what people wrote, so they are no part of the error's text, and
    of no log.
    """

    def __init__(
        self, backend: str, problem: str, *, retry_after: float | None = None, user_message: str = ""
    ) -> None:
        super().__init__(f"{backend}: {problem}")
        self.backend = backend
        self.problem = problem
        self.retry_after = retry_after
        self.user_message = user_message


class Unavailable(BackendError):
    """No connection, or it broke. Trying again may help."""


class DeadlineExceeded(BackendError):
    """No answer within the deadline. The call may have taken effect."""


class Throttled(BackendError):
    """Too many calls. `retry_after` is in seconds, where the backend said."""


class PermissionDenied(BackendError):
    """The credentials are not accepted, do not reach this far, or their account has used up its quota."""


class InvalidArgument(BackendError):
    """The call itself is wrong. Trying again does not help."""


class NotFound(BackendError):
    """What was named does not exist."""


def log_fields(failure: BaseException) -> dict[str, Any]:
    """A failure as fields for the log: what it was, and why, and where.

    Only our own errors are quoted: a vendor's may hold what a person wrote.
    """
    chain = [failure]
    while cause := chain[-1].__cause__:
        chain.append(cause)
    frames = traceback.extract_tb(chain[-1].__traceback__)
    return {
        "error": " from ".join(_describe_error(one) for one in chain),
        "where": [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-5:]
        ],
    }


def _describe_error(failure: BaseException) -> str:
    name = type(failure).__name__
    return f"{name} ({failure})" if isinstance(failure, ReparteeError) else name

"""Errors, in one tree. Each adapter translates its vendor's errors into these, in one place.

ReparteeError
├── SettingError            a setting is missing or malformed: the process must not start
├── RequestRejected         an incoming request is not accepted
│   ├── Unauthorized        401: the signature or token is missing or wrong
│   │   └── Forbidden       403: the verify token is wrong
│   ├── InvalidPayload      400: authentic, but it cannot be parsed
│   ├── PayloadTooLarge     413: more bytes than are accepted
│   └── RateLimited         429: more requests than one person may send in that time
├── LeaseLost               another worker holds the chat: stop writing, stop sending
├── IncompleteReply         the model's answer ended before it was complete
└── BackendError            a store or service failed
    ├── Unavailable         no connection, or it broke: retry
    ├── DeadlineExceeded    no answer within the deadline: retry, or do without
    ├── Throttled           too many calls: retry after `retry_after` seconds
    ├── PermissionDenied    the credentials are not accepted: refresh the secret, check scope and quota
    │   └── QuotaExceeded   the account's quota is used up: only its owner can help
    ├── InvalidArgument     the call itself is wrong: a bug of ours, retrying does not help
    └── NotFound            the named thing does not exist
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
    """An incoming request is not accepted. `status` is the HTTP status, the message is the reason;
    `retry_after` is the seconds after which it may be repeated, 0 if that would not help."""

    status = 400
    retry_after = 0.0


class Unauthorized(RequestRejected):
    """The request is not signed by whom it says."""

    status = 401


class Forbidden(Unauthorized):
    """403: the verify token of a webhook subscription is wrong (WhatsApp)."""

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


class QuotaExceeded(PermissionDenied):
    """The account has used up what it may spend. Neither time nor other credentials help."""


class InvalidArgument(BackendError):
    """The call itself is wrong. Trying again does not help."""


class NotFound(BackendError):
    """The named thing does not exist."""


def log_fields(failure: BaseException) -> dict[str, Any]:
    """Returns a failure as fields for the log: what it was, and why, and where.

    Only our own errors are quoted: a vendor's may hold what a person wrote.
    """
    chain = [failure]
    while cause := chain[-1].__cause__:
        chain.append(cause)
    frames = traceback.extract_tb(chain[-1].__traceback__)
    return {
        "error": " from ".join(describe_error(one) for one in chain),
        "where": [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-5:]
        ],
    }


def describe_error(failure: BaseException) -> str:
    """Describes an error without what a person may have written: only our own errors are quoted."""
    name = type(failure).__name__
    return f"{name} ({failure})" if isinstance(failure, ReparteeError) else name

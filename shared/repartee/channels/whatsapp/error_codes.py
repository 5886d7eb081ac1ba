"""The Cloud API's error codes in our words: what each means for the reply.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes. Meta asks to go
by the codes: its texts change, and may quote a number.
"""

from __future__ import annotations

from typing import NamedTuple

from repartee.errors import BackendError, InvalidArgument, NotFound, PermissionDenied, Throttled, Unavailable

BACKEND = "whatsapp"

PAIR_RATE_LIMIT_CODE = 131056
"""Too many messages between one number of ours and one person."""

PAIR_INTERVAL_SECONDS = 6.0
"""Seconds that a message to one person costs, in which no other may be sent."""

DEFAULT_RETRY_SECONDS = 3600.0
"""Seconds after which it may be worth another try, where Meta does not say: more than any turn waits."""


class WhatsAppErrorKind(NamedTuple):
    """The meaning of an error to us, in words, and how long to wait where waiting helps."""

    error: type[BackendError]
    description: str
    retry_after_seconds: float | None = None


ERROR_KINDS_BY_CODE = {
    0: WhatsAppErrorKind(PermissionDenied, "the access token is not accepted"),
    1: WhatsAppErrorKind(Unavailable, "out of order"),
    2: WhatsAppErrorKind(Unavailable, "out of order"),
    3: WhatsAppErrorKind(PermissionDenied, "the app lacks a permission"),
    4: WhatsAppErrorKind(Throttled, "the app calls too often", 60.0),
    10: WhatsAppErrorKind(PermissionDenied, "the app lacks a permission"),
    33: WhatsAppErrorKind(NotFound, "the business's number is gone"),
    100: WhatsAppErrorKind(InvalidArgument, "a parameter is wrong"),
    190: WhatsAppErrorKind(PermissionDenied, "the access token has expired"),
    368: WhatsAppErrorKind(PermissionDenied, "the account is blocked for a violation of Meta's policy"),
    80007: WhatsAppErrorKind(Throttled, "the account calls too often", 60.0),
    130403: WhatsAppErrorKind(PermissionDenied, "the person or the account is blocked"),
    130429: WhatsAppErrorKind(Throttled, "too many messages at once from this number", 1.0),
    130472: WhatsAppErrorKind(NotFound, "the person takes part in an experiment and gets no such messages"),
    130497: WhatsAppErrorKind(PermissionDenied, "the account may not write to this country"),
    131000: WhatsAppErrorKind(Unavailable, "something went wrong there"),
    131005: WhatsAppErrorKind(PermissionDenied, "the app lacks a permission"),
    131008: WhatsAppErrorKind(InvalidArgument, "a parameter is missing"),
    131009: WhatsAppErrorKind(InvalidArgument, "a parameter is wrong"),
    131016: WhatsAppErrorKind(Unavailable, "out of order"),
    131021: WhatsAppErrorKind(InvalidArgument, "a number cannot write to itself"),
    131026: WhatsAppErrorKind(
        NotFound, "the person cannot be reached: not on WhatsApp, too old an app, or we are blocked"
    ),
    131030: WhatsAppErrorKind(NotFound, "the person is not on the list of a test number"),
    131031: WhatsAppErrorKind(PermissionDenied, "the account is locked"),
    131037: WhatsAppErrorKind(PermissionDenied, "the number's name is not approved"),
    131042: WhatsAppErrorKind(PermissionDenied, "the account cannot pay"),
    131045: WhatsAppErrorKind(PermissionDenied, "the number is not registered"),
    131047: WhatsAppErrorKind(InvalidArgument, "the person wrote more than 24 hours ago"),
    131048: WhatsAppErrorKind(
        Throttled, "too many messages of this number were called spam", DEFAULT_RETRY_SECONDS
    ),
    131049: WhatsAppErrorKind(InvalidArgument, "Meta holds it back, to keep people from too many messages"),
    131050: WhatsAppErrorKind(InvalidArgument, "the person wants no such messages"),
    131051: WhatsAppErrorKind(InvalidArgument, "not a kind of message that there is"),
    131052: WhatsAppErrorKind(NotFound, "the file that was sent cannot be had"),
    131053: WhatsAppErrorKind(InvalidArgument, "the file cannot be taken"),
    PAIR_RATE_LIMIT_CODE: WhatsAppErrorKind(
        Throttled, "too many messages to one person", PAIR_INTERVAL_SECONDS
    ),
    131057: WhatsAppErrorKind(Unavailable, "the account is in maintenance"),
    131062: WhatsAppErrorKind(InvalidArgument, "this cannot be sent to an id within the business"),
    131064: WhatsAppErrorKind(
        Throttled, "the account has reached its limit of people", DEFAULT_RETRY_SECONDS
    ),
    **dict.fromkeys(
        range(132000, 132020), WhatsAppErrorKind(InvalidArgument, "the template cannot be sent so")
    ),
    133010: WhatsAppErrorKind(PermissionDenied, "the number is not registered"),
    135000: WhatsAppErrorKind(InvalidArgument, "something in the request is wrong"),
}

OBJECT_MISSING_SUBCODE = 33
"""The subcode of 100 for something that is not there, or not for us to see."""


def error_from_code(code: int, subcode: int = 0, status: int = 400) -> BackendError:
    """The error that a code is to us. A code that nobody knows goes by its HTTP status."""
    if code == 100 and subcode == OBJECT_MISSING_SUBCODE:
        return NotFound(BACKEND, "100: there is no such thing, or it may not be seen")
    kind = ERROR_KINDS_BY_CODE.get(code) or _kind_from_status(code, status)
    return kind.error(BACKEND, f"{code}: {kind.description}", retry_after=kind.retry_after_seconds)


def _kind_from_status(code: int, status: int) -> WhatsAppErrorKind:
    if 200 <= code < 300 or status in (401, 403):
        return WhatsAppErrorKind(PermissionDenied, "the app lacks a permission")
    if status == 429:
        return WhatsAppErrorKind(Throttled, "too many calls", 60.0)
    return (
        WhatsAppErrorKind(Unavailable, "out of order")
        if status >= 500
        else WhatsAppErrorKind(InvalidArgument, "refused")
    )

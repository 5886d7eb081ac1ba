"""The Cloud API's error codes in our words: what each means for the reply.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes. Meta asks to go
by the codes: its texts change, and may quote a number.
"""

from __future__ import annotations

from typing import NamedTuple

from repartee.errors import BackendError, Denied, NotFound, Rejected, Throttled, Unreachable

BACKEND = "whatsapp"

PAIR_LIMIT = 131056
"""Too many messages between one number of ours and one person."""

SPACING = 6.0
"""Seconds that a message to one person costs, in which no other may be sent."""

LATER = 3600.0
"""Seconds after which it may be worth another try, where Meta does not say: more than any turn waits."""


class Kind(NamedTuple):
    """What an error is to us, in words, and how long to wait where waiting helps."""

    error: type[BackendError]
    words: str
    wait: float | None = None


CODES = {
    0: Kind(Denied, "the access token is not accepted"),
    1: Kind(Unreachable, "out of order"),
    2: Kind(Unreachable, "out of order"),
    3: Kind(Denied, "the app lacks a permission"),
    4: Kind(Throttled, "the app calls too often", 60.0),
    10: Kind(Denied, "the app lacks a permission"),
    33: Kind(NotFound, "the business's number is gone"),
    100: Kind(Rejected, "a parameter is wrong"),
    190: Kind(Denied, "the access token has expired"),
    368: Kind(Denied, "the account is blocked for a violation of Meta's policy"),
    80007: Kind(Throttled, "the account calls too often", 60.0),
    130403: Kind(Denied, "the person or the account is blocked"),
    130429: Kind(Throttled, "too many messages at once from this number", 1.0),
    130472: Kind(NotFound, "the person takes part in an experiment and gets no such messages"),
    130497: Kind(Denied, "the account may not write to this country"),
    131000: Kind(Unreachable, "something went wrong there"),
    131005: Kind(Denied, "the app lacks a permission"),
    131008: Kind(Rejected, "a parameter is missing"),
    131009: Kind(Rejected, "a parameter is wrong"),
    131016: Kind(Unreachable, "out of order"),
    131021: Kind(Rejected, "a number cannot write to itself"),
    131026: Kind(
        NotFound, "the person cannot be reached: not on WhatsApp, too old an app, or we are blocked"
    ),
    131030: Kind(NotFound, "the person is not on the list of a test number"),
    131031: Kind(Denied, "the account is locked"),
    131037: Kind(Denied, "the number's name is not approved"),
    131042: Kind(Denied, "the account cannot pay"),
    131045: Kind(Denied, "the number is not registered"),
    131047: Kind(Rejected, "the person wrote more than 24 hours ago"),
    131048: Kind(Throttled, "too many messages of this number were called spam", LATER),
    131049: Kind(Rejected, "Meta holds it back, to keep people from too many messages"),
    131050: Kind(Rejected, "the person wants no such messages"),
    131051: Kind(Rejected, "not a kind of message that there is"),
    131052: Kind(NotFound, "the file that was sent cannot be had"),
    131053: Kind(Rejected, "the file cannot be taken"),
    PAIR_LIMIT: Kind(Throttled, "too many messages to one person", SPACING),
    131057: Kind(Unreachable, "the account is in maintenance"),
    131062: Kind(Rejected, "this cannot be sent to an id within the business"),
    131064: Kind(Throttled, "the account has reached its limit of people", LATER),
    **dict.fromkeys(range(132000, 132020), Kind(Rejected, "the template cannot be sent so")),
    133010: Kind(Denied, "the number is not registered"),
    135000: Kind(Rejected, "something in the request is wrong"),
}

GONE = 33
"""The subcode of 100 for something that is not there, or not for us to see."""


def failure(code: int, subcode: int = 0, status: int = 400) -> BackendError:
    """The error that a code is to us. A code that nobody knows goes by its HTTP status."""
    if code == 100 and subcode == GONE:
        return NotFound(BACKEND, "100: there is no such thing, or it may not be seen")
    kind = CODES.get(code) or _unknown(code, status)
    return kind.error(BACKEND, f"{code}: {kind.words}", retry_after=kind.wait)


def _unknown(code: int, status: int) -> Kind:
    if 200 <= code < 300 or status in (401, 403):
        return Kind(Denied, "the app lacks a permission")
    if status == 429:
        return Kind(Throttled, "too many calls", 60.0)
    return Kind(Unreachable, "out of order") if status >= 500 else Kind(Rejected, "refused")

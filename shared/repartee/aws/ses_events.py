"""Events of Amazon SES, as EventBridge puts them into a queue.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.aws.ses import REFERENCE_TAG
from repartee.domain.email import EmailEvent, read_reference

EventKind = Literal["sent", "bounce", "delay", "complaint", "rejected"]


class SesMail(msgspec.Struct, frozen=True):
    """The mail that an event is about."""

    tags: dict[str, tuple[str, ...]] = {}


class SesBounce(msgspec.Struct, frozen=True, rename="camel"):
    """A mail that a server did not take: `Permanent`, `Transient` or `Undetermined`."""

    bounce_type: str = ""


class SesComplaint(msgspec.Struct, frozen=True, rename="camel"):
    """A complaint. `not-spam` takes one back."""

    complaint_feedback_type: str | None = None


class SesDetail(msgspec.Struct, frozen=True, rename="camel"):
    """An event of SES."""

    event_type: str = ""
    mail: SesMail = SesMail()
    bounce: SesBounce = SesBounce()
    complaint: SesComplaint = SesComplaint()


class BusEvent(msgspec.Struct, frozen=True):
    """An event as EventBridge hands it on."""

    source: str = ""
    detail: SesDetail = SesDetail()


def is_bus_event(body: str) -> bool:
    """Returns whether a queue's message is an event: in no value of other JSON stands a bare quotation
    mark."""
    return '"detail-type"' in body


def read_ses_event(body: str | bytes) -> EmailEvent | None:
    """Returns what became of one of our mails. None for what is about none of them, says nothing to us, or
    cannot be read."""
    try:
        event = msgspec.json.decode(body, type=BusEvent)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    kind = _find_kind(event.detail)
    reference = read_reference(next(iter(event.detail.mail.tags.get(REFERENCE_TAG, ())), ""))
    if event.source != "aws.ses" or kind is None or reference is None:
        return None
    person, nonce, run_id = reference
    return EmailEvent(kind=kind, person=person, nonce=nonce, run_id=run_id)


def _find_kind(detail: SesDetail) -> EventKind | None:
    if detail.event_type == "Bounce":
        return "bounce" if detail.bounce.bounce_type == "Permanent" else "delay"
    if detail.event_type == "Complaint":
        return None if detail.complaint.complaint_feedback_type == "not-spam" else "complaint"
    known: dict[str, EventKind] = {
        "Send": "sent",
        "Delivery": "sent",
        "DeliveryDelay": "delay",
        "Reject": "rejected",
    }
    return known.get(detail.event_type)

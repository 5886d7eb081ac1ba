"""Previews of briefs: what a person would be told now, neither kept nor sent."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from repartee.briefs.writing import BriefWriter
from repartee.domain.engagement import Engagement
from repartee.domain.timezones import find_timezone
from repartee.errors import NotFound
from repartee.ports.briefs import BriefStore


class PreviewRequest(msgspec.Struct, frozen=True):
    """Whose brief is to be previewed, and which of theirs."""

    person: str
    subscription_id: str


class PreviewedBrief(msgspec.Struct, frozen=True):
    """The text of a brief that was not sent, and the day that it is of. `text` is empty where none would be
    sent, for nothing is new."""

    text: str
    failed_sections: int
    day: str = ""


def preview_brief(
    store: BriefStore, writer: BriefWriter, request: PreviewRequest, now: float
) -> PreviewedBrief:
    """Writes the brief as it would be now, by the person's clock and by how they take their briefs. Raises
    `NotFound` where there is none."""
    subscription = store.find_subscription(request.person, request.subscription_id)
    if subscription is None:
        raise NotFound("briefs", "the person has no such brief")
    zone = find_timezone(subscription.timezone) or UTC
    engagement = store.read_engagements([request.person]).get(request.person, Engagement())
    day = f"{datetime.fromtimestamp(now, zone):%Y-%m-%d}"
    written = writer.preview(subscription, day, engagement.unread)
    return PreviewedBrief(written.text, written.failed_sections, day)

"""Feedback on a reply: a thumb up or down under it. It decides nothing."""

from __future__ import annotations

import msgspec


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """A person's opinion of the reply of a turn. `given_at` is in seconds since the epoch."""

    chat: str
    turn: str
    person: str
    helpful: bool
    given_at: float

    @property
    def metric_name(self) -> str:
        """The metric that counts it."""
        return "FeedbackHelpful" if self.helpful else "FeedbackNotHelpful"

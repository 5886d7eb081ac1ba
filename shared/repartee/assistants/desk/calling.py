"""Calls a person for a conversation: by rule, by the model's tool, or because a sentence promised it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock

import msgspec

from repartee.domain.desk import DeskConfig
from repartee.domain.handover import Customer, HandoverReason, HandoverRequest
from repartee.domain.message import Message, Person
from repartee.domain.timezones import find_timezone
from repartee.language import desk_texts as texts
from repartee.language.catalogue import translate
from repartee.ports.handovers import Handovers

MAX_SUMMARY_WORDS_CHARS = 600
"""Characters of the customer's own words that stand for a summary where nobody wrote one."""

MINUTE_SECONDS = 60.0


class PersonCaller:
    """Calls a person once for a turn. Owns the `sentence` that tells the customer so, empty as long as none
    was called. Tools that run at the same time may call."""

    def __init__(
        self,
        handovers: Handovers,
        config: DeskConfig,
        incoming: Sequence[Message],
        language: str,
        clock: Callable[[], float],
    ) -> None:
        self._handovers, self._config, self._incoming = handovers, config, incoming
        self._language, self._clock = language, clock
        self._calling = Lock()
        self.sentence = ""

    def call(self, reason: HandoverReason, summary: str = "") -> str:
        """Calls a person, and returns the sentence. Empty where there is no team, and where a person has the
        conversation already: then nothing is to be said. Raises `BackendError` where none could be called."""
        if not self._config.team:
            return ""
        with self._calling:
            if not self.sentence:
                self.sentence = self._open(reason, summary)
            return self.sentence

    def _open(self, reason: HandoverReason, summary: str) -> str:
        now, newest = self._clock(), self._incoming[-1]
        request = HandoverRequest(
            chat=newest.chat,
            customer=describe_customer(newest, self._language),
            reason=reason,
            at=now,
            summary=summary or summarise_words(self._incoming),
            message_id=newest.stored_id,
            due_at=now + self._config.escalation.remind_minutes * MINUTE_SECONDS,
        )
        change = self._handovers.open(request)
        is_ours = change.applied or change.handover.opened_for in {one.stored_id for one in self._incoming}
        return self._format_sentence(now) if is_ours else ""

    def _format_sentence(self, now: float) -> str:
        """Returns the one sentence that the customer is told: when the team is there, if it is not."""
        opening = self._config.hours.next_opening(now)
        if opening is None:
            return translate(texts.DESK_CALLED_WITHOUT_TIME, self._language)
        if opening <= now:
            return translate(texts.DESK_CALLED, self._language)
        local = datetime.fromtimestamp(opening, find_timezone(self._config.hours.timezone) or UTC)
        when = f"{local:%Y-%m-%d, %H:%M}"
        return translate(texts.DESK_CALLED_CLOSED, self._language, when=when)


def describe_customer(newest: Message, language: str) -> Customer:
    """Returns who is served, and how they are reached."""
    return Customer(
        room=newest.room,
        channel=newest.channel,
        person=Person(newest.sender, newest.sender_name),
        language=language,
        address=msgspec.convert(dict(newest.platform), dict[str, str], strict=False),
        wrote_at=newest.sent,
    )


def summarise_words(incoming: Sequence[Message]) -> str:
    """Returns the customer's own words, as far as a card has room for them."""
    return " / ".join(message.text for message in incoming if message.text)[:MAX_SUMMARY_WORDS_CHARS]

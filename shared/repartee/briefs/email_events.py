"""Takes what becomes of mails: those that bounce for good and those that their reader complains of end the
e-mail; a delay does not."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.briefs.metrics import email_event_line
from repartee.domain.email import EmailEvent, EndReason
from repartee.errors import BackendError, log_fields
from repartee.ports.emails import EmailContacts, EmailRuns
from repartee.ports.logging import Logger
from repartee.ports.metrics import EmitMetrics

END_REASONS: Mapping[str, EndReason] = {"bounce": "bounced", "complaint": "complained"}


class EmailEvents:
    """Takes the events of mails that were handed over."""

    def __init__(
        self, contacts: EmailContacts, runs: EmailRuns, logger: Logger, emit_metrics: EmitMetrics
    ) -> None:
        self._contacts, self._runs, self._logger = contacts, runs, logger
        self._emit_metrics = emit_metrics

    def apply_all(self, events: Mapping[str, EmailEvent | None]) -> list[str]:
        """Applies the events, by the ids of their messages, and returns the ids of those that must come
        again. None is an event that is about nothing of ours."""
        return [id for id, event in events.items() if event and not self._try_apply(event)]

    def _try_apply(self, event: EmailEvent) -> bool:
        try:
            self.apply(event)
        except BackendError as failure:
            self._logger.warning("email_event_failed", kind=event.kind, **log_fields(failure))
            return False
        return True

    def apply(self, event: EmailEvent) -> None:
        """Applies one event. Repeating it changes nothing."""
        if event.kind == "sent":
            self._runs.note_sent(event.person, event.run_id)
            return
        ended = False
        if event.kind in END_REASONS:
            ended = self._contacts.end(event.person, event.nonce, END_REASONS[event.kind])
        self._logger.info("email_event", kind=event.kind, ended=ended)
        self._emit_metrics(email_event_line(event.kind))

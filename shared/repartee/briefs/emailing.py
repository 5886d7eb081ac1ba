"""Sends mails from their queue, beside the chat: each once, also where a worker dies on the way.

A mail is claimed, noted as being sent, handed over, and noted as sent. SES knows no key by which a mail is
sent once, so a worker that dies between the last two leaves open whether it went out. The next one waits
until SES's own event of that mail would have come, and sends it only if none came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from repartee.briefs.letters import LetterWriter
from repartee.briefs.metrics import email_line
from repartee.domain.brief import BriefJob
from repartee.domain.brief_run import RunHeld
from repartee.domain.email import EmailContact, EmailJob, EmailRun, EmailStatus, MailMessage
from repartee.errors import BackendError, InvalidArgument, LeaseLost, Unavailable, log_fields
from repartee.plan import NamedCall, Pool, settle
from repartee.ports.briefs import BriefStore
from repartee.ports.emails import BriefTexts, EmailContacts, EmailQueue, EmailRuns, MailSender
from repartee.ports.logging import Logger
from repartee.ports.metrics import EmitMetrics

CLAIM_MARGIN_SECONDS = 2.0
"""Seconds after the end of the invocation at which another worker may claim the mail."""

EVENT_WAIT_SECONDS = 120.0
"""Seconds in which the event of a mail that SES took comes, with ease."""

BATCH_MARGIN_SECONDS = 3.0
"""Seconds before the end of the invocation at which the batch is given up."""

EmailResult = Literal["sent", "failed", "skipped", "over", "held"]


class EmailDispatch:
    """Queues the mail of a brief, where its person gets one."""

    def __init__(self, contacts: EmailContacts, queue: EmailQueue) -> None:
        self._contacts, self._queue = contacts, queue

    def queue_brief(self, person: str, subscription_id: str, day: str) -> None:
        """Queues the mail of this run. Its text is kept already."""
        contact = self._contacts.find(person)
        if contact and contact.gets(subscription_id):
            self._queue.send_email_job(EmailJob(person, subscription_id, day))


class EmailJobs:
    """Sends the mails of a batch, all at once. `is_parallel` says whether they may be; `sign_links` leads the
    links of a brief by our own address."""

    def __init__(
        self,
        store: BriefStore,
        contacts: EmailContacts,
        runs: EmailRuns,
        texts: BriefTexts,
        letters: LetterWriter,
        sender: MailSender,
        pool: Pool,
        clock: Callable[[], float],
        logger: Logger,
        emit_metrics: EmitMetrics,
        *,
        is_parallel: Callable[[], bool] = lambda: True,
        sign_links: Callable[[str, BriefJob], str] = lambda text, job: text,
    ) -> None:
        self._sign_links = sign_links
        self._store, self._contacts, self._runs, self._texts = store, contacts, runs, texts
        self._letters, self._sender, self._pool, self._clock = letters, sender, pool, clock
        self._logger, self._emit_metrics, self._is_parallel = logger, emit_metrics, is_parallel

    def send_all(self, jobs: Mapping[str, EmailJob], until: float) -> list[str]:
        """Sends the mails, by the ids of their messages, and returns the ids of those that must come
        again. `until` is when the invocation ends (epoch seconds)."""
        calls = [NamedCall(partial(self.send, job, until), id) for id, job in jobs.items()]
        began = self._clock()
        outcomes = settle(
            calls,
            pool=self._pool,
            timeout=max(1.0, until - began - BATCH_MARGIN_SECONDS),
            max_concurrency=None if self._is_parallel() else 1,
        )
        took, again = self._clock() - began, []
        for outcome in outcomes:
            result = self._note_outcome(outcome.error, outcome.value if not outcome.error else "failed")
            if result in ("held", "failed") and (outcome.error or result == "held"):
                again.append(outcome.name)
            if result in ("sent", "failed"):
                self._emit_metrics(email_line(took, failed=result == "failed"))
        return again

    def _note_outcome(self, error: BaseException | None, result: EmailResult) -> EmailResult:
        if isinstance(error, LeaseLost):
            self._logger.warning("email_lease_lost")
            return "over"
        if error is not None:
            level = self._logger.warning if isinstance(error, BackendError) else self._logger.error
            level("email_failed", **log_fields(error))
            return "failed"
        self._logger.info("email_handled", result=result)
        return result

    def send(self, job: EmailJob, until: float) -> EmailResult:
        """Sends one mail. Raises `BackendError` for what may work later: the job must come again."""
        contact = self._contacts.find(job.person)
        try:
            run = self._runs.claim(job, self._clock(), until + CLAIM_MARGIN_SECONDS)
        except RunHeld:
            return "held"
        if run is None:
            return "over"
        if run.sending_at and self._clock() < run.sending_at + EVENT_WAIT_SECONDS:
            return "held"
        mail = self._write(job, contact) if contact else None
        if mail is None:
            return self._finish(run, "skipped")
        return self._hand_over(run, mail)

    def _write(self, job: EmailJob, contact: EmailContact) -> MailMessage | None:
        """Returns the mail; None where it is not wanted any more."""
        if job.is_confirmation:
            is_open = contact.pending_nonce == job.nonce and contact.pending_until > self._clock()
            return self._letters.write_confirmation(contact, job.run_id) if is_open else None
        subscription = self._store.find_subscription(job.person, job.subscription_id)
        if subscription is None or not contact.gets(job.subscription_id):
            return None
        text = self._texts.find_text(job.person, job.run_id)
        if not text:  # the writer was not able to keep it, and tries again
            raise Unavailable("briefs", "the text of the brief is not there yet")
        shown = self._sign_links(text, job.brief)
        return self._letters.write_brief(contact, job.run_id, job.day, shown, subscription.address.language)

    def _hand_over(self, run: EmailRun, mail: MailMessage) -> EmailResult:
        self._runs.mark_sending(run, self._clock())
        try:
            self._sender.send(mail)
        except InvalidArgument as refusal:
            self._logger.warning("email_refused", **log_fields(refusal))
            return self._finish(run, "failed")
        return self._finish(run, "sent")

    def _finish(self, run: EmailRun, status: EmailStatus) -> EmailResult:
        self._runs.finish(run, status)
        return status  # type: ignore[return-value]

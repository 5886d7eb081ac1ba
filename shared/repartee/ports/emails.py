"""Protocols of e-mail: who gets it where, which mails were sent, their queue, and the service that sends."""

from __future__ import annotations

from typing import Protocol

from repartee.domain.email import (
    EmailContact,
    EmailJob,
    EmailRun,
    EmailStatus,
    EndReason,
    Letter,
    MailMessage,
)


class EmailContacts(Protocol):
    """Where people get e-mail. Every change is one conditional write, and every read consistent."""

    def find(self, person: str) -> EmailContact | None:
        """Returns what is known of the person's e-mail. None where they never asked for it. An address that
        was not confirmed in time is forgotten; why their e-mail has ended is not."""

    def ask(
        self, person: str, subscription_id: str, address: str, nonce: str, until: float, language: str
    ) -> None:
        """Has an address wait for its confirmation until then, in place of one that waits, and adds the brief
        to those that go out. A confirmed address stays in use meanwhile."""

    def add(self, person: str, subscription_id: str) -> None:
        """Adds a brief to those that go to the confirmed address. Nothing changes where there is none."""

    def remove(self, person: str, subscription_id: str, reason: EndReason | None = None) -> None:
        """Takes a brief out of those that go out. With the last one the address is forgotten, and one that
        waits too; a reason is then kept as why e-mail has ended, unless an earlier one is known."""

    def confirm(self, person: str, nonce: str, now: float) -> bool:
        """Puts the address that waits under this nonce in use. Returns whether it is in use: true also where
        it was confirmed before, false where it is too late or another address waits."""

    def trust(self, person: str, subscription_id: str, address: str, nonce: str, language: str) -> bool:
        """Puts an address that an operator gave in use at once. Returns whether it is: never where e-mail
        has ended, which only the person begins again."""

    def end(self, person: str, nonce: str, reason: EndReason) -> bool:
        """Ends all e-mail to the address of this nonce, and forgets the address. Returns whether it was in
        use; of an address that is not, nothing changes. Another one that waits may be confirmed still."""


class EmailRuns(Protocol):
    """Which mails were sent. Each is kept for two weeks."""

    def claim(self, job: EmailJob, now: float, until: float) -> EmailRun | None:
        """Takes the mail for the caller alone. None where it is over. Raises `RunHeld` while another one has
        it."""

    def mark_sending(self, run: EmailRun, now: float) -> None:
        """Notes that the mail is handed over now. Raises `LeaseLost` where it is another worker's."""

    def finish(self, run: EmailRun, status: EmailStatus) -> None:
        """Notes how it ended. Raises `LeaseLost`."""

    def note_sent(self, person: str, run_id: str) -> None:
        """Notes that the service took the mail, as its event tells, where nobody has noted an outcome."""


class BriefTexts(Protocol):
    """The texts of briefs that were written."""

    def find_text(self, person: str, run_id: str) -> str:
        """Returns the text of a run, empty where there is none (any more)."""


class EmailQueue(Protocol):
    """The queue of mails that are to be sent."""

    def send_email_job(self, job: EmailJob) -> None:
        """Queues a mail."""


class MailSender(Protocol):
    """The service that sends mails."""

    def send(self, mail: MailMessage) -> str:
        """Hands a mail over, and returns the service's id of it. Raises `InvalidArgument` where it will never
        be taken, another `BackendError` where it may be later."""


class MailRenderer(Protocol):
    """Makes the bodies of mails."""

    def render_html(self, letter: Letter) -> str:
        """Returns the letter as a page that mail clients show: styles in its elements, nothing from
        elsewhere."""

    def render_text(self, letter: Letter) -> str:
        """Returns the letter as plain text."""

"""A brief's mail, with waiting in the place of the store, the queue and SES."""

from __future__ import annotations

import time

from repartee.briefs.emailing import EmailDispatch
from repartee.briefs.letters import LetterWriter
from repartee.channels.markup.letter import LetterRenderer
from repartee.domain.brief import BriefJob
from repartee.domain.email import EmailContact, EmailJob
from repartee.privacy.signed_tokens import TokenSigner

CONTACT_SECONDS, QUEUE_SECONDS, SES_SECONDS = 0.005, 0.02, 0.3
BRIEF_TEXT = "**Your brief for Thursday, 10 September**\n\n" + "- Something is new.\n" * 60


class SlowMail:
    """Where one person gets e-mail, the queue of mails, and the service that sends them."""

    def __init__(self) -> None:
        signer = TokenSigner("the key of a benchmark, of 32 chars")
        self._letters = LetterWriter(LetterRenderer(), lambda: signer, "https://links.example")
        self.queued: list[EmailJob] = []
        self.sent: list[str] = []

    def find(self, person: str) -> EmailContact:
        time.sleep(CONTACT_SECONDS)
        return EmailContact(
            person=person, address="ada@example.com", nonce="n1", subscriptions=frozenset({"s1"})
        )

    def send_email_job(self, job: EmailJob) -> None:
        time.sleep(QUEUE_SECONDS)
        self.queued.append(job)

    def queue_brief(self, person: str, subscription_id: str, day: str) -> None:
        """Queues the mail, as the writer of briefs does."""
        EmailDispatch(self, self).queue_brief(person, subscription_id, day)  # type: ignore[arg-type]

    def send_brief(self, person: str, subscription_id: str, day: str) -> None:
        """Writes and sends the mail at once, as a brief that waits for it would."""
        job = BriefJob(person, subscription_id, day)
        mail = self._letters.write_brief(self.find(person), job.run_id, day, BRIEF_TEXT, "en")
        time.sleep(SES_SECONDS)
        self.sent.append(mail.html)

"""E-mail in memory: who gets it, which mails were sent, their queue and the service; a world around them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from repartee.briefs.email_events import EmailEvents
from repartee.briefs.email_pages import EmailPages
from repartee.briefs.emailing import EmailJobs
from repartee.briefs.letters import LetterWriter
from repartee.channels.markup.letter import LetterRenderer
from repartee.domain.brief import BriefJob
from repartee.domain.brief_run import RunHeld
from repartee.domain.email import (
    FINAL_EMAIL_STATUSES,
    EmailContact,
    EmailJob,
    EmailRun,
    EmailStatus,
    EndReason,
    MailMessage,
)
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.errors import LeaseLost
from repartee.plan import Pool
from repartee.ports.metrics import MetricsLine
from repartee.privacy.signed_tokens import TokenSigner
from tests.support.brief_world import MORNING_SECONDS, WORLD_NUMBERS
from tests.support.memory_briefs import ADA, MemoryBriefs, make_subscription

ANNA = "anna@example.com"
BRIEF_TEXT = (
    "**Your brief for Thursday, 10 September**\n\n**Lisbon**\n- The lease is signed. [↗](https://a.example/1)"
)
JOB = EmailJob(ADA, "s1", "2026-09-10")
LINKS_URL = "https://links.example"


@dataclass
class MemoryEmailContacts:
    """`ports.EmailContacts` in memory. `trouble` is raised instead of any change."""

    clock: Callable[[], float] = lambda: 0.0
    kept: dict[str, EmailContact] = field(default_factory=dict)
    trouble: Exception | None = None

    def find(self, person: str) -> EmailContact | None:
        known = self.kept.get(person)
        if known and 0 < known.pending_until <= self.clock():
            if not (known.address or known.ended):
                del self.kept[person]
                return None
            left = known.subscriptions if known.address else frozenset[str]()
            changed = msgspec.structs.replace(known, subscriptions=left, **_NOTHING_PENDING)
            known = self.kept[person] = changed
        return known

    def ask(
        self, person: str, subscription_id: str, address: str, nonce: str, until: float, language: str
    ) -> None:
        known = self.kept.get(person, EmailContact(person=person))
        pending = {"pending_address": address, "pending_nonce": nonce, "pending_until": until}
        added = known.subscriptions | {subscription_id}
        self._put(known, language=language, subscriptions=added, **pending)

    def add(self, person: str, subscription_id: str) -> None:
        known = self.kept.get(person)
        if known and known.address:
            self._put(known, subscriptions=known.subscriptions | {subscription_id})

    def remove(self, person: str, subscription_id: str, reason: EndReason | None = None) -> None:
        if known := self.kept.get(person):
            left = known.subscriptions - {subscription_id}
            forgotten: dict[str, Any] = {} if left else {"address": "", "nonce": "", **_NOTHING_PENDING}
            ended = known.ended or ("" if left else reason or "")
            self._put(known, subscriptions=left, ended=ended, **forgotten)

    def confirm(self, person: str, nonce: str, now: float) -> bool:
        known = self.kept.get(person, EmailContact(person=person))
        if known.pending_nonce == nonce and known.pending_until > now:
            self._put(known, address=known.pending_address, nonce=nonce, ended="", **_NOTHING_PENDING)
            return True
        return bool(known.address) and known.nonce == nonce

    def trust(self, person: str, subscription_id: str, address: str, nonce: str, language: str) -> bool:
        known = self.kept.get(person, EmailContact(person=person))
        if known.ended:
            return False
        added = known.subscriptions | {subscription_id}
        changes: dict[str, Any] = {"address": address, "nonce": nonce, "language": language}
        self._put(known, subscriptions=added, **changes, **_NOTHING_PENDING)
        return True

    def end(self, person: str, nonce: str, reason: EndReason) -> bool:
        known = self.kept.get(person)
        if self.trouble:
            raise self.trouble
        if known is None or not known.address or known.nonce != nonce:
            return False
        left = known.subscriptions if known.pending_nonce else frozenset()
        self._put(known, address="", nonce="", subscriptions=left, ended=reason)
        return True

    def _put(self, known: EmailContact, **changes: Any) -> None:
        if self.trouble:
            raise self.trouble
        self.kept[known.person] = msgspec.structs.replace(known, **changes)


_NOTHING_PENDING: dict[str, Any] = {"pending_address": "", "pending_nonce": "", "pending_until": 0.0}


@dataclass
class MemoryMailRun:
    """One mail as the store has it."""

    fence: int = 0
    until: float = 0.0
    status: EmailStatus = "claimed"
    sending_at: float = 0.0


@dataclass
class MemoryEmailRuns:
    """`ports.EmailRuns` in memory."""

    runs: dict[tuple[str, str], MemoryMailRun] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def claim(self, job: EmailJob, now: float, until: float) -> EmailRun | None:
        with self.lock:
            known = self.runs.setdefault((job.person, job.run_id), MemoryMailRun())
            if known.status in FINAL_EMAIL_STATUSES:
                return None
            if known.until > now:
                raise RunHeld(known.until)
            known.fence, known.until = known.fence + 1, until
            return EmailRun(
                person=job.person, run_id=job.run_id, fence=known.fence, sending_at=known.sending_at
            )

    def mark_sending(self, run: EmailRun, now: float) -> None:
        self._change(run, "sending")
        self.runs[run.person, run.run_id].sending_at = now

    def finish(self, run: EmailRun, status: EmailStatus) -> None:
        self._change(run, status)

    def note_sent(self, person: str, run_id: str) -> None:
        known = self.runs.get((person, run_id))
        if known and known.status not in FINAL_EMAIL_STATUSES:
            known.status = "sent"

    def _change(self, run: EmailRun, status: EmailStatus) -> None:
        with self.lock:
            known = self.runs[run.person, run.run_id]
            if known.status == status and status in FINAL_EMAIL_STATUSES:
                return
            if known.fence != run.fence or known.status in FINAL_EMAIL_STATUSES:
                raise LeaseLost("the mail is another worker's, or was sent")
            known.status = status


@dataclass
class MemoryMailbox:
    """The queue of mails, and the service that sends them. `trouble` is raised instead, before the mail is
    taken; `trouble_after` when it was."""

    jobs: list[EmailJob] = field(default_factory=list)
    mails: list[MailMessage] = field(default_factory=list)
    trouble: Exception | None = None
    trouble_after: BaseException | None = None

    def send_email_job(self, job: EmailJob) -> None:
        self.jobs.append(job)

    def send(self, mail: MailMessage) -> str:
        if self.trouble:
            raise self.trouble
        self.mails.append(mail)
        if self.trouble_after:
            raise self.trouble_after
        return f"message-{len(self.mails)}"


class EmailWorld:
    """Ada gets her brief by e-mail too. Everything is in memory, and its time stands still."""

    def __init__(self) -> None:
        self.now = MORNING_SECONDS
        self.parallel = True
        self.store, self.runs = MemoryBriefs(), MemoryEmailRuns()
        self.contacts = MemoryEmailContacts(lambda: self.now)
        self.mailbox = MemoryMailbox()
        self.text = BRIEF_TEXT
        self.sign_links: Callable[[str, BriefJob], str] = lambda text, job: text
        self.lines: list[MetricsLine] = []
        self.log = io.StringIO()
        self.logger = Logger(service=f"emails-{next(WORLD_NUMBERS)}", stream=self.log)
        self.pool = Pool(threads=16)
        self.signer: Callable[[], TokenSigner] = lambda: TokenSigner("a key of these tests")
        self.store.put_subscription(make_subscription())
        self.contacts.trust(ADA, "s1", ANNA, "n1", "en")

    def find_text(self, person: str, run_id: str) -> str:
        return self.text

    def make_letters(self) -> LetterWriter:
        return LetterWriter(LetterRenderer(), self.signer, LINKS_URL)

    def make_jobs(self) -> EmailJobs:
        return EmailJobs(
            self.store,
            self.contacts,
            self.runs,
            self,
            self.make_letters(),
            self.mailbox,
            self.pool,
            lambda: self.now,
            self.logger,
            self.lines.append,
            is_parallel=lambda: self.parallel,
            sign_links=self.sign_links,
        )

    def send(self, *jobs: EmailJob) -> list[str]:
        """A worker takes these jobs. Gives those that must come again, by their numbers."""
        given = {str(number): job for number, job in enumerate(jobs or (JOB,))}
        return self.make_jobs().send_all(given, self.now + 60)

    def make_events(self) -> EmailEvents:
        return EmailEvents(self.contacts, self.runs, self.logger, self.lines.append)

    def request(self, url: str, method: str = "POST", body: bytes = b"") -> HttpResponse:
        """Follows a link of a mail."""
        path, _, query = url.removeprefix(LINKS_URL).partition("?")
        asked = HttpRequest(
            method, path, {}, body, self.now, "c1", {"token": query.removeprefix("token=")} if query else {}
        )
        pages = EmailPages(self.contacts, self.signer, lambda: self.now, self.logger)
        return pages.handle_request(asked)

    def metric(self, name: str) -> list[float]:
        return [one.value for line in self.lines for one in line.metrics if one.name == name]

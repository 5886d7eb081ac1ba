"""E-mail beside the chat: where a person is written to, the jobs of mails, and one mail while it is sent."""

from __future__ import annotations

import base64
import re
from typing import Literal

import msgspec

from repartee.domain.brief import BriefJob

MAX_ADDRESS_CHARS = 254
"""Characters of an address, by RFC 5321's limit of a path."""

MAX_LOCAL_PART_CHARS = 64

MAX_REFERENCE_CHARS = 256
"""Characters of the value of a message tag of SES."""

ADDRESS_PATTERN = re.compile(
    r"(?<![\w.%+-])([A-Z0-9_%+'-]+(?:\.[A-Z0-9_%+'-]+)*)@((?:[A-Z0-9](?:[A-Z0-9-]*[A-Z0-9])?\.)+[A-Z]{2,24})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
"""An address as people write it: no quoted local part, no address literal."""

CONFIRMATION_SECONDS = 48 * 3600.0
"""Seconds that the link of a confirmation is good for."""

EndReason = Literal["unsubscribed", "bounced", "complained", "stopped"]
EmailStatus = Literal["claimed", "sending", "sent", "failed", "skipped"]
FINAL_EMAIL_STATUSES = frozenset(("sent", "failed", "skipped"))


class EmailContact(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person gets e-mail, and which of their briefs.

    `address` is empty until one is confirmed. `nonce` names the confirmed address in links and events, so
    that those of an earlier one end nothing. `pending_address` waits for its confirmation, under
    `pending_nonce`, until `pending_until` (epoch seconds). `ended` says why there is no e-mail any more.
    """

    person: str
    address: str = ""
    nonce: str = ""
    pending_address: str = ""
    pending_nonce: str = ""
    pending_until: float = 0.0
    subscriptions: frozenset[str] = frozenset()
    language: str = ""
    ended: str = ""

    def gets(self, subscription_id: str) -> bool:
        """Returns whether this brief is sent to a confirmed address."""
        return bool(self.address) and subscription_id in self.subscriptions


class EmailJob(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mail that is to be sent: the brief of a run, or the confirmation of the address that waits under
    `nonce`. It names no address."""

    person: str
    subscription_id: str = ""
    day: str = ""
    nonce: str = ""

    @property
    def is_confirmation(self) -> bool:
        """Whether it asks to confirm an address."""
        return bool(self.nonce)

    @property
    def run_id(self) -> str:
        """The name of the mail, which no other of the person has."""
        return f"confirm#{self.nonce}" if self.nonce else self.brief.run_id

    @property
    def brief(self) -> BriefJob:
        """The run whose text it holds."""
        return BriefJob(self.person, self.subscription_id, self.day)


class EmailRun(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that a worker has claimed, with a fence greater than that of any worker before. `sending_at` is
    when an earlier one was about to send it and left no outcome, otherwise 0 (epoch seconds)."""

    person: str
    run_id: str
    fence: int
    sending_at: float = 0.0


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a mail: a title, Markdown, a button where there is one to press, and why the person gets
    it, with the link by which they get no more."""

    title: str
    body: str
    language: str = ""
    button: str = ""
    button_url: str = ""
    footer: str = ""
    footer_link: str = ""
    footer_url: str = ""


class MailMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A mail with both of its bodies. `unsubscribe_url` takes the one-click request of RFC 8058, empty where
    the mail ends nothing; `unsubscribe_subject` says the same to the address that may be written to instead.
    `reference` comes back in the events of the mail."""

    to: str
    subject: str
    text: str
    html: str
    language: str = ""
    unsubscribe_url: str = ""
    unsubscribe_subject: str = ""
    reference: str = ""


MailReference = tuple[str, str, str]
"""Whose mail it is, the nonce of the address, and the mail's run."""


def make_reference(person: str, nonce: str, run_id: str) -> str:
    """Returns the reference of a mail in letters, digits, `-` and `_`. Empty where it would be too long for
    the service: events of that mail are not matched."""
    written = base64.urlsafe_b64encode(msgspec.json.encode((person, nonce, run_id))).decode().rstrip("=")
    return written if len(written) <= MAX_REFERENCE_CHARS else ""


def read_reference(reference: str) -> MailReference | None:
    """Returns what a reference says. None for one that is none of ours."""
    try:
        decoded = base64.b64decode(reference + "=" * (-len(reference) % 4), b"-_", validate=True)
        person, nonce, run_id = msgspec.json.decode(decoded, type=MailReference)
    except (ValueError, msgspec.DecodeError, msgspec.ValidationError):
        return None
    return person, nonce, run_id


class EmailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a mail that was handed over. A `bounce` is for good, a `delay` is not."""

    kind: Literal["sent", "bounce", "delay", "complaint", "rejected"]
    person: str
    nonce: str
    run_id: str


def find_address(text: str) -> str:
    """Returns the first address in a text, its domain in lower case. Empty where there is none."""
    for found in ADDRESS_PATTERN.finditer(text):
        local, domain = found.groups()
        if len(local) <= MAX_LOCAL_PART_CHARS and len(found[0]) <= MAX_ADDRESS_CHARS:
            return f"{local}@{domain.lower()}"
    return ""

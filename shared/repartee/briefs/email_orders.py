"""Carries out people's orders to have a brief by e-mail too, and says in words for the model what was done.

The address is read from the person's own words, never from what a model makes of them. It is used when its
owner has confirmed it by the link of a mail, which holds nothing that the person wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from repartee.domain.brief import Subscription
from repartee.domain.email import CONFIRMATION_SECONDS, EmailContact, EmailJob, EndReason, find_address
from repartee.domain.message import Message
from repartee.ports.emails import EmailContacts, EmailQueue
from repartee.ports.web import RateLimiter

MAX_CONFIRMATIONS_PER_DAY = 3
"""Mails that ask for a confirmation, of one person in a day: nobody floods a stranger."""

DAY_SECONDS = 24 * 3600.0

NO_EMAIL = "They want it by e-mail too, but e-mail is not set up here. Say so."
NO_ADDRESS = "They want it by e-mail too: ask them for the address. By e-mail nothing is sent yet."
TOO_MANY = (
    "They want it by e-mail too, but have asked for too many addresses today. Say that they can try it again "
    "tomorrow."
)
STOPPED = "It does not come by e-mail any more. Say so."
ADDED = "It comes by e-mail too, to their confirmed address. Say so."
ASKED = (
    "A mail with a link was sent to {address}: it comes by e-mail too when they have confirmed the address "
    "with it, within two days. Say so."
)
ENDED_WORDS = {
    "bounced": "The mails to their former address came back, so they were ended.",
    "complained": "Their former mails were reported as unwanted, so they were ended.",
}


class EmailOrders:
    """The e-mail of people's briefs, as they order it in a chat. `is_set_up` says whether this deployment
    sends any."""

    def __init__(
        self,
        open_contacts: Callable[[], EmailContacts],
        open_queue: Callable[[], EmailQueue],
        open_rates: Callable[[], RateLimiter],
        clock: Callable[[], float],
        *,
        is_set_up: bool,
    ) -> None:
        self._open_contacts, self._open_queue, self._open_rates = open_contacts, open_queue, open_rates
        self._clock, self._is_set_up = clock, is_set_up

    def carry_out(self, wish: str, subscription: Subscription, message: Message) -> str:
        """Does what is wished (`on` or `off`) for this brief, and returns the words that tell the model."""
        if wish == "off":
            self.remove(subscription, "stopped")
            return STOPPED
        if not self._is_set_up:
            return NO_EMAIL
        contacts = self._open_contacts()
        contact = contacts.find(message.sender) or EmailContact(person=message.sender)
        address = find_address(message.text)
        if contact.address and address in ("", contact.address):
            contacts.add(message.sender, subscription.id)
            return ADDED
        if not address:
            return " ".join(part for part in (ENDED_WORDS.get(contact.ended, ""), NO_ADDRESS) if part)
        return self._ask(contacts, subscription, message, address)

    def _ask(
        self, contacts: EmailContacts, subscription: Subscription, message: Message, address: str
    ) -> str:
        counted = f"{message.sender}#emails"
        if self._open_rates().admit(counted, MAX_CONFIRMATIONS_PER_DAY, DAY_SECONDS, event=message.id):
            return TOO_MANY
        nonce, until = _make_nonce(message), self._clock() + CONFIRMATION_SECONDS
        contacts.ask(message.sender, subscription.id, address, nonce, until, message.language)
        self._open_queue().send_email_job(EmailJob(message.sender, nonce=nonce))
        return ASKED.format(address=address)

    def remove(self, subscription: Subscription, reason: EndReason | None = None) -> None:
        """Sends no more mails of this brief, and forgets the address with the last one. The reason is why its
        person wants none any more; a brief that is stopped ends no e-mail of others."""
        if self._is_set_up:
            self._open_contacts().remove(subscription.person, subscription.id, reason)

    def find_emailed(self, person: str) -> frozenset[str]:
        """Returns which of the person's briefs come by e-mail too."""
        contact = self._open_contacts().find(person) if self._is_set_up else None
        return contact.subscriptions if contact and contact.address else frozenset()


def _make_nonce(message: Message) -> str:
    """Returns a name for the address that a message gives: the same when the message is answered again, so
    that its mail is sent once. It is no secret: what it is used in is signed."""
    return hashlib.sha256(f"{message.chat}#{message.id}".encode("utf-8", "surrogatepass")).hexdigest()[:16]

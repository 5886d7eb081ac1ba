"""The e-mail of briefs for an operator: previews of mails, and addresses that need no confirmation."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from operations.deployed_stack import DeployedStack, MissingPart
from repartee.briefs.letters import LetterWriter
from repartee.briefs.preview import PreviewedBrief
from repartee.channels.markup.letter import LetterRenderer
from repartee.domain.brief import Subscription
from repartee.domain.email import EmailContact, find_address
from repartee.privacy.signed_tokens import TokenSigner
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.emails import DynamoEmailContacts

PREVIEW_URL = "https://preview.invalid"
"""The address to which links of a previewed mail lead: nowhere."""

NONCE_BYTES = 8


def write_preview(subscription: Subscription, written: PreviewedBrief, page: Path) -> str:
    """Writes the page of a mail that is not sent to a file, and returns its subject and its plain text. Its
    links are signed by a key of their own, and end nothing."""
    letters = LetterWriter(LetterRenderer(), lambda: TokenSigner(secrets.token_hex(16)), PREVIEW_URL)
    contact = EmailContact(person=subscription.person, nonce="preview")
    mail = letters.write_brief(contact, "preview", written.day, written.text, subscription.address.language)
    page.write_text(mail.html, encoding="utf-8")
    return f"Subject: {mail.subject}\n\n{mail.text}\nThe page is in {page}\n"


def trust_address(stack: DeployedStack, person: str, address: str) -> Iterator[str]:
    """Has the briefs of one person sent to an address that the operator knows to be theirs, without a mail
    that asks. Raises `ValueError` for what is no address, and `MissingPart` where it cannot be used."""
    if find_address(address) != address:
        raise ValueError("that is no address: it looks like anna@example.com")
    if not stack.stack_parameter("EmailFrom"):
        raise MissingPart("the stack sends no e-mail: deploy it with EmailFrom (docs/briefs.md)")
    client, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
    subscriptions = DynamoBriefs(client, table, time.time).list_subscriptions(person)
    if not subscriptions:
        raise MissingPart(f"{person} has no brief: scripts/briefs subscribe orders one")
    contacts = DynamoEmailContacts(client, table, time.time)
    known = contacts.find(person)
    is_same = known is not None and known.address == address
    nonce = known.nonce if known and is_same else secrets.token_hex(NONCE_BYTES)
    for one in subscriptions:
        if not contacts.trust(person, one.id, address, nonce, one.address.language):
            raise MissingPart(_describe_end(contacts.find(person), person))
    yield f"{person}  {len(subscriptions)} of their briefs come by e-mail too"


def _describe_end(contact: EmailContact | None, person: str) -> str:
    why = contact.ended if contact else "forgotten"
    return f"the e-mail of {person} has ended ({why}): only they begin it again, in their chat"

"""Words and files that come along with a message and are not its sender's own.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
Of a message that is replied to WhatsApp tells the id and the author's number, and not what it says. Of a
forwarded one it does not tell the author.
"""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.whatsapp.attachments import parse_attachments
from repartee.channels.whatsapp.ids import message_id
from repartee.channels.whatsapp.message_text import message_text
from repartee.channels.whatsapp.payloads import (
    WhatsAppMessage,
    WhatsAppMetadata,
    WhatsAppReferral,
    WhatsAppReplyContext,
)
from repartee.domain.message import ContextPart, Person

MAX_REFERRAL_CHARS = 1000
"""Characters of the advertisement from which a person writes."""


def parse_context(
    message: WhatsAppMessage, metadata: WhatsAppMetadata, sender: Person
) -> Iterator[ContextPart]:
    """Yields the parts that came along. `sender` is the person who wrote, and who may reply to their own
    message."""
    if message.referral and (read := _referral_text(message.referral)):
        yield ContextPart(kind="shared", text=read)
    context = message.context
    if context and context.is_forwarded:
        yield ContextPart(
            kind="forwarded",
            text=message_text(message),
            attachments=tuple(parse_attachments(message, metadata.phone_number_id)),
        )
    if context and context.id:
        yield _replied_part(context, context.id, metadata, sender)
    if context and context.referred_product:
        yield ContextPart(
            kind="shared", text=f"[product {context.referred_product.product_retailer_id} of the catalogue]"
        )


def is_forwarded(message: WhatsAppMessage) -> bool:
    """Whether the words and files of a message are not its sender's."""
    return bool(message.context and message.context.is_forwarded)


def _replied_part(
    context: WhatsAppReplyContext, wamid: str, metadata: WhatsAppMetadata, sender: Person
) -> ContextPart:
    """The message that is replied to, by its id: ours or one of the person's."""
    ours = _digits(context.from_ or "") in (_digits(metadata.display_phone_number), metadata.phone_number_id)
    by_assistant = ours and bool(context.from_)
    author = Person() if by_assistant or not (context.from_ or context.from_user_id) else sender
    return ContextPart(
        kind="replied_to", author=author, by_assistant=by_assistant, message_id=message_id(wamid)
    )


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _referral_text(referral: WhatsAppReferral) -> str:
    return "\n".join(part for part in (referral.headline, referral.body) if part)[:MAX_REFERRAL_CHARS]

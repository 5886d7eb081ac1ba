"""What a message says in words, of whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.whatsapp.payloads import WhatsAppContactCard, WhatsAppLocation, WhatsAppMessage

MAX_QUOTE_CHARS = 1000
"""Characters of the advertisement from which somebody writes."""


def message_text(message: WhatsAppMessage) -> str:
    """The words: those that were written, those under a picture, those on a button; a place and a person told
    in words. What somebody read before they wrote comes first, as a quotation."""
    said = "\n".join(part for part in _text_parts(message) if part).strip()
    read = _referral_quote(message)
    return f"{read}\n\n{said}" if read and said else said


def _text_parts(message: WhatsAppMessage) -> Iterator[str]:
    if message.text:
        yield message.text.body
    for media in (message.image, message.video, message.document):
        yield (media and media.caption) or ""
    if message.choice:
        yield message.choice.title
        yield message.choice.description or ""
    if message.location:
        yield _location_text(message.location)
    for card in message.contacts or ():
        yield _contact_text(card)
    if message.order:
        yield message.order.text or ""
        for item in message.order.product_items:
            yield f"Order: {item.quantity:g} x {item.product_retailer_id}"


def _location_text(location: WhatsAppLocation) -> str:
    named = ", ".join(part for part in (location.name, location.address) if part)
    at = f"{location.latitude:.6f}, {location.longitude:.6f}"
    return f"Location: {named} ({at})" if named else f"Location: {at}"


def _contact_text(card: WhatsAppContactCard) -> str:
    name = card.name and (card.name.formatted_name or card.name.first_name)
    numbers = [one.phone for one in card.phones or () if one.phone]
    addresses = [one.email for one in card.emails or () if one.email]
    return "Contact: " + ", ".join((name or "somebody", *numbers, *addresses))


def _referral_quote(message: WhatsAppMessage) -> str:
    if not message.referral:
        return ""
    read = "\n".join(part for part in (message.referral.headline, message.referral.body) if part)
    return "\n".join(f"> {line}" for line in read[:MAX_QUOTE_CHARS].splitlines())

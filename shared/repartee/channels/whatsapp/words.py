"""What a message says in words, of whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.whatsapp.updates import Card, Location, Sent

QUOTED = 1000
"""Characters of the advertisement from which somebody writes."""


def words(sent: Sent) -> str:
    """The words: those that were written, those under a picture, those on a button; a place and a person told
    in words. What somebody read before they wrote comes first, as a quotation."""
    said = "\n".join(part for part in _parts(sent) if part).strip()
    read = _read(sent)
    return f"{read}\n\n{said}" if read and said else said


def _parts(sent: Sent) -> Iterator[str]:
    if sent.text:
        yield sent.text.body
    for media in (sent.image, sent.video, sent.document):
        yield (media and media.caption) or ""
    if sent.chosen:
        yield sent.chosen.title
        yield sent.chosen.description or ""
    if sent.location:
        yield _place(sent.location)
    for card in sent.contacts or ():
        yield _person(card)
    if sent.order:
        yield sent.order.text or ""
        for item in sent.order.product_items:
            yield f"Order: {item.quantity:g} x {item.product_retailer_id}"


def _place(location: Location) -> str:
    named = ", ".join(part for part in (location.name, location.address) if part)
    at = f"{location.latitude:.6f}, {location.longitude:.6f}"
    return f"Location: {named} ({at})" if named else f"Location: {at}"


def _person(card: Card) -> str:
    name = card.name and (card.name.formatted_name or card.name.first_name)
    numbers = [one.phone for one in card.phones or () if one.phone]
    addresses = [one.email for one in card.emails or () if one.email]
    return "Contact: " + ", ".join((name or "somebody", *numbers, *addresses))


def _read(sent: Sent) -> str:
    if not sent.referral:
        return ""
    read = "\n".join(part for part in (sent.referral.headline, sent.referral.body) if part)
    return "\n".join(f"> {line}" for line in read[:QUOTED].splitlines())

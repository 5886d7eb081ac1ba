"""The text of a message in words, of whichever kind it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

from repartee.channels.whatsapp.payloads import (
    WhatsAppContactCard,
    WhatsAppFlowReply,
    WhatsAppLocation,
    WhatsAppMessage,
)

MAX_FLOW_CHARS = 4000
"""Characters of a Flow's answers."""

READ_TYPES = {
    *("text", "image", "audio", "video", "document", "sticker"),
    *("location", "contacts", "interactive", "button", "order"),
}
"""The types of messages that are read. Of any other the assistant is told that it came."""


def message_text(message: WhatsAppMessage) -> str:
    """The words: those that were written, those under a picture, those on a button; a place, a person, a form
    told in words; and what came that cannot be seen."""
    return "\n".join(part for part in _text_parts(message) if part).strip()


def _text_parts(message: WhatsAppMessage) -> Iterator[str]:
    if message.text:
        yield message.text.body
    for media in (message.image, message.video, message.document):
        yield (media and media.caption) or ""
    yield from _choice_parts(message)
    if message.location:
        yield _location_text(message.location)
    for card in message.contacts or ():
        yield _contact_text(card)
    if message.order:
        yield message.order.text or ""
        for item in message.order.product_items:
            yield f"Order: {item.quantity:g} x {item.product_retailer_id}"
    yield _unseen_text(message)


def _choice_parts(message: WhatsAppMessage) -> Iterator[str]:
    if message.choice:
        yield message.choice.title
        yield message.choice.description or ""
    elif message.interactive and message.interactive.nfm_reply:
        yield _flow_text(message.interactive.nfm_reply)
    elif message.interactive:
        yield f"[{_kind_name(message.interactive.type) or 'an answer'}, which cannot be read here]"


def _unseen_text(message: WhatsAppMessage) -> str:
    """In words what came and is not looked at."""
    if message.video:
        return "[video, which cannot be watched here]"
    if message.sticker and message.sticker.animated:
        return "[animated sticker]"
    if message.type in ("unsupported", "unknown"):
        kind = _kind_name((message.unsupported and message.unsupported.type) or "")
        return f"[{kind or 'a message'}, which WhatsApp does not hand out]"
    return "" if message.type in READ_TYPES else f"[{_kind_name(message.type)}, which cannot be read here]"


def _kind_name(type_name: str) -> str:
    return type_name.replace("_", " ").strip()


def _flow_text(reply: WhatsAppFlowReply) -> str:
    """A form's answers, a line each. The token is ours and says nothing."""
    try:
        answers = json.loads(reply.response_json)
    except ValueError:
        answers = None
    if not isinstance(answers, dict):
        return f"[form] {reply.response_json[:MAX_FLOW_CHARS]}".strip()
    lines = [
        f"{name.replace('_', ' ')}: {_flow_value(value)}"
        for name, value in answers.items()
        if name != "flow_token"
    ]
    return "\n".join(("[form]", *lines))[:MAX_FLOW_CHARS]


def _flow_value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flow_value, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _location_text(location: WhatsAppLocation) -> str:
    named = ", ".join(part for part in (location.name, location.address) if part)
    at = f"{location.latitude:.6g}, {location.longitude:.6g}"
    return f"[location {at}: {named}]" if named else f"[location {at}]"


def _contact_text(card: WhatsAppContactCard) -> str:
    name = card.name and (card.name.formatted_name or card.name.first_name)
    numbers = [one.phone for one in card.phones or () if one.phone]
    addresses = [one.email for one in card.emails or () if one.email]
    return f"[contact {', '.join((name or 'without a name', *numbers, *addresses))}]"

"""What Meta posts, as far as it is read.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
What is in a batch is decoded piece by piece, so that a broken one costs no other. People have an id within
the business (`user_id`, `from_user_id`); their telephone number (`wa_id`, `from`) is absent where they go by
a name: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

from __future__ import annotations

from typing import Annotated

import msgspec

PersonId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.+_-]{1,150}$")]
"""`US.13491208655302741918`, or the digits of a telephone number."""

NumberId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The id of one of the business's own numbers."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Seconds = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,10}$")]
LONGEST_NAME = 60
"""Characters: no instruction to a model fits into a name."""

Degrees = Annotated[float, msgspec.Meta(ge=-360, le=360)]


class Envelope(msgspec.Struct):
    """A batch: changes in one account or several."""

    object: str
    entry: list[msgspec.Raw]


class Entry(msgspec.Struct):
    """The changes in one account."""

    changes: list[msgspec.Raw]


class Change(msgspec.Struct):
    """One change. `field` is what was subscribed to."""

    field: str
    value: msgspec.Raw


class Metadata(msgspec.Struct):
    """To which of the business's numbers it was said."""

    phone_number_id: NumberId


class Profile(msgspec.Struct):
    """What somebody says of themselves."""

    name: str | None = None


class Contact(msgspec.Struct):
    """Somebody who writes."""

    wa_id: PersonId | None = None
    user_id: PersonId | None = None
    profile: Profile | None = None

    @property
    def name(self) -> str:
        """What they go by, in one line."""
        told = (self.profile and self.profile.name) or ""
        return " ".join(told.split())[:LONGEST_NAME]


class Value(msgspec.Struct):
    """What changed: people's messages, or what became of ours, or what is wrong with the account."""

    metadata: Metadata
    contacts: list[Contact] | None = None
    messages: list[msgspec.Raw] | None = None
    statuses: list[msgspec.Raw] | None = None
    errors: list[msgspec.Raw] | None = None

    def contact(self, number: str | None, user: str | None) -> Contact:
        """Who wrote, as far as the batch tells; nobody known if it does not."""
        contacts = self.contacts or []
        for contact in contacts:
            if (user and contact.user_id == user) or (number and contact.wa_id == number):
                return contact
        return contacts[0] if len(contacts) == 1 and not (number and contacts[0].wa_id) else Contact()


class Text(msgspec.Struct):
    """What somebody wrote."""

    body: str


class Media(msgspec.Struct):
    """A picture, a recording, a document, a sticker, a film. Its id is good for seven days."""

    id: Id
    mime_type: str | None = None
    filename: str | None = None
    caption: str | None = None
    animated: bool | None = None


class Location(msgspec.Struct):
    """A place on the earth, with its name where it has one."""

    latitude: Degrees
    longitude: Degrees
    name: str | None = None
    address: str | None = None


class Named(msgspec.Struct):
    """What somebody is called."""

    formatted_name: str | None = None
    first_name: str | None = None


class Phone(msgspec.Struct):
    """A telephone number."""

    phone: str | None = None


class Address(msgspec.Struct):
    """An e-mail address."""

    email: str | None = None


class Card(msgspec.Struct):
    """A contact that is passed on."""

    name: Named | None = None
    phones: list[Phone] | None = None
    emails: list[Address] | None = None


class Chosen(msgspec.Struct):
    """A button or a row of a list that we offered. `id` is the one that we gave it."""

    id: Annotated[str, msgspec.Meta(max_length=256)]
    title: str
    description: str | None = None


class Interactive(msgspec.Struct):
    """What was chosen of a message that we sent."""

    button_reply: Chosen | None = None
    list_reply: Chosen | None = None


class Button(msgspec.Struct):
    """A button under a template."""

    text: str
    payload: Annotated[str, msgspec.Meta(max_length=256)] | None = None


class Item(msgspec.Struct):
    """A thing in the catalogue, and how many of it."""

    product_retailer_id: str
    quantity: int | float = 1


class Order(msgspec.Struct):
    """What somebody wants from the catalogue."""

    product_items: list[Item]
    text: str | None = None


class Context(msgspec.Struct):
    """The message that is replied to. Without an id: this one was forwarded."""

    id: str | None = None


class Referral(msgspec.Struct):
    """The advertisement from which somebody writes."""

    headline: str | None = None
    body: str | None = None


class Sent(msgspec.Struct):
    """A person's message. `group_id` is there if it was said in a group."""

    id: Id
    timestamp: Seconds
    type: str
    from_: PersonId | None = msgspec.field(default=None, name="from")
    from_user_id: PersonId | None = None
    group_id: str | None = None
    text: Text | None = None
    image: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[Card] | None = None
    interactive: Interactive | None = None
    button: Button | None = None
    order: Order | None = None
    context: Context | None = None
    referral: Referral | None = None

    @property
    def chosen(self) -> Chosen | None:
        """The button or row that was chosen, of whichever kind."""
        if self.button:
            return Chosen(self.button.payload or "", self.button.text)
        if self.interactive:
            return self.interactive.button_reply or self.interactive.list_reply
        return None


class Problem(msgspec.Struct):
    """What went wrong, by Meta's code. Its words may quote, and are not read."""

    code: int


class Status(msgspec.Struct):
    """What became of a message of ours."""

    status: str
    errors: list[Problem] | None = None

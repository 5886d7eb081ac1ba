"""The payloads that Meta posts, as far as they are read.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
What is in a batch is decoded piece by piece, so that a broken one costs no other. People have an id within
the business (`user_id`, `from_user_id`); their telephone number (`wa_id`, `from`) is absent where they go by
a name: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

PersonId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.+_-]{1,150}$")]
"""`US.13491208655302741918`, or the digits of a telephone number."""

NumberId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The id of one of the business's own numbers."""

WhatsAppId = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
UnixSecondsText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,10}$")]
MAX_NAME_CHARS = 60
"""Characters: no instruction to a model fits into a name."""

Degrees = Annotated[float, msgspec.Meta(ge=-360, le=360)]


class WhatsAppEnvelope(msgspec.Struct):
    """A batch: changes in one account or several."""

    object: str
    entry: list[msgspec.Raw]


class WhatsAppEntry(msgspec.Struct):
    """The changes in one account."""

    changes: list[msgspec.Raw]


class WhatsAppChange(msgspec.Struct):
    """One change. `field` is what was subscribed to."""

    field: str
    value: msgspec.Raw


class WhatsAppMetadata(msgspec.Struct):
    """To which of the business's numbers it was said."""

    phone_number_id: NumberId
    display_phone_number: str = ""


class WhatsAppProfile(msgspec.Struct):
    """The profile in which people describe themselves."""

    name: str | None = None


class WhatsAppContact(msgspec.Struct):
    """A person who writes."""

    wa_id: PersonId | None = None
    user_id: PersonId | None = None
    profile: WhatsAppProfile | None = None

    @property
    def display_name(self) -> str:
        """Returns the name that they go by, in one line."""
        told = (self.profile and self.profile.name) or ""
        return " ".join(told.split())[:MAX_NAME_CHARS]


class WhatsAppChangeValue(msgspec.Struct):
    """The content of a change: people's messages, or what became of ours, or what is wrong with the
    account."""

    metadata: WhatsAppMetadata
    contacts: list[WhatsAppContact] | None = None
    messages: list[msgspec.Raw] | None = None
    statuses: list[msgspec.Raw] | None = None
    errors: list[msgspec.Raw] | None = None
    message_echoes: list[msgspec.Raw] | None = None

    def find_contact(self, wa_id: str | None, user_id: str | None) -> WhatsAppContact:
        """Who wrote, as far as the batch tells; nobody known if it does not."""
        contacts = self.contacts or []
        for contact in contacts:
            if (user_id and contact.user_id == user_id) or (wa_id and contact.wa_id == wa_id):
                return contact
        return contacts[0] if len(contacts) == 1 and not (wa_id and contacts[0].wa_id) else WhatsAppContact()


class WhatsAppText(msgspec.Struct):
    """The text that a person wrote."""

    body: str


class WhatsAppMedia(msgspec.Struct):
    """A picture, a recording, a document, a sticker, a film. Its id is good for seven days."""

    id: WhatsAppId
    mime_type: str | None = None
    filename: str | None = None
    caption: str | None = None
    animated: bool | None = None


class WhatsAppLocation(msgspec.Struct):
    """A place on the earth, with its name where it has one."""

    latitude: Degrees
    longitude: Degrees
    name: str | None = None
    address: str | None = None


class WhatsAppContactName(msgspec.Struct):
    """The name of a person."""

    formatted_name: str | None = None
    first_name: str | None = None


class WhatsAppPhone(msgspec.Struct):
    """A telephone number."""

    phone: str | None = None


class WhatsAppEmail(msgspec.Struct):
    """An e-mail address."""

    email: str | None = None


class WhatsAppContactCard(msgspec.Struct):
    """A contact that is passed on."""

    name: WhatsAppContactName | None = None
    phones: list[WhatsAppPhone] | None = None
    emails: list[WhatsAppEmail] | None = None


class WhatsAppChoice(msgspec.Struct):
    """A button or a row of a list that we offered. `id` is the one that we gave it."""

    id: Annotated[str, msgspec.Meta(max_length=256)]
    title: str
    description: str | None = None


class WhatsAppFlowReply(msgspec.Struct):
    """The answers to a Flow, which is a form: `response_json` is a JSON object, as text."""

    response_json: str = ""
    name: str | None = None
    body: str | None = None


class WhatsAppInteractive(msgspec.Struct):
    """A choice from a message that we sent, or a form of it filled in."""

    type: str = ""
    button_reply: WhatsAppChoice | None = None
    list_reply: WhatsAppChoice | None = None
    nfm_reply: WhatsAppFlowReply | None = None


class WhatsAppTemplateButton(msgspec.Struct):
    """A button under a template."""

    text: str
    payload: Annotated[str, msgspec.Meta(max_length=256)] | None = None


class WhatsAppOrderItem(msgspec.Struct):
    """A thing in the catalogue, and how many of it."""

    product_retailer_id: str
    quantity: int | float = 1


class WhatsAppOrder(msgspec.Struct):
    """An order from the catalogue."""

    product_items: list[WhatsAppOrderItem]
    text: str | None = None


class WhatsAppReferredProduct(msgspec.Struct):
    """The product about which a person writes."""

    product_retailer_id: str = ""
    catalog_id: str | None = None


class WhatsAppReplyContext(msgspec.Struct):
    """The message replied to (`id`, and `from`, the number of its author), or that it was forwarded.

    `frequently_forwarded`: five times or more.
    """

    id: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    from_user_id: str | None = None
    forwarded: bool | None = None
    frequently_forwarded: bool | None = None
    referred_product: WhatsAppReferredProduct | None = None

    @property
    def is_forwarded(self) -> bool:
        return bool(self.forwarded or self.frequently_forwarded)


class WhatsAppReferral(msgspec.Struct):
    """The advertisement from which a person writes."""

    headline: str | None = None
    body: str | None = None


class WhatsAppUnsupported(msgspec.Struct):
    """The kind of a message that WhatsApp does not hand out, where it says so."""

    type: str | None = None


class WhatsAppRevocation(msgspec.Struct):
    """A person has deleted a message. Only numbers in coexistence are told."""

    original_message_id: WhatsAppId


class WhatsAppMessage(msgspec.Struct):
    """A person's message. `group_id` is there if it was said in a group."""

    id: WhatsAppId
    timestamp: UnixSecondsText
    type: str
    from_: PersonId | None = msgspec.field(default=None, name="from")
    from_user_id: PersonId | None = None
    group_id: str | None = None
    text: WhatsAppText | None = None
    image: WhatsAppMedia | None = None
    audio: WhatsAppMedia | None = None
    video: WhatsAppMedia | None = None
    document: WhatsAppMedia | None = None
    sticker: WhatsAppMedia | None = None
    location: WhatsAppLocation | None = None
    contacts: list[WhatsAppContactCard] | None = None
    interactive: WhatsAppInteractive | None = None
    button: WhatsAppTemplateButton | None = None
    order: WhatsAppOrder | None = None
    context: WhatsAppReplyContext | None = None
    referral: WhatsAppReferral | None = None
    unsupported: WhatsAppUnsupported | None = None
    edit: WhatsAppEdit | None = None
    reaction: WhatsAppReaction | None = None
    revoke: WhatsAppRevocation | None = None

    @property
    def choice(self) -> WhatsAppChoice | None:
        """The button or row that was chosen, of whichever kind."""
        if self.button:
            return WhatsAppChoice(self.button.payload or "", self.button.text)
        if self.interactive:
            return self.interactive.button_reply or self.interactive.list_reply
        return None


class WhatsAppEdit(msgspec.Struct):
    """A person has edited a message. Its new content has no ids and no time of its own."""

    original_message_id: WhatsAppId
    message: dict[str, Any]


class WhatsAppProblem(msgspec.Struct):
    """A problem, by Meta's code. Its words may quote, and are not read."""

    code: int


class WhatsAppReaction(msgspec.Struct):
    """A reaction to a message. Without an emoji it was taken away."""

    emoji: str | None = None


class WhatsAppStatus(msgspec.Struct):
    """The fate of a message of ours, and whose it was."""

    status: str
    recipient_id: PersonId | None = None
    recipient_user_id: PersonId | None = None
    errors: list[WhatsAppProblem] | None = None
    biz_opaque_callback_data: Any = None

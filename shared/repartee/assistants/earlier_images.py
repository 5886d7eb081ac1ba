"""Pictures that were shown before, for a message that speaks of one ("the picture above")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from repartee.assistants.attachments import MODEL_IMAGE_TYPES, AttachmentContent, attachment_key
from repartee.domain.message import Message
from repartee.domain.post_reply import PostReplyTask
from repartee.errors import BackendError, RequestRejected
from repartee.language import texts
from repartee.ports import EarlierImage, EarlierImageStore, MediaStore

MAX_EARLIER_IMAGES = 4
"""Earlier pictures that are shown again at the most."""

RECENT_IMAGES_LIMIT = 20
"""Of so many that were shown in the room of late."""

IMAGE_MENTION_PATTERN = re.compile(
    r"\b(picture|image|photo|screenshot|diagram|chart|drawing|sketch|whiteboard|slide"
    r"|bild|foto|abbildung|zeichnung|skizze|grafik|diagramm|folie"
    r"|imagen|captura|dibujo|gr[áa]fic[oa]|diapositiva"
    r"|capture|dessin|sch[ée]ma|graphique|diapo)(s|e|er|n|en|es)?\b",
    re.IGNORECASE,
)
"""Words by which people speak of pictures, in English, German, Spanish and French."""


def find_earlier_images(
    incoming: tuple[Message, ...], earlier_image_store: EarlierImageStore, media: MediaStore
) -> tuple[AttachmentContent, ...]:
    """Links to the pictures that the messages speak of or answer, where they bring none themselves. Takes no
    time where they do neither."""
    if any(one.kind == "image" for message in incoming for one in message.attachments):
        return ()
    answered = {message.reply_to for message in incoming if message.reply_to}
    spoken_of = any(IMAGE_MENTION_PATTERN.search(message.text) for message in incoming)
    if not (answered or spoken_of):
        return ()
    known = earlier_image_store.list_newest(incoming[-1].room, RECENT_IMAGES_LIMIT)
    meant = [one for one in known if one.message_id in answered]
    if not meant and spoken_of:
        meant = _images_of_newest_message(known, incoming[-1].chat)
    return tuple(_link_images(meant[:MAX_EARLIER_IMAGES], media))


def build_image_tasks(
    incoming: tuple[Message, ...],
    image_links: Sequence[AttachmentContent],
    earlier_image_store: EarlierImageStore,
) -> tuple[PostReplyTask, ...]:
    """Returns the tasks left to do for the pictures of this turn: to note where they are."""
    shown = list(_images_to_remember(incoming, image_links))
    if not shown:
        return ()
    return (
        PostReplyTask(
            "keep_pictures", lambda: earlier_image_store.put(incoming[-1].room, shown), texts.IMAGE_NOT_SAVED
        ),
    )


def _images_of_newest_message(known: Sequence[EarlierImage], chat: str) -> list[EarlierImage]:
    """All pictures of the newest message that brought any: of this thread, or else of the room."""
    here = [one for one in known if one.chat == chat] or known
    return [one for one in here if one.message_id == here[0].message_id]


def _link_images(images: Sequence[EarlierImage], media: MediaStore) -> Iterator[AttachmentContent]:
    for one in images:
        try:
            yield AttachmentContent(
                attachment_key=one.id, name=one.name, image_url=media.presign_url(one.media), medium=one.media
            )
        except (BackendError, RequestRejected):
            yield AttachmentContent(
                attachment_key=one.id, name=one.name, problem="it is not there any more: send it again"
            )


def _images_to_remember(
    incoming: Sequence[Message], image_links: Sequence[AttachmentContent]
) -> Iterator[EarlierImage]:
    read = {
        one.attachment_key: one
        for one in image_links
        if one.medium and one.medium.content_type in MODEL_IMAGE_TYPES
    }
    for message in incoming:
        for attachment in message.attachments:
            found = read.get(attachment_key(message, attachment))
            if found and found.medium:
                yield EarlierImage(
                    id=found.attachment_key,
                    message_id=message.id,
                    chat=message.chat,
                    name=found.name,
                    sent=message.sent,
                    media=found.medium,
                )

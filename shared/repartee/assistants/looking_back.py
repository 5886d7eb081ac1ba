"""Pictures that were shown before, for a message that speaks of one ("the picture above")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from repartee.assistants.attached import VISIBLE, Read, key_of
from repartee.conversation.means import Duty
from repartee.conversation.message import Message
from repartee.errors import BackendError, Refused
from repartee.ports import EarlierPicture, Media, Pictures

LOOKED_AT = 4
"""Earlier pictures that are shown again at the most."""

AMONG = 20
"""Of so many that were shown in the room of late."""

NOT_KEPT = "_(I could not keep the picture: show it again if you ask about it later.)_"

PICTURE = re.compile(
    r"\b(picture|image|photo|screenshot|diagram|chart|drawing|sketch|whiteboard|slide"
    r"|bild|foto|abbildung|zeichnung|skizze|grafik|diagramm|folie"
    r"|imagen|captura|dibujo|gr[áa]fic[oa]|diapositiva"
    r"|capture|dessin|sch[ée]ma|graphique|diapo)(s|e|er|n|en|es)?\b",
    re.IGNORECASE,
)
"""Words by which people speak of pictures, in English, German, Spanish and French."""


def earlier_images(asked: tuple[Message, ...], pictures: Pictures, media: Media) -> tuple[Read, ...]:
    """Links to the pictures that the messages speak of or answer, where they bring none themselves. Takes no
    time where they do neither."""
    if any(one.kind == "image" for message in asked for one in message.attachments):
        return ()
    answered = {message.reply_to for message in asked if message.reply_to}
    spoken_of = any(PICTURE.search(message.text) for message in asked)
    if not (answered or spoken_of):
        return ()
    known = pictures.newest(asked[-1].room, AMONG)
    meant = [one for one in known if one.message in answered]
    if not meant and spoken_of:
        meant = _last_shown(known, asked[-1].chat)
    return tuple(_linked(meant[:LOOKED_AT], media))


def picture_duties(
    asked: tuple[Message, ...], image_links: Sequence[Read], pictures: Pictures
) -> tuple[Duty, ...]:
    """What is left to do for the pictures of this turn: to note where they are."""
    shown = list(_shown(asked, image_links))
    if not shown:
        return ()
    return (Duty("keep_pictures", lambda: pictures.keep(asked[-1].room, shown), NOT_KEPT),)


def _last_shown(known: Sequence[EarlierPicture], chat: str) -> list[EarlierPicture]:
    """All pictures of the newest message that brought any: of this thread, or else of the room."""
    here = [one for one in known if one.chat == chat] or known
    return [one for one in here if one.message == here[0].message]


def _linked(meant: Sequence[EarlierPicture], media: Media) -> Iterator[Read]:
    for one in meant:
        try:
            yield Read(of=one.id, name=one.name, image=media.link(one.medium), medium=one.medium)
        except (BackendError, Refused):
            yield Read(of=one.id, name=one.name, problem="it is not there any more: send it again")


def _shown(asked: Sequence[Message], image_links: Sequence[Read]) -> Iterator[EarlierPicture]:
    read = {one.of: one for one in image_links if one.medium and one.medium.type in VISIBLE}
    for message in asked:
        for attachment in message.attachments:
            found = read.get(key_of(message, attachment))
            if found and found.medium:
                yield EarlierPicture(
                    id=found.of,
                    message=message.id,
                    chat=message.chat,
                    name=found.name,
                    sent=message.sent,
                    medium=found.medium,
                )

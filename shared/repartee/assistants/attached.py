"""What people post beside words: recordings, pictures and documents, as steps that any plan can take.

Each step fetches what it is for, all at once, and says of every attachment what became of it: what is in it,
or why it could not be read. None of them raises because of a file, however broken.

    plan.step(timeout=AUDIO_WITHIN + 1, fallback=())(audio_texts)
    plan.step(timeout=IMAGES_WITHIN + 1, fallback=())(image_links)
    plan.step(timeout=FILES_WITHIN + 1, fallback=())(file_texts)

What they give goes into the prompt through `quoted.lines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from repartee.conversation.excerpt import beginning
from repartee.conversation.message import Attachment, Message, workspace_of
from repartee.errors import BackendError, Denied, Late, Malformed, NotFound, Refused
from repartee.plan import Outcome, Pool, Saturated, StepLate, settle, timed
from repartee.ports import Attachments, Document, Documents, Media, Medium, Transcriber

AT_ONCE = 10
"""Attachments of a kind that are read in one turn: as many as Slack and Telegram send together."""

AUDIO_WITHIN, IMAGES_WITHIN, FILES_WITHIN = 15.0, 8.0, 10.0
"""Seconds for each attachment, all at once. A recording of some minutes is written down in 10 s."""

LONGEST_TRANSCRIPT = 20_000
"""Characters of one recording: some 25 minutes of speech."""

LONGEST_TOGETHER = 80_000
"""Characters of all documents of a turn: some 20,000 tokens."""

VISIBLE = {"image/gif", "image/jpeg", "image/png", "image/webp"}
"""What the model can look at: https://developers.openai.com/api/docs/guides/images-vision."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attachment (`of` says which): the text in it, a link to the picture that it is, or
    the reason why there is neither (`problem`, which goes on after "because"). `about` describes it."""

    of: str
    name: str
    text: str = ""
    about: str = ""
    image: str = ""
    medium: Medium | None = None
    problem: str = ""


def audio_texts(
    asked: tuple[Message, ...], attachments: Attachments, transcriber: Transcriber, pool: Pool
) -> tuple[Read, ...]:
    """What is said in recordings. Takes no time where there are none."""

    def read(message: Message, attachment: Attachment) -> Read:
        said = transcriber.transcribe(attachments.fetch(message, attachment))
        if not said:
            raise Malformed("a recording in which nothing is said")
        cut = "its beginning" if len(said) > LONGEST_TRANSCRIPT else ""
        return _named(message, attachment, text=beginning(said, LONGEST_TRANSCRIPT), about=cut)

    return _all("audio", asked, read, pool, AUDIO_WITHIN)


def image_links(
    asked: tuple[Message, ...], attachments: Attachments, media: Media, pool: Pool
) -> tuple[Read, ...]:
    """Pictures, kept by their content, with links by which the model may look at them."""

    def read(message: Message, attachment: Attachment) -> Read:
        content = attachments.fetch(message, attachment)
        medium = media.put(workspace_of(message.room), content)
        if medium.type not in VISIBLE:
            raise Malformed(f"of a kind that cannot be looked at ({medium.type}): send it as JPEG or PNG")
        return _named(message, attachment, image=media.link(medium), medium=medium)

    return _all("image", asked, read, pool, IMAGES_WITHIN)


def file_texts(
    asked: tuple[Message, ...], attachments: Attachments, documents: Documents, pool: Pool
) -> tuple[Read, ...]:
    """The text of documents."""

    def read(message: Message, attachment: Attachment) -> Read:
        document = documents.read(attachments.fetch(message, attachment), attachment.name)
        return _named(message, attachment, text=document.text, about=_about(document))

    return tuple(_shortened(_all("file", asked, read, pool, FILES_WITHIN)))


def name_of(attachment: Attachment) -> str:
    """How it is called before the model, which is given no marks that could end a quotation."""
    name = "".join(character for character in attachment.name if character.isprintable())
    return (
        " ".join(name.translate({ord("["): "(", ord("]"): ")"}).split())[:80] or f"unnamed {attachment.kind}"
    )


def key_of(message: Message, attachment: Attachment) -> str:
    """Which attachment of which message it is."""
    return f"{message.id}#{attachment.id}"


def _all(
    kind: str,
    asked: Sequence[Message],
    read: Callable[[Message, Attachment], Read],
    pool: Pool,
    within: float,
) -> tuple[Read, ...]:
    """All attachments of a kind, read at once; those that could not be read with the reason."""
    found = [(message, one) for message in asked for one in message.attachments if one.kind == kind]
    first = found[:AT_ONCE]
    outcomes = _settled([partial(read, *one) for one in first], pool, within)
    taken = [
        _named(*one, problem=_why(outcome.error)) if outcome.error else outcome.value
        for one, outcome in zip(first, outcomes, strict=True)
    ]
    left = [_named(*one, problem=f"more than {AT_ONCE} came at once") for one in found[AT_ONCE:]]
    return (*taken, *left)


def _settled(calls: Sequence[Callable[[], Read]], pool: Pool, within: float) -> list[Outcome]:
    """How the calls ended. One alone is made in the step's own thread, and within the step's own time."""
    return [timed(calls[0])] if len(calls) == 1 else settle(calls, pool=pool, timeout=within)


def _named(
    message: Message,
    attachment: Attachment,
    *,
    text: str = "",
    about: str = "",
    image: str = "",
    medium: Medium | None = None,
    problem: str = "",
) -> Read:
    return Read(
        of=key_of(message, attachment),
        name=name_of(attachment),
        text=text,
        about=about,
        image=image,
        medium=medium,
        problem=problem,
    )


def _about(document: Document) -> str:
    told = (document.kind, document.parts, "of which this is the beginning" if document.cut else "")
    return ", ".join(part for part in told if part)


def _shortened(reads: Sequence[Read]) -> Iterator[Read]:
    """The texts, as far as they fit into a prompt together."""
    room = LONGEST_TOGETHER
    for read in reads:
        fits = len(read.text) <= room
        about = read.about if fits else f"{read.about}, of which only this has room"
        yield msgspec.structs.replace(read, text=beginning(read.text, room), about=about)
        room = max(0, room - len(read.text))


def _why(error: BaseException) -> str:
    """The reason in words that the model can hand on. A vendor's own words are not among them."""
    if isinstance(error, Refused):
        return f"it is {error}"
    if isinstance(error, NotFound):
        return "it is not there any more, or kept elsewhere: send it here itself"
    if isinstance(error, Denied):
        return f"{error.backend} does not hand it out: an administrator must let the app read files"
    if isinstance(error, (Late, StepLate, Saturated)):
        return "it took too long: send it again, or a smaller one"
    if isinstance(error, BackendError):
        return f"{error.backend} did not answer: send it again in a while"
    return "something went wrong with it: send it again"

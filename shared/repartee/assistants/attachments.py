"""Recordings, pictures and documents that came with messages.

Each function fetches what it is for, all at once, and returns for every attachment what is in it, or why it
could not be read. None of them raises because of a file, however broken. `base.py` declares them as steps;
what they return goes into the prompt through `attachment_prompts.build_prompt_lines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from repartee.assistants.context_parts import all_attachments
from repartee.domain.message import Attachment, Message, workspace_of
from repartee.domain.truncation import truncate_redactable
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidPayload,
    NotFound,
    PermissionDenied,
    RequestRejected,
)
from repartee.plan import Outcome, Pool, Saturated, StepLate, settle, timed
from repartee.ports import (
    AttachmentDownloader,
    Document,
    DocumentParser,
    MediaStore,
    StoredMedia,
    Transcriber,
)

MAX_ATTACHMENTS_PER_KIND = 10
"""Attachments of a kind that are read in one turn: as many as Slack and Telegram send together."""

AUDIO_TIMEOUT_SECONDS, IMAGE_TIMEOUT_SECONDS, FILE_TIMEOUT_SECONDS = 15.0, 8.0, 10.0
"""Seconds for each attachment, all at once. A recording of some minutes is written down in 10 s."""

MAX_TRANSCRIPT_CHARS = 20_000
"""Characters of one recording: some 25 minutes of speech."""

MAX_ALL_DOCUMENTS_CHARS = 80_000
"""Characters of all documents of a turn: some 20,000 tokens."""

MAX_PAGES_TOGETHER = 12
"""Pages of all documents of a turn that are looked at as pictures."""

MODEL_IMAGE_TYPES = {"image/gif", "image/jpeg", "image/png", "image/webp"}
"""The types of images that the model can look at:
https://developers.openai.com/api/docs/guides/images-vision."""


class AttachmentContent(msgspec.Struct, frozen=True, kw_only=True):
    """The result of reading an attachment (`attachment_key` says which): the text in it, a link to the
    picture that it is, links to those of its `pages` that have no text, or the reason why there is neither
    (`problem`, which goes on after "because"). `description` describes it."""

    attachment_key: str
    name: str
    text: str = ""
    description: str = ""
    image_url: str = ""
    medium: StoredMedia | None = None
    problem: str = ""
    pages: tuple[str, ...] = ()


def read_recordings(
    incoming: tuple[Message, ...],
    attachments: AttachmentDownloader,
    transcriber: Transcriber,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Returns the transcripts of recordings. Takes no time where there are none."""

    def read(message: Message, attachment: Attachment) -> AttachmentContent:
        said = transcriber.transcribe(attachments.fetch(message, attachment))
        if not said:
            raise InvalidPayload("a recording in which nothing is said")
        cut = "its beginning" if len(said) > MAX_TRANSCRIPT_CHARS else ""
        return _content_of(
            message, attachment, text=truncate_redactable(said, MAX_TRANSCRIPT_CHARS), description=cut
        )

    return _read_all_of_kind("audio", incoming, read, pool, AUDIO_TIMEOUT_SECONDS)


def read_images(
    incoming: tuple[Message, ...],
    attachments: AttachmentDownloader,
    media: MediaStore,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Pictures, kept by their content, with links by which the model may look at them."""

    def read(message: Message, attachment: Attachment) -> AttachmentContent:
        content = attachments.fetch(message, attachment)
        medium = media.put(workspace_of(message.room), content)
        if medium.content_type not in MODEL_IMAGE_TYPES:
            raise InvalidPayload(
                f"of a kind that cannot be looked at ({medium.content_type}): send it as JPEG or PNG"
            )
        return _content_of(message, attachment, image_url=media.presign_url(medium), medium=medium)

    return _read_all_of_kind("image", incoming, read, pool, IMAGE_TIMEOUT_SECONDS)


def read_documents(
    incoming: tuple[Message, ...],
    attachments: AttachmentDownloader,
    documents: DocumentParser,
    media: MediaStore,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """The text of documents, with links by which the model may look at pages that have no text."""

    def read(message: Message, attachment: Attachment) -> AttachmentContent:
        document = documents.parse(attachments.fetch(message, attachment), attachment.name)
        named = _content_of(message, attachment, text=document.text, description=_describe_document(document))
        return _with_pages(named, document.pictures, workspace_of(message.room), media)

    return tuple(_truncate_to_budget(_read_all_of_kind("file", incoming, read, pool, FILE_TIMEOUT_SECONDS)))


def prompt_name(attachment: Attachment) -> str:
    """How it is called before the model, which is given no marks that could end a quotation."""
    name = "".join(character for character in attachment.name if character.isprintable())
    return (
        " ".join(name.translate({ord("["): "(", ord("]"): ")"}).split())[:80] or f"unnamed {attachment.kind}"
    )


def attachment_key(message: Message, attachment: Attachment) -> str:
    """Which attachment of which message it is."""
    return f"{message.id}#{attachment.id}"


def _read_all_of_kind(
    kind: str,
    incoming: Sequence[Message],
    read: Callable[[Message, Attachment], AttachmentContent],
    pool: Pool,
    timeout_seconds: float,
) -> tuple[AttachmentContent, ...]:
    """All attachments of a kind, read at once; those that could not be read with the reason."""
    found = [(message, one) for message in incoming for one in all_attachments(message) if one.kind == kind]
    first = found[:MAX_ATTACHMENTS_PER_KIND]
    outcomes = _run_all([partial(read, *one) for one in first], pool, timeout_seconds)
    taken = [
        _content_of(*one, problem=_problem_text(outcome.error)) if outcome.error else outcome.value
        for one, outcome in zip(first, outcomes, strict=True)
    ]
    left = [
        _content_of(*one, problem=f"more than {MAX_ATTACHMENTS_PER_KIND} came at once")
        for one in found[MAX_ATTACHMENTS_PER_KIND:]
    ]
    return (*taken, *left)


def _run_all(
    calls: Sequence[Callable[[], AttachmentContent]], pool: Pool, timeout_seconds: float
) -> list[Outcome]:
    """How the calls ended. One alone is made in the step's own thread, and within the step's own time."""
    return [timed(calls[0])] if len(calls) == 1 else settle(calls, pool=pool, timeout=timeout_seconds)


def _content_of(
    message: Message,
    attachment: Attachment,
    *,
    text: str = "",
    description: str = "",
    image_url: str = "",
    medium: StoredMedia | None = None,
    problem: str = "",
) -> AttachmentContent:
    return AttachmentContent(
        attachment_key=attachment_key(message, attachment),
        name=prompt_name(attachment),
        text=text,
        description=description,
        image_url=image_url,
        medium=medium,
        problem=problem,
    )


def _with_pages(
    read: AttachmentContent, pictures: Sequence[bytes], workspace: str, media: MediaStore
) -> AttachmentContent:
    """Keeps the pages and links them. Without a store for pictures the text is still read."""
    try:
        kept = [media.put(workspace, picture) for picture in pictures]
        return msgspec.structs.replace(read, pages=tuple(media.presign_url(one) for one in kept))
    except BackendError:
        return msgspec.structs.replace(
            read, description=f"{read.description}, whose pictures could not be shown"
        )


def _describe_document(document: Document) -> str:
    told = (document.kind, document.extent, "of which this is the beginning" if document.truncated else "")
    return ", ".join(part for part in told if part)


def _truncate_to_budget(reads: Sequence[AttachmentContent]) -> Iterator[AttachmentContent]:
    """The texts and the pages, as far as they fit into a prompt together."""
    room, pages = MAX_ALL_DOCUMENTS_CHARS, MAX_PAGES_TOGETHER
    for read in reads:
        fits = len(read.text) <= room and len(read.pages) <= pages
        about = read.description if fits else f"{read.description}, of which only this has room"
        yield msgspec.structs.replace(
            read, text=truncate_redactable(read.text, room), description=about, pages=read.pages[:pages]
        )
        room, pages = max(0, room - len(read.text)), max(0, pages - len(read.pages))


def _problem_text(error: BaseException) -> str:
    """The reason in words that the model can hand on. A vendor's own words are not among them."""
    if isinstance(error, RequestRejected):
        return f"it is {error}"
    if isinstance(error, NotFound):
        return "it is not there any more, or kept elsewhere: send it here itself"
    if isinstance(error, PermissionDenied):
        return f"{error.backend} does not hand it out: an administrator must let the app read files"
    if isinstance(error, (DeadlineExceeded, StepLate, Saturated)):
        return "it took too long: send it again, or a smaller one"
    if isinstance(error, BackendError):
        return f"{error.backend} did not answer: send it again in a while"
    return "something went wrong with it: send it again"

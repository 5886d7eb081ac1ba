"""The steps that every assistant needs alike: declared once, and included by the plans.

    plan = Plan("office", inputs=OfficeInputs, offered=TurnInputs)
    plan.include(base_plan)

A plan that includes it declares the step `chat_state`, and its inputs extend `BaseInputs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.assistants import attachment_prompts
from repartee.assistants.attachments import (
    AUDIO_TIMEOUT_SECONDS,
    FILE_TIMEOUT_SECONDS,
    IMAGE_TIMEOUT_SECONDS,
    AttachmentContent,
    read_documents,
    read_images,
    read_recordings,
)
from repartee.assistants.context_parts import (
    LOOKUP_TIMEOUT_SECONDS,
    NOTHING_FOUND,
    FindSaid,
    FoundSources,
    complete_context,
    find_context_sources,
)
from repartee.domain.message import Message
from repartee.plan import Plan, Pool
from repartee.ports import AttachmentDownloader, ChatState, DocumentParser, MediaStore, Transcriber
from repartee.turn.assistant import TurnInputs


class BaseInputs(msgspec.Struct, frozen=True, kw_only=True):
    """The ports that the steps of `base_plan` ask for."""

    attachments: AttachmentDownloader
    transcriber: Transcriber
    documents: DocumentParser
    media: MediaStore
    pool: Pool


base_plan = Plan("base", inputs=BaseInputs, offered=TurnInputs)


@base_plan.step(timeout=2.0, status="prompt")
def typing_indicator(chat_state: ChatState, show_typing: Callable[[ChatState], None]) -> None:
    """Shows that an answer is on its way, as soon as it is known that the room may hear it."""
    show_typing(chat_state)


@base_plan.step(timeout=LOOKUP_TIMEOUT_SECONDS, fallback=NOTHING_FOUND)
def context_sources(incoming: tuple[Message, ...], find_said: FindSaid) -> FoundSources:
    """Looks up what was said under the ids that the messages point at, where nothing but the id is known."""
    return find_context_sources(incoming, find_said)


@base_plan.step()
def incoming_with_context(
    incoming: tuple[Message, ...], context_sources: FoundSources
) -> tuple[Message, ...]:
    """Returns the messages with what was looked up in its place."""
    return complete_context(incoming, context_sources)


@base_plan.step(timeout=AUDIO_TIMEOUT_SECONDS + 1, fallback=())
def audio_transcripts(
    incoming_with_context: tuple[Message, ...],
    attachments: AttachmentDownloader,
    transcriber: Transcriber,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Returns what is said in recordings. Takes no time where there are none."""
    return read_recordings(incoming_with_context, attachments, transcriber, pool)


@base_plan.step(timeout=IMAGE_TIMEOUT_SECONDS + 1, fallback=())
def image_links(
    incoming_with_context: tuple[Message, ...],
    attachments: AttachmentDownloader,
    media: MediaStore,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Stores the pictures, and returns links by which the model may look at them."""
    return read_images(incoming_with_context, attachments, media, pool)


@base_plan.step(timeout=FILE_TIMEOUT_SECONDS + 1, fallback=())
def file_texts(
    incoming_with_context: tuple[Message, ...],
    attachments: AttachmentDownloader,
    documents: DocumentParser,
    media: MediaStore,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Returns the text of documents, with links by which the model may look at pages that have no text."""
    return read_documents(incoming_with_context, attachments, documents, media, pool)


@base_plan.step()
def transcribed(
    incoming: tuple[Message, ...], audio_transcripts: Sequence[AttachmentContent]
) -> tuple[Message, ...]:
    """Returns the messages as they are to be understood: with what is said in a recording."""
    return attachment_prompts.apply_transcripts(incoming, audio_transcripts)
